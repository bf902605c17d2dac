# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every task has an address of its own, so that container ports stay as they are.

On Linux all of 127.0.0.0/8 is the loopback interface, and any of its addresses can be bound. A task in subnet
10.20.1.0/24 lives at 127.20.1.x: the region and zone stay readable in it. Two clouds on one machine must not meet, so
an address is held, for as long as the task lives, by a UDP socket bound to it: the kernel is the registry, and frees it
whatever becomes of this process.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator

LEASE_PORT = 51678
"""The port of the ECS agent's introspection API, which nothing else here uses."""

RESERVED_FIRST, RESERVED_LAST = 4, 1
"""AWS keeps the first four addresses of every subnet and the last one for itself."""

FIRST_SECOND_OCTET = 16
"""127.0.x.y to 127.15.x.y are left to the machine itself (127.0.0.1, resolvers)."""


class NoAddress(Exception):
    """A subnet has no free address left."""


class Lease:
    """One address, held until released."""

    def __init__(self, address: str, holder: socket.socket):
        self.address = address
        self._holder = holder

    def release(self) -> None:
        self._holder.close()


class Addresses:
    """Hands out loopback addresses, each subnet's in turn, so that a freed one is not used again at once."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def lease(self, cidr: str) -> Lease:
        """Hold a free address of the subnet.

        Raises:
            NoAddress: every address of it is taken.
        """
        network = loopback_network(cidr)
        usable = network.num_addresses - RESERVED_FIRST - RESERVED_LAST
        for offset in _rotation(self._next.get(cidr, 0), usable):
            address = str(network[RESERVED_FIRST + offset])
            holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                holder.bind((address, LEASE_PORT))
            except OSError:
                holder.close()
                continue
            self._next[cidr] = (offset + 1) % usable
            return Lease(address, holder)
        raise NoAddress(f"no free address among the {usable} of {cidr} (loopback range {network})")


def loopback_network(cidr: str) -> ipaddress.IPv4Network:
    """The loopback range that stands for a subnet's: the same low octets, and 127 in front."""
    network = ipaddress.IPv4Network(cidr)
    second = int(network.network_address) >> 16 & 255
    if second < FIRST_SECOND_OCTET:
        second += 100
    low = int(network.network_address) & 0xFFFF
    return ipaddress.IPv4Network(((127 << 24) + (second << 16) + low, max(network.prefixlen, 16)))


def _rotation(first: int, size: int) -> Iterator[int]:
    yield from range(first, size)
    yield from range(min(first, size))
