# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which region gets which share of the traffic before and after a switch, and moving it there by every way it takes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..protocol import ACTIVE
from ..services.routing import GATE_FIRST, GATE_NONE
from .control import SwitchControl
from .health_gate import HealthGate
from .owed import OWED_TRAFFIC, Owed
from .traffic import AcceleratorDials, RecordWeights

TRAFFIC, PENDING = "traffic", "traffic_change"
"""Keys of the journal: which way the traffic took and when it had arrived; a change of records that is not INSYNC."""


class TrafficShares:
    """The traffic of one run.

    moved: the shares that it moved last, None before that.
    gated: whether the health gate has moved it in the place of a control plane that did not answer.
    """

    def __init__(self, control: SwitchControl, owed: Owed) -> None:
        self.control, self.owed = control, owed
        self.moved: dict[str, int] | None = None
        self.gated = False

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
        changed = [self._arrival(each) for each in self._ways if each.set(shares, self.control.renew, patience)]
        self.moved = dict(shares)
        return f"{told(shares)}: {' and '.join(changed)}" if changed else f"{told(shares)}: already so"

    def _arrival(self, way: Way) -> str:
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

    def read_back(self) -> None:
        """Move what somebody set late: a share has no condition that a paused old run would meet."""
        if not self.is_owed:
            self.move(self.wanted())

    @cached_property
    def public_url(self) -> str:
        """What customers ask, without a path; looked up once."""
        name = self.control.params["public_name"] or self._dials().public_name()
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
        ways: list[AcceleratorDials | RecordWeights] = [self._dials()] if self.control.params["accelerator"] else []
        if dns and not self.follows_grant:
            journal = self.owed.journal
            ways.append(
                RecordWeights(
                    self.control.cloud,
                    dns["zone"],
                    dns["names"],
                    journal.get(PENDING),
                    lambda change: journal.remember(**{PENDING: change}),
                )
            )
        return ways

    def _dials(self) -> AcceleratorDials:
        params = self.control.params
        return AcceleratorDials(self.control.cloud, params["workload"], params["accelerator"])


Way = AcceleratorDials | RecordWeights | HealthGate


def told(shares: Mapping[str, int]) -> str:
    """The shares as a person reads them."""
    return ", ".join(f"{region} {share} %" for region, share in shares.items())
