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
from .running import SwitchRun


class Step(Resource):
    """Wanted: what the step will do, as plain data. Gives `sentence` and `seconds`."""

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

    def add(name: str, do: Callable[[], str], **wanted: Any) -> None:
        steps.append(Step(run, name, do, steps[-1:], **wanted))

    if work.hold is not None:
        add("hold", run.hold, epoch=work.grant_epoch - 1, states=work.hold, regions=work.hold_order)
        add("fence", run.wait_fence, fence_seconds=run.fence)
    add("grant", run.grant, epoch=work.grant_epoch, states=work.states, regions=work.grant_order)
    if run.params["accelerator"]:
        add("traffic", run.traffic, dials=run.wanted_dials())
    if run.params["reconcile"]:
        add("reconcile", run.reconcile, regions=sorted(run.maps), tables=[w["table"] for w in run.params["reconcile"]])
    if run.params["proof"] and "ACTIVE" in work.states.values():
        add("prove", run.prove, path=run.params["proof"]["path"])
    add("record", run.record, epoch=work.grant_epoch, unfenced=work.unfenced)
    return steps
