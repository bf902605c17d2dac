# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls that AWS throttles are asked again until their patience ends, and all others as often as before."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from sales_common.aws import Aws, Patience, ThrottlingPause


class Answers:
    """In the place of the network: gives these (status, error code) in turn, the last one for ever."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.answers, self.asked = list(answers), 0

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        status, code = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        body = json.dumps({"__type": code, "message": "no"} if code else {"TableNames": []}).encode()
        return AWSResponse(request.url, status, {"x-amzn-errortype": code} if code else {}, Raw(body))


class Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any):
        yield self._body


@pytest.fixture
def client_of(monkeypatch):
    """A DynamoDB client that gets these answers; nothing sleeps."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)

    def make(answers: Answers, patience: Patience) -> Any:
        session = botocore.session.Session()
        session.set_credentials("AKIATEST", "secret")
        client = Aws("us-east-1", session).client("dynamodb", patience)
        client.meta.events.register("before-send", answers)
        return client

    return make


def test_a_throttled_call_is_asked_far_more_often_than_one_that_fails(client_of):
    answers = Answers(*[(400, "ProvisionedThroughputExceededException")] * 7, (200, ""))
    assert client_of(answers, Patience(2, 4, 2)).list_tables()["TableNames"] == []
    assert answers.asked == 8

    answers = Answers((500, "InternalServerError"))
    with pytest.raises(ClientError):
        client_of(answers, Patience(2, 4, 2)).list_tables()
    assert answers.asked == 2


def test_a_refusal_is_not_asked_again(client_of):
    answers = Answers((400, "ConditionalCheckFailedException"))
    with pytest.raises(ClientError):
        client_of(answers, Patience(2, 4, 2)).list_tables()
    assert answers.asked == 1


@pytest.mark.parametrize(("elapsed", "asks"), [(0.0, True), (6.0, True), (7.5, False)])
def test_no_attempt_begins_that_could_end_after_the_longest_call(elapsed, asks):
    """Patience(2, 4, 2) promises 13 s, and an attempt may take 6 of them."""
    now = [100.0]
    throttling = ThrottlingPause(Patience(2, 4, 2), lambda: now[0])
    request = {"context": {}}
    throttling.begin(request)
    now[0] += elapsed
    refusal = (None, {"Error": {"Code": "SlowDown"}})
    pause = throttling.decide(refusal, attempts=1, request_dict=request)
    assert (pause is not None) == asks
    assert pause is None or 0.02 <= pause <= 0.06


def test_a_view_s_only_attempt_stays_the_only_one():
    throttling = ThrottlingPause(Patience(1, 2, 1), lambda: 0.0)
    request = {"context": {}}
    throttling.begin(request)
    assert throttling.decide((None, {"Error": {"Code": "Throttling"}}), attempts=1, request_dict=request) is None
