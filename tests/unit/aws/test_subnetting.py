# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ranges that subnets get: within the VPC, never overlapping, and the same whatever else there is."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.aws.subnetting import (
    DERIVED_TIERS,
    ZONE_LETTERS,
    cidr_problem,
    derived_cidr,
    overlaps,
)


@st.composite
def vpcs(draw: st.DrawFn) -> str:
    prefix = draw(st.integers(16, 23))
    address = draw(st.integers(0, 2**32 - 1)) >> (32 - prefix) << (32 - prefix)
    return str(IPv4Network((address, prefix)))


@given(vpcs())
def test_derived_subnets_fill_the_vpc_without_overlapping(vpc: str) -> None:
    places = list(product(range(DERIVED_TIERS), ZONE_LETTERS))
    subnets = [IPv4Network(derived_cidr(vpc, tier, zone)) for tier, zone in places]
    assert all(subnet.subnet_of(IPv4Network(vpc)) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))
    assert sum(subnet.num_addresses for subnet in subnets) == IPv4Network(vpc).num_addresses
    assert all(cidr_problem("subnet", str(subnet)) is None for subnet in subnets)


def test_the_letter_of_the_zone_decides_not_how_it_is_written() -> None:
    assert derived_cidr("10.10.0.0/16", 1, "b") == derived_cidr("10.10.0.0/16", 1, "sa-east-1b") == "10.10.72.0/21"


@pytest.mark.parametrize(
    ("cidr", "said"),
    [
        ("10.0.0.0/15", "/16 to /28"),
        ("10.0.0.0/29", "/16 to /28"),
        ("10.0.0.1/16", "written 10.0.0.0/16"),
        ("ten", "must be an IPv4 range"),
        ("2001:db8::/56", "must be an IPv4 range"),
    ],
)
def test_what_cannot_be_a_range_is_named(cidr: str, said: str) -> None:
    problem = cidr_problem("cidr", cidr)
    assert problem is not None and said in problem and cidr in problem


def test_overlaps_name_both_sides() -> None:
    ranges = [("one", "10.0.0.0/16"), ("two", "10.0.128.0/17"), ("three", "10.1.0.0/16")]
    assert overlaps(ranges) == ["one 10.0.0.0/16 and two 10.0.128.0/17 overlap."]
