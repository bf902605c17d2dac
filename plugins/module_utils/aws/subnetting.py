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
from ipaddress import IPv4Network, ip_network
from itertools import combinations

ZONE_LETTERS = "abcdefgh"
DERIVED_TIERS = 4
DERIVED_BITS = 5
"""A VPC is cut into 2 ** 5 blocks: 4 tiers of 8 zones."""

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
