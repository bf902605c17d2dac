# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service and its scaling as resources, and what is returned of them."""

from __future__ import annotations

from typing import Any

from ...aws.names import resource_tags
from ...kernel import Cloud, Known
from ...kernel.run import Composition
from ...resources.service import Service
from ...resources.service_conversion import (
    LATEST,
    LATEST_NOW,
    balancer,
    connect,
    placement_constraint,
    placement_rule,
    registry,
)
from .deployment import RECREATE, deployment, patience
from .keeping import kept_balancers
from .scaling import scaling_range, scaling_resources


def first_count(params: dict[str, Any]) -> int:
    """How many tasks a new service starts with."""
    if params["desired_count"] is not None:
        return params["desired_count"]
    return params["scaling"]["min"] if params["scaling"] else 1


def wanted_service(params: dict[str, Any], *, wait: bool) -> dict[str, Any]:
    """The attributes of the service that the parameters set."""
    wanted: dict[str, Any] = {
        "task_definition": params["task_definition"],
        "desired_count": first_count(params),
        "load_balancers": [balancer(item) for item in params["load_balancers"]],
        "service_registries": [registry(item) for item in params["service_registries"]],
        "deployment": deployment(params),
        "enable_execute_command": params["enable_execute_command"],
        "propagate_tags": params["propagate_tags"],
        "enable_ecs_managed_tags": params["enable_ecs_managed_tags"],
        "tags": resource_tags(params),
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


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    region, absent = params["region"], params["state"] == "absent"
    kept = [] if absent else kept_balancers(params, cloud)
    params = {**params, "load_balancers": [*params["load_balancers"], *kept]}
    scaling = None if absent else params["scaling"]
    service = Service(
        params["cluster"],
        params["name"],
        region,
        state=params["state"],
        purge_tags=params["purge_tags"],
        scaling_range=scaling_range(scaling) if scaling else None,
        keeps_count=params["desired_count"] is None,
        force_new_deployment=params["force_new_deployment"],
        force_delete=params["force"],
        patience=patience(params) if params["strategy"] == RECREATE and not absent else None,
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
            "kept_target_groups": [item["target_group_arn"] for item in kept],
        }

    return Composition([service, *scaling_resources(service, scaling, params)], outputs)
