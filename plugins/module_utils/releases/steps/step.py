# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step that is no thing of AWS: it is never found done, and whatever is left of it is planned as a creation."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from ...kernel import Attributes, Cloud, Resource
from ..run import DeploymentRun


class Step(Resource):
    """Wanted: `will`, a sentence. Gives `sentence` and `seconds`."""

    kind = "workload_deployment_step"
    shown_late: ClassVar[bool | None] = False

    title: ClassVar[str]

    def __init__(self, run: DeploymentRun, region: str, needs: list[Resource], name: str = "", **others: Any) -> None:
        self.run = run
        super().__init__(name or self.title, region, needs=needs, will=self.will(region), **others)

    def will(self, region: str) -> str:
        """What it is going to do, as a sentence."""
        raise NotImplementedError(type(self))

    def do(self) -> str:
        """Do it, and say what was done."""
        raise NotImplementedError(type(self))

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Step], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        began = time.time()
        sentence = self.do()
        self.run.journal.note(self.name, self.region, sentence, began)
        return {**wanted, "sentence": sentence, "seconds": round(time.time() - began, 3)}
