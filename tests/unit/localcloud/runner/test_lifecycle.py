# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of a deployment through its stages: what waits for hooks, and what they are told."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from moto.ecs.exceptions import InvalidParameterException

from localcloud.ecs.lifecycle_rules import check_hooks
from localcloud.runner import hooks, service_deployments
from localcloud.runner.functions import FunctionFailed, FunctionTable
from localcloud.runner.lifecycle import Course, HookFailed
from localcloud.runner.options import RunnerOptions

FUNCTION = "arn:aws:lambda:sa-east-1:123456789012:function:smoke"


def lambda_at(*stages: str, **others: Any) -> dict[str, Any]:
    return {"hookTargetArn": FUNCTION, "roleArn": "arn:role", "lifecycleStages": list(stages), **others}


def pause_at(stage: str, **others: Any) -> dict[str, Any]:
    return {"targetType": "PAUSE", "lifecycleStages": [stage], **others}


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Course]:
    """Of a service with these hooks, which answer in turn what is in `answers` and put what they are told in `told`."""

    def make(*given: dict[str, Any], answers: Any = (), told: Any = None, **configuration: Any) -> Course:
        left, seen = list(answers), [] if told is None else told

        def invoke(_table: FunctionTable, _arn: str, event: dict[str, Any]) -> dict[str, Any]:
            seen.append(json.loads(json.dumps(event)))
            return left.pop(0) if left else {"hookStatus": "SUCCEEDED"}

        monkeypatch.setattr(FunctionTable, "invoke", invoke)
        monkeypatch.setattr(hooks.Execution, "_role_problem", lambda execution: "")
        service = SimpleNamespace(
            name="api", cluster_name="sales", arn="arn:service", cluster_arn="arn:cluster", region_name="sa-east-1",
            _account_id="123456789012", load_balancers=[], events=[], deployments=[{"id": "new"}, {"id": "old"}],
            completed_deployment={"id": "old"},
            deployment_configuration={"strategy": "BLUE_GREEN", "lifecycleHooks": list(given), **configuration},
        )  # fmt: skip
        service_deployments.begin(service, "new")
        return Course(service, "new", RunnerOptions(bake_minute=0.05), "old")

    return make


def go(it: Course, is_up: bool = True, until: str = "over", patience: float = 5.0) -> str:
    """As far as it goes, or until it is in this stage; returns the stage."""
    record = service_deployments.history(it.service)[0]
    end = time.monotonic() + patience
    while not it.is_over and record.stage != until and time.monotonic() < end:
        it.advance(is_up)
        time.sleep(0.002)
    return record.stage


def test_without_hooks_no_stage_waits_for_anything_but_tasks(course: Callable[..., Course]) -> None:
    it = course()
    it.advance(False)
    assert it.may_start and not it.is_over
    assert go(it) == "CLEAN_UP" and it.is_over
    assert [event["message"] for event in it.service.events] == [
        "(service api) has shifted 100% of production traffic to (deployment new)."
    ]


def test_nothing_is_over_before_its_bake_time_is(course: Callable[..., Course]) -> None:
    it = course(bakeTimeInMinutes=72000)
    assert go(it, until="BAKE_TIME") == "BAKE_TIME"
    it.advance(True)
    assert not it.is_over


def test_a_hook_is_told_the_weights_of_each_step_and_asked_again_with_what_it_said(
    course: Callable[..., Course],
) -> None:
    told: list[dict[str, Any]] = []
    again = {"hookStatus": "IN_PROGRESS", "callBackDelay": 1, "hookDetails": {"seen": 1}}
    it = course(
        lambda_at("PRODUCTION_TRAFFIC_SHIFT", hookDetails={"shop": "web"}),
        lambda_at("PRE_SCALE_UP"),
        answers=[{"hookStatus": "SUCCEEDED"}, again],
        told=told,
        strategy="CANARY",
        canaryConfiguration={"canaryPercent": 10, "canaryBakeTimeInMinutes": 0},
    )
    assert go(it) == "CLEAN_UP"
    assert [each["lifecycleStage"] for each in told] == ["PRE_SCALE_UP", *["PRODUCTION_TRAFFIC_SHIFT"] * 3]
    details = [each.get("hookDetails") for each in told]
    assert details == [None, {"shop": "web"}, {"shop": "web", "seen": 1}, {"shop": "web"}]
    weights = [list(each["executionDetails"]["productionTrafficWeights"].values()) for each in told]
    assert weights == [[], [10, 90], [10, 90], [100, 0]]


@pytest.mark.parametrize("answer", [{"hookStatus": "FAILED"}, {}, {"hookStatus": "yes"}])
def test_what_does_not_succeed_fails_the_deployment_before_a_task_starts(
    course: Callable[..., Course], answer: dict[str, Any]
) -> None:
    it = course(lambda_at("PRE_SCALE_UP"), answers=[answer])
    with pytest.raises(HookFailed):
        go(it)
    record = service_deployments.history(it.service)[0]
    assert not it.may_start and [each.status for each in record.hooks] == ["FAILED"]


def test_a_pause_waits_for_somebody_and_all_hooks_of_a_stage_have_to_go_on(course: Callable[..., Course]) -> None:
    it = course(pause_at("POST_SCALE_UP"), pause_at("POST_SCALE_UP"))
    go(it, until="POST_SCALE_UP")
    first, second = service_deployments.history(it.service)[0].hooks
    for each in (first, second):
        it.advance(True)
        assert each.status == "AWAITING_ACTION" and not it.is_over
        each.decide("CONTINUE")
    assert go(it) == "CLEAN_UP"


@pytest.mark.parametrize("action", ["CONTINUE", "ROLLBACK"])
def test_a_pause_that_nobody_ends_times_out(course: Callable[..., Course], action: str) -> None:
    it = course(pause_at("POST_SCALE_UP", timeoutConfiguration={"timeoutInMinutes": 1, "action": action}))
    if action == "CONTINUE":
        assert go(it) == "CLEAN_UP"
    else:
        with pytest.raises(HookFailed):
            go(it)


def test_a_rolling_deployment_has_the_stages_of_its_tasks_only(course: Callable[..., Course]) -> None:
    it = course(strategy="ROLLING")
    assert go(it) == "POST_SCALE_UP" and it.is_over and it.service.events == []


def test_functions_are_commands_that_read_the_event_and_print_the_answer(tmp_path: Path) -> None:
    table = tmp_path / "functions.yml"
    echo = "import json, os, sys; print(json.dumps({'told': json.load(sys.stdin), 'shop': os.environ['SHOP']}))"
    table.write_text(
        json.dumps(
            {
                "functions": [
                    {"match": ["smoke"], "command": [sys.executable, "-c", echo], "environment": {"SHOP": "web"}},
                    {"match": ["broken"], "command": ["/bin/sh", "-c", "echo no >&2; exit 3"]},
                ]
            }
        )
    )
    functions = FunctionTable([table], "http://127.0.0.1:1")
    assert functions.invoke(FUNCTION, {"a": 1}) == {"told": {"a": 1}, "shop": "web"}
    with pytest.raises(FunctionFailed, match="broken ended with 3: no"):
        functions.invoke(FUNCTION.replace("smoke", "broken"), {})
    with pytest.raises(FunctionFailed, match="Function not found"):
        functions.invoke(FUNCTION.replace("smoke", "nobody"), {})


@pytest.mark.parametrize(
    ("hook", "strategy", "words"),
    [
        (pause_at("TEST_TRAFFIC_SHIFT"), "CANARY", "PAUSE hooks cannot be configured at lifecycle stage TEST_TRAFFIC"),
        (pause_at("POST_TEST_TRAFFIC_SHIFT"), "ROLLING", "is not valid for the ROLLING strategy"),
        (pause_at("SCALE_UP"), "CANARY", "SCALE_UP is not valid"),
        (pause_at("PRE_SCALE_UP", roleArn="arn:role"), "CANARY", "not applicable for PAUSE"),
        ({"lifecycleStages": ["PRE_SCALE_UP"]}, "CANARY", "are required for AWS_LAMBDA"),
        (lambda_at(), "CANARY", "lifecycleStages cannot be empty"),
        (lambda_at("PRE_SCALE_UP"), "ROLLING", "unable to assume the role 'arn:role' that was provided for the life"),
        (pause_at("PRE_SCALE_UP", timeoutConfiguration={"timeoutInMinutes": 20161}), "CANARY", "between 1 and 20160"),
    ],
)
def test_hooks_that_ecs_refuses_are_refused(hook: dict[str, Any], strategy: str, words: str) -> None:
    backend = SimpleNamespace(account_id="123456789012", region_name="sa-east-1")
    with pytest.raises(InvalidParameterException, match=words):
        check_hooks(backend, {"strategy": strategy, "lifecycleHooks": [hook]})
