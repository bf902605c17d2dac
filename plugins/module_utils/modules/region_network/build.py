# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wanted network as resources, and what is returned of it."""

from __future__ import annotations

from typing import Any

from ...aws.names import named, resource_tags
from ...aws.subnetting import derived_cidr, part_number
from ...aws.zones import ZoneError, choose_zones
from ...kernel import KNOWN_AFTER_APPLY, Cloud, CollectionError, InvalidInput, Known, Resource
from ...kernel.run import Composition
from ...resources.egress_gateway import EgressGateway
from ...resources.elastic_ip import ElasticIp
from ...resources.internet_gateway import InternetGateway
from ...resources.nat_gateway import NatGateway
from ...resources.network_listing import NetworkListing, NetworkResource
from ...resources.route_table import EVERYWHERE, EVERYWHERE_V6, RouteTable
from ...resources.security_group import DefaultSecurityGroupRules, Rule, SecurityGroup, SecurityGroupRules
from ...resources.subnet import Subnet
from ...resources.vpc import Vpc
from ...resources.vpc_endpoint import VpcEndpoint, service_name
from .arguments import tiers_of
from .checks import distinct_problems, subnet_problems
from .flow_logs import flow_log, left_of_flow_logs
from .strays import strays


class Network:
    """The wanted resources of one network, by what they are for."""

    def __init__(self, params: dict[str, Any], listing: NetworkListing) -> None:
        self.params = params
        self.listing = listing
        self.region = listing.region
        self.name = listing.marks["network"]
        self.zones = {zone[-1]: zone for zone in params["zones"]}
        self.tags = {**resource_tags(params, self.region), "network": self.name}
        self.tiers = tiers_of(params)
        self.resources: list[Resource] = []

        self.vpc = self._add(
            Vpc, self.name, cidr=params["cidr"], dns_support=True, dns_hostnames=True, ipv6=params["ipv6"]
        )
        self.subnets = {tier["tier"]: self._subnets(index, tier) for index, tier in enumerate(self.tiers)}
        internet = any(tier["route"] == "internet" for tier in self.tiers)
        self.internet = self._add(InternetGateway, self.name, vpc=self.vpc.ref("id")) if internet else None
        out = params["ipv6"] and any(tier["route"] == "nat" for tier in self.tiers)
        self.egress = self._add(EgressGateway, self.name, vpc=self.vpc.ref("id")) if out else None
        self.nats = self._nat_gateways()
        self.route_tables = [table for tier in self.tiers for table in self._route_tables(tier)]
        self.groups = {group["name"]: self._security_group(group) for group in params["security_groups"]}
        for group in params["security_groups"]:
            self._security_group_rules(group)
        if params["empty_default_security_group"]:
            self._add(
                DefaultSecurityGroupRules,
                f"{self.name}-default",
                vpc=self.vpc.ref("id"),
                ingress=[],
                egress=[],
                tags=None,
            )
        self.endpoints = {service: self._gateway_endpoint(service) for service in params["gateway_endpoints"]}
        self.endpoints |= self._interface_endpoints(params["interface_endpoints"])
        if params["flow_logs"]:
            self.resources += flow_log(params, listing, self.vpc, self.tags)

    def _add(self, kind: type[NetworkResource], name: str, **wanted: Any) -> Any:
        tags = wanted.pop("tags", named(self.tags, name))
        resource = kind(
            name,
            self.region,
            listing=self.listing,
            purge_tags=self.params["purge_tags"],
            needs=wanted.pop("needs", ()),
            **wanted,
            **({} if tags is None else {"tags": tags}),
        )
        self.resources.append(resource)
        return resource

    def _subnets(self, index: int, tier: dict[str, Any]) -> dict[str, Subnet]:
        cidrs = tier["cidrs"] or [derived_cidr(self.params["cidr"], index, letter) for letter in self.zones]
        return {
            letter: self._add(
                Subnet,
                f"{self.name}-{tier['tier']}-{letter}",
                vpc=self.vpc.ref("id"),
                cidr=cidr,
                zone=zone,
                public_ip_on_launch=tier["public_ip_on_launch"],
                **self._with_ipv6(ipv6={"of": self.vpc.ref("ipv6_cidr"), "number": part_number(index, letter)}),
            )
            for (letter, zone), cidr in zip(self.zones.items(), cidrs, strict=True)
        }

    def _nat_gateways(self) -> dict[str, NatGateway]:
        if self.params["nat"] == "none":
            return {}
        first_public = next(tier["tier"] for tier in self.tiers if tier["route"] == "internet")
        letters = list(self.zones)
        if self.params["nat"] == "single":
            # One that exists stays where it is, whatever order the zones have now.
            standing = zones_with_nat(self.listing)
            letters = [letter for letter in letters if self.zones[letter] in standing][:1] or letters[:1]
        nats = {}
        for letter in letters:
            name = f"{self.name}-{letter}"
            address = self._add(ElasticIp, name)
            nats[letter] = self._add(
                NatGateway,
                name,
                subnet=self.subnets[first_public][letter].ref("id"),
                address=address.ref("id"),
                needs=[self.internet],  # without it, AWS lets the gateway fail
            )
        return nats

    def _route_tables(self, tier: dict[str, Any]) -> list[RouteTable]:
        """One for a public tier; one for each zone of others, so that a NAT gateway is a change of routes alone."""
        name, subnets = tier["tier"], self.subnets[tier["tier"]]
        if tier["route"] == "internet":
            way = self.internet.ref("id")
            return [self._route_table(f"{self.name}-{name}", way, list(subnets.values()), way)]
        tables = []
        for letter, subnet in subnets.items():
            nat = self.nats.get(letter) or next(iter(self.nats.values()), None)
            way = nat.ref("id") if nat and tier["route"] == "nat" else None
            egress = self.egress.ref("id") if self.egress and tier["route"] == "nat" else None
            tables.append(self._route_table(f"{self.name}-{name}-{letter}", way, [subnet], egress))
        return tables

    def _with_ipv6(self, **wanted: Any) -> dict[str, Any]:
        """What is wanted only of a network that has IPv6 too."""
        return wanted if self.params["ipv6"] else {}

    def _route_table(self, name: str, default_route: Any, subnets: list[Subnet], ipv6_route: Any) -> RouteTable:
        return self._add(
            RouteTable,
            name,
            vpc=self.vpc.ref("id"),
            default_route=default_route,
            subnets=[subnet.ref("id") for subnet in subnets],
            **self._with_ipv6(ipv6_route=ipv6_route),
        )

    def _security_group(self, group: dict[str, Any]) -> SecurityGroup:
        return self._add(
            SecurityGroup,
            group["name"],
            vpc=self.vpc.ref("id"),
            description=group.get("description") or group["name"],
        )

    def _security_group_rules(self, group: dict[str, Any]) -> None:
        egress = group.get("egress")
        self._add(
            SecurityGroupRules,
            group["name"],
            group=self.groups[group["name"]].ref("id"),
            ingress=self._rules(group.get("ingress") or []),
            egress=self._rules([self._everything()] if egress is None else egress),
            only_opens=self.params["keep_serving"],
            tags=None,
        )

    def _everything(self) -> dict[str, Any]:
        """The rule of egress that a group has by default."""
        cidrs = [EVERYWHERE, *([EVERYWHERE_V6] if self.params["ipv6"] else [])]
        return {"protocol": "all", "cidrs": cidrs, "description": ""}

    def _rules(self, rules: list[dict[str, Any]]) -> list[Rule]:
        normal: dict[Any, Rule] = {}
        for rule in rules:
            first = rule["port"] if rule.get("port") is not None else rule.get("from_port")
            last = rule["port"] if rule.get("port") is not None else rule.get("to_port")
            if rule["protocol"] == "icmp":
                first, last = (-1 if port is None else port for port in (first, last))
            group = rule.get("security_group")
            ends = [group] if group else rule.get("cidrs") or [rule["prefix_list"]]
            for end in ends:
                normal[(rule["protocol"], first, last, end)] = {
                    "protocol": rule["protocol"],
                    "from_port": first,
                    "to_port": last,
                    "source": self.groups[group].ref("id") if group else end,
                    "description": rule.get("description") or "",
                }
        return list(normal.values())

    def _gateway_endpoint(self, service: str) -> VpcEndpoint:
        return self._add(
            VpcEndpoint,
            f"{self.name}-{service}",
            vpc=self.vpc.ref("id"),
            service=service_name(self.region, service),
            type="Gateway",
            route_tables=[table.ref("id") for table in self.route_tables],
        )

    def _interface_endpoints(self, services: list[str]) -> dict[str, VpcEndpoint]:
        if not services:
            return {}
        group = {
            "name": f"{self.name}-endpoints",
            "description": "VPC endpoints",
            "ingress": [{"protocol": "tcp", "port": 443, "cidrs": [self.params["cidr"]], "description": "The VPC"}],
            "egress": [],
        }
        self.groups[group["name"]] = self._security_group(group)
        self._security_group_rules(group)
        tier = next((t for t in self.tiers if t["route"] != "internet"), self.tiers[0])["tier"]
        return {
            service: self._add(
                VpcEndpoint,
                f"{self.name}-{service}",
                vpc=self.vpc.ref("id"),
                service=service_name(self.region, service),
                type="Interface",
                subnets=[subnet.ref("id") for subnet in self.subnets[tier].values()],
                security_groups=[self.groups[group["name"]].ref("id")],
                private_dns=True,
            )
            for service in services
        }

    def outputs(self, known: Known) -> dict[str, Any]:
        def identifier(resource: Resource) -> Any:
            return known.attribute(resource, "id")

        return {
            "vpc_id": identifier(self.vpc),
            "cidr": self.params["cidr"],
            # A VPC that is to get a range has none yet.
            "ipv6_cidr": known.attribute(self.vpc, "ipv6_cidr") or KNOWN_AFTER_APPLY if self.params["ipv6"] else None,
            "zones": list(self.zones.values()),
            "subnets": {tier: [identifier(s) for s in by.values()] for tier, by in self.subnets.items()},
            "subnets_by_zone": {
                tier: {self.zones[letter]: identifier(s) for letter, s in by.items()}
                for tier, by in self.subnets.items()
            },
            "subnet_cidrs": {tier: [s.wanted["cidr"] for s in by.values()] for tier, by in self.subnets.items()},
            "route_table_ids": [identifier(table) for table in self.route_tables],
            "security_groups": {name: identifier(group) for name, group in self.groups.items()},
            "nat_public_ips": [known.attribute(nat, "public_ip") for nat in self.nats.values()],
            "vpc_endpoints": {service: identifier(endpoint) for service, endpoint in self.endpoints.items()},
        }


def zones_with_nat(listing: NetworkListing) -> set[str]:
    """The names of the zones in which the network has a NAT gateway."""
    zones = {subnet["SubnetId"]: subnet["AvailabilityZone"] for subnet in listing.subnets()}
    return {zones[nat["SubnetId"]] for nat in listing.nat_gateways() if nat["SubnetId"] in zones}


def wanted_zones(params: dict[str, Any], listing: NetworkListing) -> list[str]:
    """The names of the zones that the network stands in, or is to stand in.

    Raises:
        InvalidInput: the account does not have them, or two of them are one.
    """
    with_nat = zones_with_nat(listing)
    used = {subnet["AvailabilityZone"]: subnet.get("AvailabilityZoneId", "") for subnet in listing.subnets()}
    kept = dict(sorted(used.items(), key=lambda zone: (zone[0] not in with_nat, zone[0])))
    try:
        zones = choose_zones(listing.region, listing.zones, params["zones"], params["zone_count"], kept)
    except ZoneError as error:
        raise InvalidInput([str(error)]) from error
    problems = distinct_problems(zones) or subnet_problems({**params, "zones": zones} if params["zones"] else params)
    if problems:
        raise InvalidInput(problems)
    return zones


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    region = params.get("region") or cloud.region
    if not region:
        raise CollectionError("region is not given, neither as a parameter nor in the environment (AWS_REGION).")
    listing = NetworkListing(cloud, region, params["workload"], params["name"] or params["workload"])
    listing.read_everything()
    if params["state"] == "absent":
        removed = strays(listing, [], with_vpc=True)
        return Composition([*removed, *left_of_flow_logs(listing, removed)])
    network = Network({**params, "zones": wanted_zones(params, listing)}, listing)
    removed = strays(listing, network.resources, with_vpc=False)
    removed += left_of_flow_logs(listing, [*network.resources, *removed])
    if params["keep_serving"]:
        for each in removed:
            each.waits = True
    return Composition([*network.resources, *removed], network.outputs)
