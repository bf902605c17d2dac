# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `grant`: the epoch of the final states, the target first."""

from __future__ import annotations

from typing import Any

from ..run import SwitchRun
from ..work import GRANT
from .step import Step


class Grant(Step):
    title = "grant"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return not run.control.work.only_undoes

    def will(self) -> str:
        return f"grant epoch {self.run.control.work.grant_epoch}: {self._final()}"

    def foretold_details(self) -> dict[str, Any]:
        work = self.run.control.work
        return {"epoch": work.grant_epoch, "regions": work.grant_order, "states": work.states}

    def do(self) -> str:
        run, work, tenure = self.run, self.run.control.work, self.run.control.renew()
        if work.phase != GRANT:
            run.journal.hand_out(GRANT, work.grant_epoch - 1, work.states)
        run.journal.stamp("granted_at")
        written = run.writes.write(work.grant_order)
        run.lost.granted.update(written)
        run.owed.settle_writes(written)
        return f"epoch {tenure.lease.epoch}: {self._final()}; written in {', '.join(written)}"

    def _final(self) -> str:
        return ", ".join(f"{region} {state}" for region, state in sorted(self.run.control.work.states.items()))
