# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS demands before it creates, changes or deletes a service."""

from __future__ import annotations

import re
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecs.exceptions import EcsClientException, InvalidParameterException
from moto.elbv2.models import elbv2_backends

from localcloud.ecs.lifecycle_rules import check_hooks
from localcloud.ecs.services import DEPLOYMENT_DEFAULTS
from localcloud.ecs.shifting_rules import check_shifting
from localcloud.ecs.task_definition_rules import ports_of

LATEST_PLATFORM = "1.4.0"
"""What LATEST means on Fargate."""

Parameters = dict[str, Any]


def check_create(backend: Any, parameters: Parameters) -> None:
    """Refuse a CreateService that ECS refuses.

    Raises:
        InvalidParameterException, EcsClientException: with an equivalent message.
    """
    name = parameters.get("serviceName") or ""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name):
        raise InvalidParameterException(
            f"Invalid service name {name!r}: up to 255 letters, digits, hyphens and underscores are valid."
        )
    cluster = backend._get_cluster(parameters.get("cluster") or "default")
    existing = backend.services.get(f"{cluster.name}:{name}")
    if existing is not None and existing.status == "DRAINING":
        raise InvalidParameterException("Unable to Start a service that is still Draining.")
    if existing is not None and existing.status == "ACTIVE":
        raise InvalidParameterException("Creation of service was not idempotent.")
    definition = active_definition(backend, parameters.get("taskDefinition"))
    if parameters.get("launchType") and parameters.get("capacityProviderStrategy"):
        raise InvalidParameterException(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        )
    if parameters.get("desiredCount") is None and parameters.get("schedulingStrategy", "REPLICA") == "REPLICA":
        raise InvalidParameterException("The desiredCount is required for a REPLICA service.")
    check_deployment(parameters.get("deploymentConfiguration"))
    _check_launch(parameters, definition)
    check_network(backend, parameters, definition)
    for load_balancer in parameters.get("loadBalancers") or []:
        _check_load_balancer(backend, load_balancer, definition)
    check_shifting(backend, parameters.get("deploymentConfiguration"), parameters.get("loadBalancers"))
    check_hooks(backend, parameters.get("deploymentConfiguration"))
    grace = parameters.get("healthCheckGracePeriodSeconds")
    if grace is not None and not parameters.get("loadBalancers"):
        raise InvalidParameterException(
            "Health check grace period is only valid for services configured to use load balancers"
        )


def check_update(backend: Any, service: Any, parameters: Parameters) -> None:
    """Refuse an UpdateService that ECS refuses.

    Raises:
        InvalidParameterException, EcsClientException, ServiceNotActiveException: with an equivalent message.
    """
    check_deployment(parameters.get("deploymentConfiguration"))
    _check_strategy(service, parameters)
    definition = None
    if parameters.get("taskDefinition"):
        definition = active_definition(backend, parameters["taskDefinition"])
    if parameters.get("networkConfiguration"):
        _check_subnets(backend, parameters["networkConfiguration"])
    for load_balancer in parameters.get("loadBalancers") or []:
        definition = definition or active_definition(backend, service.task_definition)
        _check_load_balancer(backend, load_balancer, definition)
    configuration = {**service.deployment_configuration, **(parameters.get("deploymentConfiguration") or {})}
    check_shifting(backend, configuration, parameters.get("loadBalancers") or service.load_balancers)
    check_hooks(backend, configuration)


def _check_strategy(service: Any, parameters: Parameters) -> None:
    wanted = parameters.get("capacityProviderStrategy")
    if wanted is None or parameters.get("forceNewDeployment"):
        return
    if _strategy(wanted) != _strategy(getattr(service, "capacity_provider_strategy", None)):
        raise InvalidParameterException(
            "When switching from launch type to capacity provider strategy on an existing service, or making a change "
            "to a capacity provider strategy on a service that is already using one, you must force a new deployment."
        )


def _strategy(items: list[Parameters] | None) -> list[tuple[str, int, int]]:
    """Its items in one order, with what ECS fills in."""
    return sorted((item["capacityProvider"], item.get("weight", 0), item.get("base", 0)) for item in items or [])


def check_deployment(configuration: Parameters | None) -> None:
    """Refuse percentages between which a deployment could not move.

    Raises:
        InvalidParameterException: with an equivalent message.
    """
    merged = {**DEPLOYMENT_DEFAULTS, **(configuration or {})}
    low, high = merged["minimumHealthyPercent"], merged["maximumPercent"]
    if low < 0 or high < 1 or low > high or (low == 100 and high == 100):
        raise InvalidParameterException(
            f"Invalid deploymentConfiguration: minimumHealthyPercent {low} and maximumPercent {high} leave no way to "
            "replace a task. maximumPercent must be greater than minimumHealthyPercent, or the minimum below 100."
        )


def active_definition(backend: Any, name: str | None) -> Any:
    if not name:
        raise InvalidParameterException("The taskDefinition is required.")
    definition = backend.describe_task_definition(name)
    if definition.status != "ACTIVE":
        raise EcsClientException("TaskDefinition is inactive")
    return definition


def _check_launch(parameters: Parameters, definition: Any) -> None:
    if parameters.get("launchType") == "FARGATE":
        if "FARGATE" not in definition.compatibilities:
            raise InvalidParameterException(
                "Task definition does not support launch_type FARGATE: its compatibilities are "
                f"{', '.join(definition.compatibilities)}."
            )
        version = parameters.get("platformVersion") or "LATEST"
        uses_efs = any("efsVolumeConfiguration" in volume for volume in definition.volumes)
        if uses_efs and version not in ("LATEST", LATEST_PLATFORM):
            raise InvalidParameterException(
                f"EFS volumes need platform version {LATEST_PLATFORM} or later; the service asks for {version}."
            )


def check_network(backend: Any, parameters: Parameters, definition: Any) -> None:
    network = parameters.get("networkConfiguration")
    if definition.network_mode == "awsvpc":
        if not network:
            raise InvalidParameterException(
                "Network Configuration must be provided when networkMode 'awsvpc' is specified."
            )
        _check_subnets(backend, network)
    elif network:
        raise InvalidParameterException(
            f"Network Configuration is not valid for the given networkMode of this task definition: "
            f"{definition.network_mode}."
        )


def _check_subnets(backend: Any, network: Parameters) -> None:
    """One network for all tasks: subnets and groups that exist, of one VPC."""
    configuration = network.setdefault("awsvpcConfiguration", {})
    configuration.setdefault("assignPublicIp", "DISABLED")
    subnets, groups = configuration.get("subnets") or [], configuration.setdefault("securityGroups", [])
    if not 1 <= len(subnets) <= 16 or len(groups) > 5:
        raise InvalidParameterException("A network has 1 to 16 subnets and at most 5 security groups.")
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    known_subnets = {subnet.id: subnet.vpc_id for zone in ec2.subnets.values() for subnet in zone.values()}
    known_groups = {group.id: group.vpc_id for vpc in ec2.groups.values() for group in vpc.values()}
    for what, wanted, known in (("subnet", subnets, known_subnets), ("security group", groups, known_groups)):
        missing = [name for name in wanted if name not in known]
        if missing:
            raise InvalidParameterException(
                f"Error retrieving {what} information for [{', '.join(missing)}]: the {what} does not exist in "
                f"{backend.region_name}"
            )
    vpcs = {known_subnets[name] for name in subnets} | {known_groups[name] for name in groups}
    if len(vpcs) > 1:
        raise InvalidParameterException(
            f"Subnets and security groups must be in one VPC; these are in {', '.join(sorted(vpcs))}."
        )


def _check_load_balancer(backend: Any, wanted: Parameters, definition: Any) -> None:
    arn = wanted.get("targetGroupArn")
    if not arn:
        raise InvalidParameterException("targetGroupArn cannot be empty.")
    elb = elbv2_backends[backend.account_id][backend.region_name]
    group = elb.target_groups.get(arn)
    if group is None:
        raise InvalidParameterException(f"Unable to describe target group: {arn} does not exist.")
    if not group.load_balancer_arns:
        raise InvalidParameterException(
            f"The target group with targetGroupArn {arn} does not have an associated load balancer."
        )
    if definition.network_mode == "awsvpc" and group.target_type != "ip":
        raise InvalidParameterException(
            f"The provided target group {arn} has target type {group.target_type}, which is incompatible with the "
            "awsvpc network mode specified in the task definition: use ip."
        )
    container = next((c for c in definition.container_definitions if c["name"] == wanted.get("containerName")), None)
    if container is None:
        raise InvalidParameterException(
            f"The container {wanted.get('containerName')} does not exist in the task definition."
        )
    ports = ports_of(container)
    if wanted.get("containerPort") not in ports:
        raise InvalidParameterException(
            f"The container {container['name']} did not have a container port {wanted.get('containerPort')} defined; "
            f"it has {ports}."
        )
