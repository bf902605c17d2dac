# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a service that moto's services do not keep, and what ECS fills in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.ecs.exceptions import InvalidParameterException

SETTINGS: dict[str, tuple[str, Any]] = {
    "capacityProviderStrategy": ("capacity_provider_strategy", None),
    "healthCheckGracePeriodSeconds": ("health_check_grace_period_seconds", None),
    "placementConstraints": ("placement_constraints", []),
    "placementStrategy": ("placement_strategy", []),
    "enableECSManagedTags": ("enable_ecs_managed_tags", False),
    "enableExecuteCommand": ("enable_execute_command", False),
    "availabilityZoneRebalancing": ("availability_zone_rebalancing", "ENABLED"),
    "serviceConnectConfiguration": ("service_connect_configuration", None),
    "volumeConfigurations": ("volume_configurations", None),
    "vpcLatticeConfigurations": ("vpc_lattice_configurations", None),
}
"""CreateService's parameters that moto drops → the attribute DescribeServices takes them from, and AWS's default."""

DEPLOYMENT_DEFAULTS: dict[str, Any] = {
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
}


def made_with_token(backend: Any, parameters: dict[str, Any]) -> Any:
    """The service that an earlier CreateService with this client token made; None without a token or such a service.

    Raises:
        InvalidParameterException: the other parameters differ from the earlier ones.
    """
    if not parameters.get("clientToken"):
        return None
    for service in backend.services.values():
        asked = getattr(service, "created_with", {})
        if service.status == "ACTIVE" and asked.get("clientToken") == parameters["clientToken"]:
            if asked != parameters:
                raise InvalidParameterException("Creation of service was not idempotent.")
            return service
    return None


def keep_settings(service: Any, parameters: dict[str, Any], creating: bool) -> None:
    """Put on a service what DescribeServices says of it and moto drops."""
    for name, (attribute, default) in SETTINGS.items():
        if parameters.get(name) is not None:
            setattr(service, attribute, parameters[name])
        elif creating:
            setattr(service, attribute, default)
    deployment = parameters.get("deploymentConfiguration")
    if creating or deployment is not None:
        before = DEPLOYMENT_DEFAULTS if creating else service.deployment_configuration
        service.deployment_configuration = {**before, **(deployment or {})}
    if not creating:
        return
    if service.deployments:  # ECS tells it of the deployment
        service.deployments[0]["serviceConnectConfiguration"] = service.service_connect_configuration
    service.created_at = datetime.now(UTC)
    service.created_by = f"arn:aws:iam::{service._account_id}:root"
    if parameters.get("loadBalancers") and service.health_check_grace_period_seconds is None:
        service.health_check_grace_period_seconds = 0
    if service.capacity_provider_strategy:
        service.launch_type = None
    if service.launch_type == "FARGATE" or service.capacity_provider_strategy:
        service.platform_version = service.platform_version or "LATEST"
        service.platform_family = "Linux"
    if not service.role_arn:
        service.role_arn = service_linked_role(service._account_id)


def service_linked_role(account_id: str) -> str:
    """The role ECS makes for itself at the first service of an account, and never removes."""
    return f"arn:aws:iam::{account_id}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
