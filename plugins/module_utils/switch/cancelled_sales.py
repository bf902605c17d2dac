# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the sales that were cancelled on one side and processed on the other, while neither knew of the other.

A cancellation is an item, and reaches a region by replication. While the line is cut, one region's customer is told
that his sale is cancelled, and the other region processes it. Nothing can undo that; so it is told which sales they
are, once the region that was left behind is back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..protocol import cancelled_id
from .control import SwitchControl
from .journal import CANCELLED, Journal
from .lake_objects import LakeObjects
from .strong_reads import read_items

BESIDE = "left#"
"""How the identifiers of the items begin that tell since when a region is left behind, beside the lease."""

TOLD = 100
"""How many ids are kept; the count is of all."""


class CancelledSales:
    """What one run finds. It is in the journal, for the record."""

    def __init__(self, control: SwitchControl, journal: Journal, lake: LakeObjects) -> None:
        self.control, self.journal, self.lake = control, journal, lake

    def remember(self, region: str, since: int) -> None:
        """A region is left behind, and its last work that is known is of then (unix seconds)."""
        if self.control.table.look_up(f"{BESIDE}{region}") is None:
            self.control.table.put(f"{BESIDE}{region}", {"since": since})

    def look(self, what: Mapping[str, Any]) -> list[str]:
        """Of regions that were left behind and answer again: what was done since then and is cancelled, by anybody.

        botocore's errors pass through. It is not looked for again.
        """
        control = self.control
        back = {region: found for region in control.maps if (found := control.table.look_up(f"{BESIDE}{region}"))}
        if not back:
            return []
        since = min(int(found["since"]) for found in back.values())
        conflicts: set[str] = set()
        for region in control.maps:
            for done_by in control.regions:
                for chunk in self.lake.done_since(region, done_by, what, since):
                    control.require_parent()
                    conflicts |= self._cancelled(region, what["table"], chunk)
        for region in back:
            control.table.remove(f"{BESIDE}{region}")
        told = sorted(conflicts)
        self.journal.remember(**{CANCELLED: {"count": len(told), "ids": told[:TOLD]}})
        return told

    def _cancelled(self, region: str, table: str, done: Iterable[str]) -> set[str]:
        """Those of them that were cancelled by somebody to whom they were not processed yet."""
        by_key = {cancelled_id(each): each for each in done}
        found = read_items(self.control.client(region), table, list(by_key))
        return {by_key[key] for key, item in found.items() if not item.get("sale_processed", {}).get("BOOL")}
