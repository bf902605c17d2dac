# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The zones that one account sees in one region: their letters, ids, types and states, and what stands in which.

Which letter stands for which zone differs by account, and so does which zones there are. moto knows one account's;
others are told from outside: `python -m localcloud zones`, `Cloud.zones`, or POST /_localcloud/zones.
"""

from __future__ import annotations

import re
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend as MotoBackend
from moto.ec2.models import ec2_backends
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend, Zone
from moto.utilities.utils import filter_resources

from localcloud.options import ACCOUNT_ID

STATES = ("available", "information", "impaired", "unavailable", "constrained")
TYPES = ("availability-zone", "local-zone", "wavelength-zone")
OPT_IN = ("opt-in-not-required", "opted-in", "not-opted-in")

FILTERS = (
    ("zone-id", "zone_id"),
    ("zone-type", "zone_type"),
    ("zone-name", "name"),
    ("region-name", "region_name"),
    ("state", "state"),
    ("opt-in-status", "opt_in_status"),
    ("group-name", "group_name"),
)

FARGATE_ONLY_IN = {
    "us-west-1": {"usw1-az1", "usw1-az3"},
    "ap-northeast-1": {"apne1-az1", "apne1-az2", "apne1-az4"},
    "cn-north-1": {"cnn1-az1", "cnn1-az2"},
}
"""Regions in which only some zones have Fargate: ECS developer guide, supported Regions for Fargate."""


class RegionZone(Zone):
    """A zone as DescribeAvailabilityZones tells it."""

    def __init__(self, name: str, region: str, zone_id: str, kind: str, state: str, opt_in: str):
        super().__init__(name, region, zone_id, kind)
        self.zone_name = name
        self.state = state
        self.opt_in_status = opt_in
        self.group_name = f"{region}-zg-1" if kind == TYPES[0] else name[:-1]
        self.network_border_group = region if kind == TYPES[0] else name[:-1]

    @property
    def is_open(self) -> bool:
        """Whether the account may use it."""
        return self.opt_in_status != "not-opted-in"


class Zones(MotoBackend):
    """The part of EC2 that knows the zones."""

    def __init__(self, region_name: str, account_id: str) -> None:
        self.seen_zones = usual_zones(region_name)
        super().__init__(region_name, account_id)

    def describe_availability_zones(
        self,
        filters: Any = None,
        zone_names: list[str] | None = None,
        zone_ids: list[str] | None = None,
        every: bool = False,
    ) -> list[Zone]:
        """Those the account may use; all with `every` (AllAvailabilityZones)."""
        found = [zone for zone in self.seen_zones if every or zone.is_open]
        for asked, told in ((zone_names, "name"), (zone_ids, "zone_id")):
            unknown = [name for name in asked or [] if name not in {getattr(zone, told) for zone in self.seen_zones}]
            if unknown:
                raise EC2ClientError("InvalidParameterValue", f"Invalid availability zone: [{unknown[0]}]")
            found = [zone for zone in found if not asked or getattr(zone, told) in asked]
        return filter_resources(found, filters, FILTERS) if filters else found

    def create_subnet(
        self,
        vpc_id: str,
        cidr_block: str,
        ipv6_cidr_block: str | None = None,
        availability_zone: str | None = None,
        availability_zone_id: str | None = None,
        *arguments: Any,
        **settings: Any,
    ) -> Any:
        zones = self.describe_availability_zones()
        asked = availability_zone or availability_zone_id
        zone = next((each for each in zones if not asked or asked in (each.name, each.zone_id)), None)
        if zone is None:
            parameter = "availabilityZone" if availability_zone else "availabilityZoneId"
            valid = ", ".join(each.name if availability_zone else each.zone_id for each in zones)
            raise EC2ClientError(
                "InvalidParameterValue",
                f"Value ({asked}) for parameter {parameter} is invalid. Subnets can currently only be created in the "
                f"following availability zones: {valid}.",
            )
        subnet = super().create_subnet(vpc_id, cidr_block, ipv6_cidr_block, zone.name, None, *arguments, **settings)
        subnet._availability_zone = zone
        return subnet

    def create_nat_gateway(self, subnet_id: str, *arguments: Any, **settings: Any) -> Any:
        zone = self.get_subnet(subnet_id)._availability_zone
        if zone.zone_type != TYPES[0] or zone.state == "constrained":
            raise EC2ClientError("NotAvailableInZone", "Nat Gateway is not available in this availability zone")
        return super().create_nat_gateway(subnet_id, *arguments, **settings)


def usual_zones(region: str) -> list[Zone]:
    """The zones as moto has them; three in a region it has none of."""
    known = RegionsAndZonesBackend.zones.get(region) or [
        Zone(f"{region}{letter}", region, f"{region.replace('-', '')}-az{number}")
        for number, letter in enumerate("abc", 1)
    ]
    zones: list[Zone] = [RegionZone(z.name, region, z.zone_id, z.zone_type, z.state, OPT_IN[0]) for z in known]
    _teach(region, zones)
    return zones


def _teach(region: str, zones: list[Zone]) -> None:
    """moto looks for the zone of a subnet in a table of its own, and answers with the one it is given afterwards."""
    names = {zone.name for zone in RegionsAndZonesBackend.zones.setdefault(region, [])}
    RegionsAndZonesBackend.zones[region] += [zone for zone in zones if zone.name not in names]


def set_zones(wanted: dict[str, Any]) -> dict[str, Any]:
    """Give a region its zones, in this order: `{"region", "zones", "account"?}`; answers with them.

    A zone is `{"name" or "letter", "id", "state"?, "type"?, "opt_in"?}`.

    Raises:
        ValueError: for what no zone can be.
    """
    region = wanted["region"]
    if region not in ec2_backends[ACCOUNT_ID].regions:
        raise ValueError(f"region {region!r}: AWS has no region of that name")
    zones: list[Zone] = [_zone(region, told) for told in wanted["zones"]]
    if len({zone.name for zone in zones}) < len(zones) or len({zone.zone_id for zone in zones}) < len(zones):
        raise ValueError("two zones have one name or one id")
    _teach(region, zones)
    ec2_backends[wanted.get("account") or ACCOUNT_ID][region].seen_zones = zones  # type: ignore[attr-defined]
    return {"region": region, "zones": [f"{zone.name}={zone.zone_id}:{zone.state}" for zone in zones]}


def _zone(region: str, told: dict[str, Any]) -> RegionZone:
    name = told.get("name") or f"{region}{told['letter']}"
    if not re.fullmatch(rf"{re.escape(region)}(-[a-z0-9]+-[a-z0-9]+-?\d*)?[a-z]", name):
        raise ValueError(f"zone {name!r}: a zone of {region} is called {region}a, or {region}-bos-1a")
    kind, state = told.get("type", TYPES[0]), told.get("state", STATES[0])
    opt_in = told.get("opt_in", OPT_IN[0])
    for value, valid in ((kind, TYPES), (state, STATES), (opt_in, OPT_IN)):
        if value not in valid:
            raise ValueError(f"zone {name!r}: {value!r} is none of {', '.join(valid)}")
    return RegionZone(name, region, told["id"], kind, state, opt_in)


def has_fargate(zone: Zone) -> bool:
    """Whether Fargate's tasks can be placed in a zone."""
    only = FARGATE_ONLY_IN.get(zone.region_name)
    return zone.zone_type == TYPES[0] and (only is None or zone.zone_id in only)
