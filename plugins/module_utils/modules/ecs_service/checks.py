# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the parameters of `ecs_service`. Pure: no call is made."""

from __future__ import annotations

import re
from typing import Any

from ...kernel.values import is_unknown
from ..shared_arguments.capacity_provider_strategy import strategy_problems
from .deployment import RECREATE
from .deployment_checks import deployment_problems, recreate_problems, shifting_problems
from .lifecycle_checks import hook_problems
from .scaling import count_problems

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
REVISION = re.compile(r"(arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:task-definition/)?[A-Za-z0-9_-]{1,255}:\d+")
MOST_SUBNETS, MOST_GROUPS, MOST_BALANCERS = 16, 5, 5

FARGATE = ("FARGATE", "FARGATE_SPOT")
"""The launch type and the capacity providers without instances of ours, so that AWS alone places the tasks."""

PLACEMENTS = {"placement_constraints": 10, "placement_strategy": 5}
"""What says on which instances tasks run, and how many entries AWS accepts of each."""

MOST_EXPRESSION_CHARACTERS = 2000
BINPACKED = ("cpu", "memory")


def problems(params: dict[str, Any]) -> list[str]:
    found = []
    if not NAME.fullmatch(params["name"]):
        found.append(f"name is {params['name']!r}; AWS accepts up to 255 letters, digits, hyphens and underscores.")
    if params["state"] == "absent":
        return found
    return [
        *found,
        *_task_definition_problems(params["task_definition"]),
        *_compute_problems(params),
        *_placement_problems(params),
        *_balancer_problems(params),
        *(recreate_problems(params) if params["strategy"] == RECREATE else deployment_problems(params)),
        *shifting_problems(params),
        *hook_problems(params),
        *count_problems(params),
        *_discovery_problems(params),
    ]


def _task_definition_problems(given: str | None) -> list[str]:
    if not given:
        return ["task_definition is missing; give the ARN that ecs_taskdef_revision returns."]
    if is_unknown(given) or REVISION.fullmatch(given):
        return []
    return [
        f"task_definition is {given!r}; expected an ARN or family:revision, such as sales-api:7. A family alone means "
        "something else after every registration."
    ]


def _compute_problems(params: dict[str, Any]) -> list[str]:
    found = strategy_problems("capacity_provider_strategy", params["capacity_provider_strategy"])
    if params["launch_type"] and params["capacity_provider_strategy"]:
        found.append("launch_type and capacity_provider_strategy are both given; AWS accepts one of them.")
    network = params["network"]
    if network is None:
        if params["launch_type"] == "FARGATE":
            found.append("network is missing; Fargate tasks need subnets.")
        return found
    for name, most in (("subnets", MOST_SUBNETS), ("security_groups", MOST_GROUPS)):
        if len(network[name]) > most:
            found.append(f"network.{name} has {len(network[name])} entries; AWS accepts {most}.")
    if not network["subnets"]:
        found.append("network.subnets is empty; give at least one.")
    return found


def _placement_problems(params: dict[str, Any]) -> list[str]:
    found = []
    providers = [item["capacity_provider"] for item in params["capacity_provider_strategy"] or []]
    fargate = [name for name in (params["launch_type"], *providers) if name in FARGATE]
    for name, most in PLACEMENTS.items():
        given = params[name] or []
        if given and fargate:
            found.append(
                f"{name} is given with {' and '.join(fargate)}; Fargate has no instances to choose from. Leave it out, "
                "or run the tasks on EC2 instances, with launch_type EC2 or a capacity provider of such."
            )
        if len(given) > most:
            found.append(f"{name} has {len(given)} entries; AWS accepts {most}.")
    for item in params["placement_constraints"] or []:
        found += _constraint_problems(item["type"], item["expression"] or "")
    for item in params["placement_strategy"] or []:
        found += _rule_problems(item["type"], item["field"] or "")
    return found


def _constraint_problems(kind: str, expression: str) -> list[str]:
    if kind == "distinctInstance" and expression:
        return [f"placement_constraints: distinctInstance has the expression {expression!r}; it takes none."]
    if kind == "memberOf" and not expression:
        return ["placement_constraints: memberOf needs an expression, such as attribute:ecs.os-type == linux."]
    if len(expression) > MOST_EXPRESSION_CHARACTERS:
        return [
            f"placement_constraints: an expression has {len(expression)} characters; AWS accepts "
            f"{MOST_EXPRESSION_CHARACTERS}."
        ]
    return []


def _rule_problems(kind: str, field: str) -> list[str]:
    if kind == "random" and field:
        return [f"placement_strategy: random has the field {field!r}; it takes none."]
    if kind == "spread" and not field:
        return ["placement_strategy: spread needs a field, such as attribute:ecs.availability-zone or instanceId."]
    if kind == "binpack" and field.lower() not in BINPACKED:
        return [f"placement_strategy: binpack has the field {field!r}; expected {' or '.join(BINPACKED)}."]
    return []


def _balancer_problems(params: dict[str, Any]) -> list[str]:
    found = []
    balancers = params["load_balancers"]
    if len(balancers) > MOST_BALANCERS:
        found.append(f"load_balancers has {len(balancers)} entries; AWS accepts {MOST_BALANCERS}.")
    for item in balancers:
        if not is_unknown(item["target_group_arn"]) and ":targetgroup/" not in item["target_group_arn"]:
            found.append(f"load_balancers: {item['target_group_arn']!r} is no ARN of a target group.")
        if not 1 <= item["container_port"] <= 65535:
            found.append(f"load_balancers: container_port is {item['container_port']}; ports are 1 to 65535.")
    if params["health_check_grace_period"] is not None and params["health_check_grace_period"] < 0:
        found.append(f"health_check_grace_period is {params['health_check_grace_period']}; expected 0 or more seconds.")
    if params["health_check_grace_period"] is not None and not balancers:
        found.append(
            "health_check_grace_period is given without load_balancers, whose health checks it is about. Leave it out."
        )
    return found


def _discovery_problems(params: dict[str, Any]) -> list[str]:
    found = []
    for item in params["service_registries"]:
        if not is_unknown(item["registry_arn"]) and ":servicediscovery:" not in item["registry_arn"]:
            found.append(f"service_registries: {item['registry_arn']!r} is no ARN of a Cloud Map service.")
        if item["port"] is not None and item["container_port"] is not None:
            found.append("service_registries: port and container_port are both given; AWS accepts one of them.")
        if (item["container_name"] is None) != (item["container_port"] is None):
            found.append("service_registries: container_name and container_port belong together.")
    return found
