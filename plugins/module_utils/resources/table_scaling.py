# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The auto-scaling of a provisioned table in one region.

Write capacity must scale by itself before a table gets its first replica. DynamoDB copies the settings to each replica
it makes, and leaves them behind when it removes one: so they are looked after in every region.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import shortened
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from .assuming import until_assumable

POLICY_NAME_LENGTH = 256
"""Characters that Application Auto Scaling allows in the name of a policy."""

METRICS = {
    "ReadCapacityUnits": "DynamoDBReadCapacityUtilization",
    "WriteCapacityUnits": "DynamoDBWriteCapacityUtilization",
}


def targets(table: str, indexes: list[str], capacity: dict[str, int]) -> dict[str, dict[str, int]]:
    """What is to scale, `{"<resource> <dimension>": {"min", "max", "target"}}`, for a table and its indexes."""
    wanted = {}
    places = [("table", f"table/{table}"), *(("index", f"table/{table}/index/{index}") for index in indexes)]
    for level, resource in places:
        for unit, prefix in (("ReadCapacityUnits", "read"), ("WriteCapacityUnits", "write")):
            wanted[f"{resource} dynamodb:{level}:{unit}"] = {
                "min": capacity[f"{prefix}_min"],
                "max": capacity[f"{prefix}_max"],
                "target": capacity["target"],
            }
    return wanted


class TableScaling(Resource):
    """Wanted: `targets`, as the function of that name makes them. Its name is the table's."""

    kind = "dynamodb_scaling"
    shown_late: ClassVar[bool | None] = True
    owned: ClassVar[bool] = False

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[TableScaling], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual: dict[str, Attributes] = {}
        listed = cloud.paginate(
            "application-autoscaling", "describe_scalable_targets", region, ServiceNamespace="dynamodb"
        )
        if not listed:
            return {}
        policies = cloud.paginate(
            "application-autoscaling", "describe_scaling_policies", region, ServiceNamespace="dynamodb"
        )
        percent = {}
        for policy in policies:
            tracking = policy.get("TargetTrackingScalingPolicyConfiguration") or {}
            key = f"{policy['ResourceId']} {policy['ScalableDimension']}"
            percent[key] = (policy["PolicyName"], tracking.get("TargetValue"))
        for target in listed:
            _table, name = target["ResourceId"].split("/")[:2]
            key = f"{target['ResourceId']} {target['ScalableDimension']}"
            policy_name, value = percent.get(key, (None, None))
            known = actual.setdefault(name, {"targets": {}, "policies": {}})
            known["targets"][key] = {
                "min": target["MinCapacity"],
                "max": target["MaxCapacity"],
                "target": None if value is None else int(value),
            }
            known["policies"][key] = policy_name
        return {resource.name: actual[resource.name] for resource in resources if resource.name in actual}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        for key, bounds in wanted["targets"].items():
            self._set(cloud, key, bounds, None)
        return {**wanted, "policies": {key: _policy_name(key) for key in wanted["targets"]}}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        for key in actual["targets"].keys() - wanted["targets"].keys():
            self._remove(cloud, key)
        for key, bounds in wanted["targets"].items():
            if actual["targets"].get(key) != bounds:
                self._set(cloud, key, bounds, actual["policies"].get(key))
        return {**actual, **wanted}

    def _set(self, cloud: Cloud, key: str, bounds: dict[str, int], policy_name: str | None) -> None:
        client = cloud.client("application-autoscaling", self.region)
        which = _which(key)
        limits = {"MinCapacity": bounds["min"], "MaxCapacity": bounds["max"]}
        # The first target of an account makes the service-linked role, and cannot assume it at once.
        until_assumable(cloud, lambda: client.register_scalable_target(**which, **limits))
        unit = which["ScalableDimension"].rsplit(":", 1)[-1]
        client.put_scaling_policy(
            **which,
            # The policy that DynamoDB copied to a replica has a name of its own: change that one, add no second.
            PolicyName=policy_name or _policy_name(key),
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": float(bounds["target"]),
                "PredefinedMetricSpecification": {"PredefinedMetricType": METRICS[unit]},
            },
        )

    def _remove(self, cloud: Cloud, key: str) -> None:
        # Its policies and their alarms go with it.
        with absent_is_none("ObjectNotFoundException"):
            cloud.client("application-autoscaling", self.region).deregister_scalable_target(**_which(key))

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        for key in actual["targets"]:
            self._remove(cloud, key)


def _which(key: str) -> dict[str, Any]:
    resource, dimension = key.split(" ")
    return {"ServiceNamespace": "dynamodb", "ResourceId": resource, "ScalableDimension": dimension}


def _policy_name(key: str) -> str:
    resource, dimension = key.split(" ")
    unit = dimension.rsplit(":", 1)[-1]
    return shortened(f"{METRICS[unit]}:{resource}", POLICY_NAME_LENGTH)
