# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns a service in the words of the module into one in those of the ECS API, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..aws.names import from_tag_list
from ..deployments import rollout
from ..deployments.recreate import MEMORY_TAG, former_in
from ..kernel import Attributes
from .cluster import strategy_from_aws, strategy_to_aws
from .deployment_configuration import deployment_from_aws, deployment_to_aws

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


_BALANCER = {"target_group_arn": "targetGroupArn", "container_name": "containerName", "container_port": "containerPort"}
_SHIFT = {
    "alternate_target_group_arn": "alternateTargetGroupArn",
    "production_listener_rule": "productionListenerRule",
    "test_listener_rule": "testListenerRule",
    "role_arn": "roleArn",
}
_REGISTRY = {
    "registry_arn": "registryArn",
    "port": "port",
    "container_name": "containerName",
    "container_port": "containerPort",
}
_ALIAS = {"port": "port", "dns_name": "dnsName"}
_CONNECTED = {
    "port_name": "portName",
    "discovery_name": "discoveryName",
    "ingress_port_override": "ingressPortOverride",
}


def _said(item: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What an item says, under other names; what it leaves out stays out."""
    return {other: item[name] for name, other in names.items() if item.get(name) is not None}


def _turned(names: dict[str, str]) -> dict[str, str]:
    return {other: name for name, other in names.items()}


def balancer(item: dict[str, Any]) -> dict[str, Any]:
    """A load balancer as the user gives it, without what is left out."""
    shift = _said(item.get("shift") or {}, dict(zip(_SHIFT, _SHIFT, strict=True)))
    plain = {name: item.get(name) for name in _BALANCER}
    return {**plain, "shift": shift} if shift else plain


def _balancers_to_aws(balancers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    told = []
    for item in balancers:
        told.append({other: item[name] for name, other in _BALANCER.items()})
        if item.get("shift"):
            told[-1]["advancedConfiguration"] = _said(item["shift"], _SHIFT)
    return told


def _balancer_from_aws(item: dict[str, Any]) -> dict[str, Any]:
    return balancer(
        {
            **{name: item.get(other) for name, other in _BALANCER.items()},
            "shift": _said(item.get("advancedConfiguration") or {}, _turned(_SHIFT)),
        }
    )


def registry(item: dict[str, Any]) -> dict[str, Any]:
    """A registry of service discovery as the user gives it, without what is left out."""
    return {name: item[name] for name in _REGISTRY if item.get(name) is not None}


def connect(given: dict[str, Any]) -> dict[str, Any]:
    """Service Connect as the user gives it, without what is left out, and in one order."""
    if not given["enabled"]:
        return {"enabled": False}
    services = [
        {
            **{name: item[name] for name in _CONNECTED if item.get(name) is not None},
            "client_aliases": sorted(
                (
                    {name: a[name] for name in _ALIAS if a.get(name) is not None}
                    for a in item.get("client_aliases") or []
                ),
                key=repr,
            ),
        }
        for item in given.get("services") or []
    ]
    said = {"enabled": True, "services": sorted(services, key=lambda item: item["port_name"])}
    return {**said, "namespace": given["namespace"]} if given.get("namespace") else said


def placement_constraint(item: dict[str, Any]) -> dict[str, Any]:
    """A placement constraint, without what is left out."""
    return {name: item[name] for name in ("type", "expression") if item.get(name)}


def placement_rule(item: dict[str, Any]) -> dict[str, Any]:
    """A rule of a placement strategy in one spelling: AWS may answer CPU for cpu, and instanceId for host."""
    rule = {name: item[name] for name in ("type", "field") if item.get(name)}
    field = rule.get("field", "").lower()
    if rule["type"] == "binpack":
        return {**rule, "field": field}
    return {**rule, "field": "instanceId"} if field in ("host", "instanceid") else rule


def _connect_to_aws(wanted: dict[str, Any]) -> dict[str, Any]:
    if not wanted["enabled"]:
        return {"enabled": False}
    services = [
        {**_said(item, _CONNECTED), "clientAliases": [_said(alias, _ALIAS) for alias in item["client_aliases"]]}
        for item in wanted["services"]
    ]
    told = {"enabled": True, "services": services}
    return {**told, "namespace": wanted["namespace"]} if wanted.get("namespace") else told


def _connect_from_aws(told: dict[str, Any] | None) -> dict[str, Any]:
    told = told or {}
    services = [
        {
            **_said(item, _turned(_CONNECTED)),
            "client_aliases": [_said(alias, _turned(_ALIAS)) for alias in item.get("clientAliases") or []],
        }
        for item in told.get("services") or []
    ]
    return connect({"enabled": told.get("enabled", False), "namespace": told.get("namespace"), "services": services})


TO_AWS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "task_definition": ("taskDefinition", str),
    "desired_count": ("desiredCount", int),
    "capacity_provider_strategy": ("capacityProviderStrategy", strategy_to_aws),
    "platform_version": ("platformVersion", str),
    "network": ("networkConfiguration", _network_to_aws),
    "placement_constraints": ("placementConstraints", list),
    "placement_strategy": ("placementStrategy", list),
    "load_balancers": ("loadBalancers", _balancers_to_aws),
    "service_registries": ("serviceRegistries", lambda items: [_said(item, _REGISTRY) for item in items]),
    "service_connect": ("serviceConnectConfiguration", _connect_to_aws),
    "health_check_grace_period": ("healthCheckGracePeriodSeconds", int),
    "deployment": ("deploymentConfiguration", deployment_to_aws),
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
        "placement_constraints": [placement_constraint(item) for item in service.get("placementConstraints") or []],
        "placement_strategy": [placement_rule(item) for item in service.get("placementStrategy") or []],
        "load_balancers": [_balancer_from_aws(item) for item in service.get("loadBalancers") or []],
        "service_registries": [_said(item, _turned(_REGISTRY)) for item in service.get("serviceRegistries") or []],
        # Told of each deployment only.
        "service_connect": _connect_from_aws(deployment.get("serviceConnectConfiguration")),
        "health_check_grace_period": service.get("healthCheckGracePeriodSeconds", 0),
        "deployment": deployment_from_aws(service.get("deploymentConfiguration")),
        "availability_zone_rebalancing": service.get("availabilityZoneRebalancing", "DISABLED"),
        "enable_execute_command": service.get("enableExecuteCommand", False),
        "propagate_tags": service.get("propagateTags") or "NONE",
        "enable_ecs_managed_tags": service.get("enableECSManagedTags", False),
        "tags": {key: value for key, value in tags.items() if not f"{key}.".startswith(f"{MEMORY_TAG}.")},
        "recreate": tags.get(MEMORY_TAG),
        "recreate_former": former_in(tags),
        "downtime_seconds": 0.0,
        "deployment_id": deployment.get("id"),
        "rollout": _rollout(service, deployment),
    }


def _rollout(service: dict[str, Any], deployment: dict[str, Any]) -> str:
    state = deployment.get("rolloutState", "COMPLETED")
    return "IN_PROGRESS" if state == "COMPLETED" and len(service.get("deployments") or []) > 1 else state
