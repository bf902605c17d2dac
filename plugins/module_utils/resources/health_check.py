# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A health check of Route 53: its checkers, all over the world, ask a region's endpoint whether it is ready.

A record that is bound to one is answered only while the check holds, which needs no control plane. Tags are not a part
of its creation, so it is found by its caller reference, which begins with what it is for.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Any, ClassVar

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from ..kernel.cloud import ROUTE53_REGION

NO_HEALTH_CHECK = "NoSuchHealthCheck"
TAGS_AT_ONCE = 10
"""That many health checks one ListTagsForResources takes."""

INTERVALS = (10, 30)
"""Seconds between the requests of one checker."""

LONGEST_PATH = 255
MOST_FAILURES = 10
HEALTHY_SHARE = 0.18
"""An endpoint is healthy while more than this share of Route 53's checkers say so."""

SUCCESS = "Success"
"""How the status of a checker that is satisfied begins."""


class HealthCheck(Resource):
    """Wanted: `protocol` (HTTP or HTTPS), `host`, `port`, `path`, `interval` (seconds), `failure_threshold`, `tags`.
    Gives `id`.

    Route 53 cannot change the protocol or the interval of one: another one takes its place.
    """

    kind = "route53_health_check"
    replaced_when: ClassVar[frozenset[str]] = frozenset({"protocol", "interval"})

    def __init__(self, name: str, *, workload: str, **others: Any) -> None:
        super().__init__(name, ROUTE53_REGION, **others)
        digest = hashlib.sha256(f"{workload}\n{name}".encode()).hexdigest()
        self.prefix = f"multiregion.ecs-{digest[:16]}-"
        # Route 53 makes one of two requests with one reference.
        self.reference = f"{self.prefix}{uuid.uuid4().hex[:16]}"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[HealthCheck], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual: dict[str, Attributes] = {}
        for item in cloud.paginate("route53", "list_health_checks", region):
            for resource in resources:
                if item["CallerReference"].startswith(resource.prefix):
                    actual[resource.name] = _read(item)
        tags = _tags(cloud, region, [each["id"] for each in actual.values()])
        return {name: {**each, "tags": tags[each["id"]]} for name, each in actual.items()}

    def foreign(self, actual: Attributes, workload: str | None) -> str:
        """Its reference says whose it is, also of one that a killed run has left without tags."""
        return super().foreign(actual, workload) if actual["tags"] else ""

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("route53", self.region)
        secure = wanted["protocol"] == "HTTPS"
        item = client.create_health_check(
            CallerReference=self.reference,
            HealthCheckConfig={
                "Type": wanted["protocol"],
                "RequestInterval": wanted["interval"],
                **({"EnableSNI": True} if secure else {}),
                **_changeable(wanted),
            },
        )["HealthCheck"]
        client.change_tags_for_resource(
            ResourceType="healthcheck", ResourceId=item["Id"], AddTags=to_tag_list(wanted["tags"])
        )
        return {**wanted, "id": item["Id"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("route53", self.region)
        if differences.keys() - {"tags"}:
            client.update_health_check(HealthCheckId=actual["id"], **_changeable(wanted))
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            client.change_tags_for_resource(
                ResourceType="healthcheck",
                ResourceId=actual["id"],
                **({"AddTags": to_tag_list(to_set)} if to_set else {}),
                **({"RemoveTagKeys": to_remove} if to_remove else {}),
            )
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(NO_HEALTH_CHECK):
            cloud.client("route53", self.region).delete_health_check(HealthCheckId=actual["id"])


def _changeable(wanted: Attributes) -> dict[str, Any]:
    return {
        "FullyQualifiedDomainName": wanted["host"],
        "Port": wanted["port"],
        "ResourcePath": wanted["path"],
        "FailureThreshold": wanted["failure_threshold"],
    }


def _read(item: dict[str, Any]) -> Attributes:
    told = item["HealthCheckConfig"]
    return {
        "id": item["Id"],
        "protocol": told["Type"],
        "host": told.get("FullyQualifiedDomainName"),
        "port": told.get("Port"),
        "path": told.get("ResourcePath"),
        "interval": told.get("RequestInterval"),
        "failure_threshold": told.get("FailureThreshold"),
    }


def _tags(cloud: Cloud, region: str, identifiers: list[str]) -> dict[str, dict[str, str]]:
    """Id → tags."""
    client, told = cloud.client("route53", region), {}
    for start in range(0, len(identifiers), TAGS_AT_ONCE):
        some = identifiers[start : start + TAGS_AT_ONCE]
        answer = client.list_tags_for_resources(ResourceType="healthcheck", ResourceIds=some)
        told |= {each["ResourceId"]: from_tag_list(each.get("Tags")) for each in answer["ResourceTagSets"]}
    return told
