# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One ECS service in one region, with its automatic scaling."""

from __future__ import annotations

import math
import re
from typing import Any

from ..aws.names import layer_tags
from ..deployments.recreate import FAILED_TASKS, HEALTHY_WITHIN_SECONDS, Patience
from ..kernel import KNOWN_AFTER_APPLY, Cloud, Known, Resource
from ..kernel.run import COMMON_ARGUMENTS, Layer, LayerModule
from ..kernel.values import is_unknown
from ..resources.scaling import METRICS, QUEUE, ScalableTarget, ScalingPolicy, ScalingSchedules
from ..resources.service import Service
from ..resources.service_form import (
    LATEST,
    LATEST_NOW,
    balancer,
    connect,
    placement_constraint,
    placement_rule,
    registry,
)
from ._strategy import STRATEGY_ARGUMENT, strategy_problems

NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
REVISION = re.compile(r"(arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:task-definition/)?[A-Za-z0-9_-]{1,255}:\d+")

DEPLOYMENT = {"minimum_healthy_percent": 100, "maximum_percent": 200}
CIRCUIT_BREAKER = {"enable": True, "rollback": True}

MOST_SUBNETS, MOST_GROUPS, MOST_BALANCERS = 16, 5, 5

FARGATE = ("FARGATE", "FARGATE_SPOT")
"""The launch type and the capacity providers without instances of ours, so that AWS alone places the tasks."""

PLACEMENTS = {"placement_constraints": 10, "placement_strategy": 5}
"""What says on which instances tasks run, and how many entries AWS accepts of each."""

MOST_EXPRESSION_CHARACTERS = 2000
BINPACKED = ("cpu", "memory")

RECREATE = "recreate"
SHIFTING = {"blue_green": "BLUE_GREEN", "canary": "CANARY", "linear": "LINEAR"}
"""Strategies in which ECS moves traffic from the old tasks to new ones beside them, and what it calls them."""

STEPS: dict[str, dict[str, float]] = {
    "canary": {"percent": 5.0, "bake_minutes": 10},
    "linear": {"step_percent": 10.0, "step_bake_minutes": 6},
}
LEAST_PERCENT = {"percent": 0.1, "step_percent": 3.0}
MOST_BAKE_MINUTES = 1440
NO_BREAKER = {"enable": False, "rollback": False}
"""ECS has its circuit breaker for rolling deployments only."""

RECREATE_DEPLOYMENT = {"minimum_healthy_percent": 0, "maximum_percent": 100}
RECREATE_BREAKER = {"enable": True, "rollback": False}
"""It may give up. Going back is not left to it: it would start the old revision before the new one has stopped."""

PATIENCE = {"healthy_within": HEALTHY_WITHIN_SECONDS, "failed_tasks": FAILED_TASKS}


def deployment(params: dict[str, Any]) -> dict[str, Any]:
    """How tasks are replaced, with what the user left out."""
    given = params["deployment"] or {}
    alarms = given.get("alarms")
    recreate = params["strategy"] == RECREATE
    percents = RECREATE_DEPLOYMENT if recreate else DEPLOYMENT
    breaker = RECREATE_BREAKER if recreate else NO_BREAKER if params["strategy"] in SHIFTING else CIRCUIT_BREAKER
    return {
        **{name: default if given.get(name) is None else given[name] for name, default in percents.items()},
        "circuit_breaker": dict(given.get("circuit_breaker") or breaker),
        "alarms": {**alarms, "names": sorted(alarms["names"])} if alarms else None,
        **_shifting(params["strategy"], given),
    }


def _shifting(strategy: str, given: dict[str, Any]) -> dict[str, Any]:
    if strategy not in SHIFTING:
        return {}
    wanted: dict[str, Any] = {"strategy": SHIFTING[strategy], "bake_minutes": given.get("bake_minutes") or 0}
    if strategy in STEPS:
        said = given.get(strategy) or {}
        wanted[strategy] = {
            name: default if said.get(name) is None else said[name] for name, default in STEPS[strategy].items()
        }
    return wanted


def _shifting_problems(params: dict[str, Any]) -> list[str]:
    """What a strategy that shifts traffic cannot do with, and what the others have no use for."""
    strategy, given, wanted = params["strategy"], params["deployment"] or {}, deployment(params)
    found = [
        f"deployment.{name} is for strategy {name}; the strategy is {strategy}."
        for name in STEPS
        if given.get(name) is not None and name != strategy
    ]
    shifted = [item for item in params["load_balancers"] if item.get("shift")]
    if strategy not in SHIFTING:
        if given.get("bake_minutes") is not None:
            found.append(f"deployment.bake_minutes is for {', '.join(SHIFTING)}; the strategy is {strategy}.")
        if shifted:
            found.append(f"load_balancers: shift is for {', '.join(SHIFTING)}; the strategy is {strategy}.")
        return found
    if given.get("circuit_breaker") is not None:
        found.append(f"deployment.circuit_breaker is for strategy rolling; the strategy is {strategy}.")
    if len(shifted) < len(params["load_balancers"]):
        found.append(
            f"load_balancers: each needs shift with strategy {strategy}: the alternate target group, the listener rule "
            "and the role with which ECS moves traffic."
        )
    steps = wanted.get(strategy) or {}
    for name, least in LEAST_PERCENT.items():
        if name in steps and not least <= steps[name] <= 100:
            found.append(f"deployment.{strategy}.{name} is {steps[name]}; AWS accepts {least} to 100.")
    bakes = {"bake_minutes": wanted["bake_minutes"]}
    bakes |= {f"{strategy}.{name}": minutes for name, minutes in steps.items() if name.endswith("bake_minutes")}
    for name, minutes in bakes.items():
        if not 0 <= minutes <= MOST_BAKE_MINUTES:
            found.append(f"deployment.{name} is {minutes}; AWS accepts 0 to {MOST_BAKE_MINUTES} minutes.")
    return found or _wait_problems(params, wanted)


def bake_minutes(wanted: dict[str, Any]) -> int:
    """For how long ECS does nothing but watch in a deployment that shifts traffic. It does not bake after 100 %."""
    minutes = wanted["bake_minutes"]
    if "canary" in wanted:
        minutes += wanted["canary"]["bake_minutes"]
    if "linear" in wanted:
        steps = math.ceil(100 / wanted["linear"]["step_percent"])
        minutes += (steps - 1) * wanted["linear"]["step_bake_minutes"]
    return minutes


def _wait_problems(params: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """Waiting for less than ECS bakes would end as a failure of a deployment that goes well."""
    minutes, patience = bake_minutes(wanted), params["wait_timeout"]
    if not params["wait"] or not minutes or patience > minutes * 60:
        return []
    return [
        f"wait_timeout is {patience}; strategy {params['strategy']} bakes for {minutes} minutes, which are "
        f"{minutes * 60} seconds, and takes as long at least. Set wait_timeout to "
        f"{minutes * 60 + COMMON_ARGUMENTS['wait_timeout']['default']} or more, or wait to false."
    ]


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
        *(_recreate_problems(params) if params["strategy"] == RECREATE else _deployment_problems(params)),
        *_shifting_problems(params),
        *_count_problems(params),
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
    return found


def _recreate_problems(params: dict[str, Any]) -> list[str]:
    """What does not go together with stopping every task before another starts."""
    found = []
    given = params["deployment"] or {}
    for name in (*DEPLOYMENT, "circuit_breaker"):
        if given.get(name) is not None:
            found.append(
                f"deployment.{name} is given with strategy recreate, which stops every task first and goes back by "
                "itself. Leave it out."
            )
    for name, least in (("healthy_within", 1), ("failed_tasks", 1)):
        if given.get(name) is not None and given[name] < least:
            found.append(f"deployment.{name} is {given[name]}; expected {least} or more.")
    if params["availability_zone_rebalancing"] == "ENABLED":
        found.append(
            "availability_zone_rebalancing is ENABLED with strategy recreate; it starts a task before it stops "
            "another. Leave it out."
        )
    if params["scaling"]:
        found.append(
            "scaling is given with strategy recreate; automatic scaling would start tasks while all shall be stopped. "
            "Leave it out."
        )
    if not params["wait"]:
        found.append("wait is false with strategy recreate, which has to see the old tasks stopped. Leave it out.")
    return found


def _deployment_problems(params: dict[str, Any]) -> list[str]:
    given, wanted = params["deployment"] or {}, deployment(params)
    for name in PATIENCE:
        if given.get(name) is not None:
            return [f"deployment.{name} is for strategy recreate; the strategy is {params['strategy']}."]
    least, most = wanted["minimum_healthy_percent"], wanted["maximum_percent"]
    if not 0 <= least <= 100:
        return [f"deployment.minimum_healthy_percent is {least}; expected 0 to 100."]
    if not 100 <= most <= 200:
        return [f"deployment.maximum_percent is {most}; expected 100 to 200."]
    if least == most:
        return [
            "deployment: minimum_healthy_percent and maximum_percent are both 100, which leaves no room to replace a "
            "task. Raise maximum_percent, or lower minimum_healthy_percent."
        ]
    return []


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


def _count_problems(params: dict[str, Any]) -> list[str]:
    count, scaling = params["desired_count"], params["scaling"]
    if count is not None and count < 0:
        return [f"desired_count is {count}; expected 0 or more."]
    if scaling is None:
        return []
    found = []
    least, most = scaling["min"], scaling["max"]
    if not 0 <= least <= most:
        found.append(f"scaling.min is {least} and scaling.max is {most}; expected 0 ≤ min ≤ max.")
    elif count is not None and not least <= count <= most:
        found.append(f"desired_count is {count}, outside of scaling.min {least} and scaling.max {most}.")
    if scaling["queue"] and scaling["queue"]["messages_per_task"] <= 0:
        found.append(
            f"scaling.queue.messages_per_task is {scaling['queue']['messages_per_task']}; expected more than 0."
        )
    names = [item["name"] for item in scaling["schedules"]]
    for name in sorted({name for name in names if names.count(name) > 1}):
        found.append(f"scaling.schedules: {name} is there twice; AWS keeps one of each name.")
    for item in scaling["schedules"]:
        if not item["schedule"].startswith(("cron(", "rate(", "at(")):
            found.append(
                f"scaling.schedules: {item['name']} is at {item['schedule']!r}; expected cron(…), rate(…) or at(…)."
            )
        if not 0 <= item["min"] <= item["max"]:
            found.append(
                f"scaling.schedules: {item['name']} has min {item['min']} and max {item['max']}; "
                "expected 0 ≤ min ≤ max."
            )
    for name in ("cpu", "memory"):
        if scaling[name] is not None and not 0 < scaling[name] <= 100:
            found.append(f"scaling.{name} is {scaling[name]}; expected a percentage above 0, up to 100.")
    if scaling["requests"] is not None:
        if scaling["requests"] <= 0:
            found.append(f"scaling.requests is {scaling['requests']}; expected more than 0 requests per target.")
        if not scaling["load_balancer_arn"] or not params["load_balancers"]:
            found.append("scaling.requests needs scaling.load_balancer_arn and load_balancers, whose requests count.")
    return found


def resource_label(load_balancer_arn: str, target_group_arn: str) -> str:
    """How Application Auto Scaling names a target group behind a load balancer: the last parts of both ARNs."""
    if is_unknown([load_balancer_arn, target_group_arn]):
        return KNOWN_AFTER_APPLY
    balancer = load_balancer_arn.split(":loadbalancer/", 1)[-1]
    group = target_group_arn.rsplit(":", 1)[-1]
    return f"{balancer}/{group}"


def first_count(params: dict[str, Any]) -> int:
    """How many tasks a new service starts with."""
    if params["desired_count"] is not None:
        return params["desired_count"]
    return params["scaling"]["min"] if params["scaling"] else 1


def wanted_service(params: dict[str, Any], *, wait: bool) -> dict[str, Any]:
    """The attributes of the service that the user says something of."""
    wanted: dict[str, Any] = {
        "task_definition": params["task_definition"],
        "desired_count": first_count(params),
        "load_balancers": [balancer(item) for item in params["load_balancers"]],
        "service_registries": [registry(item) for item in params["service_registries"]],
        "deployment": deployment(params),
        "enable_execute_command": params["enable_execute_command"],
        "propagate_tags": params["propagate_tags"],
        "enable_ecs_managed_tags": params["enable_ecs_managed_tags"],
        "tags": layer_tags(params),
    }
    for name in ("health_check_grace_period", "availability_zone_rebalancing", "capacity_provider_strategy"):
        if params[name] is not None:
            wanted[name] = params[name]
    if params["placement_constraints"] is not None:
        wanted["placement_constraints"] = [placement_constraint(item) for item in params["placement_constraints"]]
    if params["placement_strategy"] is not None:
        wanted["placement_strategy"] = [placement_rule(item) for item in params["placement_strategy"]]
    if params["service_connect"]:
        wanted["service_connect"] = connect(params["service_connect"])
    if params["strategy"] == RECREATE:
        wanted["availability_zone_rebalancing"] = "DISABLED"
    if params["launch_type"]:
        wanted.update(launch_type=params["launch_type"], capacity_provider_strategy=[])
    if params["platform_version"]:
        version = params["platform_version"]
        wanted["platform_version"] = LATEST if version == LATEST_NOW else version
    if params["network"]:
        network = params["network"]
        wanted["network"] = {
            "subnets": sorted(network["subnets"]),
            "security_groups": sorted(network["security_groups"]),
            "assign_public_ip": network["assign_public_ip"],
        }
    if wait:
        wanted["rollout"] = "COMPLETED"
    return wanted


def _scaling_range(scaling: dict[str, Any]) -> tuple[int, int]:
    """The fewest and the most tasks that are nobody's mistake, whatever schedule is in force."""
    limits = [scaling, *_in_force(scaling)]
    return min(item["min"] for item in limits), max(item["max"] for item in limits)


def _in_force(scaling: dict[str, Any]) -> list[dict[str, Any]]:
    """The schedules that may set limits."""
    return [] if scaling["suspend_schedules"] else scaling["schedules"]


def _patience(params: dict[str, Any]) -> Patience:
    given = params["deployment"] or {}
    return Patience(**{name: given.get(name) or default for name, default in PATIENCE.items()})


def build(params: dict[str, Any], cloud: Cloud) -> Layer:
    region, absent = params["region"], params["state"] == "absent"
    scaling = None if absent else params["scaling"]
    service = Service(
        params["cluster"],
        params["name"],
        region,
        state=params["state"],
        purge_tags=params["purge_tags"],
        scaling_range=_scaling_range(scaling) if scaling else None,
        keeps_count=params["desired_count"] is None,
        force_new_deployment=params["force_new_deployment"],
        force_delete=params["force"],
        patience=_patience(params) if params["strategy"] == RECREATE and not absent else None,
        **({} if absent else wanted_service(params, wait=cloud.wait)),
    )

    def outputs(known: Known) -> dict[str, Any]:
        recreated = {"downtime_seconds": known.attribute(service, "downtime_seconds")} if service.patience else {}
        return {
            **recreated,
            "service_arn": known.attribute(service, "arn"),
            "service_name": service.service,
            "cluster": service.cluster,
            "task_definition": known.attribute(service, "task_definition"),
            "desired_count": known.attribute(service, "desired_count"),
            "running_count": known.attribute(service, "running_count"),
            "deployment_id": known.attribute(service, "deployment_id"),
        }

    return Layer([service, *_scaling(service, scaling, params)], outputs)


def _scaling(service: Service, scaling: dict[str, Any] | None, params: dict[str, Any]) -> list[Resource]:
    """The scalable target and a policy for each metric; what is not wanted is removed, policies first."""
    schedules, limits, in_force = [], {}, []
    if scaling:
        schedules, in_force = scaling["schedules"], _in_force(scaling)
        limits = {"min": scaling["min"], "max": scaling["max"], "suspended": scaling["suspend_schedules"]}
    target = ScalableTarget(
        service.name,
        service.region,
        needs=[service],
        state="present" if scaling else "absent",
        scheduled=frozenset((item["min"], item["max"]) for item in in_force),
        **limits,
    )
    planned = ScalingSchedules(
        service.name,
        service.region,
        needs=[target],
        state="present" if schedules else "absent",
        **({"schedules": schedules} if schedules else {}),
    )
    resources: list[Resource] = [target, planned]
    for metric in METRICS:
        wanted: dict[str, Any] = {}
        if scaling and scaling[metric] is not None:
            wanted = {name: scaling[name] for name in ("scale_in_cooldown", "scale_out_cooldown")}
            if metric == QUEUE:
                wanted.update(target=float(scaling[QUEUE]["messages_per_task"]), queue=scaling[QUEUE]["name"])
            else:
                wanted["target"] = float(scaling[metric])
            if metric == "requests":
                group = params["load_balancers"][0]["target_group_arn"]
                wanted["resource_label"] = resource_label(scaling["load_balancer_arn"], group)
        state = "present" if wanted else "absent"
        resources.append(ScalingPolicy(service, metric, service.region, needs=[target], state=state, **wanted))
    return resources


MODULE = LayerModule(
    arguments={
        "cluster": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "task_definition": {"type": "str"},
        "desired_count": {"type": "int"},
        "launch_type": {"type": "str", "choices": ["FARGATE", "EC2", "EXTERNAL"]},
        "capacity_provider_strategy": STRATEGY_ARGUMENT,
        "platform_version": {"type": "str"},
        "placement_constraints": {
            "type": "list",
            "elements": "dict",
            "options": {
                "type": {"type": "str", "choices": ["distinctInstance", "memberOf"], "required": True},
                "expression": {"type": "str"},
            },
        },
        "placement_strategy": {
            "type": "list",
            "elements": "dict",
            "options": {
                "type": {"type": "str", "choices": ["random", "spread", "binpack"], "required": True},
                "field": {"type": "str"},
            },
        },
        "network": {
            "type": "dict",
            "options": {
                "subnets": {"type": "list", "elements": "str", "required": True},
                "security_groups": {"type": "list", "elements": "str", "default": []},
                "assign_public_ip": {"type": "bool", "default": False},
            },
        },
        "load_balancers": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "target_group_arn": {"type": "str", "required": True},
                "container_name": {"type": "str", "required": True},
                "container_port": {"type": "int", "required": True},
                "shift": {
                    "type": "dict",
                    "options": {
                        "alternate_target_group_arn": {"type": "str", "required": True},
                        "production_listener_rule": {"type": "str", "required": True},
                        "test_listener_rule": {"type": "str"},
                        "role_arn": {"type": "str", "required": True},
                    },
                },
            },
        },
        "service_registries": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "registry_arn": {"type": "str", "required": True},
                "port": {"type": "int"},
                "container_name": {"type": "str"},
                "container_port": {"type": "int"},
            },
        },
        "service_connect": {
            "type": "dict",
            "options": {
                "enabled": {"type": "bool", "default": True},
                "namespace": {"type": "str"},
                "services": {
                    "type": "list",
                    "elements": "dict",
                    "default": [],
                    "options": {
                        "port_name": {"type": "str", "required": True},
                        "discovery_name": {"type": "str"},
                        "client_aliases": {
                            "type": "list",
                            "elements": "dict",
                            "default": [],
                            "options": {"port": {"type": "int", "required": True}, "dns_name": {"type": "str"}},
                        },
                        "ingress_port_override": {"type": "int"},
                    },
                },
            },
        },
        "health_check_grace_period": {"type": "int"},
        "strategy": {"type": "str", "choices": ["rolling", RECREATE, *SHIFTING], "default": "rolling"},
        "deployment": {
            "type": "dict",
            "options": {
                "minimum_healthy_percent": {"type": "int"},
                "maximum_percent": {"type": "int"},
                "healthy_within": {"type": "int"},
                "failed_tasks": {"type": "int"},
                "bake_minutes": {"type": "int"},
                "canary": {
                    "type": "dict",
                    "options": {
                        "percent": {"type": "float", "default": STEPS["canary"]["percent"]},
                        "bake_minutes": {"type": "int", "default": STEPS["canary"]["bake_minutes"]},
                    },
                },
                "linear": {
                    "type": "dict",
                    "options": {
                        "step_percent": {"type": "float", "default": STEPS["linear"]["step_percent"]},
                        "step_bake_minutes": {"type": "int", "default": STEPS["linear"]["step_bake_minutes"]},
                    },
                },
                "circuit_breaker": {
                    "type": "dict",
                    "options": {
                        "enable": {"type": "bool", "default": True},
                        "rollback": {"type": "bool", "default": True},
                    },
                },
                "alarms": {
                    "type": "dict",
                    "options": {
                        "names": {"type": "list", "elements": "str", "required": True},
                        "enable": {"type": "bool", "default": True},
                        "rollback": {"type": "bool", "default": True},
                    },
                },
            },
        },
        "availability_zone_rebalancing": {"type": "str", "choices": ["ENABLED", "DISABLED"]},
        "enable_execute_command": {"type": "bool", "default": False},
        "propagate_tags": {"type": "str", "choices": ["SERVICE", "TASK_DEFINITION", "NONE"], "default": "SERVICE"},
        "enable_ecs_managed_tags": {"type": "bool", "default": True},
        "force_new_deployment": {"type": "bool", "default": False},
        "scaling": {
            "type": "dict",
            "options": {
                "min": {"type": "int", "required": True},
                "max": {"type": "int", "required": True},
                "cpu": {"type": "float"},
                "memory": {"type": "float"},
                "requests": {"type": "float"},
                "load_balancer_arn": {"type": "str"},
                "queue": {
                    "type": "dict",
                    "options": {
                        "name": {"type": "str", "required": True},
                        "messages_per_task": {"type": "float", "required": True},
                    },
                },
                "schedules": {
                    "type": "list",
                    "elements": "dict",
                    "default": [],
                    "options": {
                        "name": {"type": "str", "required": True},
                        "schedule": {"type": "str", "required": True},
                        "timezone": {"type": "str", "default": "UTC"},
                        "min": {"type": "int", "required": True},
                        "max": {"type": "int", "required": True},
                    },
                },
                "suspend_schedules": {"type": "bool", "default": False},
                "scale_in_cooldown": {"type": "int", "default": 300},
                "scale_out_cooldown": {"type": "int", "default": 60},
            },
        },
        "force": {"type": "bool", "default": False},
    },
    services=("ecs", "application-autoscaling", "elbv2", "logs"),
    build=build,
    problems=problems,
)
