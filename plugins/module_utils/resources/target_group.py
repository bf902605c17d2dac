# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target group: where a load balancer sends requests, and how it knows who is healthy."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list, to_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference
from ..kernel.retrying import let_go
from .load_balancer_listing import ElbResource, only_wanted, to_attribute_list

HEALTH_CHECK = {
    "protocol": "HealthCheckProtocol",
    "port": "HealthCheckPort",
    "path": "HealthCheckPath",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthy_threshold": "HealthyThresholdCount",
    "unhealthy_threshold": "UnhealthyThresholdCount",
}
LET_GO_SECONDS = 60
"""How long a listener may take to let go of a group after it was told to."""


class TargetGroup(ElbResource):
    """Wanted: `vpc` (id), `port`, `protocol`, `target_type`, `health_check` (what is named), `attributes` (those
    named), `tags`, and maybe `protocol_version` and `targets` (list of `{id, port}`). Gives `arn`.
    """

    kind = "elbv2_target_group"
    fixed: ClassVar[frozenset[str]] = frozenset({"vpc", "port", "protocol", "protocol_version", "target_type"})
    instead: ClassVar[str] = (
        "Give the target group another name, here and in the services: they move to it while both answer, and this one "
        "goes then."
    )
    unordered: ClassVar[frozenset[str]] = frozenset({"targets"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[TargetGroup], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        if not resources:
            return {}
        listing = resources[0].listing
        groups = {group["TargetGroupName"]: group for group in listing.all_target_groups()}
        existing = [resource for resource in resources if resource.name in groups]
        answers = listing.side_by_side([lambda r=r: r._read(groups[r.name]) for r in existing])
        return {resource.name: answer for resource, answer in zip(existing, answers, strict=True)}

    def _read(self, group: dict[str, Any]) -> Attributes:
        arn, client = group["TargetGroupArn"], self.listing.client
        self._refuse_shared(group)
        matcher = group.get("Matcher") or {}
        actual = {
            "arn": arn,
            "vpc": group.get("VpcId"),
            "port": group.get("Port"),
            "protocol": group.get("Protocol"),
            "protocol_version": group.get("ProtocolVersion"),
            "target_type": group["TargetType"],
            "health_check": {
                **{key: group.get(name) for key, name in HEALTH_CHECK.items()},
                "matcher": matcher.get("HttpCode") or matcher.get("GrpcCode"),
            },
            "tags": self.listing.tags([arn])[arn],
        }
        if self.wanted.get("attributes"):
            answer = client.describe_target_group_attributes(TargetGroupArn=arn)
            actual["attributes"] = from_tag_list(answer["Attributes"])
        if self.wanted.get("targets") is not None:
            health = client.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
            actual["targets"] = [
                {"id": each["Target"]["Id"], "port": each["Target"].get("Port")}
                for each in health
                if each["TargetHealth"]["State"] != "draining"
            ]
        return actual

    def _refuse_shared(self, group: dict[str, Any]) -> None:
        """A target group belongs to one load balancer: another one cannot forward to it before that is gone.

        Raises:
            CollectionError: another load balancer than the wanted one has it.
        """
        own = (self.listing.load_balancer() or {}).get("LoadBalancerArn")
        others = [arn.split("/")[-2] for arn in group.get("LoadBalancerArns") or [] if arn != own]
        if others and self.state == "present":
            raise CollectionError(
                f"The target group {self.name} in {self.region} belongs to the load balancer {', '.join(others)}, and "
                f"{self.listing.name} cannot forward to it as well. Was it renamed? Then give its target groups other "
                "names too; the old ones go with the old load balancer."
            )

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        return super().differences(only_wanted(actual, wanted, "attributes", "health_check"), wanted)

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = self.elb(cloud)
        optional = {"ProtocolVersion": wanted["protocol_version"]} if wanted.get("protocol_version") else {}
        # Creating it twice with the same settings makes one.
        group = client.create_target_group(
            Name=self.name,
            VpcId=wanted["vpc"],
            Port=wanted["port"],
            Protocol=wanted["protocol"],
            TargetType=wanted["target_type"],
            HealthCheckEnabled=True,
            Tags=to_tag_list(wanted["tags"]),
            **self._health_check(wanted["health_check"], wanted),
            **optional,
        )["TargetGroups"][0]
        arn = group["TargetGroupArn"]
        self._set_attributes(cloud, arn, wanted["attributes"])
        if wanted.get("targets"):
            client.register_targets(TargetGroupArn=arn, Targets=_targets(wanted["targets"]))
        return {**wanted, "arn": arn}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client, arn = self.elb(cloud), actual["arn"]
        if "health_check" in differences:
            before, after = differences["health_check"]
            change = {key: value for key, value in after.items() if before.get(key) != value}
            client.modify_target_group(TargetGroupArn=arn, **self._health_check(change, wanted))
        if "attributes" in differences:
            before, after = differences["attributes"]
            self._set_attributes(cloud, arn, {key: value for key, value in after.items() if before.get(key) != value})
        if "targets" in differences:
            before, after = differences["targets"]
            added, removed = ([t for t in one if t not in other] for one, other in ((after, before), (before, after)))
            if added:
                client.register_targets(TargetGroupArn=arn, Targets=_targets(added))
            if removed:
                client.deregister_targets(TargetGroupArn=arn, Targets=_targets(removed))
        self.retag(cloud, arn, differences)
        return {**actual, **wanted}

    def _health_check(self, wanted: dict[str, Any], group: Attributes) -> dict[str, Any]:
        arguments = {HEALTH_CHECK[key]: value for key, value in wanted.items() if key in HEALTH_CHECK}
        if "matcher" in wanted:
            code = "GrpcCode" if group.get("protocol_version") == "GRPC" else "HttpCode"
            arguments["Matcher"] = {code: wanted["matcher"]}
        return arguments

    def _set_attributes(self, cloud: Cloud, arn: str, attributes: dict[str, str]) -> None:
        if attributes:
            self.elb(cloud).modify_target_group_attributes(TargetGroupArn=arn, Attributes=to_attribute_list(attributes))

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        let_go(
            cloud,
            f"target group {self.name}",
            lambda: self.elb(cloud).delete_target_group(TargetGroupArn=actual["arn"]),
            busy=("ResourceInUse",),
            timeout=LET_GO_SECONDS,
        )


def _targets(targets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"Id": target["id"], "Port": target["port"]} for target in targets]
