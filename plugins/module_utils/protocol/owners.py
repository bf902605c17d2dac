# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who processes a sale: one region, which everybody computes alike from the sale and the map alone."""

from __future__ import annotations

from hashlib import sha256

from .region_map import RegionMap
from .sale import Sale
from .states import ACTIVE


def weight(region: str, sale_id: str) -> int:
    """The weight of a region for a sale: the first 8 bytes, big-endian, of SHA-256 over `<region>\\n<sale id>`.

    UTF-8, the id in lower case. It never changes: regions that run different versions must choose alike.
    """
    return int.from_bytes(sha256(f"{region}\n{sale_id.lower()}".encode()).digest()[:8], "big")


def owner(sale: Sale, region_map: RegionMap | None) -> str | None:
    """The region that owns a sale under a map; None when there is no map or no region ACTIVE or HELD.

    Its home if that is ACTIVE or HELD. Otherwise, and for a sale without a home, the region with the highest weight
    among those ACTIVE and HELD: when a region leaves, only its own sales change owner.
    """
    candidates = region_map.candidates if region_map else []
    if sale.home in candidates:
        return sale.home
    return max(candidates, key=lambda region: (weight(region, sale.id), region), default=None)


def acts(region: str, sale: Sale, region_map: RegionMap | None) -> bool:
    """Whether `region` may act on a sale: it owns it and is ACTIVE. A HELD owner waits for the switch to end."""
    return region_map is not None and owner(sale, region_map) == region and region_map.state_of(region) == ACTIVE
