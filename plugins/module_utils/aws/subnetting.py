# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arithmetic of address ranges: which block of a VPC a subnet gets, what overlaps, what AWS accepts.

A derived block depends on the VPC's range, the position of the tier and the letter of the zone, and on nothing else, so
that no subnet ever moves because a zone or another tier came or went.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import combinations
from typing import Any

ZONE_LETTERS = "abcdefgh"
DERIVED_TIERS = 4
DERIVED_BITS = 5
"""A VPC is cut into 2 ** 5 blocks: 4 tiers of 8 zones."""

IPV6_VPC_BITS, IPV6_SUBNET_BITS = 56, 64
"""Lengths of the IPv6 ranges that Amazon gives to VPCs, and of those of their subnets."""

LARGEST_PREFIX, SMALLEST_PREFIX = 16, 28
"""Lengths that AWS accepts for VPCs and subnets: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""

ZONE_NAME = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d[a-h]")

ZONE_ID = re.compile(r"[a-z]+\d*-az\d+")
"""What a zone is called in every account, such as `use1-az1`; which letter it has differs."""


def derived_cidr(vpc: str, tier: int, zone: str) -> str:
    """The block of the `tier`-th tier (from 0) in `zone` (a letter or a whole name) of the range `vpc`."""
    network = IPv4Network(vpc)
    block = tier * len(ZONE_LETTERS) + ZONE_LETTERS.index(zone[-1])
    size = 2 ** (32 - network.prefixlen - DERIVED_BITS)
    return f"{network.network_address + block * size}/{network.prefixlen + DERIVED_BITS}"


def part_number(tier: int, zone: str) -> int:
    """Which /64 of a VPC's IPv6 range the subnet of a tier in a zone has; 31 tiers of 8 zones have one."""
    return tier * len(ZONE_LETTERS) + ZONE_LETTERS.index(zone[-1])


def part_of(vpc: str, number: int) -> str:
    """The `number`-th /64 of the IPv6 range `vpc`, a /56."""
    return f"{IPv6Network(vpc).network_address + (number << IPV6_SUBNET_BITS)}/{IPV6_SUBNET_BITS}"


def as_part(subnet: str) -> dict[str, Any]:
    """The same the other way round: the range and the number of a /64."""
    network = IPv6Network(subnet)
    whole = network.supernet(new_prefix=IPV6_VPC_BITS)
    number = int(network.network_address) - int(whole.network_address) >> IPV6_SUBNET_BITS
    return {"of": str(whole), "number": number}


def cidr_problem(what: str, cidr: str) -> str | None:
    """Why `cidr` cannot be the IPv4 range of a VPC or subnet, or None."""
    try:
        network = IPv4Network(cidr, strict=False)
    except ValueError:
        return f"{what} is {cidr!r}; it must be an IPv4 range such as 10.10.0.0/16."
    if str(network) != cidr:
        return f"{what} is {cidr!r}; the range it lies in is written {network}."
    if not LARGEST_PREFIX <= network.prefixlen <= SMALLEST_PREFIX:
        return f"{what} is {cidr}; AWS accepts /{LARGEST_PREFIX} to /{SMALLEST_PREFIX}."
    return None


def overlaps(ranges: Iterable[tuple[str, str]]) -> list[str]:
    """A sentence for each two of the `(name, valid cidr)` that overlap."""
    return [
        f"{one} {first} and {other} {second} overlap."
        for (one, first), (other, second) in combinations(ranges, 2)
        if ip_network(first).overlaps(ip_network(second))
    ]
