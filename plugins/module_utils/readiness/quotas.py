# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much the account may have in one region, and has now: what a failover, and a first build, must fit into.

The vCPU that Fargate tasks may use together is a quota of the account in each region, for On-Demand and Spot apart
(EKS pods count too), and so is the number of tasks of one service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Optional

from ..kernel import absent_is_none

ON_DEMAND, SPOT, TASKS_PER_SERVICE = "fargate_vcpu", "fargate_spot_vcpu", "tasks_per_service"

VPCS, ADDRESSES = "vpcs", "elastic_ips"

TITLES = {
    ON_DEMAND: "Fargate On-Demand vCPU",
    SPOT: "Fargate Spot vCPU",
    VPCS: "VPCs per Region",
    ADDRESSES: "EC2-VPC Elastic IPs",
}

CODES = {
    ON_DEMAND: ("fargate", "L-3032A538"),
    SPOT: ("fargate", "L-36FBB829"),
    VPCS: ("vpc", "L-F678F1CE"),
    ADDRESSES: ("ec2", "L-0263D0A3"),
}
"""Service and code of each quota."""

TASKS_PER_SERVICE_NAME = "Tasks per service"
"""Looked for by name, among the few quotas of service `ecs`."""

USAGE_WITHIN = timedelta(minutes=20)
"""CloudWatch tells usage every few minutes."""

Quota = Optional[dict[str, Any]]  # noqa: UP045 - ansible-test's pylint cannot evaluate the other spelling


def fargate_kind(service: Mapping[str, Any]) -> str | None:
    """The quota that the tasks of a service count to; None if they are not Fargate's. A mix counts as On-Demand."""
    if "FARGATE" in (service["launch_type"], *service["capacity_providers"]):
        return ON_DEMAND
    return SPOT if "FARGATE_SPOT" in service["capacity_providers"] else None


def fargate_quota(client: Callable[[str], Any], name: str) -> Quota:
    """`{"limit", "used"}` in vCPU. None if the quota is not known; `used` is None if CloudWatch does not tell it."""
    told = _told(client("service-quotas").get_service_quota, name)
    return told and {"limit": float(told["Value"]), "used": _usage(client, told.get("UsageMetric") or {})}


def limit(client: Callable[[str], Any], name: str) -> float | None:
    """How many the account may have in a region: what is applied, else AWS's default. None if neither is known."""
    asked = client("service-quotas")
    told = _told(asked.get_service_quota, name) or _told(asked.get_aws_default_service_quota, name)
    return None if told is None else float(told["Value"])


def _told(ask: Callable[..., Any], name: str) -> dict[str, Any] | None:
    service, code = CODES[name]
    with absent_is_none("NoSuchResourceException"):
        quota: dict[str, Any] = ask(ServiceCode=service, QuotaCode=code)["Quota"]
        return quota
    return None


def _usage(client: Callable[[str], Any], metric: dict[str, Any]) -> float | None:
    if not metric.get("MetricName"):
        return None
    now = datetime.now(UTC)
    points = client("cloudwatch").get_metric_statistics(
        Namespace=metric["MetricNamespace"],
        MetricName=metric["MetricName"],
        Dimensions=[{"Name": key, "Value": value} for key, value in metric.get("MetricDimensions", {}).items()],
        StartTime=now - USAGE_WITHIN,
        EndTime=now,
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    return max(points, key=lambda point: point["Timestamp"])["Maximum"] if points else None


def service_quota(client: Callable[[str], Any]) -> Quota:
    """`{"limit"}`, the number of tasks that one service may have; None if it is not known."""
    with absent_is_none("NoSuchResourceException"):
        pages = client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode="ecs")
        for page in pages:
            for quota in page["Quotas"]:
                if quota["QuotaName"] == TASKS_PER_SERVICE_NAME:
                    return {"limit": float(quota["Value"])}
    return None
