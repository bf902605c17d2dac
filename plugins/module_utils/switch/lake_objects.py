# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts into a region's lake what a region that was left behind had processed, and S3 had not sent yet.

DONE arrives within a second and an object within minutes, so after a loss sales are DONE whose objects nobody has. The
key and the bytes come from the sale alone. Each is put on condition that there is none, so one that is there costs a
call, and nothing is written twice, by whichever run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from ..aws.names import filled_in
from ..kernel.cloud import SHORT
from ..protocol import ACTIVE, MalformedSale, Sale, done_keys, lake_object
from ..protocol.attributes import DONE_AT_ATTRIBUTE, DONE_IN_ATTRIBUTE
from ..protocol.encoding import from_attributes, to_attribute
from ..resources.object_copy import AT_ONCE, unless_there
from .control import SwitchControl
from .journal import LAKE, LEFT, Journal
from .signalled_control import SignalledControl
from .strong_reads import read_items

CHUNK = 1000
"""Objects between two writes of the journal."""

ADDED = ("looked_at", "put", "unknown")
"""Counts, of which a killed run has written down those of every chunk that it ended."""


class MissingObjects:
    """What one run puts again.

    last_known: region that was left behind → when it did its last, as far as the others know (unix seconds).
    put, unknown: how many objects were put, and how many could not be, since the item of the sale is not there.
    in_time: whether there was time to look at all.
    """

    def __init__(self, control: SignalledControl) -> None:
        self._control = control
        self.last_known: dict[str, int] = {}
        self.put = self.unknown = 0
        self.in_time = True

    def put_again(self, region: str, left: list[str], what: Mapping[str, Any]) -> bool:
        """Put into the lake of `region` what it lacks of those `left`; whether nothing is missing there any more.

        botocore's errors pass through.
        """
        control = self._control
        bucket = filled_in(what["bucket"], control.cloud.find_account(control.maps), region)
        complete, began = True, control.table.clock()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            put = partial(self._put, self._s3(region), bucket)
            for lost in left:
                newest = self.newest(region, lost, what)
                self.last_known[lost] = max(newest, self.last_known.get(lost, 0))
                for done in self.done_since(region, lost, what, newest - what["seconds"]):
                    if control.table.clock() - began > what["timeout"]:
                        self.in_time = False
                        return False
                    control.require_parent()
                    known = self._sales(region, what, list(done))
                    missing = sorted(done[each.id] for each, is_new in pool.map(put, known) if is_new)
                    behind = newest - missing[0] if missing else 0
                    self._note(region, what, len(done), len(missing), len(done) - len(known), behind)
                    complete = complete and len(known) == len(done)
        return complete

    def _s3(self, region: str) -> Any:
        return self._control.cloud.client("s3", region, **SHORT)

    def newest(self, region: str, lost: str, what: Mapping[str, Any]) -> int:
        """When the region that was left behind did its last, as far as this one knows; 0 for never."""
        found = [self._query(region, key, what, ScanIndexForward=False, Limit=1)["Items"] for key in done_keys(lost)]
        return max((_at(items[0]) for items in found if items), default=0)

    def done_since(self, region: str, done_by: str, what: Mapping[str, Any], since: int) -> Iterator[dict[str, int]]:
        """What another one did since then, as far as this region knows: id → when, some at a time."""
        chunk: dict[str, int] = {}
        for key in done_keys(done_by):
            start: dict[str, Any] = {}
            while True:
                page = self._query(region, key, what, since, **start)
                for item in page["Items"]:
                    chunk[item["id"]["S"]] = _at(item)
                    if len(chunk) == CHUNK:
                        yield chunk
                        chunk = {}
                if not page.get("LastEvaluatedKey"):
                    break
                start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        if chunk:
            yield chunk

    def _query(self, region: str, key: str, what: Mapping[str, Any], since: int = 0, **others: Any) -> dict[str, Any]:
        return self._control.client(region).query(
            TableName=what["done_table"],
            IndexName=what["index"],
            KeyConditionExpression="#in = :in AND #at >= :since",
            ExpressionAttributeNames={"#in": DONE_IN_ATTRIBUTE, "#at": DONE_AT_ATTRIBUTE},
            ExpressionAttributeValues={":in": to_attribute(key), ":since": to_attribute(since)},
            **others,
        )

    def _sales(self, region: str, what: Mapping[str, Any], identifiers: list[str]) -> list[Sale]:
        """The sales of these ids that this region has; the item of one may have been on its way as well."""
        sales = []
        for item in read_items(self._control.client(region), what["table"], identifiers).values():
            try:
                sales.append(Sale.from_dict(from_attributes(item)))
            except MalformedSale as error:
                self._control.cloud.tell(f"  {region}: {item['id']['S']} is no sale: {error}")
        return sales

    @staticmethod
    def _put(s3: Any, bucket: str, sale: Sale) -> tuple[Sale, bool]:
        """Put the object of a sale unless there is one; whether there was none."""
        target = lake_object(sale)
        request = {"Bucket": bucket, "Key": target.key, "Body": target.body, "ContentType": "application/json"}
        return sale, unless_there(partial(s3.put_object, **request, IfNoneMatch="*"))

    def _note(self, region: str, what: Mapping[str, Any], looked_at: int, put: int, unknown: int, behind: int) -> None:
        """So much was found in the lake of a region."""
        self.put, self.unknown = self.put + put, self.unknown + unknown


class LakeObjects(MissingObjects):
    """What a switch puts again. Everything that it counts is in the journal, for the record and for the next run."""

    def __init__(self, control: SwitchControl, journal: Journal) -> None:
        super().__init__(control)
        self.control, self.journal = control, journal

    def left(self) -> list[str]:
        """The regions that acted before, and that are left behind by now, by this switch or one that it supersedes."""
        control, work = self.control, self.control.work
        journal = self.journal or work.journal or work.carried
        silent = {*journal.get("unfenced", work.unfenced), *control.regions} - control.maps.keys()
        acted = {region for region, state in work.before.items() if state == ACTIVE}
        return sorted({*journal.get(LEFT, ()), *(silent & acted)})

    def found(self) -> dict[str, dict[str, Any]]:
        """Region → table → what was found in its lake, as the journal tells it."""
        return {region: dict(each) for region, each in self.journal.get(LAKE, {}).items()}

    def _s3(self, region: str) -> Any:
        return self.control.quick("s3", region)

    def _note(self, region: str, what: Mapping[str, Any], looked_at: int, put: int, unknown: int, behind: int) -> None:
        """Add to what was found, and write it down."""
        found = self.found()
        before = found.setdefault(region, {}).get(what["table"], {})
        counts = dict(zip(ADDED, (looked_at, put, unknown), strict=True))
        told = {name: before.get(name, 0) + count for name, count in counts.items()}
        behind = max(behind, before.get("behind_seconds", 0))
        found[region] = {**found[region], what["table"]: {**told, "behind_seconds": behind}}
        self.journal.remember(**{LAKE: found})


def _at(item: Mapping[str, Any]) -> int:
    return int(item[DONE_AT_ATTRIBUTE]["N"])
