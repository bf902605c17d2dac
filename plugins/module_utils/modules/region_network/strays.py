# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What carries the tags of a network and is not wanted."""

from __future__ import annotations

from typing import Any

from ...aws.names import from_tag_list
from ...kernel import Resource
from ...resources.egress_gateway import EgressGateway
from ...resources.elastic_ip import ElasticIp
from ...resources.flow_log import FlowLog
from ...resources.internet_gateway import InternetGateway
from ...resources.nat_gateway import NatGateway
from ...resources.network_listing import NetworkListing, NetworkResource
from ...resources.route_table import RouteTable
from ...resources.security_group import AcceleratorGroup, SecurityGroup, SecurityGroupRules
from ...resources.subnet import Subnet
from ...resources.vpc import Vpc
from ...resources.vpc_endpoint import VpcEndpoint


def strays(listing: NetworkListing, wanted: list[Resource], *, with_vpc: bool) -> list[Resource]:
    """What carries the network's tags and is not wanted, as resources to remove, each needing what it stands on."""
    region = listing.region
    taken = {resource.address for resource in wanted}
    kept: dict[type, set[str]] = {}
    for kind in {type(resource) for resource in wanted if isinstance(resource, NetworkResource)}:
        found = kind.find(listing.cloud, region, [r for r in wanted if r.kind == kind.kind], {})
        kept[kind] = {actual["id"] for actual in found.values() if "id" in actual}

    def unwanted(kind: type[NetworkResource], *stands_on: list[Resource]) -> list[Resource]:
        needs = [resource for group in stands_on for resource in group]
        found = [item for item in kind.listed(listing) if listing.carries_marks(item)]
        removed: list[Resource] = []
        for name, identifier in sorted((_name_of(item, kind), item[kind.id_key]) for item in found):
            if identifier in kept.get(kind, ()):
                continue
            if f"{region}/{kind.kind}/{name}" in taken:
                name = identifier
            taken.add(f"{region}/{kind.kind}/{name}")
            removed.append(kind(name, region, listing=listing, identifier=identifier, state="absent", needs=needs))
        return removed

    vpc = unwanted(Vpc) if with_vpc else []
    internet = unwanted(InternetGateway, vpc)
    egress = unwanted(EgressGateway, vpc)
    logs = unwanted(FlowLog, vpc)
    subnets = unwanted(Subnet, vpc)
    addresses = unwanted(ElasticIp, internet)
    nats = unwanted(NatGateway, addresses, subnets, internet)
    tables = unwanted(RouteTable, vpc, subnets, internet, egress, nats)
    groups = unwanted(SecurityGroup, vpc)
    rules = [
        SecurityGroupRules(g.name, region, listing=listing, identifier=g.identifier, state="absent", needs=groups)
        for g in groups
    ]
    endpoints = unwanted(VpcEndpoint, vpc, subnets, tables, groups)
    left = [
        AcceleratorGroup(
            item["GroupName"], region, listing=listing, identifier=item["GroupId"], state="absent", needs=vpc
        )
        for item in listing.security_groups()
        if vpc and item["GroupName"] == AcceleratorGroup.group_name
    ]
    return [*vpc, *internet, *egress, *logs, *subnets, *addresses, *nats, *tables, *groups, *rules, *endpoints, *left]


def _name_of(item: dict[str, Any], kind: type[NetworkResource]) -> str:
    return item.get("GroupName") or from_tag_list(item.get("Tags")).get("Name") or item[kind.id_key]
