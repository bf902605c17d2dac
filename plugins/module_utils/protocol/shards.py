# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The values of an index's hash key among which items are spread: DynamoDB writes only so much under one value.

Whoever writes an item takes the value from its id, and whoever reads asks for all values, also for the one of before.
"""

from __future__ import annotations

import hashlib

from .attributes import UNPROCESSED
from .limits import UNPROCESSED_SHARDS


def shard_value(identifier: str, first: str = UNPROCESSED, shards: int = UNPROCESSED_SHARDS) -> str:
    """The value of an item, which its id tells: `yes#7`. Every writer finds the same, so no item is under two."""
    digest = hashlib.sha256(identifier.lower().encode()).digest()
    return numbered_values(first, shards)[int.from_bytes(digest[:8], "big") % shards]


def shard_values(first: str = UNPROCESSED, shards: int = UNPROCESSED_SHARDS) -> list[str]:
    """Every value under which items may be; the first is that of items written before there were shards."""
    return [first, *numbered_values(first, shards)]


def numbered_values(first: str, shards: int) -> list[str]:
    """Every value that items are written under: `yes#0`, `yes#1` …"""
    return [f"{first}#{number}" for number in range(shards)]
