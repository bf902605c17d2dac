# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Availability Zones a network stands in: those it stands in already, then the first that admit what it needs.

Zones differ by account: which letter stands for which zone, and which letters there are. EC2 tells them. Which zones
have Fargate it does not tell, so that is a table here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .subnetting import ZONE_LETTERS

FARGATE_ONLY_IN = {
    "us-west-1": frozenset({"usw1-az1", "usw1-az3"}),
    "ap-northeast-1": frozenset({"apne1-az1", "apne1-az2", "apne1-az4"}),
    "cn-north-1": frozenset({"cnn1-az1", "cnn1-az2"}),
}
"""Zone ids that have Fargate, in the regions where not all have it: ECS developer guide, supported Regions for
Fargate."""

LAST_TAKEN = frozenset({"use1-az3"})
"""Zones that lack a part of what others have (Fargate on ARM64, One Zone file systems); taken only if asked for."""

AVAILABILITY_ZONE = "availability-zone"

AT_WORK = ("available", "information")
"""States in which a zone takes new things. The others are impaired, unavailable and constrained."""


class ZoneError(ValueError):
    """The zones that are wanted cannot be had; the message says why, and which can."""


@dataclass(frozen=True)
class Zone:
    """One zone as EC2 tells it."""

    name: str
    id: str
    type: str
    state: str
    open: bool
    """Whether the account may use it."""

    @classmethod
    def read(cls, told: dict[str, Any]) -> Zone:
        return cls(
            told["ZoneName"],
            told["ZoneId"],
            told.get("ZoneType", AVAILABILITY_ZONE),
            told.get("State", "available"),
            told.get("OptInStatus") != "not-opted-in",
        )

    @property
    def letter(self) -> str:
        return self.name[-1]

    def lacks(self, region: str) -> str:
        """What of subnets, NAT gateways and Fargate cannot be there, in words; empty if nothing."""
        if self.type != AVAILABILITY_ZONE:
            return f"is a {self.type}, not an Availability Zone"
        if not self.open:
            return "is not enabled in this account"
        if self.id not in FARGATE_ONLY_IN.get(region, {self.id}):
            return "has no Fargate"
        return "" if self.letter in ZONE_LETTERS else f"has a letter after {ZONE_LETTERS[-1]}"


def choose_zones(
    region: str, ask: Callable[[], list[dict[str, Any]]], asked: list[str] | None, count: int, used: dict[str, str]
) -> list[str]:
    """The whole names of the zones of a network.

    Those `asked` for (letters, names, ids) in their order; else `count` of them in the order of their names. `used` are
    the zones in which the network has subnets, name to id, those first that are to be kept first. They stay, whatever
    their state and whatever order AWS tells. `ask` gives what EC2 tells of the zones; it is called if that matters.

    Raises:
        ZoneError: a zone that is asked for does not exist or does not admit what is needed, or there are too few.
    """
    if asked:
        names = [_one_of(used.items(), name, region) for name in asked]
        if all(names):
            return names
    elif len(used) >= count:
        return sorted(list(used)[:count])
    zones = sorted((Zone.read(each) for each in ask()), key=lambda zone: zone.name)
    if asked:
        return [_asked_zone(region, zones, name, used) for name in asked]
    free = [
        zone.name
        for zone in sorted(zones, key=lambda zone: (zone.id in LAST_TAKEN, zone.name))
        if zone.name not in used and zone.state in AT_WORK and not zone.lacks(region)
    ]
    chosen = [*used, *free[: count - len(used)]]
    if len(chosen) < count:
        raise ZoneError(
            f"zone_count is {count}, and this account can use {len(chosen)} zones in {region}: "
            f"{_listed(zones, region)}."
        )
    return sorted(chosen)


def _one_of(zones: Iterable[tuple[str, str]], asked: str, region: str) -> str:
    """The name of the zone that `asked` (a letter, a name or an id) stands for; empty if it is none of these."""
    return next((name for name, its_id in zones if asked in (name, its_id, name.removeprefix(region))), "")


def _asked_zone(region: str, zones: list[Zone], asked: str, used: dict[str, str]) -> str:
    name = _one_of(((zone.name, zone.id) for zone in zones), asked, region)
    if not name:
        raise ZoneError(
            f"zones has {asked!r}, which this account does not have in {region}. Valid are {_listed(zones, region)}."
        )
    zone = next(each for each in zones if each.name == name)
    why = zone.lacks(region)
    if not why and zone.state not in AT_WORK and zone.name not in used:
        why = f"is {zone.state}"
    if why:
        raise ZoneError(f"zones has {asked!r}; {zone.name} ({zone.id}) {why}. Valid are {_listed(zones, region)}.")
    return zone.name


def _listed(zones: list[Zone], region: str) -> str:
    valid = [zone for zone in zones if zone.state in AT_WORK and not zone.lacks(region)]
    return ", ".join(f"{zone.letter} ({zone.name}, {zone.id})" for zone in valid) or "none"
