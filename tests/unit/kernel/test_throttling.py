# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client makes of an answer that is none: a busy region is asked again soon, a write without an answer noted."""

from __future__ import annotations

import json
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import (
    ONCE,
    SHORT,
    ClientError,
    pause_before_next_try,
)


class Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any):
        yield self._body


def ask(monkeypatch: pytest.MonkeyPatch, code: str, times: int) -> int:
    """How often a client that may ask once asks, when it is refused so many times; ClientError when it gives up."""
    asked = 0

    def answer(request: Any, **_: Any) -> AWSResponse:
        nonlocal asked
        asked += 1
        refused = asked <= times
        body = json.dumps({"__type": code, "message": "no"} if refused else {"TableNames": []}).encode()
        return AWSResponse(request.url, 400 if refused else 200, {}, Raw(body))

    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    client = Cloud({"region": "us-east-1"}).client("dynamodb", **ONCE)
    client.meta.events.register("before-send", answer)
    client.list_tables()
    return asked


def test_a_throttled_call_is_made_again_until_it_passes(monkeypatch):
    assert ask(monkeypatch, "ProvisionedThroughputExceededException", times=9) == 10


def test_it_ends_some_time(monkeypatch):
    with pytest.raises(ClientError, match="ProvisionedThroughputExceeded"):
        ask(monkeypatch, "ProvisionedThroughputExceededException", times=99)


def test_other_refusals_keep_the_client_s_own_number_of_attempts(monkeypatch):
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        ask(monkeypatch, "ConditionalCheckFailedException", times=1)
    assert pause_before_next_try(None, 1) is None


@pytest.mark.parametrize(
    ("limits", "answers", "asked"),
    [
        (SHORT, "ttbtbok", 6),  # throttled tries are not among the three that may break
        (SHORT, "ttbtfok", 6),
        (SHORT, "bbok", 3),
        (SHORT, "tbbb", 0),
        (SHORT, "bbb", 0),
        (ONCE, "tttok", 4),
        (ONCE, "tb", 0),
        (ONCE, "b", 0),
    ],
)
def test_throttling_takes_nothing_from_the_tries_that_may_get_no_answer(
    monkeypatch: pytest.MonkeyPatch, limits: dict[str, Any], answers: str, asked: int
) -> None:
    left, made = list(answers.removesuffix("ok")), 0

    def answer(request: Any, **_: Any) -> AWSResponse:
        nonlocal made
        made += 1
        now = left.pop(0) if left else "ok"
        if now == "b":
            raise ConnectionClosedError(endpoint_url="x")
        code = {"t": "ThrottlingException", "f": "InternalServerError"}.get(now)
        body = json.dumps({"__type": code, "message": "no"} if code else {"TableNames": []}).encode()
        return AWSResponse(request.url, {"t": 400, "f": 500}.get(now, 200), {}, Raw(body))

    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    client = Cloud({"region": "us-east-1"}).client("dynamodb", **limits)
    client.meta.events.register("before-send", answer)
    with nullcontext() if asked else pytest.raises((ClientError, ConnectionClosedError)):
        client.list_tables()
    assert made == (asked or len(answers))


def test_the_pauses_are_short_at_first_and_bounded():
    refusal = (None, {"Error": {"Code": "Throttling"}})
    pauses = [pause_before_next_try(refusal, attempts) for attempts in range(1, 13)]
    assert 0.03 <= pauses[0] <= 0.09
    assert pauses[11] is None
    assert sum(pauses[:11]) < 15


@pytest.mark.parametrize(
    ("operation", "first", "lost"),
    [
        ("update_table", ConnectionClosedError(endpoint_url="x"), 1),
        ("update_table", 500, 1),
        ("update_table", 400, 0),
        ("update_table", EndpointConnectionError(endpoint_url="x"), 0),
        ("describe_table", ConnectionClosedError(endpoint_url="x"), 0),
    ],
    ids=["broken after the write", "a server's fault", "refused", "never sent", "a read"],
)
def test_a_write_whose_answer_never_came_is_counted(
    monkeypatch: pytest.MonkeyPatch, operation: str, first: Any, lost: int
) -> None:
    answers = [first, 200]

    def answer(request: Any, **_: Any) -> AWSResponse:
        now = answers.pop(0)
        if isinstance(now, Exception):
            raise now
        return AWSResponse(request.url, now, {}, Raw(b"{}"))

    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    cloud = Cloud({"region": "us-east-1"})
    client = cloud.client("dynamodb")
    client.meta.events.register("before-send", answer)
    with suppress(ClientError):
        getattr(client, operation)(TableName="t")
    assert cloud.lost_answers == lost
