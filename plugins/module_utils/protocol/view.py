# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reader believes, and how long it may act on it.

A view is the map with the highest epoch among all items in the local replica, the region's own and its peers'. So a
region that the operator cannot reach still learns through replication that it was switched off.
"""

from __future__ import annotations

from collections.abc import Iterable

from .limits import VIEW_TTL_SECONDS
from .region_map import RegionMap, highest


class View:
    """The highest map seen so far and the right to claim that the last local read gave.

    All times are seconds of one monotonic clock.
    """

    def __init__(self, ttl: float = VIEW_TTL_SECONDS) -> None:
        self.ttl = ttl
        self.map: RegionMap | None = None
        self._claim_until: float | None = None

    def observe(self, maps: Iterable[RegionMap], read_sent: float) -> RegionMap | None:
        """Take in a strongly consistent read of the local replica that was sent at `read_sent`.

        The right to claim is counted from the sending: the answer may have been true only at that moment. An empty
        read is no evidence of anything, so it prolongs nothing. MapConflict leaves map and right as they were.
        """
        found = list(maps)
        self._raise_to(found)
        if found:
            self._claim_until = max(read_sent + self.ttl, self._claim_until or read_sent)
        return self.map

    def observe_peer(self, maps: Iterable[RegionMap]) -> RegionMap | None:
        """Take in a read of a peer's replica: it may raise the map, and never prolongs the right to claim.

        The fence counts on every reader reading the items that the operator wrote in the reader's own region.
        """
        self._raise_to(list(maps))
        return self.map

    def may_claim(self, now: float) -> bool:
        """Whether what was read may still be acted on; to be asked right before every claim."""
        return self.map is not None and self._claim_until is not None and now < self._claim_until

    def has_gap(self, read_sent: float) -> bool:
        """Whether a read sent now comes after a time in which nothing at all was known."""
        return self._claim_until is None or read_sent >= self._claim_until

    def _raise_to(self, found: list[RegionMap]) -> None:
        self.map = highest([*found, self.map] if self.map else found)
