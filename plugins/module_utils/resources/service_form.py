# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service in our words and in those of the ECS API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import rollout
from ..kernel import Attributes
from ..names import from_tag_list
from ..recreate import MEMORY_TAG
from .cluster import strategy_from_aws, strategy_to_aws

LATEST = "LATEST"
LATEST_NOW = "1.4.0"
"""What LATEST stands for on Linux; AWS answers with either."""


def _network_to_aws(network: dict[str, Any]) -> dict[str, Any]:
    return {
        "awsvpcConfiguration": {
            "subnets": network["subnets"],
            "securityGroups": network["security_groups"],
            "assignPublicIp": "ENABLED" if network["assign_public_ip"] else "DISABLED",
        }
    }


def _network_from_aws(configuration: dict[str, Any] | None) -> dict[str, Any] | None:
    inner = (configuration or {}).get("awsvpcConfiguration")
    if not inner:
        return None
    return {
        "subnets": sorted(inner.get("subnets") or []),
        "security_groups": sorted(inner.get("securityGroups") or []),
        "assign_public_ip": inner.get("assignPublicIp") == "ENABLED",
    }


def groups_apart(network: dict[str, Any] | None) -> dict[str, Any]:
    return {**(network or {}), "security_groups": []}


def _balancers_to_aws(balancers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "targetGroupArn": item["target_group_arn"],
            "containerName": item["container_name"],
            "containerPort": item["container_port"],
        }
        for item in balancers
    ]


def _deployment_to_aws(deployment: dict[str, Any]) -> dict[str, Any]:
    alarms = deployment["alarms"] or {"names": [], "enable": False, "rollback": False}
    return {
        "minimumHealthyPercent": deployment["minimum_healthy_percent"],
        "maximumPercent": deployment["maximum_percent"],
        "deploymentCircuitBreaker": dict(deployment["circuit_breaker"]),
        "alarms": {"alarmNames": alarms["names"], "enable": alarms["enable"], "rollback": alarms["rollback"]},
    }


def _deployment_from_aws(configuration: dict[str, Any] | None) -> dict[str, Any]:
    configuration = configuration or {}
    breaker = configuration.get("deploymentCircuitBreaker") or {}
    alarms = configuration.get("alarms") or {}
    return {
        "minimum_healthy_percent": configuration.get("minimumHealthyPercent", 100),
        "maximum_percent": configuration.get("maximumPercent", 200),
        "circuit_breaker": {"enable": breaker.get("enable", False), "rollback": breaker.get("rollback", False)},
        "alarms": {
            "names": sorted(alarms["alarmNames"]),
            "enable": alarms.get("enable", False),
            "rollback": alarms.get("rollback", False),
        }
        if alarms.get("alarmNames")
        else None,
    }


TO_AWS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "task_definition": ("taskDefinition", str),
    "desired_count": ("desiredCount", int),
    "capacity_provider_strategy": ("capacityProviderStrategy", strategy_to_aws),
    "platform_version": ("platformVersion", str),
    "network": ("networkConfiguration", _network_to_aws),
    "load_balancers": ("loadBalancers", _balancers_to_aws),
    "health_check_grace_period": ("healthCheckGracePeriodSeconds", int),
    "deployment": ("deploymentConfiguration", _deployment_to_aws),
    "availability_zone_rebalancing": ("availabilityZoneRebalancing", str),
    "enable_execute_command": ("enableExecuteCommand", bool),
    "propagate_tags": ("propagateTags", str),
    "enable_ecs_managed_tags": ("enableECSManagedTags", bool),
}
"""Attributes, and the parameter that `CreateService` and `UpdateService` both have for each."""


def attributes(service: dict[str, Any]) -> Attributes:
    """A service as `DescribeServices` tells it, in the words of `wanted`."""
    strategy = strategy_from_aws(service.get("capacityProviderStrategy"))
    deployment = rollout.primary(service)
    version = service.get("platformVersion")
    tags = from_tag_list(service.get("tags"), "key", "value")
    return {
        "arn": service["serviceArn"],
        "status": service["status"],
        "task_definition": service.get("taskDefinition"),
        "desired_count": service.get("desiredCount", 0),
        "running_count": service.get("runningCount", 0),
        "scheduling_strategy": service.get("schedulingStrategy", "REPLICA"),
        "launch_type": None if strategy else service.get("launchType"),
        "capacity_provider_strategy": strategy,
        "platform_version": LATEST if version == LATEST_NOW else version,
        "network": _network_from_aws(service.get("networkConfiguration")),
        "load_balancers": [
            {
                "target_group_arn": item.get("targetGroupArn"),
                "container_name": item.get("containerName"),
                "container_port": item.get("containerPort"),
            }
            for item in service.get("loadBalancers") or []
        ],
        "health_check_grace_period": service.get("healthCheckGracePeriodSeconds", 0),
        "deployment": _deployment_from_aws(service.get("deploymentConfiguration")),
        "availability_zone_rebalancing": service.get("availabilityZoneRebalancing", "DISABLED"),
        "enable_execute_command": service.get("enableExecuteCommand", False),
        "propagate_tags": service.get("propagateTags") or "NONE",
        "enable_ecs_managed_tags": service.get("enableECSManagedTags", False),
        "tags": {key: value for key, value in tags.items() if key != MEMORY_TAG},
        "recreate": tags.get(MEMORY_TAG),
        "downtime_seconds": 0.0,
        "deployment_id": deployment.get("id"),
        "rollout": _rollout(service, deployment),
    }


def _rollout(service: dict[str, Any], deployment: dict[str, Any]) -> str:
    state = deployment.get("rolloutState", "COMPLETED")
    return "IN_PROGRESS" if state == "COMPLETED" and len(service.get("deployments") or []) > 1 else state
