# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What processing a sale writes, and in which order.

The order is what makes a crash at any point harmless: DONE is written only when the lake object exists, the sale
leaves the unprocessed index only when DONE exists, and the message goes only when nothing is left to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .attributes import DONE_AT_ATTRIBUTE, DONE_IN_ATTRIBUTE, TTL_ATTRIBUTE
from .limits import DONE_RETENTION_SECONDS, DONE_SHARDS
from .sale import Sale
from .shards import numbered_values, shard_value

CLAIM = "claim"
LAKE = "lake"
DONE = "done"
SALE = "sale"
DELETE = "delete"
WRITE_ORDER = (CLAIM, LAKE, DONE, SALE, DELETE)


@dataclass(frozen=True)
class LakeObject:
    """PutObject: doing it twice is doing it once."""

    key: str
    body: bytes


def lake_object(sale: Sale) -> LakeObject:
    """The lake object of a sale; a function of the sale alone."""
    return LakeObject(sale.lake_key, sale.lake_bytes)


def done_keys(region: str) -> list[str]:
    """The keys under which the index of DONEs holds what a region has done."""
    return numbered_values(region, DONE_SHARDS)


def done_item(sale: Sale, region: str, now: int) -> dict[str, Any]:
    """The plain DONE item, under the plain sale id in the idempotency table (where the reference worker looks too).

    now: unix seconds. Who wrote it last does not matter: every DONE of a sale says the same of the lake.
    """
    return {
        "id": sale.id,
        "done_by": region,
        DONE_AT_ATTRIBUTE: now,
        DONE_IN_ATTRIBUTE: shard_value(sale.id, region, DONE_SHARDS),
        "lake_key": sale.lake_key,
        TTL_ATTRIBUTE: now + DONE_RETENTION_SECONDS,
    }
