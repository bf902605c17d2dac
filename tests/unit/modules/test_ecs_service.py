# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service module refuses, what it plans, and how it follows a deployment, against ECS in memory."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.rollout import DeploymentFailed
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import KNOWN_AFTER_APPLY, CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.checks import problems
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.scaling import resource_label
from tests.support.fake_ecs import FakeEcs, refusal
from tests.support.services import (
    BALANCER,
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


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"task_definition": None}, "task_definition is missing"),
        ({"task_definition": "api"}, "A family alone means something else"),
        ({"name": "no spaces"}, "name is 'no spaces'"),
        ({"desired_count": -1}, "desired_count is -1"),
        ({"network": None}, "Fargate tasks need subnets"),
        ({"network": {"subnets": []}}, "subnets is empty"),
        ({"network": {"subnets": ["s"], "security_groups": ["g"] * 6}}, "AWS accepts 5"),
        ({"capacity_provider_strategy": [{"capacity_provider": "FARGATE"}]}, "AWS accepts one of them"),
        (
            {
                "launch_type": None,
                "capacity_provider_strategy": [
                    {"capacity_provider": "FARGATE", "base": 1},
                    {"capacity_provider": "FARGATE_SPOT", "base": 1},
                ],
            },
            "FARGATE and FARGATE_SPOT have a base",
        ),
        ({"deployment": {"minimum_healthy_percent": 100, "maximum_percent": 100}}, "no room to replace"),
        ({"deployment": {"maximum_percent": 50}}, "expected 100 to 200"),
        (
            {"desired_count": 1, "deployment": {"minimum_healthy_percent": 50, "maximum_percent": 100}},
            "leaves no room to replace a task of 1: 1 must stay, and 1 may run",
        ),
        (
            {
                "scaling": {"min": 1, "max": 4},
                "deployment": {"minimum_healthy_percent": 60, "maximum_percent": 149},
            },
            "no room to replace a task of 1",
        ),
        (
            {
                "scaling": {
                    "min": 4,
                    "max": 8,
                    "schedules": [{"name": "night", "schedule": "cron(0 0 * * ? *)", "min": 2, "max": 2}],
                },
                "deployment": {"minimum_healthy_percent": 75, "maximum_percent": 125},
            },
            "no room to replace a task of 2",
        ),
        ({"health_check_grace_period": 30}, "health_check_grace_period is given without load_balancers"),
        ({"scaling": {"min": 5, "max": 2}}, "0 ≤ min ≤ max"),
        ({"scaling": {"min": 2, "max": 4}, "desired_count": 1}, "outside of scaling.min 2"),
        ({"scaling": {"min": 2, "max": 4, "cpu": 160}}, "scaling.cpu is 160"),
        ({"scaling": {"min": 2, "max": 4, "requests": 100}}, "needs scaling.load_balancer_arn"),
        ({"load_balancers": [{**BEHIND[0], "target_group_arn": "api"}]}, "no ARN of a target group"),
    ],
)
def test_bad_input_is_told(given: dict[str, Any], told: str) -> None:
    found = problems(asked(**given))
    assert any(told in problem for problem in found), found


@pytest.mark.parametrize(
    ("count", "percents"), [(2, (50, 100)), (4, (75, 125)), (1, (0, 100)), (1, (100, 200)), (0, (50, 100))]
)
def test_a_deployment_that_has_room_is_right(count: int, percents: tuple[int, int]) -> None:
    deployment = dict(zip(("minimum_healthy_percent", "maximum_percent"), percents, strict=True))
    assert problems(asked(desired_count=count, deployment=deployment)) == []


def test_good_input_is_not() -> None:
    scaling = {"min": 2, "max": 4, "cpu": 60, "requests": 100, "load_balancer_arn": BALANCER}
    assert problems(asked(load_balancers=BEHIND, scaling=scaling)) == []
    assert problems(asked(task_definition=KNOWN_AFTER_APPLY)) == []


def test_resource_label_is_the_ends_of_both_arns() -> None:
    assert resource_label(BALANCER, GROUP) == "app/sales/fedcba9876543210/targetgroup/api/0123456789abcdef"
    assert resource_label(BALANCER, KNOWN_AFTER_APPLY) == KNOWN_AFTER_APPLY


def test_creating_waits_until_the_deployment_is_finished() -> None:
    cloud = FakeEcs()
    made = make(cloud, desired_count=2)
    assert (made["running_count"], made["rollout"], made["deployment_id"]) == (2, "COMPLETED", "ecs-svc/1")
    assert differences(cloud, desired_count=2) == {}
    assert cloud.sent[0]["deploymentConfiguration"]["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}


def test_order_of_subnets_and_balancers_makes_no_difference() -> None:
    cloud = FakeEcs()
    other = {**BEHIND[0], "container_port": 9090}
    make(cloud, load_balancers=[*BEHIND, other])
    network = {"subnets": ["subnet-a", "subnet-b"], "security_groups": ["sg-1"]}
    assert differences(cloud, load_balancers=[other, *BEHIND], network=network) == {}
    assert set(differences(cloud, load_balancers=BEHIND)) == {"load_balancers"}


def test_a_new_role_is_waited_for_and_no_other_refusal() -> None:
    cloud = FakeEcs()
    cloud.refuse = [refusal("ClientException", "ECS was unable to assume the role 'a'", "CreateService")] * 2
    make(cloud)
    assert cloud.calls["create_service"] == 3
    cloud = FakeEcs()
    cloud.refuse = [refusal("InvalidParameterException", "subnets can not be empty", "CreateService")]
    with pytest.raises(Exception, match="subnets can not be empty"):
        make(cloud)
    assert cloud.calls["create_service"] == 1


def test_a_draining_service_is_waited_for_before_its_name_is_used_again() -> None:
    cloud = FakeEcs()
    make(cloud)
    cloud.services["api"]["status"] = "DRAINING"
    assert make(cloud)["status"] == "ACTIVE"


def test_a_new_revision_is_deployed_and_only_that_is_sent() -> None:
    cloud = FakeEcs()
    make(cloud, desired_count=2)
    assert update(cloud, desired_count=2, task_definition=TWO)["task_definition"] == TWO
    assert cloud.sent[-1] == {"cluster": "sales", "service": "api", "taskDefinition": TWO}


@pytest.mark.parametrize("outcome", ["fails", "rolls_back"])
def test_a_failed_deployment_is_an_error_with_its_reasons(outcome: str) -> None:
    cloud = FakeEcs()
    make(cloud)
    cloud.outcome = outcome
    with pytest.raises(DeploymentFailed) as failure:
        update(cloud, task_definition=TWO)
    message = failure.value.message
    assert "tasks failed to start" in message
    assert "2 × Essential container in task exited (api exited with 3)" in message
    assert "last lines of api: starting | no such table" in message
    assert failure.value.details["events"] == ["(service api) was unable to place a task."]
    assert failure.value.details["unhealthy_targets"] == []
    assert ("went back to api:1" in message) == (outcome == "rolls_back")
    assert [task["containers"][0]["exit_code"] for task in failure.value.details["stopped_tasks"]] == [3, 3]


def test_the_count_that_was_sent_is_waited_for() -> None:
    cloud = Late()
    make(cloud, desired_count=2)
    made = update(cloud, desired_count=4)
    assert (made["desired_count"], made["running_count"]) == (4, 4)


def test_a_deployment_that_hangs_is_an_error_too() -> None:
    cloud = FakeEcs()
    make(cloud)
    cloud.outcome = "hangs"
    with pytest.raises(DeploymentFailed, match="api:2 .*IN_PROGRESS"):
        update(cloud, task_definition=TWO)


def test_after_a_rollback_the_next_run_tries_again() -> None:
    cloud = FakeEcs()
    make(cloud)
    cloud.outcome = "rolls_back"
    with pytest.raises(CollectionError):
        update(cloud, task_definition=TWO)
    assert differences(cloud, task_definition=TWO)["task_definition"] == (ONE, TWO)
    assert update(cloud, task_definition=TWO)["task_definition"] == TWO


def test_an_interrupted_deployment_is_followed_to_its_end_without_another() -> None:
    cloud = FakeEcs()
    cloud.wait = False
    make(cloud)
    cloud.wait = True
    assert differences(cloud)["rollout"] == ("IN_PROGRESS", "COMPLETED")
    assert update(cloud)["rollout"] == "COMPLETED"
    assert cloud.calls["update_service"] == 0


def test_a_deployment_that_failed_without_rollback_is_started_anew() -> None:
    cloud = FakeEcs()
    make(cloud)
    cloud.outcome = "fails"
    with pytest.raises(CollectionError):
        update(cloud, task_definition=TWO)
    cloud.outcome = "completes"
    assert update(cloud, task_definition=TWO)["rollout"] == "COMPLETED"
    assert cloud.sent[-1] == {"cluster": "sales", "service": "api", "forceNewDeployment": True}


def test_a_forced_deployment_is_one_deployment() -> None:
    cloud = FakeEcs()
    make(cloud)
    assert differences(cloud, force_new_deployment=True) == {"force_new_deployment": (False, True)}
    assert update(cloud, force_new_deployment=True)["deployment_id"] == "ecs-svc/2"
    assert set(differences(cloud, force_new_deployment=True, task_definition=TWO)) == {"task_definition"}


def test_another_capacity_provider_strategy_is_a_forced_deployment() -> None:
    cloud = FakeEcs()
    make(cloud)
    spot = {"launch_type": None, "capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT"}]}
    assert update(cloud, **spot)["deployment_id"] == "ecs-svc/2"
    assert cloud.sent[-1]["forceNewDeployment"] is True
    assert differences(cloud, **spot) == {}
    assert update(cloud)["deployment_id"] == "ecs-svc/3"
    assert cloud.sent[-1]["capacityProviderStrategy"] == []


def test_the_count_is_left_to_automatic_scaling_between_its_limits() -> None:
    cloud = FakeEcs()
    scaling = {"min": 2, "max": 4, "cpu": 60}
    make(cloud, scaling=scaling)
    assert cloud.services["api"]["desiredCount"] == 2
    cloud.services["api"].update(desiredCount=3, runningCount=3)
    assert differences(cloud, scaling=scaling) == {}
    cloud.services["api"].update(desiredCount=9, runningCount=9)
    assert differences(cloud, scaling=scaling) == {"desired_count": (9, 4)}
    assert differences(cloud) == {}  # no count asked for: left alone
    assert differences(cloud, desired_count=1) == {"desired_count": (9, 1)}


def test_removing_scales_down_first_and_waits_until_it_is_gone() -> None:
    cloud = FakeEcs()
    make(cloud, desired_count=2)
    service = service_of(cloud, state="absent")
    service.delete(cloud, actual(cloud, service) or {})  # type: ignore[arg-type]
    assert cloud.services["api"]["status"] == "INACTIVE"
    assert cloud.sent[-1] == {"cluster": "sales", "service": "api", "desiredCount": 0}
    assert actual(cloud, service) is None


def test_removing_with_force_does_not_scale_down() -> None:
    cloud = FakeEcs()
    make(cloud, desired_count=2)
    service = service_of(cloud, state="absent", force=True)
    service.delete(cloud, actual(cloud, service) or {})  # type: ignore[arg-type]
    assert cloud.calls["update_service"] == 0
    assert cloud.services["api"]["status"] == "INACTIVE"
