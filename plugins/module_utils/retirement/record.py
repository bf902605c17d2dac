# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of regions that are being retired: one item beside the lease, from the first change to the last.

The map says only whether a region has left it. The item says that something of a region may still be there, so that
nobody forgets it: neither who takes its host out of the inventory, nor who builds it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from ..kernel import Attributes, Cloud, Difference, Resource
from ..lease import LeaseTable

if TYPE_CHECKING:
    from .control import RetirementControl

RETIREMENTS = "retirements"
"""Identifier of the item: `regions` maps each region to who retires it, why and since when; and, if it was given up
while it was dead, what was known of it (`given_up`), and whether its tasks have had their time (`fenced`)."""

GIVEN_UP, FENCED = "given_up", "fenced"


def read_retirements(table: LeaseTable) -> dict[str, dict[str, Any]]:
    """Region → `operator`, `reason`, `since`, of those that are being retired. LeaseUnreachable."""
    return retirements_of(table.look_up(RETIREMENTS))


def retirements_of(item: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """The same from the item."""
    return dict((item or {}).get("regions", {}))


def tell_given_up(region: str, said: Mapping[str, Any]) -> str:
    """That a region was given up, and what to do about it."""
    known = said.get(GIVEN_UP, {})
    return (
        f"{region} was given up while it was dead, by {said.get('operator') or 'somebody'} since {said.get('since')} "
        f"(reason: {said.get('reason') or 'none given'}; the last that others know it did: "
        f"{known.get('last_done', 'not known')}). It is in no map, so that it processes nothing. While it does not "
        f"answer, leave it alone: -e dead={region}. When it answers, see to what it still holds, and remove it: "
        f"ansible-playbook site.yml -e retire={region} -e delete_data=true"
    )


class Retirement(Resource):
    """That a region is being retired, and whether it was `given_up`. Removing it removes what else is kept of it beside
    the lease.

    known: what others know of a region that is given up, for the record.
    """

    kind = "region_retirement"
    owned: ClassVar[bool] = False

    def __init__(
        self, control: RetirementControl, region: str, known: Mapping[str, Any] | None = None, **options: Any
    ) -> None:
        super().__init__(region, region, **options)
        self.control, self.known = control, dict(known or {})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Retirement], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {
            each.name: {"given_up": each.control.was(each.name)}
            for each in resources
            if each.name in each.control.retiring
        }

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        params = self.control.params
        said = {"operator": params["operator"] or "", "reason": params["reason"] or "", "since": _now()}
        self._say(said, wanted)
        return dict(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self._say(self.control.retiring[self.name], wanted)
        return dict(wanted)

    def _say(self, said: Mapping[str, Any], wanted: Attributes) -> None:
        """Write it, without what was said of having been given up unless it is."""
        kept = {key: value for key, value in said.items() if key not in (GIVEN_UP, FENCED)}
        self.control.renew()
        note(self.control, self.name, {**kept, **({GIVEN_UP: self.known} if wanted["given_up"] else {})})

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        control, table = self.control, self.control.table
        for place in control.left_behind(self.name):
            # No table of the region's own is left, through which it would be written.
            control.client(place).delete_item(TableName=control.state_table, Key={"region": {"S": self.name}})
        for identifier in control.kept_of(self.name):
            table.remove(identifier)
        note(control, self.name, None)


def note(control: RetirementControl, region: str, said: Mapping[str, Any] | None) -> None:
    """Write what is remembered of one region; None to forget it. The run must hold the lease, or be the last of it."""
    retirements = {each: what for each, what in read_retirements(control.table).items() if each != region}
    if said is not None:
        retirements[region] = dict(said)
        control.retiring[region] = dict(said)
    if retirements:
        control.table.put(RETIREMENTS, {"regions": retirements})
    else:
        control.table.remove(RETIREMENTS)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
