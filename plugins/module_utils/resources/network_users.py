# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What still stands in a network that is to go, in words: EC2 says only that something does."""

from __future__ import annotations

from typing import Any

from ..aws.names import from_tag_list
from ..kernel import Cloud

KINDS = (
    ("subnet", "describe_subnets", "SubnetId", "vpc-id"),
    ("security group", "describe_security_groups", "GroupId", "vpc-id"),
    ("route table", "describe_route_tables", "RouteTableId", "vpc-id"),
    ("internet gateway", "describe_internet_gateways", "InternetGatewayId", "attachment.vpc-id"),
    ("NAT gateway", "describe_nat_gateways", "NatGatewayId", "vpc-id"),
    ("VPC endpoint", "describe_vpc_endpoints", "VpcEndpointId", "vpc-id"),
)
"""What keeps a VPC: what it is called, how it is listed, and the filter that asks for those of one VPC."""


def standing_in(cloud: Cloud, region: str, vpc: str) -> list[str]:
    """Everything in a VPC that AWS does not remove with it, interfaces first: they keep the others."""
    found = interfaces(cloud, region, "vpc-id", vpc)
    for what, operation, key, name in KINDS:
        filters = [{"Name": name, "Values": [vpc]}]
        items = cloud.paginate("ec2", operation, region, Filters=filters)
        found += [f"{what} {item[key]}{_called(item)}" for item in items if not _goes_with_the_vpc(item)]
    return found


def interfaces(cloud: Cloud, region: str, name: str, value: str) -> list[str]:
    """The network interfaces that a filter of DescribeNetworkInterfaces admits, with what AWS says they are for."""
    filters = [{"Name": name, "Values": [value]}]
    return [
        f"network interface {item['NetworkInterfaceId']} ({item.get('InterfaceType', 'interface')}"
        f"{', ' + item['Description'] if item.get('Description') else ''})"
        for item in cloud.paginate("ec2", "describe_network_interfaces", region, Filters=filters)
    ]


def _called(item: dict[str, Any]) -> str:
    name = item.get("GroupName") or from_tag_list(item.get("Tags")).get("Name")
    return f" ({name})" if name else ""


def _goes_with_the_vpc(item: dict[str, Any]) -> bool:
    main = any(association.get("Main") for association in item.get("Associations", []))
    gone = str(item.get("State", "")).lower() in ("deleted", "failed", "rejected")
    return main or gone or item.get("GroupName") == "default"
