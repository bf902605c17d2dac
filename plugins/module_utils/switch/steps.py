# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a switch as resources, so that check mode foretells exactly the steps that a run takes.

No step is ever found done: what is to be done was judged from the journal before, and each needs the one before it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..kernel import Attributes, Cloud, CollectionError, Resource
from ..protocol import ACTIVE
from .goal import GRANT, HOLD, PREPARE, UNSETTLED, tell_ways
from .running import SwitchRun

LEASE = "lease"


class Step(Resource):
    """Wanted: `will` (a sentence), and what the step will do as plain data. Gives `sentence` and `seconds`."""

    kind = "region_switch_step"

    def __init__(self, run: SwitchRun, name: str, do: Callable[[], str], needs: Any, **wanted: Any) -> None:
        super().__init__(name, run.params["region"], needs=needs, **wanted)
        self.run = run
        self.do = do

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Step], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        run = self.run
        began, at = time.monotonic(), time.time()
        try:
            if not self.needs:
                run.begin()
            run.heed()
            sentence = self.do()
            seconds = time.monotonic() - began
            if self.name == LEASE:
                at, seconds = run.lease_asked, run.lease_seconds
            run.note(self.name, sentence, at, seconds)
        except Exception as error:
            raise CollectionError(f"{error} — {where_it_stands(run)}") from error
        return {**wanted, "sentence": sentence, "seconds": round(seconds, 3)}


def where_it_stands(run: SwitchRun) -> str:
    """What state the world is in after a step that failed, and the commands that go on, back or elsewhere."""
    lease = run.tenure.lease
    states = ", ".join(f"{region} {state}" for region, state in lease.map.states.items())
    told = f"it stopped here: epoch {lease.epoch} is {states}"
    return f"{told}. {tell_ways(run.journal)}" if run.journal else f"{told}. Nothing was begun"


def steps_of(run: SwitchRun) -> list[Resource]:
    """The steps that are left of the work, in their order."""
    work, params = run.work, run.params
    steps: list[Resource] = []

    def add(name: str, do: Callable[[], str], will: str, **wanted: Any) -> None:
        steps.append(Step(run, name, do, steps[-1:], will=will, **wanted))

    if run.tenure is None:  # a run that goes back has it already
        add(LEASE, run.tell_lease, f"take the lease {run.table.place}")
    drops = ", ".join(run.preparation.drop_names)
    begins = work.phase in (None, PREPARE)
    if run.preparation.spec is not None and begins and work.changes and not work.rolls_back:
        told = f"check that {', '.join(work.takers)} can take over"
        if params["skip_checks"]:
            told += f", whatever is found about {', '.join(params['skip_checks'])}"
        add("preflight", run.preflight, told, skip_checks=sorted(params["skip_checks"]))
    if drops and work.changes and (begins or work.hold is not None):
        add("drain", run.drain, f"stop {drops} in {', '.join(work.changes)} and see its tasks STOPPED")
    if drops and work.phase == GRANT:
        add("drain", run.rest, f"stop {drops} where a region came back and is not ACTIVE")
    final = ", ".join(f"{region} {state}" for region, state in sorted(work.states.items()))
    if work.hold is not None:
        held = ", ".join(work.changes)
        add("hold", run.hold, f"hold {held} at epoch {work.grant_epoch - 1}", regions=work.hold_order, states=work.hold)
        early = run.early_shares()
        if early and (params["accelerator"] or params["dns"]):
            will = f"move the traffic: {', '.join(f'{region} {share} %' for region, share in early.items())}"
            add("shift", run.shift, will, shares=early)
        will = f"wait {run.fence:g} s from the last write, until nobody can act on the old epoch"
        add("fence", run.wait_fence, will, fence_seconds=run.fence)
    if not work.only_undoes:
        will = f"give epoch {work.grant_epoch}: {final}"
        add("grant", run.grant, will, epoch=work.grant_epoch, regions=work.grant_order, states=work.states)
    if drops:
        active = [region for region, state in sorted(work.states.items()) if state == ACTIVE]
        add("start", run.start, f"start {drops} where the region is ACTIVE: {', '.join(active) or 'nowhere'}")
    if params["accelerator"] or params["dns"]:
        shares = run.wanted_shares()
        will = f"see the traffic there: {', '.join(f'{region} {share} %' for region, share in shares.items())}"
        add("traffic", run.traffic, will, shares=shares)
    # Whoever acted before the switch acts again; and with nobody ACTIVE, who is turned on next reconciles.
    needless = work.rolls_back and work.phase in (PREPARE, HOLD) and work.hold is None
    needless = needless and not work.journal.get(UNSETTLED)
    if params["reconcile"] and not needless and ACTIVE in work.states.values():
        tables = ", ".join(each["table"] for each in params["reconcile"])
        will = f"publish again what nobody has processed of {tables}, from {', '.join(sorted(run.maps))}"
        add("reconcile", run.reconcile, will, regions=sorted(run.maps))
    if params["proof"] and ACTIVE in work.states.values() and not work.rolls_back:
        will = f"post a synthetic request to {params['proof']['path']} and see it processed"
        add("prove", run.prove, will)
    skipped = f"; {', '.join(work.unfenced)} unfenced" if work.unfenced else ""
    add("record", run.record, f"record it and let the lease go{skipped}", unfenced=work.unfenced)
    return steps
