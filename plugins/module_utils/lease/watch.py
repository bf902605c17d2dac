# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching a lease that another run holds: whether it is free, held by a run that lives, or by one that is dead."""

from __future__ import annotations

from .item import Lease

FREE = "free"
HELD_BY_OTHER = "held"
EXPIRED = "expired"


class Watch:
    """Watches a lease that another holds, on the watcher's own monotonic clock and nobody else's."""

    def __init__(self) -> None:
        self._version: tuple[int, int] | None = None
        self._first_seen = 0.0

    def judge(self, lease: Lease | None, read_sent: float, received: float) -> str:
        """FREE, HELD_BY_OTHER or EXPIRED, from a read sent and received at these moments (monotonic seconds).

        EXPIRED when every read, from the answer to the first to the sending of the last, showed one version for the
        whole of the lease's duration.
        """
        if lease is None or not lease.holder:
            return FREE
        if lease.version != self._version:
            self._version, self._first_seen = lease.version, received
        if lease.moved_to is None and read_sent - self._first_seen >= lease.duration:
            return EXPIRED
        return HELD_BY_OTHER
