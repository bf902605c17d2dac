# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `reconcile`: what nobody has processed is published again, from every region that answers."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...kernel.cloud import BotoCoreError, ClientError
from ...lease import OWED_RECONCILE
from ...protocol import ACTIVE
from ...protocol.limits import HELD_REFRESH_SECONDS, VIEW_REFRESH_SECONDS
from ..journal import FENCE, UNSETTLED
from ..letting_go import ACKNOWLEDGED
from ..lost_regions import ask_twice
from ..run import SwitchRun
from ..work import HOLD, PREPARE
from .step import Step

TOLD = 5
"""How many ids a sentence names; the record has more."""


class Reconcile(Step):
    title = "reconcile"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        work = run.control.work
        # Whoever acted before the switch acts again; and with nobody ACTIVE, who is turned on next reconciles.
        needless = work.rolls_back and work.phase in (PREPARE, HOLD) and work.hold is None
        needless = needless and not work.journal.get(UNSETTLED)
        return bool(run.control.params["reconcile"]) and not needless and ACTIVE in work.states.values()

    def will(self) -> str:
        control = self.run.control
        tables = ", ".join(each["table"] for each in control.params["reconcile"])
        return f"publish again the unprocessed items of {tables}, from {', '.join(sorted(control.maps))}"

    def foretold_details(self) -> dict[str, Any]:
        return {"regions": sorted(self.run.control.maps)}

    def do(self) -> str:
        run, control = self.run, self.run.control
        control.renew()
        # Until its workers have seen the grant, a region hides what it receives.
        by_readers = (run.journal.get(FENCE) or {}).get("kind") == ACKNOWLEDGED
        control.pause(2 * HELD_REFRESH_SECONDS if by_readers else VIEW_REFRESH_SECONDS + 1)
        if not control.work.rolls_back:
            run.proof.post_early()
        unread = []
        for region in control.regions:
            if self._reconcile(region):
                run.owed.settle([region], OWED_RECONCILE)
            else:
                run.owed.owe([region], OWED_RECONCILE)
                unread.append(region)
        total = sum(run.reconciliation.published.values())
        told = f"; still owed: {', '.join(unread)}" if unread else ""
        return f"published {total} unprocessed items again, until a pass found none{told}{self._told_cancelled()}"

    def _told_cancelled(self) -> str:
        """Which sales were cancelled on one side and processed on the other, of regions that were left behind."""
        lakes = self.run.control.params["lake"]
        if not lakes:
            return ""
        try:
            found, is_all = self.run.cancelled_sales.look(lakes)
        except (ClientError, BotoCoreError) as error:  # it only tells, and nothing waits for it
            return f"; what was cancelled on one side and processed on the other is not known: {error}"
        told = f"; {len(found)} were cancelled on one side and processed on the other" if found or not is_all else ""
        if found:
            told += f": {', '.join(found[:TOLD])}{', …' if len(found) > TOLD else ''}"
        return told if is_all else f"{told}; there was no time to look at all"

    def _reconcile(self, region: str) -> bool:
        """Whether a pass over each of its tables found none."""
        run, maps = self.run, self.run.control.maps
        ended = region in maps
        for what in run.control.params["reconcile"] if ended else []:
            with run.lost.doing_without(region):
                # A pass that was broken off goes on where it was.
                found_none = ask_twice(partial(run.reconciliation.reconcile, region, what))
                ended = found_none and ended
            if region not in maps:
                return False
        return ended
