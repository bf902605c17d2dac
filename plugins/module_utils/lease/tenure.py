# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run that holds the lease: how it takes it, renews it at every step and in between, and lets it go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ..protocol.limits import LEASE_HEARTBEAT_SECONDS
from . import rules
from .errors import LeaseLost
from .item import Lease, Run
from .table import LeaseTable
from .watch import EXPIRED, FREE, Watch

POLL_SECONDS = 1.0
"""How often a lease that another run holds is looked at."""


def acquire(table: LeaseTable, run: Run, planned_epoch: int, may_take_over: bool = True) -> Tenure:
    """Take the lease, or watch it for its duration and take it over. LeaseHeld, StalePlan, LeaseUnreachable.

    A holder that beats is found out at its next heartbeat. After a takeover look at `tenure.lease.plan`.
    """
    watch = Watch()
    first: Lease | None = None
    while True:
        sent = table.clock()
        found = table.read()
        verdict = watch.judge(found, sent, table.clock())
        if found is None or verdict == FREE:
            new = rules.take(found, run, planned_epoch)
        elif verdict == EXPIRED:
            new = rules.take_over(found, run)
        else:
            first = first or found
            alive = found.version != first.version
            if alive or found.moved_to is not None or not may_take_over:
                rules.take(found, run, planned_epoch)  # raises LeaseHeld, which names the holder
            table.sleep(min(POLL_SECONDS, found.duration / 4))
            continue
        if table.swap(found, new):
            return Tenure(table, new, found)


class Tenure:
    """The lease while this run holds it. Safe to use from several threads.

    lease: the last known version. taken_from: the dead holder's version, when the lease was taken over. A paused
    holder may still set a parameter, dial or weight late: read those back one of its durations after `since`.
    """

    def __init__(self, table: LeaseTable, held: Lease, before: Lease | None = None) -> None:
        self.table = table
        self.taken_from = before if before is not None and before.holder else None
        self.since = table.clock()
        self.run_id = held.holder
        self.generation = held.generation
        self.lease = held
        self._one_at_a_time = threading.RLock()

    def renew(self) -> Lease:
        """Beat; to be called before every step that changes something. LeaseLost: stop."""
        return self._apply(lambda found: rules.renew(found, self.run_id, self.generation))

    def next_epoch(
        self, after: int, states: Mapping[str, str], plan: Mapping[str, Any] | None, owed: Any = ()
    ) -> Lease:
        """Take the epoch after `after` for these states; its map is `lease.map`. LeaseLost, StalePlan."""
        place = self.table.place
        return self._apply(
            lambda found: rules.next_epoch(found, self.run_id, self.generation, after, states, place, plan, owed)
        )

    def record(self, plan: Mapping[str, Any] | None, owed: Mapping[str, Sequence[str]]) -> Lease:
        """Write down progress, or with None and {} that nothing is unfinished. LeaseLost."""
        return self._apply(lambda found: rules.record(found, self.run_id, self.generation, plan, owed))

    def release(self) -> Lease:
        """Let go; what is unfinished stays written down. LeaseLost when somebody else has it already."""
        return self._apply(lambda found: rules.release(found, self.run_id, self.generation))

    def finish(self, owed: Mapping[str, Sequence[str]]) -> Lease:
        """Let go with nothing unfinished. LeaseLost when somebody else has it already."""
        return self._apply(lambda found: rules.finish(found, self.run_id, self.generation, owed))

    def remove(self) -> None:
        """Remove the lease itself; no beat of this process comes between. LeaseLost when somebody else has it."""
        with self._one_at_a_time:
            self.table.delete(self.renew())

    @contextmanager
    def beating(
        self, every: float = LEASE_HEARTBEAT_SECONDS, still: Callable[[], bool] = lambda: True
    ) -> Iterator[Tenure]:
        """Renew in the background while the body runs, for as long as `still` says so.

        It starts a thread: never before a fork. A beat that fails is left to the next step's own renewal, which stops
        the run if the lease is lost.
        """
        stop = threading.Event()

        def beat() -> None:
            while not stop.wait(every) and still():
                try:
                    self.renew()
                except LeaseLost:
                    return
                except Exception:
                    continue

        thread = threading.Thread(target=beat, name="lease-heartbeat", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            stop.set()
            thread.join()

    def _apply(self, change: Callable[[Lease], Lease]) -> Lease:
        with self._one_at_a_time:
            while True:
                new = change(self.lease)
                if self.table.swap(self.lease, new):
                    self.lease = new
                    return new
                # Another process of this run may have beaten in between; anybody else's lease ends in LeaseLost.
                self.lease = self.table.read() or replace(Lease(), generation=self.generation)
