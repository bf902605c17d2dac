# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines between regions: what one region sends another arrives after a lag, in order, or waits while a line is cut.

DynamoDB's replication, S3's and whatever else crosses regions behind the caller's back goes through here, so that one
switch cuts off a region, or the line between two, for all of them alike.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from localcloud.lock import LOCK

log = logging.getLogger(__name__)


class Links:
    """Ordered delivery between pairs of regions, by one thread that holds the lock while it delivers."""

    def __init__(self, lag: float, clock: Callable[[], float] = time.monotonic):
        self.lag = lag
        self.clock = clock
        # Source, target and lane → what is under way, and when it is due.
        self._queues: dict[tuple[str, str, str], deque[tuple[float, Callable[[], None]]]] = {}
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._cut: set[tuple[str, str]] = set()
        self._silent: set[str] = set()
        # When a line that was mended first delivers again.
        self._resumes: dict[tuple[str, str], float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to deliver in the background."""
        self._thread = threading.Thread(target=self._deliver_for_ever, name="links", daemon=True)
        self._thread.start()

    def send(self, source: str, target: str, deliver: Callable[[], None], lane: str = "", later: float = 0.0) -> None:
        """Have `deliver` called, under the lock, once what `source` says now has reached `target`.

        lane:  what is sent in one arrives in its order, and waits for nothing in another.
        later: how much longer than others it takes, in seconds.
        """
        with self._changed:
            queue = self._queues.setdefault((source, target, lane), deque())
            queue.append((self.clock() + self.lag + later, deliver))
            if len(queue) == 1:
                self._changed.notify()

    def after(self, delay: float, act: Callable[[], None]) -> None:
        """Have `act` called, under the lock, in `delay` seconds: for what changes by itself inside one region."""
        with self._changed:
            heapq.heappush(self._timers, (self.clock() + delay, next(self._numbers), act))
            self._changed.notify()

    def cut(self, source: str, target: str) -> None:
        """Stop delivering from `source` to `target`; what is sent meanwhile waits."""
        with self._changed:
            self._cut.add((source, target))

    def mend(self, source: str, target: str) -> None:
        """Deliver again, after the lag, beginning with what has waited."""
        with self._changed:
            self._cut.discard((source, target))
            self._resumes[source, target] = self.clock() + self.lag
            self._changed.notify()

    def silence(self, region: str) -> None:
        """Stop every delivery from and to `region`, whatever its lines are like; all of it waits."""
        with self._changed:
            self._silent.add(region)

    def revive(self, region: str) -> None:
        """Deliver from and to `region` again, after the lag, as far as its lines allow."""
        with self._changed:
            if region not in self._silent:
                return
            self._silent.discard(region)
            resumed = self.clock() + self.lag
            self._resumes |= {way[:2]: resumed for way in self._queues if region in way[:2]}
            self._changed.notify()

    def is_cut(self, source: str, target: str) -> bool:
        return (source, target) in self._cut or source in self._silent or target in self._silent

    def has_quorum(self, region: str, members: Iterable[str]) -> bool:
        """Whether `region` can agree with a majority of `members` (itself one of them): lines are needed both ways."""
        members = set(members)
        if region in self._silent:
            return False
        reached = {m for m in members if m == region or not (self.is_cut(region, m) or self.is_cut(m, region))}
        return len(reached) * 2 > len(members)

    def pending(self, target: str | None = None) -> int:
        """How many deliveries are under way (to `target`)."""
        with self._changed:
            return sum(len(queue) for (_, to, _lane), queue in self._queues.items() if target in (None, to))

    def held_back(self) -> int:
        """How many deliveries wait for a line or a region."""
        with self._changed:
            return sum(len(queue) for way, queue in self._queues.items() if self.is_cut(*way[:2]))

    def deliver_due(self) -> float | None:
        """Deliver everything that is due; returns the seconds until the next is, None if nothing is under way."""
        while True:
            with self._changed:
                act, wait = self._take_due()
            if act is None:
                return wait
            with LOCK:
                try:
                    act()
                except Exception:
                    log.exception("a delivery failed")

    def _take_due(self) -> tuple[Callable[[], None] | None, float | None]:
        now = self.clock()
        if self._timers and self._timers[0][0] <= now:
            return heapq.heappop(self._timers)[2], None
        for way, due in self._due():
            if due <= now:
                return self._queues[way].popleft()[1], None
        return None, self._seconds_to_next()

    def _due(self) -> list[tuple[tuple[str, str, str], float]]:
        """When the first of each queue that moves is due."""
        moving = [(way, queue[0][0]) for way, queue in self._queues.items() if queue and not self.is_cut(*way[:2])]
        return [(way, max(sent, self._resumes.get(way[:2], 0.0))) for way, sent in moving]

    def _seconds_to_next(self) -> float | None:
        dues = [due for _way, due in self._due()] + [timer[0] for timer in self._timers[:1]]
        return max(0.0, min(dues) - self.clock()) if dues else None

    def _deliver_for_ever(self) -> None:
        while True:
            self.deliver_due()
            with self._changed:
                # Asked again: something may have been sent since, and its sender found nobody waiting.
                self._changed.wait(self._seconds_to_next())
