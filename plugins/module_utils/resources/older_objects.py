# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lakes hold that is older than their replication to each other, copied to where it is missing.

A lake lacks what another one shows. Both lists come in the order of their keys, so they are merged and never kept,
however long they are, and a run that was killed goes on where the other ended, by looking again.

A copy is a new object to S3, which would send it on to all the other lakes, where it is. So a lake that is only joining
sends nothing while it is filled; what it wrote itself meanwhile is looked for afterwards, in a second round.
"""

from __future__ import annotations

import heapq
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby, islice
from typing import Any, ClassVar, NamedTuple

from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource, absent_is_none
from .bucket import holds_objects
from .bucket_replication import destination, owes, read, settled
from .object_copy import AT_ONCE, copy_object

CHUNK = 1000
"""Objects between two looks at the clock."""

LISTING = "s3.ListObjectsV2"
"""As what a run counts its requests for lists."""

HEEDED_SECONDS = 5.0
"""How long S3 may take to heed everywhere that a rule is on again."""


class Listed(NamedTuple):
    """An object that a lake shows. size: bytes. storage: its class, such as STANDARD."""

    key: str
    size: int
    storage: str


class Missing(NamedTuple):
    """An object that a lake lacks, as it is listed by the region from which it is copied."""

    listed: Listed
    source: str


def listed(cloud: Cloud, region: str, bucket: str) -> Iterator[Listed]:
    """Each object that a bucket shows, in the order of keys; none if there is no bucket."""
    pages = cloud.client("s3", region).get_paginator("list_objects_v2").paginate(Bucket=bucket)
    with absent_is_none("NoSuchBucket"):
        for page in pages:
            yield from (
                Listed(item["Key"], item["Size"], item.get("StorageClass", "STANDARD"))
                for item in page.get("Contents", [])
            )


def lacking(target: Iterator[Listed], sources: Mapping[str, Iterator[Listed]]) -> Iterator[Missing]:
    """What `sources` (region → its objects) have and `target` lacks, each from the first region that has it.

    All come in the order of S3, which compares the bytes of keys.
    """

    def ranked(number: int, region: str, items: Iterator[Listed]) -> Iterator[tuple[bytes, int, str, Listed]]:
        return ((each.key.encode(), number, region, each) for each in items)

    numbered = enumerate({"": target, **sources}.items())
    merged = heapq.merge(*(ranked(number, region, items) for number, (region, items) in numbered))
    for _key, same in groupby(merged, key=lambda item: item[0]):
        for _same, number, region, first in islice(same, 1):
            if number:
                yield Missing(first, region)


class OlderObjects(Resource):
    """Wanted: `owed`, which is empty: region → what its lake lacks. `buckets` are the lakes, by region."""

    kind = "s3_older_objects"
    owned: ClassVar[bool] = False

    def __init__(self, *args: Any, buckets: dict[str, str], **others: Any) -> None:
        super().__init__(*args, **others)
        self.buckets = buckets

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[OlderObjects], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {resource.name: {"owed": resource._owed(cloud)} for resource in resources}

    def _owed(self, cloud: Cloud) -> dict[str, dict[str, Any]]:
        """Region → how many objects its lake lacks, how many bytes they have and where they are, and the requests that
        it takes to look for them and to copy them.
        """
        told: dict[str, dict[str, Any]] = {}
        links = self._links(cloud)
        for target in self.buckets:
            if not any(links.get((source, target), True) for source in self._others(target)):
                continue
            objects = size = 0
            asked = cloud.calls[LISTING]
            places: dict[str, int] = defaultdict(int)
            for each in self._lacking(cloud, target, links):
                objects, size = objects + 1, size + each.listed.size
                places[each.source] += 1
            requests = objects + cloud.calls[LISTING] - asked  # it is listed again to copy
            told[target] = {"objects": objects, "bytes": size, "from": dict(places), "requests": requests}
        # Rules that are still to be made owe nothing where nothing is.
        is_made = any(links.values())
        return told if is_made or any(each["objects"] for each in told.values()) else {}

    def _others(self, region: str) -> list[str]:
        return [each for each in self.buckets if each != region]

    def _links(self, cloud: Cloud) -> dict[tuple[str, str], bool]:
        """The rules that there are, by source and target: whether the target may lack something of the source."""
        links = {}
        for source, bucket in self.buckets.items():
            for rule in (read(cloud, source, bucket) or {"Rules": []})["Rules"]:
                for target in self._others(source):
                    if destination(rule) == self.buckets[target]:
                        links[source, target] = owes(rule)
        return links

    def _lacking(self, cloud: Cloud, target: str, links: Mapping[tuple[str, str], bool]) -> Iterator[Missing]:
        """What the lake of a region lacks of those that owe it something. A rule that is still to be made does."""
        sources = [each for each in self._others(target) if links.get((each, target), True)]
        lists = {each: listed(cloud, each, self.buckets[each]) for each in (target, *sources)}
        return lacking(lists.pop(target), lists)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        """Copy what is missing, as long as there is time, and have the rules owe nothing that is copied.

        Raises:
            CollectionError: an object cannot be copied. The rules owe it, to the next run.
        """
        ends = time.monotonic() + cloud.wait_timeout
        links = self._links(cloud)
        joining = self._joining(links)
        writes = [each for each in joining if holds_objects(cloud, each, self.buckets[each])]
        for target in joining:
            self._set_status(cloud, target, "Disabled")
            try:
                self._fill(cloud, target, links, ends)
            finally:
                self._set_status(cloud, target, "Enabled")
        if writes:
            time.sleep(HEEDED_SECONDS)
        left = {}
        for target in actual["owed"]:
            if not self._fill(cloud, target, links, ends):
                left[target] = actual["owed"][target]
        for source in self.buckets:
            done = {self.buckets[target] for target in self._others(source) if target not in left}
            self._rewrite(cloud, source, lambda rule, done=done: settled(rule) if destination(rule) in done else rule)
        return {"owed": left}

    def _joining(self, links: Mapping[tuple[str, str], bool]) -> list[str]:
        """The regions whose lakes lack something, and have never been complete to any other: nobody relies on them."""
        return [
            region
            for region in self.buckets
            if any(links.get((source, region)) for source in self._others(region))
            and {owed for (source, _target), owed in links.items() if source == region} == {True}
        ]

    def _fill(self, cloud: Cloud, target: str, links: Mapping[tuple[str, str], bool], ends: float) -> bool:
        """Copy to a region's lake what it lacks; whether it lacks nothing any more."""
        missing = self._lacking(cloud, target, links)
        copied = 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            put = partial(self._copy, cloud, target)
            while chunk := list(islice(missing, CHUNK)):
                if time.monotonic() > ends:
                    return False
                if not cloud.has_parent():
                    raise CollectionError("the run that this process worked for has ended")
                copied += sum(pool.map(put, chunk))
                cloud.tell(f"  {target}: {copied} older objects copied to {self.buckets[target]}")
        return True

    def _copy(self, cloud: Cloud, target: str, missing: Missing) -> bool:
        found, source = missing.listed, missing.source
        place = {"Bucket": self.buckets[source], "Key": found.key}
        return copy_object(cloud, source, place, found.size, found.storage, target, self.buckets[target])

    def _set_status(self, cloud: Cloud, region: str, status: str) -> None:
        """Have the lake of a region send, or send nothing. Its rules owe what it writes meanwhile."""
        self._rewrite(cloud, region, lambda rule: {**rule, "Status": status})

    def _rewrite(self, cloud: Cloud, region: str, change: Any) -> None:
        """Change rules among the lakes, as they are now; none that leads elsewhere."""
        there = read(cloud, region, self.buckets[region])
        if there is None:
            return
        own = set(self.buckets.values())
        rules = [change(rule) if destination(rule) in own else rule for rule in there["Rules"]]
        if rules != there["Rules"]:
            cloud.client("s3", region).put_bucket_replication(
                Bucket=self.buckets[region], ReplicationConfiguration={**there, "Rules": rules}
            )
