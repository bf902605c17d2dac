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
from .limits import HELD_REFRESH_SECONDS, JOIN_PATIENCE_SECONDS, VIEW_TTL_SECONDS
from .region_map import RegionMap
from .registration import Registration, UnderWay
from .states import ACTIVE, HELD, PASSIVE
from .view import View


class Reader:
    """What one task of `region` knows and may do. Times are monotonic seconds; maps are `maps_of(items)`.

    registers: whether its right depends on its place in the register of its region.
    """

    def __init__(
        self,
        region: str,
        started: float,
        ttl: float = VIEW_TTL_SECONDS,
        patience: float = JOIN_PATIENCE_SECONDS,
        peer_hints: Iterable[str] = (),
        registers: bool = False,
    ) -> None:
        self.region = region
        self.registration = Registration(registers)
        self.under_way = UnderWay()
        self.view = View(ttl)
        self.joining = Joining(region, started, patience)
        self._hints = tuple(peer_hints)
        self._has_read = False
        self._read_sent = started

    def read_local(self, maps: Mapping[str, RegionMap], read_sent: float) -> None:
        """Take in a read of the local replica. After a gap longer than the ttl it starts a new joining."""
        if self._has_read and self.view.has_gap(read_sent):
            self.joining = Joining(self.region, read_sent, self.joining.patience)
        self.view.observe(maps.values(), read_sent)
        self._has_read = self._has_read or bool(maps)
        self._read_sent = read_sent if maps else self._read_sent
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
        """Whether a claim may be made now: joined, and registered before the last local read, younger than the ttl."""
        registered = self.registration.covers(self._read_sent, now)
        return self.joining.joined and registered and self.view.may_claim(now)

    def begin(self) -> int:
        """Begin what may end in a claim, before it is decided about; the token with which it ends (`under_way.end`)."""
        return self.under_way.begin(self.epoch)

    @property
    def epoch(self) -> int:
        """The epoch that is known; 0 for none."""
        return self.view.map.epoch if self.view.map else 0

    @property
    def let_go(self) -> int:
        """The epoch that can be acknowledged now: nothing before it is acted on any more."""
        return self.under_way.let_go_up_to(self.epoch)

    def refresh_seconds(self, usual: float) -> float:
        """How long until the next read: soon while the region is HELD, for then a switch is under way."""
        return min(usual, HELD_REFRESH_SECONDS) if self.state == HELD else usual

    def is_ready(self, now: float) -> bool:
        """What /readiness answers: ACTIVE, joined and up to date."""
        return self.may_claim(now) and self.state == ACTIVE
