# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that wakes up may believe a map that ended while it slept; joining is how it finds out.

On start, and after a gap longer than the ttl, a task claims nothing until one of these, all after the start:
it has read the items through a peer's own endpoint, it has seen its own region's item change, its map names no peer,
or its patience has ended with no peer answering.
"""

from __future__ import annotations

from collections.abc import Iterable

from .limits import JOIN_PATIENCE_SECONDS
from .region_map import RegionMap

BY_PEER = "peer"
BY_OWN_ITEM = "own item changed"
NO_PEERS = "no peers"
ALONE = "alone"


class Joining:
    """One joining, from `started` (monotonic seconds) until `reason` says why it ended."""

    def __init__(self, region: str, started: float, patience: float = JOIN_PATIENCE_SECONDS) -> None:
        self.region = region
        self.started = started
        self.patience = patience
        self.reason: str | None = None
        self._first_own: RegionMap | None = None
        self._own_seen = False

    @property
    def joined(self) -> bool:
        return self.reason is not None

    def peers_to_ask(self, known: RegionMap | None, hints: Iterable[str] = ()) -> list[str]:
        """The regions whose endpoints are still to be asked; hints count only while no map is known."""
        if self.joined:
            return []
        return known.peers(self.region) if known else sorted(set(hints) - {self.region})

    def peer_answered(self, maps: Iterable[RegionMap], read_sent: float) -> None:
        """A peer's endpoint returned these items to a read sent at `read_sent`; no items is no answer."""
        if not self.joined and read_sent >= self.started and list(maps):
            self.reason = BY_PEER

    def own_item(self, own: RegionMap | None, read_sent: float) -> None:
        """A local read sent at `read_sent` showed this item of the task's own region (None: there is none)."""
        if self.joined or read_sent < self.started:
            return
        if not self._own_seen:
            self._own_seen, self._first_own = True, own
        elif own != self._first_own:
            self.reason = BY_OWN_ITEM

    def look(self, known: RegionMap | None, now: float) -> None:
        """Let time pass: a map without peers ends the joining at once, the end of patience does it alone."""
        if self.joined or known is None:
            return
        if not known.peers(self.region):
            self.reason = NO_PEERS
        elif now - self.started >= self.patience:
            self.reason = ALONE
