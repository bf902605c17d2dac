# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `fence`: nothing is granted until nobody can act on the old epoch any more.

Its readers say so, and what they did last has arrived where it goes on; or the time is over in which they could.
"""

from __future__ import annotations

from typing import Any

from ...toggle.arguments import FULL
from ..journal import FENCE
from ..letting_go import ACKNOWLEDGED, TIME, LettingGo
from ..run import SwitchRun
from .step import Step

COUNTDOWN_SECONDS = 5.0
"""How often the time that is left is told."""

LOOK_SECONDS = 0.1
"""How often the readers are asked, at first."""

LOOK_LATER_SECONDS = 0.5
"""How often they are, after the first moments: whoever has not answered by then may not do so soon."""

FIRST_MOMENTS_SECONDS = 5.0

NOTICE_SECONDS = 7.0
"""What is left of the time when it is last seen which regions answer: nothing is to outlast it."""

HEED_SECONDS = 1.0


class Fence(Step):
    title = "fence"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        return run.control.work.hold is not None

    def will(self) -> str:
        run = self.run
        params, seconds = run.control.params, f"{run.fence_seconds:g} s from the last write"
        if params["fence"] == FULL or params["drops"] or not params["cluster"]:
            return f"wait {seconds}, until nobody can act on the old epoch"
        return f"wait until every reader has let go of the old epoch, at most {seconds}"

    def foretold_details(self) -> dict[str, Any]:
        return {"fence_seconds": self.run.fence_seconds}

    def do(self) -> str:
        run, control = self.run, self.run.control
        clock, last_write = control.table.clock, run.writes.last_write
        readers = LettingGo(control, run.fence_seconds)
        began = heeded = told = clock()
        while (left := last_write + readers.fence_seconds() - clock()) > 0:
            if readers.asks:
                readers.look()
                if readers.has_ended:
                    break
            elif left > NOTICE_SECONDS:
                readers.notice_silence()
                left = last_write + readers.fence_seconds() - clock()
            if clock() - told >= COUNTDOWN_SECONDS or told == began:
                control.cloud.tell(f"  fence: {left:.0f} s left until nobody can act on the old epoch")
                told = clock()
            control.pause(min(self._pause(readers, clock() - began), left))
            if not readers.asks or clock() - heeded >= HEED_SECONDS:
                run.heed()
                heeded = clock()
        by_readers = readers.has_ended
        why = readers.counted() if by_readers else readers.why_not()
        told_of = readers.to_journal(ACKNOWLEDGED if by_readers else TIME, why)
        run.journal.put(fenced_ms=round((clock() - began) * 1000), **{FENCE: told_of})
        if by_readers:
            return f"every reader has let go of the old epoch {clock() - last_write:.1f} s after the last write ({why})"
        waited = f"waited {readers.fence_seconds():g} s from the last write: nobody can still act on the old epoch"
        return f"{waited} ({why})" if why else waited

    @staticmethod
    def _pause(readers: LettingGo, since: float) -> float:
        if not readers.asks:
            return COUNTDOWN_SECONDS
        return LOOK_SECONDS if since < FIRST_MOMENTS_SECONDS else LOOK_LATER_SECONDS
