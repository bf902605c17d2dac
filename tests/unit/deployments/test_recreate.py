# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategy recreate against ECS in memory: stop, then start, and go back."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.recreate import MEMORY_TAG, Memory
from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.rollout import DeploymentFailed
from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.service_tasks import ServiceTasks
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.checks import problems
from tests.support import recreated_ecs
from tests.support.recreated_ecs import RECREATE, RecreatedEcs, recreated, serving
from tests.support.services import TWO, actual, asked, differences, make, service_of, update


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


def test_what_was_scaled_away_is_no_reason_of_a_failure(cloud: RecreatedEcs) -> None:
    cloud.bad = {TWO: "crashes"}
    with pytest.raises(DeploymentFailed) as failure:
        recreated(cloud, deployment={"failed_tasks": 1})
    stopped = failure.value.details["stopped_tasks"]
    assert {task["stopped_reason"] for task in stopped} == {"Essential container in task exited"}
    assert "Scaling activity" not in failure.value.message


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


def test_going_to_no_tasks_ends_when_the_last_one_has_stopped(
    cloud: RecreatedEcs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recreated_ecs, "LOOKS_TO_STOP", 50)
    assert update(cloud, strategy="recreate", desired_count=0)["running_count"] == 0
    assert cloud.alive() == []


def test_another_capacity_provider_strategy_recreates(cloud: RecreatedEcs) -> None:
    spot = [{"capacity_provider": "FARGATE_SPOT"}]
    made = update(cloud, **RECREATE, launch_type=None, capacity_provider_strategy=spot)
    assert made["capacity_provider_strategy"][0]["capacity_provider"] == "FARGATE_SPOT"
    assert cloud.sent[-1]["forceNewDeployment"] is True
    assert update(cloud, **RECREATE, task_definition=TWO)["capacity_provider_strategy"] == []
    assert cloud.sent[-1]["forceNewDeployment"] is True
    assert cloud.most_at_once == 1
