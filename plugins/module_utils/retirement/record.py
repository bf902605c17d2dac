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
"""Identifier of the item: `regions` maps each region to who retires it, why and since when."""


def read_retirements(table: LeaseTable) -> dict[str, dict[str, Any]]:
    """Region → `operator`, `reason`, `since`, of those that are being retired. LeaseUnreachable."""
    return retirements_of(table.look_up(RETIREMENTS))


def retirements_of(item: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """The same from the item."""
    return dict((item or {}).get("regions", {}))


class Retirement(Resource):
    """That a region is being retired. Removing it removes what else is kept of the region beside the lease."""

    kind = "region_retirement"
    owned: ClassVar[bool] = False

    def __init__(self, control: RetirementControl, region: str, **options: Any) -> None:
        super().__init__(region, region, **options)
        self.control = control

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Retirement], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {each.name: {} for each in resources if each.name in each.control.retiring}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        params = self.control.params
        said = {"operator": params["operator"] or "", "reason": params["reason"] or "", "since": _now()}
        self.control.renew()
        self._write({**read_retirements(self.control.table), self.name: said})
        return {}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return actual

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        control, table = self.control, self.control.table
        for place in control.left_behind(self.name):
            # No table of the region's own is left, through which it would be written.
            control.client(place).delete_item(TableName=control.state_table, Key={"region": {"S": self.name}})
        for identifier in control.kept_of(self.name):
            table.remove(identifier)
        self._write({region: said for region, said in read_retirements(table).items() if region != self.name})

    def _write(self, retirements: Mapping[str, Any]) -> None:
        if retirements:
            self.control.table.put(RETIREMENTS, {"regions": dict(retirements)})
        else:
            self.control.table.remove(RETIREMENTS)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
