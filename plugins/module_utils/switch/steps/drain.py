# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `drain`: workers that drop are stopped before the regions learn that they are not ACTIVE any more."""

from __future__ import annotations

from collections.abc import Iterable

from ...protocol import ACTIVE
from .. import workers
from ..journal import DRAINED
from ..owed import OWED_WORKERS
from ..run import SwitchRun
from ..work import GRANT
from .step import Step


class Drain(Step):
    """Before the hold: in the regions that change, and where a region stays PASSIVE and runs some all the same."""

    title = "drain"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        work = run.control.work
        return bool(run.workers.names and work.changes) and (work.begins or work.hold is not None)

    def will(self) -> str:
        regions = ", ".join(self.run.control.work.changes)
        return f"stop {self.run.workers} in {regions} and wait until their tasks are STOPPED"

    def do(self) -> str:
        """Journal how many ran, and stop them, in the regions that change and answer."""
        run, lost = self.run, self.run.lost
        run.control.renew()
        counts = lost.ask_each(run.control.work.changes, run.workers.counts)
        owed = run.owed.regions(OWED_WORKERS)
        for region in counts:  # at zero only because they were not started yet
            if region in owed and (kept := run.workers.kept(region)):
                counts[region] = kept
        # A resumed run finds the zeros that it made itself.
        drained = {**counts, **run.journal.get(DRAINED, {})}
        run.journal.remember(**{DRAINED: drained})
        stopped = lost.ask_each(counts, lambda region: workers.stop(run.control.cloud, drained[region]))
        return _told(run, [*stopped, *_stop_idle(run)])


class DrainAgain(Step):
    """Before a grant that is written again: in regions that came back, before these learn that they are not ACTIVE."""

    title = "drain"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return bool(run.workers.names) and run.control.work.phase == GRANT

    def will(self) -> str:
        return f"stop {self.run.workers} where a region came back and is not ACTIVE"

    def do(self) -> str:
        self.run.control.renew()
        return _told(self.run, _stop_idle(self.run))


def _stop_idle(run: SwitchRun) -> list[str]:
    """Stop the workers where the region stays PASSIVE, and should run none: it may have come back with them."""
    work = run.control.work
    idle = [
        region
        for region, state in work.states.items()
        if state != ACTIVE and (work.phase == GRANT or region not in work.changes)
    ]
    busy = {}
    for region, counts in run.lost.ask_each(idle, run.workers.counts).items():
        # Where the range allows any, a schedule may start them later.
        if some := {n: was for n, was in counts.items() if was["desired"] or (was["scaling"] or {}).get("max")}:
            busy[region] = some
    return list(run.lost.ask_each(busy, lambda region: workers.stop(run.control.cloud, busy[region])))


def _told(run: SwitchRun, regions: Iterable[str]) -> str:
    where = ", ".join(regions)
    return f"{run.workers} stopped in {where}, all tasks STOPPED" if where else f"{run.workers} run nowhere else"
