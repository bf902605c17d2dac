# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web ACL of AWS WAF, and that it stands in front of a load balancer."""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, Difference, absent_is_none
from .waf import NONEXISTENT, WafResource, once_known

USUAL_LIMITS = {"APPLICATION_LOAD_BALANCER": "KB_8", "API_GATEWAY": "KB_16"}
"""How much of a body AWS WAF looks at, by what it is sent to, if nothing is said."""


class WebAcl(WafResource):
    """Wanted: `default` (allow or block), `rules` (as AWS WAF takes them, in the order of their priority),
    `body_limits` (by kind of what is guarded, where they are not the usual ones), `metric`, `tags`. Gives `arn`, `id`.
    """

    kind = "wafv2_web_acl"
    verb = "web_acl"
    told = "WebACL"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[WebAcl], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            summary = next((each for each in resource.listing.web_acls() if each["Name"] == resource.name), None)
            told = summary and resource.read(cloud, summary)
            if told:
                actual[resource.name] = _read(told)
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        self.make(cloud, **_said(wanted))
        return self.found_again(cloud)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if differences.keys() - {"tags"}:
            self.change(cloud, actual["id"], **_said(wanted))
        self.retag(cloud, actual["arn"], differences)
        return {**actual, **wanted}


def _said(wanted: Attributes) -> dict[str, Any]:
    limits = {kind: {"DefaultSizeInspectionLimit": limit} for kind, limit in wanted["body_limits"].items()}
    return {
        "DefaultAction": {wanted["default"].capitalize(): {}},
        "Rules": wanted["rules"],
        "VisibilityConfig": seen_as(wanted["metric"]),
        **({"AssociationConfig": {"RequestBody": limits}} if limits else {}),
    }


def seen_as(metric: str) -> dict[str, Any]:
    """That CloudWatch counts under this name, and a sample of the requests is kept for three hours."""
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": metric}


def _read(told: dict[str, Any]) -> Attributes:
    metric = told["VisibilityConfig"]
    limits = (told.get("AssociationConfig") or {}).get("RequestBody") or {}
    said = {kind: each["DefaultSizeInspectionLimit"] for kind, each in limits.items()}
    return {
        "id": told["Id"],
        "arn": told["ARN"],
        "default": next(iter(told["DefaultAction"])).lower(),
        "rules": sorted(told.get("Rules") or [], key=lambda rule: rule["Priority"]),
        "body_limits": {kind: limit for kind, limit in said.items() if USUAL_LIMITS.get(kind) != limit},
        "metric": metric["MetricName"] if metric == seen_as(metric["MetricName"]) else None,
        "tags": told["Tags"],
    }


class WebAclAssociation(WafResource):
    """That a web ACL stands in front of something. Wanted: `resource` (ARN), `web_acl` (ARN)."""

    kind = "wafv2_web_acl_association"
    owned: ClassVar[bool] = False

    def __init__(self, name: str, region: str, *, acl_name: str, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.acl_name = acl_name

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[WebAclAssociation], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            arn, guarded = resource.wanted["resource"], resource.listing.guarded(resource.acl_name)
            if arn in guarded:
                actual[resource.name] = {"resource": arn, "web_acl": guarded[arn]}
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        put = {"WebACLArn": wanted["web_acl"], "ResourceArn": wanted["resource"]}
        once_known(cloud, f"{self.acl_name} and {self.name}", lambda: self.client(cloud).associate_web_acl(**put))
        return dict(wanted)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(NONEXISTENT):
            self.client(cloud).disassociate_web_acl(ResourceArn=actual["resource"])
