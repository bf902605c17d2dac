# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which region gets which share of the traffic before and after a switch, and moving it there by every way it takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ..protocol import ACTIVE
from .control import SwitchControl
from .owed import OWED_TRAFFIC, Owed
from .traffic import AcceleratorDials, RecordWeights


class TrafficShares:
    """The traffic of one run. moved: the shares that it moved last, None before that."""

    def __init__(self, control: SwitchControl, owed: Owed) -> None:
        self.control, self.owed = control, owed
        self.moved: dict[str, int] | None = None

    @property
    def is_directed(self) -> bool:
        """Whether there is anything that directs it."""
        return bool(self.control.params["accelerator"] or self.control.params["dns"])

    @property
    def is_owed(self) -> bool:
        return bool(self.owed.regions(OWED_TRAFFIC))

    def wanted(self) -> dict[str, int]:
        """Of the regions that change, the gaining ones first. A region that only answers again is looked after too."""
        work, states = self.control.work, self.control.work.states
        lease = self.control.taken.lease if self.control.taken else self.control.lease
        owed = {region for region, what in lease.owed.items() if OWED_TRAFFIC in what} if lease else set()
        which = [region for region in states if region in (work.changes or states) or region in owed]
        return {region: 100 if states[region] == ACTIVE else 0 for region in sorted(which, key=lambda r: states[r])}

    def early(self) -> dict[str, int]:
        """The shares that move before the fence. Where none loses, nothing is sent yet to a new one."""
        work = self.control.work
        if not work.losing:
            return {}
        return {**dict.fromkeys(work.gaining, 100), **dict.fromkeys(work.losing, 0)}

    def move(self, shares: Mapping[str, int], patience: float | None = None) -> str:
        """See the traffic there, by every way, and say what moved. patience: as for a way; NotReadyInTime after it."""
        self.control.renew()
        changed = [str(each) for each in self._ways() if each.set(shares, self.control.renew, patience)]
        self.moved = dict(shares)
        return f"{told(shares)}: {' and '.join(changed)} moved" if changed else f"{told(shares)}: already so"

    def read_back(self) -> None:
        """Move what somebody set late: a share has no condition that a paused old run would meet."""
        if not self.is_owed:
            self.move(self.wanted())

    @cached_property
    def public_name(self) -> str:
        """The name that customers ask; looked up once."""
        return self.control.params["public_name"] or self._dials().public_name()

    def _ways(self) -> list[AcceleratorDials | RecordWeights]:
        """Every way by which traffic arrives."""
        dns = self.control.params["dns"]
        return [
            *([self._dials()] if self.control.params["accelerator"] else []),
            *([RecordWeights(self.control.cloud, dns["zone"], dns["names"])] if dns else []),
        ]

    def _dials(self) -> AcceleratorDials:
        params = self.control.params
        return AcceleratorDials(self.control.cloud, params["workload"], params["accelerator"])


def told(shares: Mapping[str, int]) -> str:
    """The shares as a person reads them."""
    return ", ".join(f"{region} {share} %" for region, share in shares.items())
