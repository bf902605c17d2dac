# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run's hold on the recorded states while regions leave them."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, CollectionError, absent_is_none
from ..protocol import RegionMap
from ..switch.cancelled_sales import BESIDE as LEFT_SINCE
from ..switch.journal import CAPACITY, DRAINED
from ..switch.owed import OWED_TRAFFIC
from ..switch.reconciliation import RECONCILED
from ..switch.signalled_control import SignalledControl
from ..toggle.control import Control
from .record import GIVEN_UP, read_retirements


class RetirementControl(SignalledControl):
    """It can be ended from another terminal for as long as it waits, so that a switch need not wait for it.

    leaving: the regions that are to be retired.  retiring: those of which that is remembered, with who and why.
    give_up: those of them that are dead, of which is given up what nobody else has."""

    what = "retirement"
    subject = "The retirement"

    def __init__(self, params: dict[str, Any], cloud: Cloud) -> None:
        super().__init__(params, cloud)
        self.leaving: list[str] = params["retire"]
        self.give_up = frozenset(params["give_up"])
        self.retiring: dict[str, dict[str, Any]] = {}

    def read(self, regions: list[str]) -> None:
        super().read(regions)
        with absent_is_none("ResourceNotFoundException"):
            self.retiring = read_retirements(self.table)

    @property
    def recorded(self) -> list[str]:
        """Those that leave and are in the map yet."""
        states = self.lease.map.states if self.lease and self.lease.map else {}
        return [region for region in self.leaving if region in states]

    @property
    def given_up(self) -> list[str]:
        """Those of which is given up, now or since an earlier run, what nobody else has, and that are dead."""
        return [each for each in self.leaving if each in self.give_up and (each in self.recorded or self.was(each))]

    @property
    def returned(self) -> list[str]:
        """Those that were given up, and answer: what they still hold is seen to."""
        return [each for each in self.leaving if self.was(each) and each not in {*self.recorded, *self.unreachable}]

    def was(self, region: str) -> bool:
        """Whether a region was given up, and nobody has seen since to what it holds."""
        return GIVEN_UP in self.retiring.get(region, {})

    @property
    def astray(self) -> list[str]:
        """Those of them that may still get traffic, which a switch could not move."""
        owed = self.lease.owed if self.lease else {}
        return [region for region in self.recorded if OWED_TRAFFIC in owed.get(region, ())]

    def left_behind(self, region: str) -> dict[str, RegionMap]:
        """The regions that stay and hold a copy of the item of one that left → what it says."""
        copies = {place: found.get(region) for place, found in self.maps.items() if place not in self.leaving}
        return {place: copy for place, copy in copies.items() if copy is not None}

    def kept_of(self, region: str) -> list[str]:
        """The identifiers of what switches keep of a region beside the lease."""
        tables = [f"{RECONCILED}{region}/{each['table']}" for each in self.params["reconcile"]]
        return [f"{CAPACITY}#{region}", f"{DRAINED}#{region}", f"{LEFT_SINCE}{region}", *tables]

    def heed(self) -> None:
        """Renew the lease. CollectionError: somebody has asked this run to end."""
        self.renew()
        if self.wait_while_paused():
            raise CollectionError(
                f"cancelled from another terminal: {', '.join(self.leaving)} is left in the map, and its services may "
                "run no more. Run this again to retire it, or without the retirement to keep it"
            )

    def rest(self, seconds: float) -> None:
        """Sleep between two looks."""
        self.pause(seconds)
        self.heed()

    def _still_owed(self) -> dict[str, list[str]]:
        owed = Control._still_owed(self)  # every region that answers is written
        return {region: what for region, what in owed.items() if region not in self.leaving}
