# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Automatic scaling of an ECS service: its scalable target and the target-tracking policies on it."""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from .service import Service

SERVICE = "application-autoscaling"
NAMESPACE = "ecs"
DIMENSION = "ecs:service:DesiredCount"
GONE = "ObjectNotFoundException"

METRICS = {
    "cpu": "ECSServiceAverageCPUUtilization",
    "memory": "ECSServiceAverageMemoryUtilization",
    "requests": "ALBRequestCountPerTarget",
}
"""The metrics that can be kept, and their names in Application Auto Scaling."""


class ScalableTarget(Resource):
    """Wanted: `min` and `max`, numbers of tasks. `name` is `cluster/service`. Gives `resource_id`."""

    kind = "scalable_target"

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
            }
            for target in targets
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        cloud.client(SERVICE, self.region).register_scalable_target(
            ServiceNamespace=NAMESPACE,
            ResourceId=self.resource_id,
            ScalableDimension=DIMENSION,
            MinCapacity=wanted["min"],
            MaxCapacity=wanted["max"],
        )
        return {**wanted, "resource_id": self.resource_id}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(GONE):
            cloud.client(SERVICE, self.region).deregister_scalable_target(
                ServiceNamespace=NAMESPACE, ResourceId=self.resource_id, ScalableDimension=DIMENSION
            )


class ScalingPolicy(Resource):
    """Wanted: `target` (what to keep the metric at), `scale_in_cooldown`, `scale_out_cooldown` (seconds).

    Of requests also `resource_label`, the load balancer and target group whose requests count. `name` is
    `cluster/service/metric`.
    """

    kind = "scaling_policy"
    find_after: ClassVar[tuple[type[Resource], ...]] = (ScalableTarget,)

    def __init__(self, service: Service, metric: str, region: str, **wanted: Any) -> None:
        super().__init__(f"{service.name}/{metric}", region, **wanted)
        self.metric = metric
        self.scaled = service.name

    @property
    def policy_name(self) -> str:
        return f"{self.scaled.replace('/', '-')}-{self.metric}"

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
        metric = {"PredefinedMetricType": METRICS[self.metric]}
        if wanted.get("resource_label"):
            metric["ResourceLabel"] = wanted["resource_label"]
        cloud.client(SERVICE, self.region).put_scaling_policy(
            PolicyName=self.policy_name,
            ServiceNamespace=NAMESPACE,
            ResourceId=f"service/{self.scaled}",
            ScalableDimension=DIMENSION,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": wanted["target"],
                "PredefinedMetricSpecification": metric,
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
    label = (configuration.get("PredefinedMetricSpecification") or {}).get("ResourceLabel")
    return {**actual, "resource_label": label} if label else actual
