# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategy recreate against ECS in memory: stop, then start; go back; go on after a run that was killed anywhere."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils import post_mortem, recreate
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import LayerError
from ansible_collections.multiregion.ecs.plugins.module_utils.layers.ecs_service import problems
from ansible_collections.multiregion.ecs.plugins.module_utils.recreate import MEMORY_TAG, Memory
from ansible_collections.multiregion.ecs.plugins.module_utils.rollout import DeploymentFailed
from tests.unit.ecs.recreated_ecs import Killed, RecreatedEcs
from tests.unit.ecs.test_ecs_service import ONE, TWO, actual, asked, differences, make, service_of, update

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
    if trouble == "crashes":
        assert "2 of its tasks stopped" in message
        assert "api exited with 3" in message
    else:
        assert "not healthy within 1 s" in message


def test_a_former_revision_that_fails_too_is_told_and_remembered(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes", "api:1": "hangs"}
    with pytest.raises(DeploymentFailed, match="Going back to api:1 failed too"):
        recreated(cloud, wait_timeout=1)
    assert Memory.read(cloud.tags()[MEMORY_TAG]).revision == "api:1"


def test_a_revision_that_ecs_would_refuse_stops_nothing(cloud: RecreatedEcs) -> None:
    cloud.inactive = {TWO}
    with pytest.raises(LayerError, match="api:2 is INACTIVE"):
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
    with pytest.raises(LayerError, match="no run of this module wrote"):
        Memory.read("yes")
    with pytest.raises(LayerError, match="too long a name"):
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
    with pytest.raises(LayerError, match=r"container mongo of api:2 is the single writer .* Use strategy: recreate"):
        actual(cloud, service)
    assert actual(cloud, service_of(cloud, **RECREATE, task_definition=TWO)) is not None
    cloud.definitions[TWO] = definition(readOnly=True)
    assert actual(cloud, service) is not None
    cloud.definitions[TWO] = definition(sourceVolume="scratch")
    assert actual(cloud, service) is not None


def test_a_single_writer_runs_once(cloud: RecreatedEcs) -> None:
    cloud.definitions[TWO] = definition()
    two = service_of(cloud, strategy="recreate", task_definition=TWO, desired_count=2)
    with pytest.raises(LayerError, match=r"must not run 2 tasks: container mongo of api:2 .* Use desired_count: 1"):
        actual(cloud, two)
    cloud.definitions[TWO] = definition(readOnly=True)
    assert actual(cloud, two) is not None


def test_a_rolled_service_that_stays_as_it_is_costs_no_look_at_its_definition(cloud: RecreatedEcs) -> None:
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
