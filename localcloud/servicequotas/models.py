# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quotas of one region. moto knows those of VPC; these are what a switch and a first build look at."""

from __future__ import annotations

from typing import Any

from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.models import ServiceQuotasBackend as MotoBackend
from moto.servicequotas.models import servicequotas_backends

from localcloud.world import WORLD

MOTO_KNOWS = ("vpc",)
"""Services whose default quotas moto lists."""

VPCS, ADDRESSES = "L-F678F1CE", "L-0263D0A3"


def _vcpu(code: str, name: str, kind: str) -> dict[str, Any]:
    dimensions = {"Service": "Fargate", "Type": "Resource", "Resource": "vCPU", "Class": kind}
    return {
        "ServiceCode": "fargate",
        "ServiceName": "AWS Fargate",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": 4000.0,
        "Adjustable": True,
        "UsageMetric": {
            "MetricNamespace": "AWS/Usage",
            "MetricName": "ResourceCount",
            "MetricDimensions": dimensions,
            "MetricStatisticRecommendation": "Maximum",
        },
    }


def _counted(service: str, title: str, code: str, name: str) -> dict[str, Any]:
    wanted = {"ServiceCode": service, "ServiceName": title, "QuotaCode": code, "QuotaName": name}
    return {**wanted, "Value": float(WORLD.options.network_quota), "Adjustable": True}


def quotas() -> list[dict[str, Any]]:
    """What an account may have until somebody asks for another value."""
    return [
        _vcpu("L-3032A538", "Fargate On-Demand vCPU resource count", "Standard/OnDemand"),
        _vcpu("L-36FBB829", "Fargate Spot vCPU resource count", "Standard/Spot"),
        _counted("vpc", "Amazon Virtual Private Cloud (Amazon VPC)", VPCS, "VPCs per Region"),
        _counted("ec2", "Amazon Elastic Compute Cloud (Amazon EC2)", ADDRESSES, "EC2-VPC Elastic IPs"),
        # Found by its name: AWS publishes no list of codes.
        {
            "ServiceCode": "ecs",
            "ServiceName": "Amazon Elastic Container Service (Amazon ECS)",
            "QuotaName": "Tasks per service",
            "Value": 5000.0,
            "Adjustable": True,
        },
    ]


class ServiceQuotasBackend(MotoBackend):
    """Quotas by service and code; a request for another value is granted at once, also for a lower one."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.quotas = quotas()

    def list_service_quotas(self, service_code: str) -> list[dict[str, Any]]:
        """The quotas of one service that we know."""
        found = [quota for quota in self.quotas if quota["ServiceCode"] == service_code]
        own = {quota.get("QuotaCode") for quota in found}
        defaults = self.list_aws_default_service_quotas(service_code) if service_code in MOTO_KNOWS else []
        return found + [quota for quota in defaults if quota["QuotaCode"] not in own]

    def get_service_quota(self, service_code: str, quota_code: str) -> dict[str, Any]:
        for quota in self.list_service_quotas(service_code):
            if quota.get("QuotaCode") == quota_code:
                return quota
        raise NoSuchResource

    def request_service_quota_increase(self, service_code: str, quota_code: str, value: float) -> dict[str, Any]:
        """Set a quota, and tell the request as Service Quotas does."""
        quota = self.get_service_quota(service_code, quota_code)
        quota["Value"] = value
        return {
            "Id": "0" * 32,
            "ServiceCode": service_code,
            "QuotaCode": quota_code,
            "QuotaName": quota["QuotaName"],
            "DesiredValue": value,
            "Status": "APPROVED",
        }


def quota_of(account_id: str, region: str, service: str, code: str) -> float:
    """How much an account may have in a region now."""
    return float(servicequotas_backends[account_id][region].get_service_quota(service, code)["Value"])


servicequotas_backends.backend = ServiceQuotasBackend
