# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loopback addresses that stand for a subnet's."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.runner.addresses import Addresses, NoAddress, loopback_network

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


@pytest.mark.parametrize(
    ("cidr", "expected"),
    [
        ("10.20.1.0/24", "127.20.1.0/24"),
        ("10.0.1.0/24", "127.100.1.0/24"),
        ("172.31.16.0/20", "127.31.16.0/20"),
        ("10.0.0.0/8", "127.100.0.0/16"),
    ],
)
def test_the_subnet_stays_readable(cidr, expected):
    assert str(loopback_network(cidr)) == expected


@given(st.integers(0, 2**32 - 1), st.integers(16, 28))
def test_every_subnet_has_a_range_that_the_machine_does_not_use(number, length):
    subnet = ipaddress.ip_network((number, length), strict=False)
    stands_for = loopback_network(str(subnet))
    assert stands_for.subnet_of(LOOPBACK)
    assert not stands_for.overlaps(ipaddress.ip_network("127.0.0.0/12"))
    assert stands_for.num_addresses == subnet.num_addresses


def test_addresses_are_held_and_given_in_turn():
    first, second = Addresses(), Addresses()  # two clouds on one machine
    held = [cloud.lease("10.249.7.0/28") for cloud in (first, second, first)]
    try:
        assert len({lease.address for lease in held}) == 3
        assert all(lease.address.startswith("127.249.7.") for lease in held)
        freed = held[0].address
        held[0].release()
        held[0] = first.lease("10.249.7.0/28")
        assert held[0].address != freed, "a freed address is not used again at once"
    finally:
        for lease in held:
            lease.release()


def test_a_full_subnet_says_so():
    addresses = Addresses()
    # AWS keeps five of the sixteen.
    held = [addresses.lease("10.248.7.16/28") for _number in range(11)]
    try:
        assert sorted(int(lease.address.rpartition(".")[2]) for lease in held) == list(range(20, 31))
        with pytest.raises(NoAddress, match=r"no free address among the 11 of 10\.248\.7\.16/28"):
            addresses.lease("10.248.7.16/28")
        held.pop().release()
        held.append(addresses.lease("10.248.7.16/28"))
    finally:
        for lease in held:
            lease.release()
