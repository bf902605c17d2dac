# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much may be written under one value of an index's hash key: what one partition of DynamoDB takes.

A partition takes 1,000 write units a second, each of 1 KB, also on demand, and a value of a hash key is in one. Where
an index cannot follow, the write of the table is throttled. ("Partitions and data distribution", "Key range throughput
exceeded", and "Global secondary indexes: provisioned throughput considerations" in DynamoDB's guide.)
"""

from __future__ import annotations

import time
from collections.abc import Hashable

from moto.dynamodb.models.dynamo_type import Item

UNIT_BYTES = 1024


class PartitionMeter:
    """Counts write units by value: a second's worth may come at once, and then as many as come back."""

    def __init__(self, units_a_second: float) -> None:
        self._rate = units_a_second
        self._left: dict[Hashable, tuple[float, float]] = {}

    def has(self, value: Hashable, units: int) -> bool:
        """Whether so many may be written now. More than a second's worth may when nothing else was written."""
        return self._now(value, time.monotonic()) >= min(units, self._rate)

    def take(self, value: Hashable, units: int) -> None:
        """They are written. What another region wrote comes anyway: then there is less for this one, for a second."""
        now = time.monotonic()
        self._left[value] = (max(self._now(value, now) - units, -self._rate), now)

    def _now(self, value: Hashable, now: float) -> float:
        left, at = self._left.get(value, (self._rate, now))
        return min(self._rate, left + (now - at) * self._rate)


def write_units(item: Item) -> int:
    """What it costs to write an item."""
    return -(-item.size() // UNIT_BYTES)
