# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes without a condition, of a run that may have lost its lease meanwhile: parameters, dials, weights, schedules.

A run renews its lease before each. One that stood still in between sets it late, over what its successor has set, and
perhaps after that one has read it back and ended. Nobody would look at it again. So whoever finds the lease lost reads
it again, and sets what he sent to what the lease says by then.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

from ..lease import LeaseTable
from ..protocol import RegionMap

Mend = Callable[[RegionMap], object]
"""Sets what was sent to what a map says."""

ROUNDS = 5
"""How often at most: somebody may hand out another epoch in between."""


class LateWrites:
    """Those of one run that no renewal has followed yet. Safe to use from several threads."""

    def __init__(self, table: LeaseTable) -> None:
        self.table = table
        self._mends: dict[Hashable, Mend] = {}
        self._ended: set[Hashable] = set()
        self._lock = threading.Lock()

    @contextmanager
    def sending(self, what: Hashable, mend: Mend) -> Iterator[None]:
        """Remember that this is sent, from before that on; an answer that is lost says nothing of it."""
        with self._lock:
            self._mends[what] = mend
            self._ended.discard(what)
        try:
            yield
        finally:
            with self._lock:
                self._ended.add(what)

    def ended(self) -> set[Hashable]:
        """What is not under way any more. If the lease is renewed after this, it was sent under the lease."""
        with self._lock:
            return set(self._ended)

    def confirm(self, ended: set[Hashable]) -> None:
        """The lease was renewed after these had `ended`."""
        with self._lock:
            for what in ended & self._ended:
                del self._mends[what]
                self._ended.discard(what)

    def mend(self) -> None:
        """The lease is lost: set what was sent to what the lease says, until it says the same afterwards."""
        with self._lock:
            mends = list(self._mends.values())
        said: RegionMap | None = None
        for _round in range(ROUNDS if mends else 0):
            lease = self.table.read()
            if lease is None or lease.map is None or lease.map == said:
                return
            said = lease.map
            for mend in mends:
                try:
                    mend(said)
                except Exception:
                    continue  # the others are to be set all the same; the status tells what differs
