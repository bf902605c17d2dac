# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a deployment is finished, and when it failed although something runs."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.rollout import (
    DONE,
    FAILED,
    LAGS_SECONDS,
    WAITING,
    Verdict,
    judge,
)

NEW, OLD = "arn:aws:ecs:sa-east-1:123456789012:task-definition/api:2", "arn:…:task-definition/api:1"


def deployment(
    number: int, definition: str, state: str | None, status: str = "PRIMARY", **others: Any
) -> dict[str, Any]:
    told = {"id": f"ecs-svc/{number}", "taskDefinition": definition, "status": status, **others}
    return told if state is None else {**told, "rolloutState": state}


def service(*deployments: dict[str, Any], running: int = 2, desired: int = 2, status: str = "ACTIVE") -> dict[str, Any]:
    return {"status": status, "deployments": list(deployments), "runningCount": running, "desiredCount": desired}


def judge_later(answer: dict[str, Any], **told: Any) -> Verdict:
    """What is told of `ecs-svc/2` when answers no longer lag behind."""
    return judge(answer, "ecs-svc/2", NEW, sent=time.monotonic() - LAGS_SECONDS, **told)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (service(deployment(2, NEW, "COMPLETED")), DONE),
        (service(deployment(2, NEW, None)), DONE),  # Classic load balancers have no rollout state
        # As many tasks run as shall, but they are the old revision's.
        (service(deployment(2, NEW, "IN_PROGRESS"), deployment(1, OLD, "COMPLETED", "ACTIVE")), WAITING),
        (service(deployment(2, NEW, "COMPLETED"), deployment(1, OLD, "COMPLETED", "ACTIVE")), WAITING),
        (service(deployment(2, NEW, "COMPLETED"), running=1), WAITING),
        (service(deployment(2, NEW, "FAILED", rolloutStateReason="tasks failed to start")), FAILED),
        # The circuit breaker is on its way back, and then has been.
        (service(deployment(3, OLD, "IN_PROGRESS"), deployment(2, NEW, "FAILED", "ACTIVE")), FAILED),
        (service(deployment(3, OLD, "COMPLETED", rolloutStateReason="rolling back to ecs-svc/1")), FAILED),
        # Somebody forced another deployment of the same revision: that one is as good.
        (service(deployment(3, NEW, "IN_PROGRESS"), deployment(2, NEW, "IN_PROGRESS", "ACTIVE")), WAITING),
        (service(deployment(3, NEW, "COMPLETED")), DONE),
        (service(deployment(2, NEW, "COMPLETED"), status="INACTIVE"), FAILED),
        (service(deployment(2, NEW, "COMPLETED"), running=0, desired=0), DONE),
    ],
)
def test_verdict(answer: dict[str, Any], expected: str) -> None:
    assert judge_later(answer).state == expected


def test_a_rollback_to_the_same_revision_is_no_success() -> None:
    failed = {"message": "(service api) (deployment ecs-svc/2) deployment failed: tasks failed to start."}
    answer = {**service(deployment(3, NEW, "COMPLETED")), "events": [failed]}
    assert judge(answer, "ecs-svc/2", NEW).state == FAILED
    other = {"message": failed["message"].replace("svc/2", "svc/1")}
    assert judge_later({**answer, "events": [other]}).state == DONE


STUCK = (
    "(service api) was unable to stop or start tasks during a deployment because of the service deployment "
    "configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
)


@pytest.mark.parametrize(
    ("age", "state", "expected"), [(-1, "IN_PROGRESS", FAILED), (60, "IN_PROGRESS", WAITING), (-1, "COMPLETED", DONE)]
)
def test_a_deployment_that_has_no_room_is_not_waited_for(age: float, state: str, expected: str) -> None:
    """An event from before the deployment is about another one."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    event = {"message": STUCK, "createdAt": began - timedelta(seconds=age)}
    answer = {**service(deployment(2, NEW, state, createdAt=began)), "events": [event]}
    verdict = judge_later(answer)
    assert verdict.state == expected
    if expected == FAILED:
        assert "Update the minimumHealthyPercent or maximumPercent value and try again. api:2" in verdict.reason


def test_a_rollback_is_told_with_its_reason() -> None:
    answer = service(
        deployment(3, OLD, "IN_PROGRESS"), deployment(2, NEW, "FAILED", "ACTIVE", rolloutStateReason="tasks failed")
    )
    assert judge(answer, "ecs-svc/2", NEW).reason == "tasks failed; ECS went back to api:1"
    later = service(deployment(3, OLD, "COMPLETED", rolloutStateReason="rolling back to ecs-svc/1"))
    assert judge_later(later).reason == "api:1 is deployed instead: rolling back to ecs-svc/1"


@pytest.mark.parametrize(
    "answer",
    [
        service(deployment(1, OLD, "COMPLETED")),
        service(deployment(1, NEW, "COMPLETED")),  # a forced deployment of the same revision
        service(deployment(22, NEW, "COMPLETED")),
        service(deployment(1, OLD, "COMPLETED"), status="INACTIVE"),  # a former service of that name
        {"status": "MISSING"},
    ],
)
def test_nothing_is_concluded_from_an_answer_that_is_older_than_the_deployment(answer: dict[str, Any]) -> None:
    verdict = judge(answer, "ecs-svc/2", NEW, sent=time.monotonic())
    assert verdict.state == WAITING
    assert verdict.reason.startswith("ECS does not tell of deployment ecs-svc/2 yet")
    assert judge(answer, "ecs-svc/2", NEW).state == WAITING  # whoever does not say when it was sent
    assert judge_later(answer).state != WAITING


def test_an_event_that_names_the_deployment_is_no_older_than_it() -> None:
    completed = {"message": "(service api) (deployment ecs-svc/2) deployment completed."}
    answer = {**service(deployment(3, OLD, "COMPLETED")), "events": [completed]}
    assert judge(answer, "ecs-svc/2", NEW, sent=time.monotonic()).state == FAILED


def test_an_answer_with_another_count_is_an_older_one_for_a_while() -> None:
    answer = service(deployment(2, NEW, "COMPLETED"))
    verdict = judge(answer, "ecs-svc/2", NEW, count=4, sent=time.monotonic())
    assert verdict.state == WAITING
    assert verdict.reason.startswith("ECS tells a desired count of 2, expected 4")
    assert judge(answer, "ecs-svc/2", NEW, count=2, sent=time.monotonic()).state == DONE
    assert judge_later(answer, count=4).state == DONE  # it was scaled automatically since


def test_a_failure_of_the_deployment_itself_is_told_at_once() -> None:
    answer = service(deployment(2, NEW, "FAILED"))
    assert judge(answer, "ecs-svc/2", NEW, count=4, sent=time.monotonic()).state == FAILED
