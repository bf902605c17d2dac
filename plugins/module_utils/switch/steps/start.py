# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `start`: workers that drop start where the region is ACTIVE, as many as ran before, here or where they ran.

It comes after the grant: a worker that starts earlier would drop what it receives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...protocol import ACTIVE
from ...readiness import set_counts
from ..journal import DRAINED
from ..owed import OWED_WORKERS
from ..run import SwitchRun
from .step import Step


class Start(Step):
    title = "start"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return bool(run.workers.names)

    def will(self) -> str:
        states = self.run.control.work.states
        active = [region for region, state in sorted(states.items()) if state == ACTIVE]
        return f"start {self.run.workers} where the region is ACTIVE: {', '.join(active) or 'nowhere'}"

    def do(self) -> str:
        run, control = self.run, self.run.control
        control.renew()
        states, maps = control.work.states, control.maps
        drained = run.journal.get(DRAINED, {})
        owed = run.owed.regions(OWED_WORKERS)
        concerned = {*(control.work.changes or states), *drained, *owed}
        active = [region for region in states if region in concerned and states[region] == ACTIVE]
        started = run.lost.ask_each(active, self._start)
        for region in [each for each in active if each not in maps and each in drained]:
            run.workers.keep(region, drained[region])
            run.owed.owe([region], OWED_WORKERS)
        if settled := sorted(owed & maps.keys()):
            run.owed.settle(settled, OWED_WORKERS)
            for region in settled:
                run.workers.forget(region)
        told = ", ".join(region for region in active if started.get(region))
        return f"{run.workers} started in {told}" if told else "they are running already"

    def _start(self, region: str) -> bool:
        """Whether there was anything to start."""
        run = self.run
        drained = dict(run.journal.get(DRAINED, {}))
        if region not in drained and (kept := run.workers.kept(region)):
            drained[region] = kept
        # As many as ran where they ran, or here before; else as many as is declared.
        order = dict.fromkeys((*run.control.work.losing, region, *drained))
        places = [drained[place] for place in order if place in drained]
        now = run.workers.counts(region)
        idle = [each for each in run.workers.declared if _is_stopped(now[each["name"]])]
        for each in idle:
            name = each["name"]
            ran = (place[name] for place in places if place[name]["desired"])
            like = next(ran, {"desired": each["min"], "scaling": {"min": each["min"], "max": each["max"]}})
            here = now[name]["scaling"]
            scales = here and like["scaling"] and {**like["scaling"], "suspended_state": here["suspended_state"]}
            set_counts(run.control.cloud, {**now[name], "desired": like["desired"], "scaling": scales})
        return bool(idle)


def _is_stopped(now: Mapping[str, Any]) -> bool:
    """A run that was killed while it stopped them may have set the range and not the count."""
    return not now["desired"] or bool(now["scaling"] and not now["scaling"]["max"])
