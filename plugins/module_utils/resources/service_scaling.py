# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Automatic scaling of an ECS service: its scalable target, the target-tracking policies on it, and its schedules."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import shortened
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from .assuming import until_assumable
from .service import Service
from .table_scaling import POLICY_NAME_LENGTH

SERVICE = "application-autoscaling"
NAMESPACE = "ecs"
DIMENSION = "ecs:service:DesiredCount"
GONE = "ObjectNotFoundException"

QUEUE = "queue"
PREDEFINED = {
    "cpu": "ECSServiceAverageCPUUtilization",
    "memory": "ECSServiceAverageMemoryUtilization",
    "requests": "ALBRequestCountPerTarget",
}
METRICS = (*PREDEFINED, QUEUE)
"""The metrics that can be kept. Application Auto Scaling has a name for each but the depth of a queue per task."""


class ScalableTarget(Resource):
    """Wanted: `min` and `max`, numbers of tasks, and `suspended`: whether schedules are kept from setting others.

    `name` is `cluster/service`. Gives `resource_id`. `scheduled` are the limits, as (min, max), that a schedule may
    have set since.
    """

    kind = "scalable_target"
    shown_late: ClassVar[bool | None] = True
    owned: ClassVar[bool] = False

    def __init__(self, *names: Any, scheduled: frozenset[tuple[int, int]] = frozenset(), **wanted: Any) -> None:
        super().__init__(*names, **wanted)
        self.scheduled = scheduled

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        found = super().differences(actual, wanted)
        if (actual["min"], actual["max"]) in self.scheduled and not actual["suspended"]:
            found.pop("min", None)
            found.pop("max", None)
        return found

    @property
    def resource_id(self) -> str:
        return f"service/{self.name}"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[ScalableTarget], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        names = {resource.resource_id: resource.name for resource in resources}
        targets = cloud.paginate(
            SERVICE,
            "describe_scalable_targets",
            region,
            ServiceNamespace=NAMESPACE,
            ResourceIds=sorted(names),
            ScalableDimension=DIMENSION,
        )
        return {
            names[target["ResourceId"]]: {
                "resource_id": target["ResourceId"],
                "min": target["MinCapacity"],
                "max": target["MaxCapacity"],
                "suspended": schedules_suspended(target),
                "suspended_state": target.get("SuspendedState") or {},
            }
            for target in targets
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client(SERVICE, self.region)
        # The first target of an account makes the service-linked role, and cannot assume it at once.
        until_assumable(
            cloud,
            lambda: client.register_scalable_target(
                ServiceNamespace=NAMESPACE,
                ResourceId=self.resource_id,
                ScalableDimension=DIMENSION,
                MinCapacity=wanted["min"],
                MaxCapacity=wanted["max"],
                # The other members are somebody's who suspended what the metrics do.
                SuspendedState={**wanted.get("suspended_state", {}), "ScheduledScalingSuspended": wanted["suspended"]},
            ),
        )
        return {**wanted, "resource_id": self.resource_id}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, {**actual, **{name: after for name, (_before, after) in differences.items()}})

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(GONE):
            cloud.client(SERVICE, self.region).deregister_scalable_target(
                ServiceNamespace=NAMESPACE, ResourceId=self.resource_id, ScalableDimension=DIMENSION
            )


def schedules_suspended(target: dict[str, Any]) -> bool:
    """Whether the schedules of a target, as `DescribeScalableTargets` tells it, set nothing for now."""
    return bool((target.get("SuspendedState") or {}).get("ScheduledScalingSuspended"))


class ScalingPolicy(Resource):
    """Wanted: `target` (what to keep the metric at), `scale_in_cooldown`, `scale_out_cooldown` (seconds).

    Of requests also `resource_label`, the load balancer and target group whose requests count; of a queue also `queue`,
    its name, with `target` the messages that wait per running task. `name` is `cluster/service/metric`.
    """

    kind = "scaling_policy"
    owned: ClassVar[bool] = False
    find_after: ClassVar[tuple[type[Resource], ...]] = (ScalableTarget,)

    def __init__(self, service: Service, metric: str, region: str, **wanted: Any) -> None:
        super().__init__(f"{service.name}/{metric}", region, **wanted)
        self.metric = metric
        self.scaled = service.name

    @property
    def policy_name(self) -> str:
        return shortened(self.scaled.replace("/", "-"), POLICY_NAME_LENGTH, f"-{self.metric}")

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[ScalingPolicy], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        """A service without a scalable target has no policies, and need not be asked about."""
        by_name = {resource.policy_name: resource for resource in resources}
        scaled = {r.scaled for r in resources if f"{region}/{ScalableTarget.kind}/{r.scaled}" in found}
        actual = {}
        for name in sorted(scaled):
            policies = cloud.paginate(
                SERVICE,
                "describe_scaling_policies",
                region,
                ServiceNamespace=NAMESPACE,
                ResourceId=f"service/{name}",
                ScalableDimension=DIMENSION,
            )
            for policy in policies:
                resource = by_name.get(policy["PolicyName"])
                if resource is not None and resource.scaled == name:
                    actual[resource.name] = _policy(policy.get("TargetTrackingScalingPolicyConfiguration") or {})
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        if self.metric == QUEUE:
            measured = {"CustomizedMetricSpecification": {"Metrics": _messages_per_task(wanted["queue"], self.scaled)}}
        else:
            metric = {"PredefinedMetricType": PREDEFINED[self.metric]}
            if wanted.get("resource_label"):
                metric["ResourceLabel"] = wanted["resource_label"]
            measured = {"PredefinedMetricSpecification": metric}
        cloud.client(SERVICE, self.region).put_scaling_policy(
            PolicyName=self.policy_name,
            ServiceNamespace=NAMESPACE,
            ResourceId=f"service/{self.scaled}",
            ScalableDimension=DIMENSION,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": wanted["target"],
                **measured,
                "ScaleInCooldown": wanted["scale_in_cooldown"],
                "ScaleOutCooldown": wanted["scale_out_cooldown"],
            },
        )
        return dict(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(GONE):
            cloud.client(SERVICE, self.region).delete_scaling_policy(
                PolicyName=self.policy_name,
                ServiceNamespace=NAMESPACE,
                ResourceId=f"service/{self.scaled}",
                ScalableDimension=DIMENSION,
            )


def _policy(configuration: dict[str, Any]) -> Attributes:
    actual = {
        "target": configuration.get("TargetValue"),
        "scale_in_cooldown": configuration.get("ScaleInCooldown", 0),
        "scale_out_cooldown": configuration.get("ScaleOutCooldown", 0),
    }
    for query in (configuration.get("CustomizedMetricSpecification") or {}).get("Metrics") or []:
        stat = (query.get("MetricStat") or {}).get("Metric") or {}
        names = {item["Name"]: item["Value"] for item in stat.get("Dimensions") or []}
        if "QueueName" in names:
            actual[QUEUE] = names["QueueName"]
    label = (configuration.get("PredefinedMetricSpecification") or {}).get("ResourceLabel")
    return {**actual, "resource_label": label} if label else actual


def _messages_per_task(queue: str, scaled: str) -> list[dict[str, Any]]:
    """Metric math for the messages that wait, divided by the tasks that run (which Container Insights counts)."""
    cluster, service = scaled.split("/", 1)

    def stat(namespace: str, name: str, statistic: str, **dimensions: str) -> dict[str, Any]:
        told = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        metric = {"Namespace": namespace, "MetricName": name, "Dimensions": told}
        return {"Metric": metric, "Stat": statistic}

    waiting = stat("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Sum", QueueName=queue)
    running = stat("ECS/ContainerInsights", "RunningTaskCount", "Average", ClusterName=cluster, ServiceName=service)
    return [
        {"Id": "waiting", "MetricStat": waiting, "ReturnData": False},
        {"Id": "running", "MetricStat": running, "ReturnData": False},
        {"Id": "each", "Expression": "waiting / IF(running < 1, 1, running)", "ReturnData": True},
    ]


class ScalingSchedules(Resource):
    """Wanted: `schedules`, a list of `{name, schedule, timezone, min, max}`; all others of the service go.

    `name` is `cluster/service`. They need a scalable target, and go with it.
    """

    kind = "scaling_schedules"
    owned: ClassVar[bool] = False
    find_after: ClassVar[tuple[type[Resource], ...]] = (ScalableTarget,)
    unordered: ClassVar[frozenset[str]] = frozenset({"schedules"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[ScalingSchedules], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            if f"{region}/{ScalableTarget.kind}/{resource.name}" not in found:
                continue
            actions = cloud.paginate(
                SERVICE,
                "describe_scheduled_actions",
                region,
                ServiceNamespace=NAMESPACE,
                ResourceId=f"service/{resource.name}",
                ScalableDimension=DIMENSION,
            )
            if actions:
                actual[resource.name] = {"schedules": [_schedule(action) for action in actions]}
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        return self._put(cloud, wanted["schedules"], {})

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self._put(cloud, wanted["schedules"], {item["name"]: item for item in actual["schedules"]})

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        self._put(cloud, [], {item["name"]: item for item in actual["schedules"]})

    def _put(self, cloud: Cloud, wanted: list[dict[str, Any]], actual: dict[str, dict[str, Any]]) -> Attributes:
        client = cloud.client(SERVICE, self.region)
        names = {
            "ServiceNamespace": NAMESPACE,
            "ResourceId": f"service/{self.name}",
            "ScalableDimension": DIMENSION,
        }
        for item in wanted:
            if actual.get(item["name"]) != item:
                client.put_scheduled_action(
                    **names,
                    ScheduledActionName=item["name"],
                    Schedule=item["schedule"],
                    Timezone=item["timezone"],
                    ScalableTargetAction={"MinCapacity": item["min"], "MaxCapacity": item["max"]},
                )
        for name in sorted(actual.keys() - {item["name"] for item in wanted}):
            with absent_is_none(GONE):
                client.delete_scheduled_action(**names, ScheduledActionName=name)
        return {"schedules": wanted}


def _schedule(action: dict[str, Any]) -> dict[str, Any]:
    limits = action.get("ScalableTargetAction") or {}
    return {
        "name": action["ScheduledActionName"],
        "schedule": action["Schedule"],
        "timezone": action.get("Timezone") or "UTC",
        "min": limits.get("MinCapacity"),
        "max": limits.get("MaxCapacity"),
    }
