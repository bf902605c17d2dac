# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes before and after a dead region leaves the map: whatever others know of it is seen to, and it has its time.

What it accepted and had not replicated is in its own table alone, and nobody can count it. That is what is given up,
until the region answers again: then the same retirement reconciles it, as that of a region that is well.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, CollectionError, Resource
from ..kernel.cloud import SHORT
from ..switch.lake_objects import MissingObjects
from ..switch.reconciliation import scanned_since
from ..switch.unprocessed_items import ALWAYS, UnprocessedItems
from ..toggle.records import RegionState
from .control import RetirementControl
from .record import FENCED, GIVEN_UP, note
from .steps import reconcile

IN_MAP = "The dead region is left in the map."


def known_of(control: RetirementControl, region: str) -> dict[str, Any]:
    """What a region that stays knows of one that is dead: `last_done`, when that did its last (UTC; never; not known),
    and `unprocessed`, how many items nobody has processed, by table: those are not given up.

    botocore's errors pass through.
    """
    params, here = control.params, control.params["regions"][0]
    found = MissingObjects(control)
    last = max((found.newest(here, region, what) for what in params["lake"]), default=None)
    return {
        "last_done": "not known" if last is None else _told(last),
        "unprocessed": {what["table"]: _count(control, here, what) for what in params["reconcile"]},
    }


def _told(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else "never"


def _count(control: RetirementControl, region: str, what: dict[str, Any]) -> int:
    client = control.cloud.client("dynamodb", region, **SHORT)
    source = UnprocessedItems(client, None, scanned_since(control.table, region, what), what["topic"])
    count = 0
    for part in source.parts:
        page = source.read(part, ALWAYS, None)
        count += len(page.items) + (source.count(part, ALWAYS, page.cursor) if page.cursor else 0)
    return count


class SeenTo(Resource):
    """That what others know of a dead region is processed, and in each of their lakes. It is never found so."""

    kind = "region_given_up"
    owned: ClassVar[bool] = False
    shown_late: ClassVar[bool | None] = False

    def __init__(self, control: RetirementControl, region: str, known: dict[str, Any], needs: list[Resource]) -> None:
        super().__init__(region, region, needs=needs, **known)
        self.control = control

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[SeenTo], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        control = self.control
        objects = MissingObjects(control)
        for region in control.params["regions"]:
            control.renew()
            reconcile(control, cloud, region, IN_MAP)
            for what in control.params["lake"]:
                objects.put_again(region, [self.name], what)
                if not objects.in_time:
                    raise CollectionError(
                        f"the lake of {region} may lack objects of sales that {self.name} processed: "
                        f"{what['timeout']:g} s were not enough to look at all. {IN_MAP} Run this again"
                    )
        unknown = f"; of {objects.unknown} that it processed nothing else is known here" if objects.unknown else ""
        cloud.tell(f"  {self.name}: put {objects.put} of its last objects again that S3 had not sent{unknown}")
        said = control.retiring[self.name]
        counts = {"objects_put": objects.put, "objects_unknown": objects.unknown}
        note(control, self.name, {**said, GIVEN_UP: {**said[GIVEN_UP], **counts}})
        return dict(wanted)


class Outwaited(Resource):
    """That the tasks of a dead region, should some live, have had the time after which none acts on an older map.

    It is waited for after the epoch was written in the regions that stay: from there replication tells those tasks.
    """

    kind = "region_fence"
    owned: ClassVar[bool] = False

    def __init__(
        self, control: RetirementControl, region: str, items: dict[str, RegionState], seconds: float, **options: Any
    ) -> None:
        super().__init__(region, region, seconds=seconds, **options)
        self.control, self.items = control, items

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Outwaited], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        fenced = [each for each in resources if each.control.retiring.get(each.name, {}).get(FENCED)]
        return {each.name: dict(each.wanted) for each in fenced}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        control = self.control
        clock = control.table.clock
        last = max((each.written for each in self.items.values() if each.written is not None), default=clock())
        while (left := last + wanted["seconds"] - clock()) > 0:
            control.renew()
            control.pause(min(1.0, left))
        control.renew()
        note(control, self.name, {**control.retiring[self.name], FENCED: True})
        return dict(wanted)
