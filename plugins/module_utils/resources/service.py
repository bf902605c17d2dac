# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ECS service. Creating or updating one ends when its deployment is finished."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Any, ClassVar

from .. import rollout
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from ..kernel.cloud import ClientError
from ..names import from_tag_list, tag_changes, to_tag_list
from .cluster import strategy_from_aws, strategy_to_aws

DESCRIBE_AT_ONCE = 10
ASSUMABLE_WITHIN_SECONDS = 60
LATEST = "LATEST"
LATEST_NOW = "1.4.0"
"""What LATEST stands for on Linux; AWS answers with either."""

GONE = ("ServiceNotFoundException", "ServiceNotActiveException", "ClusterNotFoundException")


class Service(Resource):
    """A service; `name` is `cluster/service`.

    Wanted: `task_definition`, `desired_count`, `load_balancers`, `deployment`, `enable_execute_command`,
    `propagate_tags`, `enable_ecs_managed_tags`, `tags`; and, if the user says something of them, `network`,
    `launch_type`, `capacity_provider_strategy`, `platform_version`, `health_check_grace_period`,
    `availability_zone_rebalancing`, `rollout` ("COMPLETED": whoever waits wants an interrupted deployment finished).

    `desired_count` is what a new service starts with. That of an existing one is left alone if `keeps_count`, or as
    long as it lies within `scaling_range` (minimum, maximum), because then it is scaled automatically.
    Gives `arn`, `desired_count`, `running_count`, `deployment_id`.
    """

    kind = "ecs_service"
    unordered: ClassVar[frozenset[str]] = frozenset({"load_balancers", "capacity_provider_strategy"})
    fixed: ClassVar[frozenset[str]] = frozenset({"launch_type"})
    deploying: ClassVar[frozenset[str]] = frozenset(
        {"task_definition", "network", "load_balancers", "platform_version", "force_new_deployment"}
    )
    """What makes ECS start a new deployment. `UpdateService` says so of each parameter."""

    def __init__(
        self,
        cluster: str,
        service: str,
        region: str,
        *,
        scaling_range: tuple[int, int] | None = None,
        keeps_count: bool = False,
        force_new_deployment: bool = False,
        force_delete: bool = False,
        **wanted: Any,
    ) -> None:
        super().__init__(f"{rollout.revision(cluster)}/{service}", region, **wanted)
        self.cluster = cluster
        self.service = service
        self.scaling_range = scaling_range
        self.keeps_count = keeps_count
        self.force_new_deployment = force_new_deployment
        self.force_delete = force_delete

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        found = super().differences(actual, wanted)
        if rollout.revision(actual["task_definition"]) == rollout.revision(wanted["task_definition"]):
            found.pop("task_definition", None)
        network = wanted.get("network")
        # Without security groups AWS takes the VPC's default one, whatever that is.
        if network and not network["security_groups"] and _groups_apart(actual["network"]) == network:
            found.pop("network", None)
        if actual["capacity_provider_strategy"]:  # then AWS tells no launch type, and an empty strategy restores it
            found.pop("launch_type", None)
        if self.keeps_count or self.scaling_range:
            found.pop("desired_count", None)
        if self.scaling_range:
            least, most = self.scaling_range
            now = actual["desired_count"]
            if not least <= now <= most:
                found["desired_count"] = (now, min(max(now, least), most))
        if self.force_new_deployment and not found.keys() & self.deploying:
            found["force_new_deployment"] = (False, True)
        return found

    def renewed_by(self, differences: dict[str, Difference]) -> frozenset[str]:
        """The tasks that run are counted when all is done; a new deployment has a new id."""
        renewed = {"running_count"}
        if differences.keys() & self.deploying or differences.get("rollout", ("",))[0] == "FAILED":
            renewed.add("deployment_id")
        return frozenset(renewed)

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Service], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("ecs", region)
        clusters: dict[str, dict[str, Service]] = defaultdict(dict)
        for resource in resources:
            clusters[resource.cluster][resource.service] = resource
        actual = {}
        for cluster, services in clusters.items():
            names = sorted(services)
            for start in range(0, len(names), DESCRIBE_AT_ONCE):
                asked = names[start : start + DESCRIBE_AT_ONCE]
                with absent_is_none("ClusterNotFoundException"):
                    answer = client.describe_services(cluster=cluster, services=asked, include=["TAGS"])
                    for service in answer["services"]:
                        resource = services[service["serviceName"]]
                        if resource._counts(cloud, service):
                            actual[resource.name] = attributes(service)
        return actual

    def _counts(self, cloud: Cloud, service: dict[str, Any]) -> bool:
        """A DRAINING service is on its way out: no more to whoever wants one, not yet gone to whoever wants none."""
        if service["status"] == "DRAINING":
            return self.state == "absent" and cloud.wait
        return service["status"] == "ACTIVE"

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        self._wait_until_drained(cloud)
        client = cloud.client("ecs", self.region)
        arguments = self._arguments(wanted, set(wanted))
        arguments["serviceName"] = self.service
        if "launch_type" in wanted:
            arguments["launchType"] = wanted["launch_type"]
            arguments.pop("capacityProviderStrategy", None)
        # The token makes a create whose answer was lost be found again when it is retried, not made twice.
        answer = _until_assumable(
            cloud,
            lambda: client.create_service(
                **arguments,
                clientToken=uuid.uuid4().hex,
                schedulingStrategy="REPLICA",
                tags=to_tag_list(wanted["tags"], "key", "value"),
            ),
        )
        return self._finished(cloud, answer["service"], wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("ecs", self.region)
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            if to_remove:
                client.untag_resource(resourceArn=actual["arn"], tagKeys=to_remove)
            if to_set:
                client.tag_resource(resourceArn=actual["arn"], tags=to_tag_list(to_set, "key", "value"))
        changed = {**wanted, **{key: after for key, (_before, after) in differences.items()}}
        arguments = self._arguments(changed, set(differences))
        if "force_new_deployment" in differences or actual["rollout"] == "FAILED":
            arguments["forceNewDeployment"] = True
        if len(arguments) == 1 and "rollout" not in differences:
            return {**actual, **wanted}
        if len(arguments) > 1:
            service = _until_assumable(cloud, lambda: client.update_service(service=self.service, **arguments))[
                "service"
            ]
        else:
            service = rollout.describe(cloud, self.region, self.cluster, self.service) or {}
        return self._finished(cloud, service, wanted)

    def _arguments(self, wanted: Attributes, names: set[str]) -> dict[str, Any]:
        """The parameters of `CreateService` or `UpdateService` for the attributes called `names`."""
        arguments: dict[str, Any] = {"cluster": self.cluster}
        for name in sorted(names & _TO_AWS.keys()):
            parameter, convert = _TO_AWS[name]
            arguments[parameter] = convert(wanted[name])
        return arguments

    def _finished(self, cloud: Cloud, service: dict[str, Any], wanted: Attributes) -> Attributes:
        if cloud.wait:
            service = rollout.wait_until_finished(
                cloud,
                self.region,
                self.cluster,
                self.service,
                rollout.primary(service).get("id", ""),
                wanted["task_definition"],
            )
        return {**attributes(service), "tags": wanted["tags"]}

    def _wait_until_drained(self, cloud: Cloud) -> None:
        """AWS makes no service while one of the same name is DRAINING."""

        def drained() -> bool:
            service = rollout.describe(cloud, self.region, self.cluster, self.service)
            return service is None or service["status"] != "DRAINING"

        cloud.wait_until(f"the former service {self.name} in {self.region} to stop DRAINING", drained)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("ecs", self.region)
        daemon = actual["scheduling_strategy"] == "DAEMON"  # has no desired count to set to 0
        with absent_is_none(*GONE):
            if actual["status"] == "ACTIVE":
                if actual["desired_count"] and not self.force_delete and not daemon:
                    client.update_service(cluster=self.cluster, service=self.service, desiredCount=0)
                client.delete_service(cluster=self.cluster, service=self.service, force=self.force_delete or daemon)
        if cloud.wait:

            def gone() -> bool:
                service = rollout.describe(cloud, self.region, self.cluster, self.service)
                return service is None or service["status"] == "INACTIVE"

            cloud.wait_until(f"service {self.name} in {self.region} to be INACTIVE", gone)


def _until_assumable(cloud: Cloud, call: Callable[[], Any]) -> Any:
    """A new IAM role cannot be assumed for some seconds; that refusal, and no other, is retried."""
    deadline = time.monotonic() + ASSUMABLE_WITHIN_SECONDS

    def attempt() -> Any:
        try:
            return call()
        except ClientError as error:
            if "unable to assume" not in str(error).lower() or time.monotonic() >= deadline:
                raise
            return None

    return cloud.wait_until("the roles to be assumable", attempt, timeout=ASSUMABLE_WITHIN_SECONDS * 2)


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


def _groups_apart(network: dict[str, Any] | None) -> dict[str, Any]:
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


_TO_AWS: dict[str, tuple[str, Callable[[Any], Any]]] = {
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
        "tags": from_tag_list(service.get("tags"), "key", "value"),
        "deployment_id": deployment.get("id"),
        "rollout": _rollout(service, deployment),
    }


def _rollout(service: dict[str, Any], deployment: dict[str, Any]) -> str:
    state = deployment.get("rolloutState", "COMPLETED")
    return "IN_PROGRESS" if state == "COMPLETED" and len(service.get("deployments") or []) > 1 else state
