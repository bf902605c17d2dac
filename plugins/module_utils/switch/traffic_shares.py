# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which region gets which share of the traffic before and after a switch, and moving it there by every way it takes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any

from ..kernel import CollectionError, NotReadyInTime
from ..kernel.cloud import BotoCoreError, ClientError
from ..protocol import ACTIVE, HELD, RegionMap
from ..protocol.service_errors import is_ill
from ..services.routing import GATE_FIRST, GATE_NONE
from ..toggle.control import Orphaned
from .control import SwitchControl
from .health_gate import HealthGate
from .owed import OWED_TRAFFIC, Owed
from .traffic import AcceleratorDials, RecordWeights

TRAFFIC, PENDING = "traffic", "traffic_change"
"""Keys of the journal: which way the traffic took and when it had arrived; a change of records that is not INSYNC."""


class TrafficNotMoved(CollectionError):
    """A way by which traffic arrives could not be moved; what the others did is in the message."""


CHECK = "traffic"
"""What `skip_checks` calls it: that all is there that moving the traffic needs."""


class TrafficShares:
    """The traffic of one run.

    moved: the shares that it moved last, None before that.
    gated: whether the health gate has moved it in the place of a control plane that did not answer.
    silent: way → why it did not answer when the switch was planned.  missing: way → what it lacks.
    """

    def __init__(self, control: SwitchControl, owed: Owed) -> None:
        self.control, self.owed = control, owed
        self.moved: dict[str, int] | None = None
        self.gated = False
        self.silent: dict[str, str] = {}
        self.missing: dict[str, str] = {}

    @property
    def is_directed(self) -> bool:
        """Whether there is anything that has to be told where it is to go."""
        return bool(self.control.params["accelerator"] or (self.control.params["dns"] and not self.follows_grant))

    @property
    def is_owed(self) -> bool:
        return bool(self.owed.regions(OWED_TRAFFIC))

    @property
    def is_astray(self) -> bool:
        """Whether the public name may still lead to the old region."""
        return self.is_owed and not self.gated

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
        arrived, failed = [], []
        for way in self._ways:
            try:
                with self.control.late.sending(("traffic", str(way)), partial(_follow, way)):
                    has_moved = way.set(shares, self.control.renew, patience)
                if has_moved:
                    arrived.append(self._arrival(way))
            except Orphaned:
                raise
            except NotReadyInTime as error:
                failed.append(f"{way} are set, and still deploying: {error}")
            except (CollectionError, ClientError, BotoCoreError) as error:
                failed.append(f"{way} did not move: {error}")
        if failed:
            raise TrafficNotMoved(f"{told(shares)}: {'; '.join([*arrived, *failed])}")
        self.moved = dict(shares)
        return f"{told(shares)}: {' and '.join(arrived) or 'already so'}"

    def _arrival(self, way: AcceleratorDials | RecordWeights | HealthGate) -> str:
        """Write down which way the traffic took and when it had arrived, and say so."""
        entry = {"way": str(way), "arrived": way.arrived, "milliseconds": round(way.seconds * 1000)}
        journal = self.owed.journal
        others = [each for each in journal.get(TRAFFIC, []) if each["way"] != entry["way"]]
        journal.put(**{TRAFFIC: [*others, entry]})
        return f"{way} moved, {way.arrived} after {way.seconds:.1f} s"

    def move_by_readiness(self, shares: Mapping[str, int]) -> str:
        """See the traffic follow the readiness of the regions, and say so. NotReadyInTime when it does not."""
        params, journal = self.control.params, self.owed.journal
        granted = journal.get("granted_at") or time.time() * 1000
        gate = HealthGate(self.control.cloud, self.reach(), params["dns"]["health_check"], since=granted / 1000)
        self.control.renew()
        gate.see(shares)
        self.gated = True
        return self._arrival(gate)

    def settle(self, patience: float | None = None) -> str:
        """See the traffic where the states say, or owe it to the regions concerned; what was done, in words."""
        shares = self.wanted()
        try:
            done = self.move(shares, patience)
        except TrafficNotMoved as error:
            # What directs the traffic has a control plane of its own. Sales are processed without it.
            self.owed.owe(shares, OWED_TRAFFIC)
            gate = "their readiness is to move it" if self.has_gate else "there is no health gate to move it"
            return f"the traffic was NOT moved, and is owed: {error}; {gate}. Ask for the same again when that answers"
        if self.is_owed:
            self.owed.settle(shares, OWED_TRAFFIC)
        return done

    def read_back(self) -> None:
        """Move what somebody set late: a share has no condition that a paused old run would meet."""
        if self.is_directed and not self.is_owed:
            self.settle()

    @cached_property
    def public_url(self) -> str:
        """What customers ask, without a path; looked up once."""
        name = self.control.params["public_name"] or self._dials.public_name()
        return name if "://" in name else f"http://{name}"

    def reach(self) -> dict[str, Any]:
        """How the public name is asked: `url` without a path, `connect_to`, `ca_file`."""
        params = self.control.params
        return {"url": self.public_url, "connect_to": params["connect_to"], "ca_file": params["ca_file"] or None}

    @property
    def follows_grant(self) -> bool:
        """Whether nothing but the readiness of the regions moves it."""
        return self._gate == GATE_FIRST

    @property
    def has_gate(self) -> bool:
        """Whether the readiness of the regions moves it, always or when nothing else does."""
        return self._gate != GATE_NONE

    @property
    def _gate(self) -> str:
        return str((self.control.params["dns"] or {}).get("gate", GATE_NONE))

    @cached_property
    def _ways(self) -> list[AcceleratorDials | RecordWeights]:
        """Every way by which traffic is sent."""
        dns = self.control.params["dns"]
        ways: list[AcceleratorDials | RecordWeights] = [self._dials] if self.control.params["accelerator"] else []
        if dns and not self.follows_grant:
            journal = self.owed.journal
            ways.append(
                RecordWeights(
                    self.control.cloud,
                    dns["zone"],
                    dns["names"],
                    lambda: journal.get(PENDING),
                    lambda change: journal.remember(**{PENDING: change}),
                )
            )
        return ways

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
