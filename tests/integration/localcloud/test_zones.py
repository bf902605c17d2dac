# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zones differ by account, and so does what an account may have: the embedded cloud refuses what EC2 refuses."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from localcloud import Cloud, CloudError

REGION = "ap-southeast-2"


def subnet(cloud: Cloud, zone: str, block: int) -> str:
    ec2 = cloud.client("ec2", REGION)
    vpc = ec2.create_vpc(CidrBlock=f"10.{block}.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{block}.0.0/24", AvailabilityZone=zone)["Subnet"]
    assert made["AvailabilityZone"] == zone
    return str(made["SubnetId"])


def test_zones_are_those_of_the_account_and_no_subnet_is_elsewhere(cloud: Cloud) -> None:
    local = {"name": f"{REGION}-per-1a", "id": "apse2-per1-az1", "type": "local-zone", "opt_in": "not-opted-in"}
    cloud.zones(REGION, "c=apse2-az1", "b=apse2-az3:constrained", local)
    ec2 = cloud.client("ec2", REGION)
    told = ec2.describe_availability_zones()["AvailabilityZones"]
    assert [(zone["ZoneName"][-1], zone["ZoneId"], zone["State"]) for zone in told] == [
        ("c", "apse2-az1", "available"),
        ("b", "apse2-az3", "constrained"),
    ]
    assert len(ec2.describe_availability_zones(AllAvailabilityZones=True)["AvailabilityZones"]) == 3
    for zone in (f"{REGION}a", local["name"], "sa-east-1a"):
        with pytest.raises(ClientError, match=f"InvalidParameterValue.*{REGION}c, {REGION}b"):
            subnet(cloud, zone, 20)
    where, address = subnet(cloud, f"{REGION}b", 21), ec2.allocate_address(Domain="vpc")["AllocationId"]
    with pytest.raises(ClientError, match="NotAvailableInZone"):
        ec2.create_nat_gateway(SubnetId=where, AllocationId=address)


def test_zones_that_cannot_be_are_refused(cloud: Cloud) -> None:
    for zones, said in ((["a=x", "a=y"], "one name"), (["a=x:ill"], "'ill' is none of"), (["ab=x"], "a zone of")):
        with pytest.raises(CloudError, match=said):
            cloud.zones("eu-west-2", *zones)


def test_vpcs_and_addresses_have_a_quota_in_each_region(cloud: Cloud) -> None:
    quotas, ec2 = cloud.client("service-quotas", "eu-north-1"), cloud.client("ec2", "eu-north-1")
    for service, code in (("vpc", "L-F678F1CE"), ("ec2", "L-0263D0A3")):
        quotas.request_service_quota_increase(ServiceCode=service, QuotaCode=code, DesiredValue=2)
    ec2.create_vpc(CidrBlock="10.1.0.0/16")
    with pytest.raises(ClientError, match="VpcLimitExceeded"):
        ec2.create_vpc(CidrBlock="10.2.0.0/16")
    for _number in range(2):
        ec2.allocate_address(Domain="vpc")
    with pytest.raises(ClientError, match="AddressLimitExceeded"):
        ec2.allocate_address(Domain="vpc")


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("dynamodb", "list_tables", "UnrecognizedClientException"),
    ],
)
def test_a_region_that_is_not_enabled_does_not_know_the_account(
    cloud: Cloud, service: str, operation: str, code: str
) -> None:
    cloud.fault("me-central-1", "disabled")
    with pytest.raises(ClientError, match=code):
        getattr(cloud.client(service, "me-central-1"), operation)()
    cloud.fault("me-central-1", "ok")
    getattr(cloud.client(service, "me-central-1"), operation)()
