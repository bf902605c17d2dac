# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `fence`: nothing is granted until nobody can act on the old epoch any more."""

from __future__ import annotations

from typing import Any

from ..run import SwitchRun
from .step import Step

COUNTDOWN_SECONDS = 5.0
"""How often the time that is left is told."""


class Fence(Step):
    title = "fence"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return run.control.work.hold is not None

    def will(self) -> str:
        return f"wait {self.run.fence_seconds:g} s from the last write, until nobody can act on the old epoch"

    def foretold_details(self) -> dict[str, Any]:
        return {"fence_seconds": self.run.fence_seconds}

    def do(self) -> str:
        run, control = self.run, self.run.control
        end = run.writes.last_write + run.fence_seconds
        began = control.table.clock()
        while (left := end - control.table.clock()) > 0:
            control.cloud.tell(f"  fence: {left:.0f} s left until nobody can act on the old epoch")
            control.pause(min(COUNTDOWN_SECONDS, left))
            run.heed()
        run.journal.put(fenced_ms=round((control.table.clock() - began) * 1000))
        return f"waited {run.fence_seconds:g} s from the last write: nobody can still act on the old epoch"
