# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role asks the modules for a service of the inventory, with its task file rendered as Ansible does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.multiregion.ecs.plugins.module_utils.modules import ecs_service
from ansible_collections.multiregion.ecs.plugins.module_utils.services.lifecycle_hooks import deployment_in
from ansible_collections.multiregion.ecs.plugins.module_utils.services.traffic_shift import traffic_shift
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wiring import Place
from tests.support.services import BALANCER, BEHIND, CASES, ONE, SHIFT, asked

ROLE = Path(__file__).resolve().parents[3] / "roles" / "service"
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
DECLARED = OPTIONS["service_definitions"]["options"]
ON_EC2: dict[str, Any] = {
    "launch_type": "EC2",
    "placement_constraints": [{"type": "distinctInstance"}],
    "placement_strategy": [{"type": "spread", "field": "instanceId"}],
}
GIVEN: dict[str, Any] = {
    "capacity_provider_strategy": CASES["providers"]["capacity_provider_strategy"],
    "platform_version": "1.4.0",
    "service_registries": CASES["registries"]["service_registries"],
    "service_connect": CASES["connect"]["service_connect"],
    "availability_zone_rebalancing": "DISABLED",
    "enable_execute_command": True,
    "propagate_tags": "NONE",
    "enable_ecs_managed_tags": False,
}


def read(file: str) -> Any:
    return DataLoader().load_from_file(str(ROLE / file), trusted_as_template=True)


def task_with(module: str) -> dict[str, Any]:
    tasks = [*read("tasks/present.yml"), *read("tasks/deploy.yml")]
    return next(task for task in tasks if f"multiregion.ecs.{module}" in task)


EDGE = {
    "load_balancer_arns": {"sales": BALANCER},
    "target_groups": {"api": BEHIND[0]["target_group_arn"], "other": SHIFT["alternate_target_group_arn"]},
    "listener_rules": {"sales:80/1": SHIFT["production_listener_rule"]},
}
HOOKS_ROLE = "arn:aws:iam::123456789012:role/sales-api-hooks-sa-east-1"
PLACE = Place("sales", "sa-east-1", ("sa-east-1",), "123456789012")
SHIFT_ROLE = "arn:aws:iam::123456789012:role/sales-api-shift-sa-east-1"


def rendered(value: Any, region_state: str = "ACTIVE", platform: Any = None, **definition: Any) -> Any:
    """What a part of the task file becomes for a service of this definition, in a region of this state."""
    variables = {
        **read("defaults/main.yml"),
        **read("vars/main.yml"),
        **task_with("ecs_service")["vars"],
        "workload": "sales",
        "workload_tags": {},
        "inventory_hostname": "sa-east-1",
        "ansible_facts": {
            "cluster_outputs": {"name": "sales"},
            "network_outputs": {"subnets": {"private": ["subnet-a"]}, "security_groups": {}},
            "edge_outputs": EDGE,
        },
        "context_partition": "aws",
        "context_account_id": "123456789012",
        "service_context": {},
        "service_states": {"states": {"sa-east-1": region_state}},
        "service_task": {
            "containers": [],
            "volumes": [],
            "uses": [],
            "target": {"container": "api", "port": 8080},
            "runtime_platform": platform,
        },
        "service_deployment": deployment_in(definition.get("deployment", {}), PLACE, HOOKS_ROLE),
        "service_shift": traffic_shift(definition.get("shift", {}), EDGE, SHIFT_ROLE),
        "service_revisions": {"results": [{"task_definition_arn": ONE}]},
        "service_index": 0,
        "item": {"name": "api", "cpu": 256, "memory": 512, **definition},
    }
    return Templar(loader=DataLoader(), variables=variables).template(value)


def deployed(region_state: str = "ACTIVE", **definition: Any) -> dict[str, Any]:
    assert not definition.keys() - DECLARED.keys(), "not in argument_specs.yml"
    given = rendered(task_with("ecs_service")["multiregion.ecs.ecs_service"], region_state, **definition)
    del given["region"]
    assert ecs_service.problems(asked(**{"launch_type": None, **given})) == []
    return given


def test_by_default_a_service_runs_on_fargate_and_the_rest_is_left_to_the_module() -> None:
    given = deployed()
    assert (given["launch_type"], given["wait_timeout"], given["load_balancers"]) == ("FARGATE", 900, [])
    assert not given.keys() & (GIVEN.keys() | ON_EC2.keys() - {"launch_type"})


@pytest.mark.parametrize("name", GIVEN)
def test_what_a_service_says_is_passed_on(name: str) -> None:
    assert deployed(**{name: GIVEN[name]})[name] == GIVEN[name]


def test_capacity_providers_take_the_place_of_the_launch_type() -> None:
    assert "launch_type" not in deployed(capacity_provider_strategy=GIVEN["capacity_provider_strategy"])
    assert deployed(capacity_provider_strategy=[])["launch_type"] == "FARGATE"


def test_tasks_are_placed_on_instances_and_their_definition_is_checked_for_them() -> None:
    assert ON_EC2.items() <= deployed(**ON_EC2).items()
    defined = task_with("ecs_taskdef_revision")["multiregion.ecs.ecs_taskdef_revision"]
    assert "requires_compatibilities" not in rendered(defined)
    assert rendered(defined, launch_type="EC2")["requires_compatibilities"] == ["EC2"]
    assert rendered(defined, requires_compatibilities=["EC2"])["requires_compatibilities"] == ["EC2"]


def test_the_platform_of_an_image_of_one_s_own_is_the_task_s() -> None:
    defined = task_with("ecs_taskdef_revision")["multiregion.ecs.ecs_taskdef_revision"]
    arm = {"operating_system_family": "LINUX", "cpu_architecture": "ARM64"}
    assert rendered(defined, platform=arm)["runtime_platform"] == arm
    assert "runtime_platform" not in rendered(defined)


def test_execute_command_comes_with_its_permissions() -> None:
    _execution, task = task_with("service_roles")["multiregion.ecs.service_roles"]["roles"]
    assert rendered(task["execute_command"], enable_execute_command=True) is True
    assert rendered(task["execute_command"]) is False


def test_only_the_deployment_is_told_of_the_shift() -> None:
    asked_for = task_with("ecs_taskdef_revision")["multiregion.ecs.ecs_taskdef_revision"]["verify_for"]
    assert rendered(asked_for, target_group="api", shift=SHIFT)["load_balancers"] == BEHIND


@pytest.mark.parametrize(
    ("definition", "shift"), [({}, {}), ({"strategy": "blue_green", "shift": SHIFT}, {"shift": SHIFT})]
)
def test_the_target_group_has_its_shift(definition: dict[str, Any], shift: dict[str, Any]) -> None:
    assert deployed(target_group="api", **definition)["load_balancers"] == [{**BEHIND[0], **shift}]


def test_the_shift_is_given_by_names_of_the_edge_and_its_role_is_made() -> None:
    named = {"alternate": "other", "rule": "sales:80/1"}
    (balancer,) = deployed(target_group="api", strategy="canary", wait_timeout=2000, shift=named)["load_balancers"]
    made = [task for task in read("tasks/present.yml") if "shifts traffic" in task["name"]]
    (role,) = rendered(made[0]["multiregion.ecs.service_roles"])["roles"]
    assert balancer["shift"] == {
        "alternate_target_group_arn": SHIFT["alternate_target_group_arn"],
        "production_listener_rule": SHIFT["production_listener_rule"],
        "role_arn": SHIFT_ROLE,
    }
    assert SHIFT_ROLE.endswith(f":role/{role['name']}")
    assert role["assume"] == ["ecs.amazonaws.com"]


def test_a_hook_is_given_by_the_name_of_its_function_and_its_role_is_made() -> None:
    hook = {"lifecycle_stages": ["POST_TEST_TRAFFIC_SHIFT"]}
    deployment = {"lifecycle_hooks": [{"function": "smoke", **hook}]}
    given = deployed(target_group="api", strategy="blue_green", shift=SHIFT, deployment=deployment)
    arn = "arn:aws:lambda:sa-east-1:123456789012:function:smoke"
    assert given["deployment"] == {"lifecycle_hooks": [{"hook_target_arn": arn, "role_arn": HOOKS_ROLE, **hook}]}
    (made,) = [task for task in read("tasks/present.yml") if "invokes the hooks" in task["name"]]
    (role,) = made["multiregion.ecs.service_roles"]["roles"]
    assert HOOKS_ROLE.endswith(f":role/{rendered(role['name'])}") and role["assume"] == ["ecs.amazonaws.com"]


def test_a_service_says_how_long_to_wait_for_it() -> None:
    linear = {"strategy": "linear", "target_group": "api", "shift": SHIFT}
    assert deployed(**linear, wait_timeout=3900)["wait_timeout"] == 3900
    with pytest.raises(AssertionError, match="bakes for 54 minutes"):
        deployed(**linear)


def test_the_load_balancer_whose_requests_count_is_that_of_the_service() -> None:
    counted = {"min": 2, "max": 6, "requests": 100}
    behind = {"load_balancer": "sales", "target_group": "api"}
    assert deployed(**behind, scaling=counted)["scaling"] == {**counted, "load_balancer_arn": BALANCER}
    other = {**counted, "load_balancer_arn": "arn:other"}
    assert deployed(**behind, scaling=other)["scaling"] == other
    assert deployed(**behind, scaling={"min": 2, "max": 6})["scaling"] == {"min": 2, "max": 6}
    assert "scaling" not in deployed(**behind, scaling=None)


@pytest.mark.parametrize(("state", "rests"), [("ACTIVE", False), ("PASSIVE", True)])
def test_a_service_that_drops_rests_with_its_schedules_where_the_region_is_not_active(state: str, rests: bool) -> None:
    day = {"name": "day", "schedule": "cron(0 7 * * ? *)", "min": 2, "max": 6}
    scaling = {"min": 1, "max": 2, "schedules": [day]}
    given = deployed(state, passive_behaviour="drops", scaling=scaling)
    assert given["scaling"] == {**scaling, **({"min": 0, "max": 0, "suspend_schedules": True} if rests else {})}
    assert given.get("desired_count") == (0 if rests else None)


def test_the_edge_layer_tells_the_arn_of_each_load_balancer() -> None:
    tasks = DataLoader().load_from_file(str(ROLE.parent / "edge" / "tasks" / "main.yml"), trusted_as_template=True)
    publish = next(task for task in tasks if "multiregion.ecs.layer_outputs" in task)
    variables = {
        **publish["vars"],
        "edge_made": {
            "results": [
                {
                    "item": {"name": "sales"},
                    "arn": BALANCER,
                    "dns_name": "sales.example",
                    "target_groups": {"api": "arn:api"},
                    "rules": {"sales:80/1": "arn:rule"},
                }
            ]
        },
    }
    outputs = publish["multiregion.ecs.layer_outputs"]["outputs"]
    assert Templar(loader=DataLoader(), variables=variables).template(outputs) == {
        "load_balancers": {"sales": "sales.example"},
        "load_balancer_arns": {"sales": BALANCER},
        "target_groups": {"api": "arn:api"},
        "listener_rules": {"sales:80/1": "arn:rule"},
    }


@pytest.mark.parametrize("stops_at", [None, "", "HIGH"])
def test_findings_of_scans_prevent_a_revision_as_they_stop_a_deployment(stops_at: str | None) -> None:
    told = {} if stops_at is None else {"deployment_image_scan_stops_at": stops_at}
    default = Templar(loader=DataLoader(), variables=told).template(read("defaults/main.yml")["service_image_scan"])
    expected = {"stops_at": "HIGH", "accepts": [], "required": True, "timeout": 600}
    assert default == (expected if stops_at else {})
    assert (
        "service_image_scan" in task_with("ecs_taskdef_revision")["multiregion.ecs.ecs_taskdef_revision"]["image_scan"]
    )
