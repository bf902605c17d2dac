# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service Quotas tells what an account may run, in each region apart."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from localcloud import Cloud

CODE = "L-36FBB829"


def test_quotas_are_told_and_can_be_set(cloud: Cloud) -> None:
    quotas = cloud.client("service-quotas", "eu-west-3")
    before = quotas.get_service_quota(ServiceCode="fargate", QuotaCode=CODE)["Quota"]
    assert before["UsageMetric"]["MetricNamespace"] == "AWS/Usage"
    asked = quotas.request_service_quota_increase(ServiceCode="fargate", QuotaCode=CODE, DesiredValue=12)
    assert asked["RequestedQuota"]["Status"] == "APPROVED"
    listed = quotas.list_service_quotas(ServiceCode="fargate")["Quotas"]
    assert {quota["QuotaCode"]: quota["Value"] for quota in listed}[CODE] == 12
    elsewhere = cloud.client("service-quotas", "eu-west-2").get_service_quota(ServiceCode="fargate", QuotaCode=CODE)
    assert elsewhere["Quota"]["Value"] == before["Value"]


def test_the_number_of_tasks_of_a_service_is_found_by_its_name(cloud: Cloud) -> None:
    (quota,) = cloud.client("service-quotas", "eu-west-3").list_service_quotas(ServiceCode="ecs")["Quotas"]
    assert (quota["QuotaName"], quota["Value"]) == ("Tasks per service", 5000)


def test_a_quota_that_there_is_not(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        cloud.client("service-quotas", "eu-west-3").get_service_quota(ServiceCode="fargate", QuotaCode="L-0")
