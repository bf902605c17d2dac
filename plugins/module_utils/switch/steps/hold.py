# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `hold`: an epoch under which no region that changes acts, the source first."""

from __future__ import annotations

from typing import Any

from ...protocol import ProtocolError
from ..run import SwitchRun
from ..work import GRANT, HOLD
from .step import Step


class Hold(Step):
    title = "hold"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return run.control.work.hold is not None

    def will(self) -> str:
        work = self.run.control.work
        return f"hold {', '.join(work.changes)} at epoch {work.grant_epoch - 1}"

    def foretold_details(self) -> dict[str, Any]:
        work = self.run.control.work
        return {"regions": work.hold_order, "states": work.hold}

    def do(self) -> str:
        run, work, tenure = self.run, self.run.control.work, self.run.control.renew()
        if work.hold is None:
            raise ProtocolError("a hold was asked for that the switch does not need")
        if work.phase not in (HOLD, GRANT):
            run.journal.hand_out(HOLD, work.base, work.hold)
        run.journal.stamp("held_at")
        written = run.writes.write(work.hold_order)
        return f"epoch {tenure.lease.epoch} holds {', '.join(work.changes)}; written in {', '.join(written)}"
