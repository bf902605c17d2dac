# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks of a workload, each connected to every other one, or all to one of them.

It runs once, for all regions: a connection has two sides, and whoever makes it must reach both.
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

from ..aws.names import named, resource_tags
from ..aws.subnetting import cidr_problem, overlaps
from ..kernel import Cloud, CollectionError, Known, Resource
from ..kernel.run import Composition, ModuleDefinition
from ..resources.vpc_peering import PeeringListing, PeeringOptions, PeeringRoutes, VpcPeering
from .shared_arguments.dead import DEAD_ARGUMENT, dead_problems

REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def problems(params: dict[str, Any]) -> list[str]:
    """Every reason why these parameters cannot be right."""
    found = []
    networks = params["networks"]
    regions = [network["region"] for network in networks]
    for region in regions:
        if not REGION.fullmatch(region):
            found.append(f"networks has the region {region!r}; the name of a region, such as sa-east-1, is valid.")
    for region in sorted({region for region in regions if regions.count(region) > 1}):
        found.append(f"networks has {region} twice; give one network for each region.")
    found += hub_problems("networks", regions, params["hub"])
    found += dead_problems(params, regions)
    if params["state"] == "absent":
        return found
    wrong = []
    for network in networks:
        if not network["cidr"]:
            wrong.append(f"networks: cidr of {network['region']} is required with state=present.")
        else:
            wrong.append(cidr_problem(f"networks: cidr of {network['region']}", network["cidr"]))
    wrong = [text for text in wrong if text]
    # AWS never activates a connection between ranges that overlap.
    return found + (wrong or overlaps([(f"networks: {each['region']}", each["cidr"]) for each in networks]))


def hub_problems(variable: str, regions: list[str], hub: str | None) -> list[str]:
    """Why a hub cannot be the one of these regions."""
    if hub is None or hub in regions:
        return []
    return [f"hub is {hub!r}, which {variable} does not have; give one of {', '.join(regions)}."]


def wanted_pairs(regions: list[str], hub: str | None) -> list[tuple[str, str]]:
    """The regions whose networks are connected: every two, or each with the hub."""
    return [pair for pair in combinations(sorted(set(regions)), 2) if hub is None or hub in pair]


def parted_pairs(regions: list[str], hub: str | None) -> list[tuple[str, str]]:
    """Those that are not, and do not reach each other through the hub either: peering is not transitive."""
    return sorted(set(combinations(sorted(set(regions)), 2)) - set(wanted_pairs(regions, hub)))


class Peerings:
    """The wanted resources that connect the networks, by pair of regions."""

    def __init__(self, params: dict[str, Any], listings: dict[str, PeeringListing]) -> None:
        self.params = params
        self.listings = listings
        self.cidrs = {network["region"]: network["cidr"] for network in params["networks"]}
        self.peerings: dict[str, VpcPeering] = {}
        self.resources: list[Resource] = []
        # With `absent` whatever is there goes, however it was connected.
        hub = params["hub"] if params["state"] == "present" else None
        for region, peer in wanted_pairs([*(self.cidrs.keys() - {*params["dead"]})], hub):
            self._connect(region, peer)

    def _connect(self, region: str, peer: str) -> None:
        name, state = f"{region} {peer}", self.params["state"]
        peering = VpcPeering(
            name,
            region,
            listing=self.listings[region],
            peer_region=peer,
            state=state,
            purge_tags=self.params["purge_tags"],
            vpc=self.listings[region].vpc_id(),
            peer_vpc=self.listings[peer].vpc_id(),
            status="active",
            tags=named({**resource_tags(self.params, region), "network": self.listings[region].marks["network"]}, name),
        )
        self.peerings[name] = peering
        self.resources.append(peering)
        for side, other in ((region, peer), (peer, region)):
            if state == "present":
                self.resources.append(
                    PeeringOptions(
                        name,
                        side,
                        listing=self.listings[side],
                        peering=peering,
                        dns_resolution=self.params["dns_resolution"],
                    )
                )
            self.resources.append(
                PeeringRoutes(
                    f"{side} to {other}",
                    side,
                    listing=self.listings[side],
                    peering=peering,
                    state=state,
                    destination=self.cidrs[other],
                    missing_in=[],
                )
            )


def check_ranges(params: dict[str, Any], listings: dict[str, PeeringListing]) -> None:
    """Refuse to route to a range that the VPC over there does not have.

    Raises:
        CollectionError: a VPC exists with another range than the one given.
    """
    for network in params["networks"]:
        listing = listings.get(network["region"])
        vpc = listing and listing.vpc()
        if vpc and network["cidr"] and vpc["CidrBlock"] != network["cidr"]:
            raise CollectionError(
                f"networks: cidr of {network['region']} is {network['cidr']}, but the VPC {vpc['VpcId']} there has "
                f"{vpc['CidrBlock']}. Give the range that the network was made with."
            )


def strays(cloud: Cloud, params: dict[str, Any], listings: dict[str, PeeringListing]) -> list[Resource]:
    """Connections of this network to regions that are not listed, or of two that only meet the hub, as resources to
    remove, with their routes. A region that is dead is not asked.
    """
    wanted = {frozenset(pair) for pair in wanted_pairs(list(listings), params["hub"])}
    ends: set[tuple[str, str]] = set()
    for region, listing in listings.items():
        for item in filter(listing.carries_marks, listing.connections()):
            pair = item["RequesterVpcInfo"].get("Region"), item["AccepterVpcInfo"].get("Region")
            if region in pair and frozenset(pair) not in wanted and not {*params["dead"]}.intersection(pair):
                ends.add(pair)
    removed: list[Resource] = []
    for region, peer in sorted(ends):
        for end in (region, peer):
            if end not in listings:
                listings[end] = PeeringListing(cloud, end, **next(iter(listings.values())).marks)
        peering = VpcPeering(f"{region} {peer}", region, listing=listings[region], peer_region=peer, state="absent")
        removed.append(peering)
        for side, other in ((region, peer), (peer, region)):
            removed.append(
                PeeringRoutes(
                    f"{side} to {other}",
                    side,
                    listing=listings[side],
                    peering=peering,
                    state="absent",
                )
            )
    return removed


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    network = params["name"] or params["workload"]
    listings = {
        each["region"]: PeeringListing(cloud, each["region"], params["workload"], network)
        for each in params["networks"]
        if each["region"] not in params["dead"]
    }
    PeeringListing.side_by_side([listing.read_everything for listing in listings.values()])
    if params["state"] == "present":
        check_ranges(params, listings)
    purged = strays(cloud, params, listings) if params["state"] == "present" and params["purge_peerings"] else []
    wanted = Peerings(params, listings)
    parted = parted_pairs([each["region"] for each in params["networks"]], params["hub"])

    def outputs(known: Known) -> dict[str, Any]:
        return {
            "peerings": {name: known.attribute(peering, "id") for name, peering in wanted.peerings.items()},
            "parted": [f"{region} {peer}" for region, peer in parted],
        }

    return Composition([*wanted.resources, *purged], outputs)


MODULE = ModuleDefinition(
    arguments={
        "name": {"type": "str"},
        "networks": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {"region": {"type": "str", "required": True}, "cidr": {"type": "str"}},
        },
        "hub": {"type": "str"},
        "dns_resolution": {"type": "bool", "default": True},
        "purge_peerings": {"type": "bool", "default": True},
        **DEAD_ARGUMENT,
    },
    services=("ec2",),
    build=build,
    problems=problems,
)
