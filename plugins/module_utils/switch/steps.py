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

from ..kernel import Attributes, Cloud, LayerError, Resource
from ..protocol import ACTIVE
from .running import SwitchRun


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
        began = time.monotonic()
        try:
            if not self.needs:
                self.run.begin()
            sentence = self.do()
            seconds = time.monotonic() - began
            self.run.note(self.name, sentence, seconds)
        except Exception as error:
            lease = self.run.tenure.lease
            states = ", ".join(f"{region} {state}" for region, state in lease.map.states.items())
            raise LayerError(
                f"{error} — it stopped here: epoch {lease.epoch} is {states}. Ask for the same again "
                f"({self.run.asked.arguments()}) to go on; add -e supersede=true to another request to go elsewhere"
            ) from error
        return {**wanted, "sentence": sentence, "seconds": round(seconds, 3)}


def steps_of(run: SwitchRun) -> list[Resource]:
    """The steps that are left of the work, in their order."""
    work = run.work
    steps: list[Resource] = []

    def add(name: str, do: Callable[[], str], will: str, **wanted: Any) -> None:
        steps.append(Step(run, name, do, steps[-1:], will=will, **wanted))

    final = ", ".join(f"{region} {state}" for region, state in sorted(work.states.items()))
    if work.hold is not None:
        held = ", ".join(work.changes)
        add("hold", run.hold, f"hold {held} at epoch {work.grant_epoch - 1}", regions=work.hold_order, states=work.hold)
        will = f"wait {run.fence:g} s from the last write, until nobody can act on the old epoch"
        add("fence", run.wait_fence, will, fence_seconds=run.fence)
    will = f"give epoch {work.grant_epoch}: {final}"
    add("grant", run.grant, will, epoch=work.grant_epoch, regions=work.grant_order, states=work.states)
    if run.params["accelerator"]:
        dials = run.wanted_dials()
        will = f"set the dials of {run.params['accelerator']}: {', '.join(f'{r} {d} %' for r, d in dials.items())}"
        add("traffic", run.traffic, will, dials=dials)
    if run.params["reconcile"]:
        tables = ", ".join(each["table"] for each in run.params["reconcile"])
        will = f"publish again what nobody has processed of {tables}, from {', '.join(sorted(run.maps))}"
        add("reconcile", run.reconcile, will, regions=sorted(run.maps))
    if run.params["proof"] and ACTIVE in work.states.values():
        will = f"post a synthetic request to {run.params['proof']['path']} and see it processed"
        add("prove", run.prove, will)
    skipped = f"; {', '.join(work.unfenced)} unfenced" if work.unfenced else ""
    add("record", run.record, f"record it and let the lease go{skipped}", unfenced=work.unfenced)
    return steps
