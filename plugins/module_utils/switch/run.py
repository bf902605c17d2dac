# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of a switch: planned, carried out under the lease, paused or cancelled from elsewhere, and gone back from."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from ..kernel import Cloud, CollectionError, Resource
from ..kernel.cloud import BotoCoreError, ClientError
from ..lease.deployment_plan import entry_id, interrupted, is_deployment
from ..protocol import ProtocolError, fence_seconds
from ..resources.listing import Listing
from .asked import Asked
from .cancelled_sales import CancelledSales
from .control import SwitchControl
from .goal import find_work
from .journal import Journal
from .lake_objects import LakeObjects
from .lost_regions import LostRegions
from .notices import Notices
from .owed import Owed
from .preparation import Preparation
from .proof import Proof
from .reconciliation import Reconciliation
from .refusals import require_traffic
from .rollback import find_rollback
from .state_writes import StateWrites
from .traffic_shares import TrafficShares
from .work import Work
from .workers import Workers


class Cancelled(CollectionError):
    """Somebody asked this switch to go back."""


class SwitchRun:
    """One run of a switch, and the parts that its steps are made of.

    steps_of:      the steps that are left of the work of a run, in their order (`steps.order`).
    fence_seconds: how long after its last write nobody can still act on the old epoch.
    lease_asked, lease_seconds: when the lease was asked for (unix seconds), and how long it was waited for.
    """

    def __init__(self, params: dict[str, Any], cloud: Cloud, steps_of: Callable[[SwitchRun], list[Resource]]) -> None:
        self.asked = Asked(params["to"], params["from"], params["target"], params["turn"])
        self.fence_seconds = fence_seconds(params["view_ttl"], params["claim_to_effect"])
        self.steps_of = steps_of
        self.control = control = SwitchControl(params, cloud)
        self.journal = journal = Journal(control)
        self.owed = Owed(control, journal)
        self.lost = LostRegions(control, journal)
        self.writes = StateWrites(control, self.lost)
        self.traffic = TrafficShares(control, self.owed)
        self.workers = Workers(control)
        self.preparation = Preparation(control, journal, self.lost)
        self.reconciliation = Reconciliation(control, journal, self.heed)
        self.lake = LakeObjects(control, journal)
        self.cancelled_sales = CancelledSales(control, journal, self.lake)
        self.proof = Proof(control, journal, self.traffic)
        self.notices = Notices(control, journal)
        self.cancelled = False
        self.lease_asked, self.lease_seconds = 0.0, 0.0

    def plan(self) -> None:
        """Read everything and say what is to be done. ProtocolError."""
        control = self.control
        params = control.params
        control.look()
        if params["rollback"]:
            control.planned = find_rollback(control.lease, control.seen(), control.maps, control.table.place)
            if control.planned is not None and control.lease and control.lease.plan:
                self.asked = Asked(**control.lease.plan["asked"])
        else:
            control.planned = self._find_work()
            if control.planned is None and (differing := control.differing()):
                control.planned = self._find_work(differing)
        if control.planned is None:
            return
        looks: list[Callable[[], None]] = [self.traffic.look]
        if self.preparation.spec is not None and not control.planned.rolls_back:
            looks.append(self.preparation.look)
        Listing.side_by_side(looks)
        require_traffic(control.planned, self.traffic.missing, params["skip_checks"])

    def _find_work(self, differing: Collection[str] = ()) -> Work | None:
        control, params = self.control, self.control.params
        return find_work(
            control.lease,
            control.seen(),
            self.asked,
            control.maps,
            control.table.place,
            graceful=not control.may_skip,
            allow_no_active=params["allow_no_active"],
            supersede=params["supersede"],
            dead=control.dead,
            differing=differing,
        )

    @contextmanager
    def carrying_out(self) -> Iterator[None]:
        """Hold the lease while the steps are taken; go back if one fails and that was asked for."""
        control = self.control
        began, self.lease_asked = time.monotonic(), time.time()
        with control.holding(self.read_back):
            self.lease_seconds = time.monotonic() - began
            try:
                yield
            except Exception as error:
                if control.lost_lease or not self.journal:
                    raise
                self.notices.send("failed", self.asked, {"error": str(error)})
                if control.work.rolls_back or not (self.cancelled or control.params["on_failure"] == "rollback"):
                    raise
                try:
                    told = f"then it went back, as asked: {self.roll_back()}"
                except CollectionError as worse:
                    told = f"and {worse}"
                raise CollectionError(f"{error} — {told}") from error

    def begin(self) -> None:
        """Called with the lease just taken: go on with the journal found there, or begin one."""
        params, work = self.control.params, self.control.work
        told = {
            "operator": params["operator"] or "",
            "reason": params["reason"] or "",
            "execution": "ungraceful" if work.unfenced else params["execution"],
            "began": self.control.tenure.lease.since,
        }
        if is_deployment(work.aside):
            by = f"{told['operator'] or 'somebody'} asked for a switch, {self.asked.arguments()}"
            self.control.table.put(entry_id(work.aside), interrupted(work.aside, by))
        self.journal.begin(work, self.asked, told)
        self.notices.send("begun", self.asked, {"states": dict(work.states)})

    def heed(self) -> None:
        """Wait while somebody has asked this switch to pause. Cancelled when they asked it to go back."""
        if self.control.wait_while_paused() and not self.control.work.rolls_back:
            self.cancelled = True
            raise Cancelled("cancelled from another terminal")

    def roll_back(self) -> str:
        """Undo what this run did, under the same lease. What it did is the answer; CollectionError when it cannot."""
        control = self.control
        reason = f"the rollback of {self.asked.arguments()}"
        try:
            control.look_again()
            self.lost.granted.clear()
            control.renew()  # an answer may have been lost: what the lease says counts
            control.planned = find_rollback(control.tenure.lease, [], control.maps, control.table.place)
            if control.planned is None:
                return "nothing had been recorded yet"
            for step in self.steps_of(self):
                step.create(control.cloud, step.wanted)
        except (ProtocolError, ClientError, BotoCoreError) as error:
            raise CollectionError(f"{reason} cannot be done: {error}") from error
        if control.outwait_the_dead():
            self.read_back()
        control.tenure.finish(control.owed())
        states = ", ".join(f"{region} {state}" for region, state in sorted(control.work.states.items()))
        return f"epoch {control.tenure.lease.epoch} is {states}"

    def read_back(self) -> None:
        """Set back what somebody set late: a run that was paused, and lost its lease meanwhile, may do so."""
        self.writes.read_back()
        self.traffic.read_back()
