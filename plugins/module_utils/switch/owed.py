# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a region still misses of a switch, as the lease remembers it: owed when it is left behind, and settled later."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..lease import OWED_RECONCILE, OWED_WRITE
from .control import SwitchControl
from .journal import Journal

OWED_WORKERS = "workers"
"""Owed to an ACTIVE region whose workers were stopped, and which did not answer when they were to be started."""

OWED_TRAFFIC = "traffic"
"""Owed to a region whose share of the traffic could not be set: what directs it did not answer."""

OWED_SCHEDULES = "schedules"
"""Owed to an ACTIVE region whose schedules could not be enabled, because it or the scheduler did not answer."""


OWED_LAKE = "lake"
"""Owed to a region whose lake may lack objects of one that was left behind, until all are seen to be there."""


def owed_writes(owed: Mapping[str, Any], written: Collection[str]) -> dict[str, list[str]]:
    """What stays owed when `written` hold the last epoch."""
    left = {region: [w for w in what if w != OWED_WRITE or region not in written] for region, what in owed.items()}
    return {region: what for region, what in left.items() if what}


class Owed:
    """What one run owes and settles. Each change of it is written to the lease at once, with the journal."""

    def __init__(self, control: SwitchControl, journal: Journal) -> None:
        self.control, self.journal = control, journal

    def owe(self, regions: Iterable[str], what: str) -> None:
        owed = self.control.owed()
        self.journal.write({**owed, **{r: sorted({*owed.get(r, ()), what}) for r in regions}})

    def settle(self, regions: Iterable[str], what: str) -> None:
        owed = self.control.owed()
        left = {r: [each for each in owed.get(r, ()) if each != what] for r in regions}
        self.journal.write({r: each for r, each in {**owed, **left}.items() if each})

    def settle_writes(self, written: Collection[str]) -> None:
        """These hold the last epoch. Where it is still to come, the region is owed a reconciliation too."""
        owed = owed_writes(self.control.tenure.lease.owed, written)
        for region in self.control.regions:
            if self.control.params["reconcile"] and region not in written:
                owed[region] = sorted({*owed.get(region, ()), OWED_RECONCILE})
        self.journal.write(owed)

    def regions(self, what: str) -> set[str]:
        """Those that are owed this."""
        return {region for region, owed in self.control.tenure.lease.owed.items() if what in owed}
