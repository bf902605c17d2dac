# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reader of the map, as our API and worker are: a view and a joining, put together in the one allowed way.

The caller does the reading (a strongly consistent Scan of the state table, here and through the peers' endpoints) and
hands in what it got; the reader says what may be done. It does no I/O and has no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .joining import Joining
from .limits import JOIN_PATIENCE_SECONDS, VIEW_TTL_SECONDS
from .region_map import RegionMap
from .states import ACTIVE, PASSIVE
from .view import View


class Reader:
    """What one task of `region` knows and may do. Times are monotonic seconds; maps are `maps_of(items)`."""

    def __init__(
        self,
        region: str,
        started: float,
        ttl: float = VIEW_TTL_SECONDS,
        patience: float = JOIN_PATIENCE_SECONDS,
        peer_hints: Iterable[str] = (),
    ) -> None:
        self.region = region
        self.view = View(ttl)
        self.joining = Joining(region, started, patience)
        self._hints = tuple(peer_hints)
        self._has_read = False

    def read_local(self, maps: Mapping[str, RegionMap], read_sent: float) -> None:
        """Take in a read of the local replica. After a gap longer than the ttl it starts a new joining."""
        if self._has_read and self.view.has_gap(read_sent):
            self.joining = Joining(self.region, read_sent, self.joining.patience)
        self.view.observe(maps.values(), read_sent)
        self._has_read = self._has_read or bool(maps)
        self.joining.own_item(maps.get(self.region), read_sent)
        self.joining.look(self.view.map, read_sent)

    def read_peer(self, maps: Mapping[str, RegionMap], read_sent: float) -> None:
        """Take in a read through a peer's own endpoint; do not call it when the peer did not answer."""
        self.view.observe_peer(maps.values())
        self.joining.peer_answered(maps.values(), read_sent)

    def peers_to_ask(self) -> list[str]:
        """The peers to read from now, all of them, PEER_READ_SECONDS each; empty once joined."""
        return self.joining.peers_to_ask(self.view.map, self._hints)

    def look(self, now: float) -> None:
        """Let time pass while nothing can be read."""
        self.joining.look(self.view.map, now)

    @property
    def map(self) -> RegionMap | None:
        return self.view.map

    @property
    def state(self) -> str:
        """This region's state, as far as known; PASSIVE without a view."""
        return self.view.map.state_of(self.region) if self.view.map else PASSIVE

    def may_claim(self, now: float) -> bool:
        """Whether a claim may be made now: joined, and the last local read is younger than the ttl."""
        return self.joining.joined and self.view.may_claim(now)

    def is_ready(self, now: float) -> bool:
        """What /readiness answers: ACTIVE, joined and up to date."""
        return self.may_claim(now) and self.state == ACTIVE
