# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategy recreate against ECS in memory: stop, then start; go back; go on after a run that was killed anywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments import post_mortem, recreate, rollout
from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.recreate import MEMORY_TAG, Memory
from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.rollout import DeploymentFailed
from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.service_tasks import ServiceTasks
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import retrying as patience
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.checks import problems
from tests.unit.ecs import recreated_ecs
from tests.unit.ecs.fake_ecs import refusal
from tests.unit.ecs.recreated_ecs import Killed, RecreatedEcs
from tests.unit.ecs.test_ecs_service import (
    BEHIND,
    GROUP,
    ONE,
    TWO,
    Late,
    actual,
    asked,
    differences,
    make,
    service_of,
    update,
)

RECREATE = {"strategy": "recreate", "desired_count": 1}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recreate, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(post_mortem, "LOG_PATIENCE_SECONDS", 0.0)


@pytest.fixture
def cloud() -> RecreatedEcs:
    """A service of one task that runs revision 1."""
    fake = RecreatedEcs()
    make(fake, **RECREATE)
    return fake


def recreated(cloud: RecreatedEcs, definition: str = TWO, **given: Any) -> dict[str, Any]:
    return update(cloud, **{**RECREATE, "task_definition": definition, **given})


def test_the_old_task_is_seen_stopped_before_the_new_one_starts(cloud: RecreatedEcs) -> None:
    made = recreated(cloud)
    assert (made["task_definition"], made["desired_count"], made["running_count"]) == (TWO, 1, 1)
    assert cloud.most_at_once == 1
    assert [request.get("desiredCount") for request in cloud.sent[1:]] == [0, 1]
    assert made["downtime_seconds"] >= 0
    assert any("stopped" in line for line in cloud.told)
    assert differences(cloud, **RECREATE, task_definition=TWO) == {}


def test_ecs_must_neither_rebalance_nor_roll_back_by_itself(cloud: RecreatedEcs) -> None:
    created = cloud.sent[0]
    assert created["availabilityZoneRebalancing"] == "DISABLED"
    assert created["deploymentConfiguration"]["deploymentCircuitBreaker"] == {"enable": True, "rollback": False}
    percents = {key: created["deploymentConfiguration"][key] for key in ("minimumHealthyPercent", "maximumPercent")}
    assert percents == {"minimumHealthyPercent": 0, "maximumPercent": 100}


def test_a_forced_deployment_recreates_too(cloud: RecreatedEcs) -> None:
    made = update(cloud, **RECREATE, force_new_deployment=True)
    assert cloud.most_at_once == 1
    assert made["deployment_id"] != "ecs-svc/1"


@pytest.mark.parametrize("trouble", ["crashes", "hangs"])
def test_a_bad_revision_goes_and_the_former_one_comes_back(cloud: RecreatedEcs, trouble: str) -> None:
    cloud.bad = {TWO: trouble}
    with pytest.raises(DeploymentFailed) as failure:
        recreated(cloud, deployment={"healthy_within": 1})
    assert (cloud.services["api"]["taskDefinition"], cloud.services["api"]["desiredCount"]) == ("api:1", 1)
    assert [task["taskDefinitionArn"] for task in cloud.alive()] == ["api:1"]
    assert cloud.most_at_once == 1
    message, details = failure.value.message, failure.value.details
    assert "api:1 is back and serves again" in message
    assert details["rolled_back_to"] == "api:1"
    assert details["downtime_seconds"] >= 0
    assert MEMORY_TAG not in cloud.tags()
    assert failure.value.advice == "deploy a revision that works; the same again stops the service again"
    if trouble == "crashes":
        assert "2 of its tasks stopped" in message
        assert "api exited with 3" in message
    else:
        assert "not healthy within 1 s" in message


def test_a_former_revision_that_fails_too_is_told_and_remembered(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes", "api:1": "hangs"}
    with pytest.raises(DeploymentFailed, match="Going back to api:1 failed too") as failure:
        recreated(cloud, wait_timeout=1)
    assert failure.value.advice == "run it again with a revision that works"
    assert Memory.read(cloud.tags()[MEMORY_TAG]).revision == "api:1"


def test_a_revision_that_ecs_would_refuse_stops_nothing(cloud: RecreatedEcs) -> None:
    cloud.inactive = {TWO}
    with pytest.raises(CollectionError, match="api:2 is INACTIVE"):
        recreated(cloud)
    assert [task["lastStatus"] for task in cloud.alive()] == ["RUNNING"]
    assert MEMORY_TAG not in cloud.tags()


def calls_of_a_run() -> int:
    fake = RecreatedEcs()
    make(fake, **RECREATE)
    before = fake.writes
    recreated(fake)
    return fake.writes - before


@pytest.mark.parametrize("number", range(calls_of_a_run()))
@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
def test_a_run_killed_at_any_change_is_completed_by_the_next(number: int, answered: bool) -> None:
    cloud = RecreatedEcs()
    make(cloud, **RECREATE, deployment={})
    cloud.killed_at = (cloud.writes + number, answered)
    with pytest.raises(Killed):
        recreated(cloud)
    cloud.killed_at = None
    found = differences(cloud, **RECREATE, task_definition=TWO)
    if found:
        recreated(cloud)
    service = cloud.services["api"]
    assert (service["taskDefinition"], service["desiredCount"]) == (TWO, 1)
    assert [task["taskDefinitionArn"] for task in cloud.alive()] == [TWO]
    assert cloud.most_at_once == 1
    assert differences(cloud, **RECREATE, task_definition=TWO) == {}


@pytest.mark.parametrize("number", range(calls_of_a_run()))
@pytest.mark.parametrize("strategy", ["recreate", "rolling"])
def test_after_a_kill_the_former_revision_can_be_asked_for_again(number: int, strategy: str) -> None:
    """Nobody says how many tasks there were: the tag knows."""
    cloud = RecreatedEcs()
    make(cloud, **RECREATE)
    cloud.killed_at = (cloud.writes + number, True)
    with pytest.raises(Killed):
        recreated(cloud, desired_count=None)
    cloud.killed_at = None
    unfinished = MEMORY_TAG in cloud.tags()
    given = {"strategy": strategy, "task_definition": ONE}
    if differences(cloud, **given):
        update(cloud, **given)
    service = cloud.services["api"]
    assert (service["taskDefinition"], service["desiredCount"]) == (ONE, 1)
    if unfinished or strategy == "recreate":
        assert cloud.most_at_once == 1
    assert differences(cloud, **given) == {}


def test_what_was_remembered_is_no_tag_of_the_user(cloud: RecreatedEcs) -> None:
    cloud.killed_at = (cloud.writes, True)
    with pytest.raises(Killed):
        recreated(cloud)
    told = actual(cloud, service_of(cloud, **RECREATE))
    assert told is not None
    assert MEMORY_TAG not in told["tags"]
    assert Memory.read(told["recreate"]).count == 1


def test_memory_reads_what_it_wrote_and_nothing_else() -> None:
    memory = Memory(3, "goals:17", "ecs-svc/123", 1732174653.5)
    assert Memory.read(memory.as_tag()) == memory
    with pytest.raises(CollectionError, match="no run of this module wrote"):
        Memory.read("yes")
    with pytest.raises(CollectionError, match="too long a name"):
        Memory(1, f"{'f' * 250}:1", "ecs-svc/123", 0).as_tag()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"deployment": {"maximum_percent": 200}}, "deployment.maximum_percent is given with strategy recreate"),
        ({"deployment": {"circuit_breaker": {"enable": True}}}, "deployment.circuit_breaker is given"),
        ({"deployment": {"healthy_within": 0}}, "healthy_within is 0"),
        ({"availability_zone_rebalancing": "ENABLED"}, "starts a task before it stops another"),
        ({"scaling": {"min": 1, "max": 2}}, "automatic scaling would start tasks"),
        ({"wait": False}, "has to see the old tasks stopped"),
        ({"strategy": "rolling", "deployment": {"healthy_within": 60}}, "is for strategy recreate"),
    ],
)
def test_what_does_not_go_with_it_is_told(given: dict[str, Any], told: str) -> None:
    found = problems(asked(**{"strategy": "recreate", **given}))
    assert any(told in problem for problem in found), found


def definition(**mount: Any) -> dict[str, Any]:
    return {
        "volumes": [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}, {"name": "scratch"}],
        "containerDefinitions": [
            {
                "name": "mongo",
                "dockerLabels": {"multiregion.ecs.single-writer": "true"},
                "mountPoints": [{"sourceVolume": "data", "containerPath": "/data/db", **mount}],
            }
        ],
    }


def test_a_single_writer_is_not_rolled(cloud: RecreatedEcs) -> None:
    cloud.definitions[TWO] = definition()
    service = service_of(cloud, task_definition=TWO, desired_count=1)
    with pytest.raises(
        CollectionError, match=r"container mongo of api:2 is the single writer .* Use strategy: recreate"
    ):
        actual(cloud, service)
    assert actual(cloud, service_of(cloud, **RECREATE, task_definition=TWO)) is not None
    cloud.definitions[TWO] = definition(readOnly=True)
    assert actual(cloud, service) is not None
    cloud.definitions[TWO] = definition(sourceVolume="scratch")
    assert actual(cloud, service) is not None


def test_a_single_writer_runs_once(cloud: RecreatedEcs) -> None:
    cloud.definitions[TWO] = definition()
    two = service_of(cloud, strategy="recreate", task_definition=TWO, desired_count=2)
    with pytest.raises(
        CollectionError, match=r"must not run 2 tasks: container mongo of api:2 .* Use desired_count: 1"
    ):
        actual(cloud, two)
    cloud.definitions[TWO] = definition(readOnly=True)
    assert actual(cloud, two) is not None


@pytest.mark.parametrize("given", [{}, {"desired_count": 2}, {"deployment": {"maximum_percent": 150}}])
def test_a_single_writer_that_is_recreated_does_not_become_a_rolled_one(
    cloud: RecreatedEcs, given: dict[str, Any]
) -> None:
    """Its revision may stay as it is: what is rolled from now on, or scaled, meets."""
    cloud.definitions[ONE] = definition()
    with pytest.raises(CollectionError, match="must not be rolled"):
        actual(cloud, service_of(cloud, **given))


def test_a_single_writer_whose_rolling_failed_is_not_rolled_again() -> None:
    cloud = RecreatedEcs()
    make(cloud, desired_count=1)
    cloud.definitions[ONE] = definition()
    now = cloud.services["api"]["deployments"][0]
    now["rolloutState"] = "FAILED"
    cloud.wait = False
    assert actual(cloud, service_of(cloud, desired_count=1)) is not None  # nothing would be changed
    now["rolloutState"] = "FAILED"
    cloud.wait = True
    with pytest.raises(CollectionError, match="must not be rolled"):
        actual(cloud, service_of(cloud, desired_count=1))


def test_a_rolled_service_that_stays_as_it_is_costs_no_look_at_its_definition() -> None:
    cloud = RecreatedEcs()
    make(cloud, desired_count=1)
    cloud.calls.clear()
    actual(cloud, service_of(cloud, desired_count=1))
    assert dict(cloud.calls) == {"describe_services": 1}


def test_what_was_scaled_away_is_no_reason_of_a_failure(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes"}
    with pytest.raises(DeploymentFailed) as failure:
        recreated(cloud, deployment={"failed_tasks": 1})
    stopped = failure.value.details["stopped_tasks"]
    assert {task["stopped_reason"] for task in stopped} == {"Essential container in task exited"}
    assert "Scaling activity" not in failure.value.message


def serving(cloud: RecreatedEcs) -> list[str]:
    return [task["taskDefinitionArn"] for task in cloud.alive()]


def test_looks_that_fail_take_no_new_revision_down(cloud: RecreatedEcs) -> None:
    refusals = iter([True] * 5)
    cloud.refused = {"list_tasks": lambda: TWO in serving(cloud) and next(refusals, False)}
    assert recreated(cloud)["task_definition"] == TWO
    assert next(refusals, None) is None
    assert [request.get("desiredCount") for request in cloud.sent[1:]] == [0, 1]


def test_what_cannot_be_seen_at_the_deadline_is_left_as_it_is(cloud: RecreatedEcs) -> None:
    cloud.refused = {"list_tasks": lambda: TWO in serving(cloud)}
    with pytest.raises(CollectionError, match="may serve: .*Rate exceeded") as failure:
        recreated(cloud, deployment={"healthy_within": 1})
    assert not isinstance(failure.value, DeploymentFailed)
    assert serving(cloud) == [TWO]
    cloud.refused = {}
    assert recreated(cloud)["task_definition"] == TWO
    assert MEMORY_TAG not in cloud.tags()


def test_a_tag_that_stays_fails_the_run_and_takes_nothing_down(cloud: RecreatedEcs) -> None:
    cloud.refused = {"untag_resource": lambda: True}
    with pytest.raises(CollectionError, match=r"runs api:2 as wanted; .* could not be removed: .*Rate exceeded"):
        recreated(cloud)
    assert serving(cloud) == [TWO]
    cloud.refused = {}
    assert recreated(cloud)["task_definition"] == TWO
    assert serving(cloud) == [TWO]
    assert MEMORY_TAG not in cloud.tags()


def test_a_tag_that_stays_after_going_back_is_told_beside_it(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes"}
    cloud.refused = {"untag_resource": lambda: True}
    with pytest.raises(DeploymentFailed, match=r"api:1 is back .*; .* could not be removed") as failure:
        recreated(cloud)
    assert failure.value.details["rolled_back_to"] == "api:1"


def test_a_start_that_is_refused_goes_back(cloud: RecreatedEcs) -> None:
    refusals = iter([True])
    cloud.refused = {"update_service": lambda: not cloud.services["api"]["desiredCount"] and next(refusals, False)}
    with pytest.raises(DeploymentFailed, match=r"Rate exceeded.* api:1 is back and serves again"):
        recreated(cloud)
    assert serving(cloud) == ["api:1"]


def test_a_change_that_is_refused_while_the_new_revision_runs_takes_nothing_down(cloud: RecreatedEcs) -> None:
    cloud.killed_at = (cloud.writes + 2, True)  # remembered, stopped, started
    with pytest.raises(Killed):
        recreated(cloud)
    cloud.killed_at = None
    cloud.refused = {"update_service": lambda: True}
    with pytest.raises(ClientError, match="Rate exceeded"):
        recreated(cloud, enable_execute_command=True)
    assert cloud.services["api"]["desiredCount"] == 1
    assert MEMORY_TAG in cloud.tags()


def test_a_stop_that_is_refused_leaves_nothing_behind(cloud: RecreatedEcs) -> None:
    cloud.refused = {"update_service": lambda: True}
    with pytest.raises(ClientError, match="Rate exceeded"):
        recreated(cloud)
    assert MEMORY_TAG not in cloud.tags()
    assert cloud.services["api"]["desiredCount"] == 1


def test_a_stop_that_is_refused_keeps_what_a_killed_run_remembered(cloud: RecreatedEcs) -> None:
    """Without it nobody would know that there was a task: no count is asked for."""
    cloud.killed_at = (cloud.writes + 1, True)  # remembered, stopped
    with pytest.raises(Killed):
        recreated(cloud, desired_count=None)
    cloud.killed_at = None
    cloud.refused = {"update_service": lambda: True}
    with pytest.raises(ClientError, match="Rate exceeded"):
        recreated(cloud, desired_count=None)
    cloud.refused = {}
    assert recreated(cloud, desired_count=None)["running_count"] == 1
    assert serving(cloud) == [TWO]


def test_a_stop_that_is_refused_keeps_the_revision_that_is_known_to_work(cloud: RecreatedEcs) -> None:
    cloud.killed_at = (cloud.writes + 2, True)  # remembered, stopped, started
    with pytest.raises(Killed):
        recreated(cloud)
    cloud.killed_at = None
    cloud.refused = {"update_service": lambda: True}
    with pytest.raises(ClientError, match="Rate exceeded"):
        recreated(cloud, force_new_deployment=True, definition=ONE)
    assert Memory.read(cloud.tags()[MEMORY_TAG]).revision == "api:1"


def test_a_stop_that_was_made_and_answered_with_an_error_is_remembered(
    cloud: RecreatedEcs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cloud.update_service

    def answered_badly(**request: Any) -> None:
        made(**request)
        raise refusal("ServerException", "Internal error", "UpdateService")

    with monkeypatch.context() as patched:
        patched.setattr(cloud, "update_service", answered_badly)
        with pytest.raises(ClientError, match="Internal error"):
            recreated(cloud, desired_count=None)
    assert recreated(cloud, desired_count=None)["running_count"] == 1


def test_what_the_killed_run_scaled_away_is_no_failure_of_the_next(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "hangs"}
    cloud.killed_at = (cloud.writes + 3, True)  # remembered, stopped, started, stopped to go back
    with pytest.raises(Killed):
        recreated(cloud, deployment={"healthy_within": 1})
    cloud.bad, cloud.killed_at = {}, None
    assert recreated(cloud, deployment={"failed_tasks": 1})["task_definition"] == TWO


def test_going_back_to_no_tasks_is_not_called_serving() -> None:
    cloud = RecreatedEcs()
    make(cloud, strategy="recreate", desired_count=0)
    cloud.bad = {TWO: "crashes"}
    with pytest.raises(DeploymentFailed, match="the service is back at 0 tasks of api:1, as before") as failure:
        recreated(cloud)
    assert "serves" not in failure.value.message
    assert not any("serves" in line for line in cloud.told)
    assert serving(cloud) == []


@pytest.mark.parametrize("force", [False, True])
def test_removing_ends_when_the_last_task_has_stopped(cloud: RecreatedEcs, force: bool) -> None:
    service = service_of(cloud, state="absent", force=force)
    assert len(cloud.alive()) == 1
    service.delete(cloud, actual(cloud, service) or {})  # type: ignore[arg-type]
    assert cloud.services["api"]["status"] == "INACTIVE"
    assert cloud.alive() == []


def test_the_tasks_of_a_former_service_have_stopped_before_one_of_its_name_is_made(cloud: RecreatedEcs) -> None:
    cloud.services["api"].update(status="DRAINING", desiredCount=0)
    make(cloud, **RECREATE)
    assert len(cloud.alive()) == 1
    assert cloud.most_at_once == 1


def test_a_service_that_is_gone_leaves_tasks_that_a_new_one_waits_for(cloud: RecreatedEcs) -> None:
    (former,) = cloud.alive()
    former["desiredStatus"] = "STOPPED"
    cloud.services["api"].update(status="INACTIVE", desiredCount=0)
    make(cloud, **RECREATE)
    assert former["lastStatus"] == "STOPPED"
    assert len(cloud.alive()) == cloud.most_at_once == 1


def test_tasks_of_another_service_with_the_same_family_are_not_waited_for(cloud: RecreatedEcs) -> None:
    (task,) = cloud.alive()
    task.update(desiredStatus="STOPPED", group="service:other")
    tasks = ServiceTasks(cloud, "sa-east-1", "sales", "api")
    tasks.seek("api")
    assert tasks.remaining() == []
    task["group"] = "service:api"
    tasks.seek("api")
    assert [each["taskArn"] for each in tasks.remaining()] == [task["taskArn"]]


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The process that started this one, as the kernel tells it."""
    told = {"id": 4242}
    monkeypatch.setattr(RecreatedEcs, "has_parent", lambda _self: told["id"] == 4242)
    return told


@pytest.mark.parametrize("number", range(6))  # remembered, stopped, started, stopped to go back, back, forgotten
def test_nothing_is_sent_any_more_for_a_run_that_was_killed(
    cloud: RecreatedEcs, parent: dict[str, int], number: int
) -> None:
    """Its worker lives on, and the next run may be at work already."""
    cloud.bad = {TWO: "crashes"}
    last = cloud.writes + number

    def written(write: Any, **request: Any) -> Any:
        cloud.writes += 1
        answer = write(**request)
        if cloud.writes > last:
            parent["id"] = 1
        return answer

    cloud._written = written  # type: ignore[method-assign]
    with pytest.raises(CollectionError) as failure:
        recreated(cloud)
    assert cloud.writes == last + 1
    if number < 3:
        assert "the run that this process worked for has ended" in failure.value.message
        assert not isinstance(failure.value, DeploymentFailed)


def test_a_worker_that_was_left_behind_ends_while_it_waits(cloud: RecreatedEcs, parent: dict[str, int]) -> None:
    cloud.bad = {TWO: "hangs"}
    made = cloud.describe_services

    def killed(**request: Any) -> Any:
        if cloud.services["api"]["taskDefinition"] == TWO:
            parent["id"] = 1
        return made(**request)

    cloud.describe_services = killed  # type: ignore[method-assign]
    with pytest.raises(CollectionError, match="has ended") as failure:
        recreated(cloud)
    assert not isinstance(failure.value, DeploymentFailed)
    assert MEMORY_TAG in cloud.tags()


def test_a_worker_that_was_left_behind_does_not_forget_what_the_next_run_remembers(
    cloud: RecreatedEcs, parent: dict[str, int]
) -> None:
    made = cloud.describe_services

    def killed(**request: Any) -> Any:
        now = cloud.services["api"]["deployments"][0]
        if (now["taskDefinition"], now["rolloutState"]) == (TWO, "COMPLETED"):
            parent["id"] = 1
        return made(**request)

    cloud.describe_services = killed  # type: ignore[method-assign]
    with pytest.raises(CollectionError, match="has ended"):
        recreated(cloud)
    assert MEMORY_TAG in cloud.tags()


def test_going_to_no_tasks_ends_when_the_last_one_has_stopped(
    cloud: RecreatedEcs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recreated_ecs, "LOOKS_TO_STOP", 50)
    assert update(cloud, strategy="recreate", desired_count=0)["running_count"] == 0
    assert cloud.alive() == []


def test_a_task_is_started_from_none_when_those_before_have_stopped(
    cloud: RecreatedEcs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recreated_ecs, "LOOKS_TO_STOP", 50)
    cloud.killed_at = (cloud.writes, True)
    with pytest.raises(Killed):
        update(cloud, strategy="recreate", desired_count=0)
    cloud.killed_at = None
    assert cloud.alive() != []
    assert update(cloud, **RECREATE)["running_count"] == 1
    assert cloud.most_at_once == 1


def test_another_capacity_provider_strategy_recreates(cloud: RecreatedEcs) -> None:
    spot = [{"capacity_provider": "FARGATE_SPOT"}]
    made = update(cloud, **RECREATE, launch_type=None, capacity_provider_strategy=spot)
    assert made["capacity_provider_strategy"][0]["capacity_provider"] == "FARGATE_SPOT"
    assert cloud.sent[-1]["forceNewDeployment"] is True
    assert update(cloud, **RECREATE, task_definition=TWO)["capacity_provider_strategy"] == []
    assert cloud.sent[-1]["forceNewDeployment"] is True
    assert cloud.most_at_once == 1


class LateRecreatedEcs(Late, RecreatedEcs):
    """As ECS is: its answers lag behind."""


@pytest.mark.parametrize("given", [{"task_definition": TWO}, {"force_new_deployment": True}])
def test_an_answer_from_before_the_start_says_nothing_of_it(given: dict[str, Any]) -> None:
    cloud = LateRecreatedEcs()
    make(cloud, **RECREATE)
    made = update(cloud, **RECREATE, **given)
    assert (made["desired_count"], made["running_count"], made["deployment_id"]) == (1, 1, "ecs-svc/2")
    assert made["task_definition"] == given.get("task_definition", ONE)
    assert MEMORY_TAG not in cloud.tags()


def test_an_answer_from_before_the_count_came_back_says_nothing_of_it() -> None:
    cloud = LateRecreatedEcs()
    make(cloud, **RECREATE)
    cloud.killed_at = (cloud.writes + 1, True)  # remembered, stopped
    with pytest.raises(Killed):
        recreated(cloud)
    cloud.killed_at = None
    assert update(cloud, **RECREATE)["running_count"] == 1


def loses_once(cloud: RecreatedEcs, count: int) -> None:
    """The answer to the first request for so many tasks is lost."""
    lost = iter([True])
    cloud.loses = lambda request: request.get("desiredCount") == count and next(lost, False)


@pytest.mark.parametrize("given", [{"task_definition": TWO}, {"force_new_deployment": True}])
def test_a_start_whose_answer_is_lost_deploys_once(
    cloud: RecreatedEcs, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]
) -> None:
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: None)
    loses_once(cloud, 1)
    assert update(cloud, **RECREATE, **given)["deployment_id"] == "ecs-svc/2"
    assert cloud.most_at_once == 1


def test_a_new_revision_need_not_be_forced(cloud: RecreatedEcs) -> None:
    recreated(cloud)
    assert "forceNewDeployment" not in cloud.sent[-1]


def test_going_back_whose_answer_is_lost_deploys_once(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes"}
    lost = iter([True])
    cloud.loses = lambda request: request.get("taskDefinition") == "api:1" and next(lost, False)
    with pytest.raises(DeploymentFailed, match="api:1 is back"):
        recreated(cloud)
    assert next(lost, None) is None
    assert cloud.most_at_once == 1


@pytest.fixture
def quick_to_send_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "LAGS_SECONDS", 0.01)
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: None)


def refused_start(cloud: RecreatedEcs) -> None:
    """The first start gets no further than ECS's door."""
    refusals = iter([True])
    cloud.refused = {"update_service": lambda: not cloud.services["api"]["desiredCount"] and next(refusals, False)}


@pytest.mark.usefixtures("quick_to_send_again")
def test_a_forced_start_that_did_not_arrive_is_sent_again(cloud: RecreatedEcs) -> None:
    refused_start(cloud)
    assert update(cloud, **RECREATE, force_new_deployment=True)["deployment_id"] == "ecs-svc/2"
    assert cloud.most_at_once == 1


@pytest.mark.usefixtures("quick_to_send_again")
def test_a_forced_start_of_which_nothing_can_be_seen_is_not_sent_again(cloud: RecreatedEcs) -> None:
    refused_start(cloud)
    made, start = cloud.describe_services, cloud.refused["update_service"]

    def refused() -> bool:
        if not start():
            return False
        cloud.refused["describe_services"] = lambda: True
        return True

    def seen(**request: Any) -> Any:
        cloud._admit("describe_services")
        return made(**request)

    cloud.refused["update_service"] = refused
    cloud.describe_services = seen  # type: ignore[method-assign]
    with pytest.raises(CollectionError, match="could not be seen, so none was sent again"):
        update(cloud, **RECREATE, force_new_deployment=True, deployment={"healthy_within": 1})
    assert MEMORY_TAG in cloud.tags()


WRONG = {"subnets": ["subnet-a", "subnet-b"], "security_groups": ["sg-wrong"]}
"""A network in which nothing works."""


@pytest.mark.parametrize("first", range(3))  # remembered, stopped, started
@pytest.mark.parametrize("second", range(7))
@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
def test_what_comes_back_after_kills_is_what_was_deployed(first: int, second: int, answered: bool) -> None:
    cloud = RecreatedEcs()
    make(cloud, **RECREATE, load_balancers=BEHIND)
    cloud.bad = {TWO: "crashes"}
    for number in (first, second):
        cloud.killed_at = (cloud.writes + number, answered)
        with pytest.raises((Killed, DeploymentFailed)):
            recreated(cloud, network=WRONG)
    cloud.killed_at = None
    with pytest.raises(DeploymentFailed, match="api:1 is back"):
        recreated(cloud, network=WRONG)
    now = cloud.services["api"]
    assert now["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] == ["sg-1"]
    assert now["loadBalancers"][0]["targetGroupArn"] == GROUP
    assert serving(cloud) == ["api:1"]
    assert cloud.most_at_once == 1
    assert not any(key.startswith(MEMORY_TAG) for key in cloud.tags())


def test_what_a_later_run_changes_too_is_remembered_beside(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes"}
    for given in ({"network": WRONG}, {"network": WRONG, "load_balancers": BEHIND}):
        cloud.killed_at = (cloud.writes + 2, True)  # remembered, stopped, started
        with pytest.raises(Killed):
            recreated(cloud, **given)
    cloud.killed_at = None
    told = actual(cloud, service_of(cloud, **RECREATE))
    assert told is not None
    memory = Memory.read(told["recreate"], told["recreate_former"])
    assert memory.former.keys() == {"networkConfiguration", "loadBalancers"}
    with pytest.raises(DeploymentFailed, match="api:1 is back"):
        recreated(cloud, network=WRONG, load_balancers=BEHIND)
    now = cloud.services["api"]
    assert now["networkConfiguration"]["awsvpcConfiguration"]["securityGroups"] == ["sg-1"]
    assert now["loadBalancers"] == []


def test_what_was_deployed_before_all_runs_that_were_killed_comes_back(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes"}
    cloud.killed_at = (cloud.writes + 2, True)  # remembered, stopped, started
    with pytest.raises(Killed):
        recreated(cloud, network=WRONG)
    cloud.killed_at = None
    with pytest.raises(DeploymentFailed, match="api:1 is back"):
        recreated(cloud, network={**WRONG, "security_groups": ["sg-wrong-too"]})
    network = cloud.services["api"]["networkConfiguration"]["awsvpcConfiguration"]
    assert network["securityGroups"] == ["sg-1"]


def test_a_long_memory_is_in_several_tags() -> None:
    balancers = [{"targetGroupArn": f"{GROUP}{number}", "containerName": "api"} for number in range(5)]
    memory = Memory(1, "api:1", "ecs-svc/1", 0.0, {"loadBalancers": balancers})
    tags = memory.as_tags()
    assert len(tags) > 2
    assert all(len(value) <= 256 and re.fullmatch(r"[\w .:/=+@-]*", value) for value in tags.values())
    shuffled = dict(sorted(tags.items(), reverse=True))
    shuffled[f"{MEMORY_TAG}.{len(tags)}"] = "left by another run"
    short = Memory(1, "api:1", "ecs-svc/1", 0.0)
    assert recreate.former_in({**shuffled, **short.as_tags()}) == ""
    assert Memory.read(tags[MEMORY_TAG], recreate.former_in({"team": "sales", **shuffled})) == memory
    with pytest.raises(CollectionError, match="those whose names begin with it"):
        Memory.read(tags[MEMORY_TAG], "?")


def test_memory_of_a_revision_alone_is_one_tag(cloud: RecreatedEcs) -> None:
    cloud.killed_at = (cloud.writes, True)
    with pytest.raises(Killed):
        recreated(cloud)
    assert [key for key in cloud.tags() if key.startswith(MEMORY_TAG)] == [MEMORY_TAG]
