# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step of a switch as a resource, so that check mode foretells exactly the steps that a run takes.

No step is ever found done: what is to be done was judged from the journal before, and each needs the one before it.
"""

from __future__ import annotations

import time
from typing import Any, ClassVar

from ...kernel import Attributes, Cloud, CollectionError, Resource
from ..asked import tell_ways
from ..run import SwitchRun


class Step(Resource):
    """Wanted: `will` (a sentence), and what the step will do as plain data. Gives `sentence` and `seconds`."""

    kind = "region_switch_step"
    shown_late: ClassVar[bool | None] = False

    title: ClassVar[str]
    """What it is called in plans, in the journal and in reports."""

    def __init__(self, run: SwitchRun, needs: list[Resource]) -> None:
        self.run = run
        super().__init__(
            self.title, run.control.params["region"], needs=needs, will=self.will(), **self.foretold_details()
        )

    # What each step says for itself: `is_due`, `will` and `do`.

    @classmethod
    def is_due(cls, run: SwitchRun) -> bool:
        """Whether it is part of what is left of the run's work."""
        raise NotImplementedError(cls)

    def will(self) -> str:
        """What it is going to do, as a sentence."""
        raise NotImplementedError(type(self))

    def foretold_details(self) -> dict[str, Any]:
        """The same as plain data."""
        return {}

    def do(self) -> str:
        """Do it, and say what was done."""
        raise NotImplementedError(type(self))

    def timed(self, began: float, seconds: float) -> tuple[float, float]:
        """When it began, in unix seconds, and how long it took, for the journal. Here: as it was measured."""
        return began, seconds

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
            at, seconds = self.timed(at, time.monotonic() - began)
            run.journal.note(self.name, sentence, at, seconds)
        except Exception as error:
            raise CollectionError(f"{error} — {where_it_stands(run)}") from error
        return {**wanted, "sentence": sentence, "seconds": round(seconds, 3)}


def where_it_stands(run: SwitchRun) -> str:
    """What state the world is in after a step that failed, and the commands that go on, back or elsewhere."""
    lease = run.control.tenure.lease
    states = ", ".join(f"{region} {state}" for region, state in lease.last_map.states.items())
    told = f"it stopped at epoch {lease.epoch}, with {states}"
    return f"{told}. {tell_ways(run.journal)}" if run.journal else f"{told}. Nothing had begun"
