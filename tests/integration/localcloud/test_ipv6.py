# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IPv6 of a network: what the module makes of it, and what EC2 and Elastic Load Balancing refuse."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import KNOWN_AFTER_APPLY, CollectionError
from localcloud import Cloud
from tests.support.expectations import refusal
from tests.support.modules import run_named

REGION = "sa-east-1"


@pytest.fixture
def ec2(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Any:
    for variable, value in cloud.env().items():
        monkeypatch.setenv(variable, value)
    return cloud.client("ec2", REGION)


def make(name: str, **wanted: Any) -> dict[str, Any]:
    """The network, made as it was planned, after which nothing differs."""
    given = {"name": name, "region": REGION, "cidr": "10.71.0.0/16", "nat": "none", "gateway_endpoints": [], **wanted}
    planned, made = (run_named("region_network", check_mode=each, **given) for each in (True, False))
    assert made["changes"] == planned["changes"]
    foretold = (KNOWN_AFTER_APPLY, made["ipv6_cidr"]) if wanted.get("ipv6") else (None,)
    assert planned["ipv6_cidr"] in foretold and (made["ipv6_cidr"] is None) is not bool(wanted.get("ipv6"))
    assert run_named("region_network", **given)["changes"] == []
    return made


def routes_v6(ec2: Any, vpc: str) -> dict[str, str]:
    """Where each named table sends what is for the whole of IPv6."""
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    return {
        next(tag["Value"] for tag in table["Tags"] if tag["Key"] == "Name").partition("-p")[2]: (
            route.get("EgressOnlyInternetGatewayId") or route["GatewayId"]
        ).partition("-")[0]
        for table in tables
        for route in table["Routes"]
        if route.get("DestinationIpv6CidrBlock") == "::/0"
    }


def test_a_network_gets_ipv6_later_and_each_subnet_its_part_of_it(ec2: Any, name: str) -> None:
    before = make(name, security_groups=[{"name": name}])
    made = make(name, security_groups=[{"name": name}], ipv6=True)
    assert made["subnets"] == before["subnets"]
    (vpc,) = ec2.describe_vpcs(VpcIds=[made["vpc_id"]])["Vpcs"]
    whole = ip_network(vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"])
    assert ip_network(made["ipv6_cidr"]) == whole
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    blocks = [each["Ipv6CidrBlock"] for subnet in subnets for each in subnet["Ipv6CidrBlockAssociationSet"]]
    assert len(set(blocks)) == 4 and all(ip_network(block).subnet_of(whole) for block in blocks)
    assert routes_v6(ec2, vpc["VpcId"]) == {"ublic": "igw", "rivate-a": "eigw", "rivate-b": "eigw"}
    (group,) = ec2.describe_security_groups(GroupIds=[made["security_groups"][name]])["SecurityGroups"]
    (rule,) = group["IpPermissionsEgress"]
    assert [each["CidrIpv6"] for each in rule["Ipv6Ranges"]] == ["::/0"]
    with pytest.raises(CollectionError, match="ipv6 is false, and the VPC vpc-"):
        run_named("region_network", name=name, region=REGION, cidr="10.71.0.0/16", nat="none")
    run_named("region_network", name=name, region=REGION, state="absent")
    gateways = ec2.describe_egress_only_internet_gateways()["EgressOnlyInternetGateways"]
    assert [each for each in gateways if each["Attachments"][0]["VpcId"] == vpc["VpcId"]] == []
    assert refusal(ec2.describe_vpcs, VpcIds=[vpc["VpcId"]]).startswith("InvalidVpcID.NotFound")


def test_ranges_and_gateways_are_refused(cloud: Cloud, ec2: Any, name: str) -> None:
    made, plain = make(name, ipv6=True), make(f"{name}-plain")
    vpc, others = made["vpc_id"], plain["subnets"]["public"]
    (told_vpc,) = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    (first, *_rest) = ec2.describe_subnets(SubnetIds=made["subnets"]["public"])["Subnets"]
    taken = first["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    (association,) = told_vpc["Ipv6CidrBlockAssociationSet"]
    new = {"VpcId": vpc, "CidrBlock": "10.71.248.0/24"}
    elb = cloud.client("elbv2", REGION)
    front = {"Name": name, "Type": "network", "IpAddressType": "dualstack"}
    for call, arguments, code in (
        (ec2.create_subnet, {**new, "Ipv6CidrBlock": "2001:db8::/64"}, "InvalidSubnet.Range"),
        (ec2.create_subnet, {**new, "Ipv6CidrBlock": made["ipv6_cidr"]}, "InvalidSubnet.Range"),
        (ec2.create_subnet, {**new, "Ipv6CidrBlock": taken}, "InvalidSubnet.Conflict"),
        (ec2.associate_subnet_cidr_block, {"SubnetId": others[0], "Ipv6CidrBlock": taken}, "InvalidSubnet.Range"),
        (ec2.disassociate_vpc_cidr_block, {"AssociationId": association["AssociationId"]}, "InvalidCidrBlock.InUse"),
        (ec2.create_egress_only_internet_gateway, {"VpcId": vpc}, "EgressOnlyInternetGatewayLimitExceeded"),
        (elb.create_load_balancer, {**front, "Subnets": others}, "ValidationError"),
    ):
        assert refusal(call, **arguments).partition(":")[0] == code
    elb.create_load_balancer(**front, Subnets=made["subnets"]["public"])
