# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's loop, health routes and DLQ look-up; what both images share: settings, log lines, batches, bounds."""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ConnectTimeoutError

from sales_common.aws import Patience, patience_within
from sales_common.batches import Incomplete, read_items, write_items
from sales_common.log import Log, _JsonLine
from sales_common.settings import SettingsError, read_api_settings, read_worker_settings
from sales_worker.clerk import Outcome
from sales_worker.health import serve_health
from sales_worker.inbox import Inbox, Message
from sales_worker.loop import Loop

MESSAGE = Message("m", "r", "{}", 1)


class Scripted:
    """An inbox that plays a script: lists of messages, or exceptions; then stops the loop."""

    def __init__(self, *script) -> None:
        self.script = list(script)
        self.released: list[Message] = []
        self.loop: Loop | None = None

    def receive(self):
        if not self.script:
            self.loop.stop()
            return []
        step = self.script.pop(0)
        if isinstance(step, Exception):
            raise step
        return step() if callable(step) else step

    def release(self, messages):
        self.released += messages


@pytest.fixture
def make_loop(make_view, logbook, monkeypatch):
    monkeypatch.setattr("sales_worker.loop.FIRST_PAUSE_SECONDS", 0.001)

    def make(inbox, process, **view):
        loop = Loop("us-east-1", make_view(**view), inbox, process, logbook)
        inbox.loop = loop
        return loop

    return make


def test_the_loop_survives_failures_of_aws_and_defects(make_loop, logbook):
    seen = []
    script = Scripted(ConnectTimeoutError(endpoint_url="x"), [MESSAGE], ValueError("a defect"), [MESSAGE])
    make_loop(script, lambda messages: seen.append(messages) or Outcome(processed=1)).run()
    assert seen == [[MESSAGE], [MESSAGE]]
    assert logbook.named("aws_failed") and logbook.named("batch_failed")


def test_when_nothing_succeeds_the_loop_slows_down(make_loop):
    failures = []
    loop = make_loop(Scripted(*[[MESSAGE]] * 3), lambda messages: failures.append(loop._failures) or Outcome(failed=1))
    loop.run()
    assert failures == [0, 1, 2]
    loop = make_loop(Scripted([MESSAGE], [MESSAGE]), lambda messages: Outcome(processed=1, failed=1))
    loop.run()
    assert loop._failures == 0


@pytest.mark.parametrize("view", [{"fresh": False}, {"states": None}, {"states": {"us-east-1": "HELD"}}])
def test_without_the_right_to_claim_and_while_held_nothing_is_received(make_loop, view):
    inbox = Scripted([MESSAGE])
    loop = make_loop(inbox, lambda messages: pytest.fail("processed"), **view)
    thread = threading.Thread(target=loop.run)
    thread.start()
    time.sleep(0.1)
    loop.stop()
    thread.join(5)
    assert inbox.script == [[MESSAGE]]


def test_a_passive_region_receives(make_loop):
    """As a shadow it deletes what the owner has done; otherwise its queue would only grow."""
    seen = []
    make_loop(Scripted([MESSAGE]), lambda m: seen.append(m) or Outcome(), states={"us-east-1": "PASSIVE"}).run()
    assert seen


def test_messages_that_arrive_after_the_stop_are_released(make_loop):
    inbox = Scripted()
    loop = make_loop(inbox, lambda messages: pytest.fail("processed"))
    inbox.script = [lambda: loop.stop() or [MESSAGE]]
    loop.run()
    assert inbox.released == [MESSAGE]


def test_a_loop_is_alive_until_it_no_longer_turns(make_loop, monkeypatch):
    loop = make_loop(Scripted(), lambda messages: Outcome())
    assert loop.is_alive()
    monkeypatch.setattr("sales_worker.loop.STUCK_SECONDS", 0)
    assert not loop.is_alive()


def test_the_health_routes_answer(capfd):
    answers = {"/healthcheck": (True, {"status": "alive"}), "/readiness": (False, {"reason": "joining"})}
    server = serve_health("127.0.0.1", 0, {path: (lambda path=path: answers[path]) for path in answers})
    where = f"http://127.0.0.1:{server.server_address[1]}"
    with urllib.request.urlopen(f"{where}/healthcheck?from=alb") as response:
        assert json.load(response) == {"status": "alive"}
    for path, status, body in (("/readiness", 503, {"reason": "joining"}), ("/sales", 404, None)):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(where + path)
        assert refusal.value.code == status
        told = json.load(refusal.value)
        assert body is None or told == body
    server.server_close()
    assert capfd.readouterr() == ("", "")


def test_a_message_buried_twice_finds_the_dlq_once(world):
    aws, tap = world.tapped()
    inbox = Inbox(aws, world.queue_url, 0, 60, world.log)
    for _ in range(2):
        inbox.copy_to_dead_letters(MESSAGE, "no sale", "us-east-1")
    assert tap.calls == ["GetQueueAttributes", "GetQueueUrl", "SendMessage", "SendMessage"]
    assert [each["reason"] for each in world.dead()] == ["no sale"] * 2


# -- batches ---------------------------------------------------------------------------------------------------------


class Throttled:
    """A DynamoDB that does one item per call."""

    def __init__(self) -> None:
        self.calls = 0

    def batch_get_item(self, RequestItems):
        self.calls += 1
        ((table, part),) = RequestItems.items()
        rest = {table: {"Keys": part["Keys"][1:], "ConsistentRead": True}} if part["Keys"][1:] else {}
        return {"Responses": {table: [part["Keys"][0]]}, "UnprocessedKeys": rest}

    def batch_write_item(self, RequestItems):
        self.calls += 1
        ((table, part),) = RequestItems.items()
        return {"UnprocessedItems": {table: part[1:]} if part[1:] else {}}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr("sales_common.batches.FIRST_PAUSE_SECONDS", 0)


def test_what_was_left_unread_is_read_again_and_never_taken_for_absent():
    assert set(read_items(Throttled(), {"t": ["a", "b", "c"]})["t"]) == {"a", "b", "c"}
    with pytest.raises(Incomplete, match="BatchGetItem"):
        read_items(Throttled(), {"t": ["a", "b", "c", "d"]})


def test_what_was_left_unwritten_is_written_again_or_told():
    items = [{"id": {"S": each}} for each in "abcd"]
    assert write_items(Throttled(), "t", items[:3]) == set()
    assert write_items(Throttled(), "t", items) == {"d"}
    client = Throttled()
    assert write_items(client, "t", items, lambda: client.calls < 1) == {"b", "c", "d"}
    assert write_items(client, "t", items[:1], lambda: False) == {"a"} and client.calls == 1


@pytest.mark.parametrize("seconds", [0.5, 3, 6, 10, 60])
def test_a_call_s_longest_time_fits_what_it_was_made_for(seconds):
    assert patience_within(seconds).longest_call <= seconds
    assert Patience(2, 4, 2).longest_call == 13


# -- settings and log ------------------------------------------------------------------------------------------------

API = {
    "AWS_REGION": "sa-east-1",
    "SNS_SALES_PROCESSING_TOPIC": "arn:aws:sns:sa-east-1:123456789012:sales-processing",
    "SSM_PARAMETER_STORE_STATE": "/sales/sa-east-1/state",
    "DYNAMO_SALES_TABLE": "sales",
}
WORKER = {
    "AWS_REGION": "sa-east-1",
    "SQS_SALES_QUEUE": "https://sqs.sa-east-1.amazonaws.com/123456789012/sales-queue",
    "SSM_PARAMETER_STORE_STATE": "/sales/sa-east-1/state",
    "DYNAMO_SALES_TABLE": "sales",
    "DYNAMO_SALES_IDEMPOTENCY_TABLE": "sales-idempotency",
    "S3_SALES_BUCKET": "lake",
}


def test_the_contract_s_variables_are_enough():
    api, worker = read_api_settings(API), read_worker_settings(WORKER)
    assert api.region == worker.region == "sa-east-1"
    # The parameter's cache is the reference images' 30 s.
    assert api.view.state_table is None and api.view.ttl == 30 and api.view.refresh == 10
    assert worker.receive_wait == 20 and worker.claim_to_effect == 20


def test_the_optional_variables_are_read():
    view = read_api_settings(API | {"STATE_TABLE": "sales-state", "PEER_REGIONS": "us-east-1, eu-west-1"}).view
    assert (view.ttl, view.refresh, view.join_patience) == (10, 2, 120)
    assert view.peer_regions == ("us-east-1", "eu-west-1")
    short = read_worker_settings(WORKER | {"STATE_TABLE": "s", "VIEW_TTL_SECONDS": "3", "RECEIVE_WAIT_SECONDS": "1"})
    assert (short.view.ttl, short.view.refresh, short.receive_wait) == (3, 1, 1)


def test_everything_wrong_is_told_at_once():
    wrong = {"AWS_REGION": "Brazil", "SNS_SALES_PROCESSING_TOPIC": "sales", "VIEW_TTL_SECONDS": "soon"}
    with pytest.raises(SettingsError) as refusal:
        read_api_settings(wrong)
    for name in (*wrong, "SSM_PARAMETER_STORE_STATE", "DYNAMO_SALES_TABLE"):
        assert name in str(refusal.value)
    with pytest.raises(SettingsError, match="VIEW_REFRESH_SECONDS is 10"):
        read_worker_settings(WORKER | {"STATE_TABLE": "s", "VIEW_REFRESH_SECONDS": "10"})


def test_a_log_line_is_one_json_object(capsys):
    logger = logging.getLogger("sales")
    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logger.addHandler(handler)
    try:
        Log().warning("attempt_failed", sale="s-1", error="a\nb")
        try:
            raise ValueError("deep")
        except ValueError:
            Log().crash("crashed")
    finally:
        logger.removeHandler(handler)
    lines = [_JsonLine("sales-worker", "sa-east-1").format(each) for each in records]
    assert all("\n" not in line for line in lines)
    first, second = map(json.loads, lines)
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "warning",
        "service": "sales-worker",
        "region": "sa-east-1",
        "event": "attempt_failed",
        "sale": "s-1",
        "error": "a\nb",
    }
    assert "ValueError: deep" in second["traceback"]
