# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells the sales that were cancelled on one side and processed on the other, while neither knew of the other.

A cancellation is an item, and reaches a region by replication. While the line is cut, one region's customer is told
that his sale is cancelled, and the other region processes it. Nothing can undo that; so it is told which sales they
are, once the region that was left behind is back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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

LOOK_SECONDS = 60.0
"""How long they are looked for: nothing waits for it but the end of the switch, which is not to wait for hours."""


class CancelledSales:
    """What one run finds. It is in the journal, for the record."""

    def __init__(self, control: SwitchControl, journal: Journal, lake: LakeObjects) -> None:
        self.control, self.journal, self.lake = control, journal, lake

    def remember(self, region: str, since: int) -> None:
        """A region is left behind, and its last work that is known is of then (unix seconds)."""
        if self.control.table.look_up(f"{BESIDE}{region}") is None:
            self.control.table.put(f"{BESIDE}{region}", {"since": since})

    def look(self, lakes: Iterable[Mapping[str, Any]]) -> tuple[list[str], bool]:
        """Of regions that were left behind and answer again: what was done since then and is cancelled, by anybody; and
        whether that is all, or the time was over.

        botocore's errors pass through. It is not looked for again.
        """
        control, clock = self.control, self.control.table.clock
        back = {region: found for region in control.maps if (found := control.table.look_up(f"{BESIDE}{region}"))}
        if not back:
            return [], True
        since, began, is_all = min(int(found["since"]) for found in back.values()), clock(), True
        conflicts: set[str] = set()
        for region, what, chunk in self._done(lakes, since):
            control.require_parent()
            conflicts |= self._cancelled(region, what["table"], chunk)
            if clock() - began > LOOK_SECONDS:
                is_all = False
                break
        for region in back:
            control.table.remove(f"{BESIDE}{region}")
        told = sorted(conflicts)
        self.journal.remember(**{CANCELLED: {"count": len(told), "ids": told[:TOLD]}})
        return told, is_all

    def _done(
        self, lakes: Iterable[Mapping[str, Any]], since: int
    ) -> Iterator[tuple[str, Mapping[str, Any], Iterable[str]]]:
        """What each region knows to be done since then, some at a time."""
        for what in lakes:
            for region in self.control.maps:
                for done_by in self.control.regions:
                    for chunk in self.lake.done_since(region, done_by, what, since):
                        yield region, what, chunk

    def _cancelled(self, region: str, table: str, done: Iterable[str]) -> set[str]:
        """Those of them that were cancelled by somebody to whom they were not processed yet."""
        by_key = {cancelled_id(each): each for each in done}
        found = read_items(self.control.client(region), table, list(by_key))
        return {by_key[key] for key, item in found.items() if not item.get("sale_processed", {}).get("BOOL")}
