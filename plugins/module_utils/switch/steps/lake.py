# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step `lake`: objects of a region that was left behind, which S3 had not sent yet, are put again in the others.

It comes after the proof: the customers wait for that, and nobody for the lake. Whatever fails here is owed.
"""

from __future__ import annotations

from typing import Any

from ...kernel.cloud import BotoCoreError, ClientError
from ..journal import LEFT
from ..owed import OWED_LAKE
from ..run import SwitchRun
from .step import Step

BESIDE = "lake#"
"""How the identifiers of the items begin that tell of whom a region's lake may lack objects, beside the lease."""


class PutAgain(Step):
    title = "lake"

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        control = run.control
        lease = control.lease
        owed = lease is not None and any(OWED_LAKE in what for what in lease.owed.values())
        # A graceful switch that may go on without its source may have something to put before it ends.
        return bool(control.params["lake"]) and (control.may_skip or bool(run.lake.left()) or owed)

    def will(self) -> str:
        left = ", ".join(self.run.lake.left()) or "a region that is left behind"
        return f"put the latest objects of {left} again where they are missing"

    def foretold_details(self) -> dict[str, Any]:
        return {"left": self.run.lake.left()}

    def do(self) -> str:
        run, control = self.run, self.run.control
        left, troubles = run.lake.left(), {}
        control.renew()
        run.journal.remember(**{LEFT: left})
        for region in [each for each in control.regions if each not in {*control.maps, *left}]:
            if wanted := self._wanted(region, left):
                self._owe(region, wanted)  # it cannot be looked at now
        looked_at = {}
        for region in [each for each in control.regions if each in control.maps and each not in left]:
            if wanted := self._wanted(region, left):
                looked_at[region] = wanted
                troubles[region] = self._put(region, wanted)
        for lost in left:
            if lost in run.lake.last_known:
                run.cancelled_sales.remember(lost, run.lake.last_known[lost])
        return self._told(looked_at, {region: why for region, why in troubles.items() if why})

    def _wanted(self, region: str, left: list[str]) -> list[str]:
        """Of whom the lake of a region may lack objects: those left behind now, and those it is owed since earlier."""
        control = self.run.control
        owed = OWED_LAKE in control.tenure.lease.owed.get(region, ())
        earlier = (control.table.look_up(f"{BESIDE}{region}") or {}).get("left", []) if owed else []
        return sorted({*left, *earlier} - {region})

    def _put(self, region: str, left: list[str]) -> str:
        """Do it in one region; why something is still owed to it then, if it is."""
        run, control = self.run, self.run.control
        self._owe(region, left)
        for what in control.params["lake"]:
            try:
                if not run.lake.put_again(region, left, what):
                    return "some are not there yet"
            except (ClientError, BotoCoreError) as error:
                return str(error)
        run.owed.settle([region], OWED_LAKE)
        control.table.remove(f"{BESIDE}{region}")
        return ""

    def _owe(self, region: str, left: list[str]) -> None:
        """Before anything else: who comes after a killed run then knows of it."""
        self.run.control.table.put(f"{BESIDE}{region}", {"left": left})
        self.run.owed.owe([region], OWED_LAKE)

    def _told(self, looked_at: dict[str, list[str]], troubles: dict[str, str]) -> str:
        if not looked_at:
            return "no region was left behind, so S3 sends what is under way"
        found = self.run.lake.found()
        told = []
        for region, left in looked_at.items():
            tables = found.get(region, {}).values()
            put, seen = (sum(each[name] for each in tables) for name in ("put", "looked_at"))
            behind = max((each["behind_seconds"] for each in tables), default=0)
            late = f", {behind} s behind at most" if put else ""
            told.append(f"put {put} of the last {seen} objects of {', '.join(left)} again in {region}{late}")
        owed = [f"still owed to {region}: {why}" for region, why in troubles.items()]
        return "; ".join([*told, *owed])
