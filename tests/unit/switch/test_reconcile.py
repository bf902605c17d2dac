# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reconciliation on a table and a topic in moto."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import to_attributes
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol.shards import shard_value
from ansible_collections.multiregion.ecs.plugins.module_utils.switch import reconcile_pass, unprocessed_items
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.reconcile_pass import reconcile_region
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.reconcile_progress import ReconcileProgress
from tests.support.aws_clients import aws_client
from tests.support.workload_tables import make_indexed_table

REGION = "us-east-1"
WHAT = {
    "table": "orders",
    "index": "unprocessed",
    "hash_attribute": "unprocessed",
    "hash_value": "yes",
    "shards": 4,
    "range_attribute": "timestamp",
    "done_attribute": "handled",
    "scan": False,
    "done_table": None,
    "minimum_age": 10,
    "timeout": 100,
}


class Orders:
    """A table with a sparse index, and a topic that remembers what was published.

    now: the region's time, which also counts the seconds of the run. hidden: what the index does not show yet.
    """

    def __init__(self) -> None:
        self.table = aws_client("dynamodb", REGION)
        self.published: list[dict[str, Any]] = []
        self.batches: list[int] = []
        self.refuses = False
        self.now = 1000.0
        self.hidden: set[str] = set()
        self.told: list[str] = []
        self.passes = 0
        make_indexed_table(self.table, "orders", "unprocessed")

    def __getattr__(self, operation: str) -> Any:
        return getattr(self.table, operation)

    def query(self, **request: Any) -> dict[str, Any]:
        answer = self.table.query(**request)
        answer["Items"] = [item for item in answer.get("Items", []) if item["id"]["S"] not in self.hidden]
        answer["ResponseMetadata"] = {"HTTPHeaders": {"date": formatdate(self.now, usegmt=True)}}
        return answer

    def publish_batch(self, TopicArn: str, PublishBatchRequestEntries: list[dict[str, str]]) -> dict[str, Any]:
        assert len(PublishBatchRequestEntries) <= 10
        self.batches.append(len(PublishBatchRequestEntries))
        self.published += [json.loads(entry["Message"]) for entry in PublishBatchRequestEntries]
        return {"Failed": [{"Message": "no"}] if self.refuses else []}

    def put(self, identifier: str, timestamp: int, **others: Any) -> None:
        item = {"id": identifier, "timestamp": timestamp, "unprocessed": shard_value(identifier, shards=4), **others}
        self.table.put_item(TableName="orders", Item=to_attributes(item))

    def finish(self, *identifiers: str) -> None:
        for each in identifiers:
            item = {"id": each, "timestamp": 1, "handled": True}
            self.table.put_item(TableName="orders", Item=to_attributes(item))

    def ids(self) -> list[str]:
        return [message["id"] for message in self.published]

    def run(
        self,
        advance: Callable[[Any], None] = lambda cursors: None,
        between: Callable[[], None] = lambda: None,
        what: Any = WHAT,
        **others: Any,
    ) -> Any:
        """A whole reconciliation. between: what happens between two passes, which takes its time."""

        def pause(seconds: float) -> None:
            self.passes += 1
            self.now += seconds
            between()

        return reconcile_region(
            self, self, what, "topic", advance, pause, clock=lambda: self.now, tell=self.told.append, **others
        )


@pytest.fixture
def orders() -> Iterator[Orders]:
    with mock_aws():
        yield Orders()


def test_what_is_unprocessed_and_old_enough_is_published_without_the_index_attribute(orders):
    orders.put("a", 990, amount=5)
    orders.put("b", 995)

    def look() -> None:
        if orders.now < 1005:
            assert orders.ids() == ["a"]
        orders.finish(*orders.ids())

    outcome = orders.run(between=look)
    assert (outcome.published, outcome.ended) == (2, True)
    assert orders.published == [{"id": "a", "timestamp": 990, "amount": 5}, {"id": "b", "timestamp": 995}]


def test_what_is_processed_or_cancelled_is_left_alone(orders):
    orders.put("done", 1, handled=True)  # the index is behind the table
    orders.put("cancelled", 2)
    orders.table.put_item(TableName="orders", Item={"id": {"S": "cancelled#cancelled"}})
    orders.put("open", 3)
    orders.run(between=lambda: orders.finish("open"))
    assert orders.ids() == ["open"]


def test_every_shard_is_read_and_what_was_written_before_there_were_shards(orders):
    for number in range(40):
        orders.put(f"o{number}", number)
    orders.put("older", 3, unprocessed="yes")
    assert {shard_value(f"o{number}", shards=4) for number in range(40)} == {f"yes#{each}" for each in range(4)}
    orders.run(between=lambda: orders.finish(*orders.ids()))
    assert sorted(orders.ids()) == sorted(["older", *(f"o{number}" for number in range(40))])


def test_an_index_with_one_value_is_read_as_it_is(orders):
    orders.put("a", 1, unprocessed="open")
    orders.run(what={**WHAT, "hash_value": "open", "shards": 0}, between=lambda: orders.finish("a"))
    assert orders.ids() == ["a"]


def test_the_cursor_moves_after_the_publish_and_a_killed_pass_goes_on_there(orders, monkeypatch):
    monkeypatch.setattr(unprocessed_items, "PAGE", 2)
    for number in range(5):
        orders.put(f"o{number}", number, unprocessed="yes")
    orders.put("elsewhere", 1, unprocessed="yes#3")
    kept: list[Any] = []

    def die(cursors: Any) -> None:
        kept.append((dict(cursors), orders.ids()))
        raise SystemError("killed")

    with pytest.raises(SystemError):
        orders.run(advance=die)
    cursors, published = kept[0]
    assert cursors["yes"]["id"] in published and {"o0", "o1"} <= set(published)
    orders.published.clear()
    known = set(published) if cursors["yes"]["id"] == "o1" else {"o0", "o1", "o2", "o3"}
    orders.run(cursors=cursors, between=lambda: orders.finish("elsewhere", *(f"o{number}" for number in range(5))))
    assert {f"o{number}" for number in range(5)} - known <= set(orders.ids())
    assert not set(orders.ids()) & {"o0", "o1"}, "what was published before the cursor is not published again"


def test_a_cursor_of_another_time_is_no_cursor(orders):
    orders.put("a", 1)
    earlier = {"id": "z", "timestamp": 5, "unprocessed": "yes"}
    orders.run(cursors=earlier, between=lambda: orders.finish("a"))
    assert orders.ids() == ["a"]


def test_messages_are_published_in_as_few_calls_as_sns_takes(orders):
    for number in range(23):
        orders.put(f"o{number:02d}", number, unprocessed="yes")
    orders.put("long", 50, note="x" * 200_000, unprocessed="yes")
    orders.put("longer", 51, note="x" * 200_000, unprocessed="yes")
    orders.run(between=lambda: orders.finish(*orders.ids()))
    assert sorted(orders.batches) == [1, 4, 10, 10] and len(orders.ids()) == 25


def test_a_message_that_is_refused_is_no_success(orders):
    orders.put("a", 1)
    orders.refuses = True
    with pytest.raises(CollectionError, match="refused 1 of 1 messages"):
        orders.run()


def test_passes_are_repeated_until_a_whole_one_that_saw_everything_finds_nothing(orders):
    orders.put("a", 995)

    def process() -> None:
        if orders.published:
            orders.finish("a")

    outcome = orders.run(between=process)
    assert (outcome.published, outcome.ended) == (1, True)
    # It went on until everything accepted before its start had reached the minimum age.
    assert orders.now >= 1010


def test_an_index_is_believed_when_two_passes_find_nothing(orders):
    """It is behind the table: what was written before may be shown only later."""
    orders.put("late", 990)
    orders.hidden = {"late"}
    shown_at: list[float] = []

    def show() -> None:
        # After the first pass that could have been the last one.
        if orders.now > 1010 and not shown_at:
            orders.hidden.clear()
            shown_at.append(orders.now)
        elif orders.published:
            orders.finish("late")

    outcome = orders.run(between=show)
    assert outcome.ended and orders.ids() == ["late"] and shown_at[0] < 1012


@pytest.mark.parametrize("off", [-7200, 7200])
def test_the_operators_clock_tells_nothing(orders, monkeypatch, off):
    """Which items it is about, and how old they are, say the region's clock and the items."""
    monkeypatch.setattr("time.time", lambda: orders.now + off)
    orders.put("old", 990)
    orders.put("young", 999)
    orders.put("of a client with a wrong clock", 9_000_000)

    def live() -> None:
        if orders.now < 1009:
            assert orders.ids() == ["old"]
        orders.put(f"later {orders.now:.0f}", int(orders.now))
        orders.finish(*orders.ids())

    outcome = orders.run(between=live)
    assert outcome.ended and orders.now < 1025 and outcome.began_at == 1000
    assert {"old", "young", "of a client with a wrong clock"} <= set(orders.ids())
    assert not any(each > "later 1011" for each in orders.ids() if each.startswith("later")), "everyday's work"


def test_everyday_s_work_ends_no_pass_and_is_not_published(orders):
    """Workers that are far behind have always something that is older than the minimum age."""
    orders.put("a", 995)

    def live() -> None:
        if orders.now > 1011:
            orders.put(f"later {orders.now:.0f}", int(orders.now))
        if orders.now > 1060:
            orders.finish("a")

    outcome = orders.run(between=live)
    assert outcome.ended and orders.now < 1070 and set(orders.ids()) == {"a"}


def test_what_nobody_processes_stays_owed_after_the_timeout(orders):
    orders.put("a", 1)
    # Again and again, but not before workers had time for what they already have.
    outcome = orders.run()
    assert not outcome.ended and outcome.published == 1 + int(WHAT["timeout"] / reconcile_pass.AGAIN_SECONDS)


def test_what_workers_are_busy_with_is_not_given_to_them_twice(orders):
    """A backlog takes longer than a message that nobody took; as long as less is left, nothing is published again."""
    for number in range(30):
        orders.put(f"o{number:02d}", number)
    left = [f"o{number:02d}" for number in range(1, 30)]
    stuck_since: list[float] = []

    def process() -> None:
        if left:
            orders.finish(left.pop())
        elif orders.ids().count("o00") == 1:
            stuck_since.append(orders.now)
        else:
            orders.finish("o00")

    outcome = orders.run(between=process)
    assert outcome.ended and outcome.published == 31 and orders.ids().count("o00") == 2
    assert orders.now > 1000 + 2 * reconcile_pass.AGAIN_SECONDS and stuck_since


def test_a_pass_that_takes_long_publishes_nothing_twice(orders, monkeypatch):
    """To read a million items takes longer than a message is waited for."""
    for number in range(6):
        orders.put(f"o{number}", number)
    ask = orders.table.query
    left = [f"o{number}" for number in range(6)]

    def process_one() -> None:
        if left:
            orders.finish(left.pop())

    def query_slowly(**request: Any) -> dict[str, Any]:
        orders.now += reconcile_pass.AGAIN_SECONDS / 2
        return ask(**request)

    monkeypatch.setattr(orders.table, "query", query_slowly)
    outcome = orders.run(what={**WHAT, "timeout": 10_000}, between=process_one)
    assert outcome.ended and sorted(orders.ids()) == sorted(set(orders.ids()))


def test_the_time_is_over_between_two_pages_too(orders, monkeypatch):
    monkeypatch.setattr(unprocessed_items, "PAGE", 1)
    for number in range(5):
        orders.put(f"o{number}", number, unprocessed="yes")
    kept: list[Any] = []

    def advance(cursors: Any) -> None:
        kept.append(dict(cursors))

    def publish_slowly(**request: Any) -> dict[str, Any]:
        orders.now += 60
        return {}

    monkeypatch.setattr(orders, "publish_batch", publish_slowly)
    outcome = orders.run(advance=advance)
    assert not outcome.ended and outcome.published < 5 and kept[-1]["yes"], "the next run goes on from there"


def test_a_wait_of_somebody_else_s_is_no_time_of_its_own(orders, monkeypatch):
    """Paused from another terminal for longer than it may take."""
    monkeypatch.setattr(unprocessed_items, "PAGE", 1)
    for number in range(3):
        orders.put(f"o{number}", number, unprocessed="yes")

    def wait_while_paused(cursors: Any) -> None:
        if cursors:
            orders.now += 3600

    outcome = orders.run(advance=wait_while_paused, between=lambda: orders.finish(*orders.ids()))
    assert outcome.ended and len(orders.ids()) == 3


def test_whoever_waits_is_told_how_far_it_is_and_how_long_it_takes(orders, monkeypatch):
    monkeypatch.setattr(unprocessed_items, "PAGE", 10)
    for number in range(40):
        orders.put(f"o{number:02d}", number, unprocessed="yes")
    counted = threading.Event()
    expect, publish = ReconcileProgress.expect, orders.publish_batch

    def note(progress: Any, count: int) -> None:
        expect(progress, count)
        if count == 30:
            counted.set()

    def publish_slowly(**request: Any) -> dict[str, Any]:
        orders.now += 10
        assert not orders.published or counted.wait(30)
        return publish(**request)

    monkeypatch.setattr(ReconcileProgress, "expect", note)
    monkeypatch.setattr(orders, "publish_batch", publish_slowly)
    orders.run(between=lambda: orders.finish(*orders.ids()), name="us-east-1/orders")
    assert orders.told[1] == (
        "  us-east-1/orders: published 20 unprocessed items again; 20 of about 40, 1 a second, about 20 s to go"
    )


def test_whoever_waits_for_workers_is_told_how_fast_they_are():
    now, told = [0.0], []
    progress = ReconcileProgress("us-east-1/orders", told.append, lambda: now[0])
    for left in (1000, 900, 100, 0):
        progress.wait(left)
        now[0] += 6
    assert told == [
        "  us-east-1/orders: 900 items are published and not processed yet; 100 of about 1,000, 17 a second, about 54 "
        "s to go",
        "  us-east-1/orders: 100 items are published and not processed yet; 900 of about 1,000, 75 a second, about 1 "
        "s to go",
    ]


def test_what_one_regions_topic_already_brought_to_all_is_not_published_from_the_next(orders):
    orders.put("a", 1)
    sent: dict[str, float] = {}

    def process() -> None:
        if orders.now > 1015:
            orders.finish("a")

    for _region in range(2):
        orders.run(between=process, sent=sent)
    assert orders.ids() == ["a"]


def test_a_scan_finds_what_an_image_wrote_without_the_index_attribute(orders: Orders) -> None:
    for name, item in {"bare": (50, False), "old": (5, False), "done": (50, True)}.items():
        item = {"id": name, "timestamp": item[0], "handled": item[1]}
        orders.table.put_item(TableName="orders", Item=to_attributes(item))
    assert orders.run().published == 0, "the index does not hold them"
    what = {**WHAT, "scan": True, "since": 10, "minimum_age": 0}
    finished = {"id": "bare", "timestamp": 50, "handled": True}
    orders.run(
        what=what, between=lambda: orders.table.put_item(TableName="orders", Item=to_attributes(finished)) and None
    )
    assert orders.ids() == ["bare"]


def test_an_image_that_never_marks_its_items_is_judged_by_another_table(orders: Orders) -> None:
    orders.table.create_table(
        TableName="seen",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for identifier in ("one", "two"):
        item = {"id": identifier, "timestamp": 50, "handled": False}
        orders.table.put_item(TableName="orders", Item=to_attributes(item))

    def see(identifier: str) -> None:
        orders.table.put_item(TableName="seen", Item=to_attributes({"id": identifier}))

    see("one")
    what = {**WHAT, "scan": True, "done_table": "seen", "minimum_age": 0}
    assert orders.run(what=what, between=lambda: see("two")).ended
    assert orders.ids() == ["two"]
