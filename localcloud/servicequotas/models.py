# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quotas of one region. moto knows those of VPC; these are what a switch looks at."""

from __future__ import annotations

from typing import Any

from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.models import ServiceQuotasBackend as MotoBackend
from moto.servicequotas.models import servicequotas_backends


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


def quotas() -> list[dict[str, Any]]:
    """What an account may have until somebody asks for another value."""
    return [
        _vcpu("L-3032A538", "Fargate On-Demand vCPU resource count", "Standard/OnDemand"),
        _vcpu("L-36FBB829", "Fargate Spot vCPU resource count", "Standard/Spot"),
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
        return found or list(self.list_aws_default_service_quotas(service_code))

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


servicequotas_backends.backend = ServiceQuotasBackend
