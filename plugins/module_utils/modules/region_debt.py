# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""That regions are owed a run of site.yml, since they did not answer while one built the others.

It is remembered in the lease, where a switch remembers what it owes. Nothing is asked of the regions themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource
from ..kernel.run import Composition, ModuleDefinition
from ..lease import OWED_SITE, Lease
from ..lease.arguments import HOLDING_ARGUMENTS, beating_problems, place_problems
from ..protocol import ProtocolError
from ..toggle.control import Control
from .shared_arguments.dead import DEAD_ARGUMENT


class DebtControl(Control):
    """A hold on the lease alone: what is unfinished in it, and what else is owed, stays."""

    what = "note of what is owed"
    subject = "What the regions are owed"

    def __init__(self, params: dict[str, Any], cloud: Cloud) -> None:
        super().__init__({**params, "state_table": None}, cloud)

    def _concerned(self, regions: list[str]) -> set[str]:
        return set()

    def _end(self) -> Lease:
        return self.tenure.release()


class RegionDebt(Resource):
    """Wanted: `owed` (site)."""

    kind = "region_debt"
    owned: ClassVar[bool] = False
    shown_late: ClassVar[bool | None] = False

    def __init__(self, control: DebtControl, region: str, *, state: str, **others: Any) -> None:
        super().__init__(region, region, state=state, owed=OWED_SITE, **others)
        self.control = control

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[RegionDebt], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {each.name: {"owed": OWED_SITE} for each in resources if OWED_SITE in each._words()}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        self._note(lambda words: [*words, OWED_SITE])
        return dict(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return dict(wanted)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        self._note(lambda words: [each for each in words if each != OWED_SITE])

    def _words(self) -> list[str]:
        lease = self.control.lease
        return list(lease.owed.get(self.name, ())) if lease else []

    def _note(self, change: Callable[[list[str]], list[str]]) -> None:
        lease = self.control.renew().lease
        owed = {**lease.owed, self.name: sorted(set(change(list(lease.owed.get(self.name, ())))))}
        self.control.tenure.record(lease.plan, {region: words for region, words in owed.items() if words})


def problems(params: dict[str, Any]) -> list[str]:
    return place_problems(params) + beating_problems(params)


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    control = DebtControl(params, cloud)
    try:
        control.read([])
    except ProtocolError as error:
        raise CollectionError(f"What the regions are owed cannot be read: {error}") from error
    debts: list[RegionDebt] = []
    # Before the first states are recorded there is no site that could be owed, and nobody who could remember it.
    for region in params["regions"] if control.lease and control.lease.map else []:
        debts.append(RegionDebt(control, region, state=params["state"], needs=debts[-1:]))
    return Composition(list(debts), around=lambda: control.holding(lambda: None))


MODULE = ModuleDefinition(
    arguments={"regions": {"type": "list", "elements": "str", "required": True}, **HOLDING_ARGUMENTS, **DEAD_ARGUMENT},
    services=("dynamodb",),
    build=build,
    problems=problems,
    removal_is_asked=False,
)
