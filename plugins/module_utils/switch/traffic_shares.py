# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which region gets which share of the traffic before and after a switch, and moving it there by every way it takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial

from ..kernel import CollectionError
from ..kernel.cloud import BotoCoreError, ClientError
from ..protocol import ACTIVE, HELD, RegionMap
from ..protocol.service_errors import is_ill
from ..toggle.control import Orphaned
from .control import SwitchControl
from .owed import OWED_TRAFFIC, Owed
from .traffic import AcceleratorDials, RecordWeights


class TrafficNotMoved(CollectionError):
    """A way by which traffic arrives could not be moved; what the others did is in the message."""


CHECK = "traffic"
"""What `skip_checks` calls it: that all is there that moving the traffic needs."""


class TrafficShares:
    """The traffic of one run. moved: the shares that it moved last, None before that.

    silent: way → why it did not answer when the switch was planned.  missing: way → what it lacks.
    """

    def __init__(self, control: SwitchControl, owed: Owed) -> None:
        self.control, self.owed = control, owed
        self.moved: dict[str, int] | None = None
        self.silent: dict[str, str] = {}
        self.missing: dict[str, str] = {}

    @property
    def is_directed(self) -> bool:
        """Whether there is anything that directs it."""
        return bool(self.control.params["accelerator"] or self.control.params["dns"])

    @property
    def is_owed(self) -> bool:
        return bool(self.owed.regions(OWED_TRAFFIC))

    def look(self) -> None:
        """Look up what moving the traffic will need, before any region is held for it."""
        shares = {**self.wanted(), **self.early()}
        for way in self._ways:
            try:
                way.check(shares)
            except (CollectionError, ClientError, BotoCoreError) as error:
                (self.silent if is_ill(error) else self.missing)[str(way)] = str(error)

    def wanted(self) -> dict[str, int]:
        """Of the regions that change, the gaining ones first. A region that only answers again is looked after too."""
        work, states = self.control.work, self.control.work.states
        lease = self.control.taken.lease if self.control.taken else self.control.lease
        owed = {region for region, what in lease.owed.items() if OWED_TRAFFIC in what} if lease else set()
        concerned = [region for region in states if region in self.control.regions]
        which = [region for region in concerned if region in (work.changes or states) or region in owed]
        return {region: 100 if states[region] == ACTIVE else 0 for region in sorted(which, key=lambda r: states[r])}

    def early(self) -> dict[str, int]:
        """The shares that move before the fence. Where none loses, nothing is sent yet to a new one."""
        work = self.control.work
        if not work.losing:
            return {}
        return {**dict.fromkeys(work.gaining, 100), **dict.fromkeys(work.losing, 0)}

    def move(self, shares: Mapping[str, int], patience: float | None = None) -> str:
        """See the traffic there, by every way, and say what moved. One that fails keeps none of the others.

        patience: for how long each way is waited for, in seconds; see `traffic`.

        Raises:
            TrafficNotMoved: a way failed.
            ProtocolError: the lease is lost, or cannot be asked.
        """
        self.control.renew()
        moved, failed = [], []
        for way in self._ways:
            try:
                with self.control.late.sending(("traffic", str(way)), partial(_follow, way)):
                    if way.set(shares, self.control.renew, patience):
                        moved.append(str(way))
            except Orphaned:
                raise
            except (CollectionError, ClientError, BotoCoreError) as error:
                failed.append(f"{way} did not move: {error}")
        done = [f"{' and '.join(moved)} moved"] if moved else []
        if failed:
            raise TrafficNotMoved(f"{told(shares)}: {'; '.join([*done, *failed])}")
        self.moved = dict(shares)
        return f"{told(shares)}: {', '.join(done) or 'already so'}"

    def settle(self, patience: float | None = None) -> str:
        """See the traffic where the states say, or owe it to the regions concerned; what was done, in words."""
        shares = self.wanted()
        try:
            done = self.move(shares, patience)
        except TrafficNotMoved as error:
            # What directs the traffic has a control plane of its own. Sales are processed without it.
            self.owed.owe(shares, OWED_TRAFFIC)
            return f"the traffic was NOT moved, and is owed: {error}. Ask for the same again when that answers"
        if self.is_owed:
            self.owed.settle(shares, OWED_TRAFFIC)
        return done

    def read_back(self) -> None:
        """Move what somebody set late: a share has no condition that a paused old run would meet."""
        if self.is_directed and not self.is_owed:
            self.settle()

    @cached_property
    def public_name(self) -> str:
        """The name that customers ask; looked up once."""
        return self.control.params["public_name"] or self._dials.public_name()

    @cached_property
    def _ways(self) -> list[AcceleratorDials | RecordWeights]:
        """Every way by which traffic arrives."""
        dns = self.control.params["dns"]
        return [
            *([self._dials] if self.control.params["accelerator"] else []),
            *([RecordWeights(self.control.cloud, dns["zone"], dns["names"])] if dns else []),
        ]

    @cached_property
    def _dials(self) -> AcceleratorDials:
        params = self.control.params
        return AcceleratorDials(self.control.cloud, params["workload"], params["accelerator"])


def _follow(way: AcceleratorDials | RecordWeights, said: RegionMap) -> None:
    """Set the shares of a map. While regions are HELD a switch is under way, which sees to them itself."""
    if HELD not in said.states.values():
        way.set({region: 100 if state == ACTIVE else 0 for region, state in said.states.items()}, lambda: None, 0)


def told(shares: Mapping[str, int]) -> str:
    """The shares as a person reads them."""
    return ", ".join(f"{region} {share} %" for region, share in shares.items())
