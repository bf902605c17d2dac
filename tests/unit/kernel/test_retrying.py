# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lost answers, things not visible yet and things still in use, against clients that misbehave as AWS does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import NotReadyInTime
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import retrying as patience


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Operation")


class Answers:
    """A function that answers, or raises, one thing after the other, and counts."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self) -> Any:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class PatientCloud:
    """Waits without waiting, and gives up after ten questions."""

    wait_timeout = 600

    def wait_until(self, what: str, ready: Callable[[], Any], *, timeout: float | None = None) -> Any:
        for _ in range(10):
            answer = ready()
            if answer:
                return answer
        raise NotReadyInTime(what)


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: None)


@pytest.mark.parametrize(
    "lost",
    [ReadTimeoutError(endpoint_url="https://ec2"), refusal("InternalError", 500), refusal("RequestLimitExceeded")],
)
def test_what_was_made_although_the_answer_was_lost_is_not_made_again(lost: Exception) -> None:
    make, find_again = Answers(lost), Answers("vpc-1")
    assert patience.make_once(make, find_again) == "vpc-1"
    assert make.asked == 1


def test_what_may_have_been_made_is_looked_for_several_times() -> None:
    make, find_again = Answers(ReadTimeoutError(endpoint_url="https://ec2")), Answers(None, None, "vpc-1")
    assert patience.make_once(make, find_again) == "vpc-1"
    assert make.asked == 1


def test_a_look_that_gets_no_answer_does_not_count() -> None:
    unheard = [ReadTimeoutError(endpoint_url="https://ec2")] * patience.LOOKS
    make, find_again = Answers(ReadTimeoutError(endpoint_url="https://ec2")), Answers(*unheard, None, None, "vpc-1")
    assert patience.make_once(make, find_again) == "vpc-1"
    assert make.asked == 1


def test_looks_without_any_answer_end() -> None:
    make = Answers(ReadTimeoutError(endpoint_url="https://ec2"))
    find_again = Answers(*[refusal("InternalError", 500)] * patience.MAKE_ATTEMPTS)
    with pytest.raises(ClientError, match="InternalError"):
        patience.make_once(make, find_again)
    assert make.asked == 1


def test_what_was_not_made_is_tried_again() -> None:
    make, find_again = Answers(refusal("Throttling"), "vpc-1"), Answers(None)
    assert patience.make_once(make, find_again) == "vpc-1"


def test_a_refusal_is_final() -> None:
    make, find_again = Answers(refusal("VpcLimitExceeded")), Answers()
    with pytest.raises(ClientError, match="VpcLimitExceeded"):
        patience.make_once(make, find_again)


def test_it_gives_up_in_the_end() -> None:
    make = Answers(*[refusal("Throttling")] * patience.MAKE_ATTEMPTS)
    with pytest.raises(ClientError, match="Throttling"):
        patience.make_once(make, lambda: None)


def test_removal_waits_for_what_still_uses_it() -> None:
    remove = Answers(refusal("DependencyViolation"), refusal("DependencyViolation"), None)
    patience.let_go(PatientCloud(), "the group", remove)
    assert remove.asked == 3


@pytest.mark.parametrize("code", ["InvalidGroup.NotFound", "TargetGroupNotFound"])
def test_removal_of_what_is_gone_succeeds(code: str) -> None:
    remove = Answers(refusal(code))
    patience.let_go(PatientCloud(), "the group", remove)
    assert remove.asked == 1


def test_removal_that_is_forbidden_fails_at_once() -> None:
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        patience.let_go(PatientCloud(), "the group", Answers(refusal("UnauthorizedOperation")))


def test_what_was_just_made_may_be_invisible_for_a_while() -> None:
    ask = Answers(refusal("InvalidSubnetID.NotFound"), None, ["subnet-1"])
    assert patience.once_visible(PatientCloud(), "the subnet", ask) == ["subnet-1"]
