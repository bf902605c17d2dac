# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes again what nobody has processed, until nothing is left: knows a table, its index and a topic, no sales.

Publishing twice is harmless, so a cursor moves after the publish and a killed run repeats a page of each part at most.
No clock of the operator's says which items it is about: it may be wrong by hours.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from ..protocol.limits import SHADOW_FIRST_SECONDS
from .reconcile_progress import ReconcileProgress
from .unprocessed_items import ALWAYS, Page, UnprocessedItems

CALLS_AT_ONCE = 32
"""How many calls are made side by side: each of a page's reads, and of its publishes of ten messages."""

PAUSE_SECONDS = 1.0
"""Between two passes, where nothing tells how soon the next one may find something else."""

LONGEST_PAUSE_SECONDS = 10.0
"""The same after a pass that took long: as long as it took, but pause and cancel are to be heeded soon."""

AGAIN_SECONDS = 1.5 * SHADOW_FIRST_SECONDS
"""How long an id that was published is left alone: longer than a worker hides a message the first time."""

Cursors = dict[str, dict[str, Any]]
"""Part → its cursor; empty once it was read to its end."""


class Backlog:
    """Which items of a region this is about, and which of them are to be published now.

    It is about what was there when it began: all that is read in its first pass and while its first seconds last
    (`minimum_age` of them), and what is older than its beginning by the region's own clock. That is the clock of the
    tasks that wrote the items, and each answer tells it. What comes later is everyday's work, and would end no pass
    while workers are busy with it.

    sent:  id → when it was published last, from any region: a topic reaches every region's queue. Workers need time.
    clock: the run's own, which only counts seconds.
    began_at: the region's time when it began, in unix seconds; None if it did not tell.
    """

    def __init__(self, what: Mapping[str, Any], sent: dict[str, float], clock: Callable[[], float]) -> None:
        self._age, self._time = float(what["minimum_age"]), what["range_attribute"]
        self._sent, self._clock = sent, clock
        self._began = self._fell = self._pass_began = clock()
        self._seen: dict[str, float] = {}
        self._latest = 0
        self._least: int | None = None
        self._passes, self._is_open = 0, True
        self.began_at: float | None = None

    def begin_pass(self) -> bool:
        """A pass begins. Whether it sees all that this is about."""
        self._pass_began = self._clock()
        had_its_time = self._pass_began - self._began >= self._age
        self._is_open = not had_its_time or not self._passes
        self._passes += 1
        return had_its_time

    def before(self) -> int:
        """Up to which time items are read."""
        if self._is_open or self.began_at is None:
            return ALWAYS
        return max(self._latest, int(self.began_at) + 1)

    def pick(self, page: Page) -> list[dict[str, Any]]:
        """Those of a page that it is about."""
        if self.began_at is None and self._passes == 1:
            self.began_at = page.told_at
        picked = []
        for item in page.items:
            if item["id"] not in self._seen:
                if not self._is_open and (self.began_at is None or item[self._time] > self.began_at + 1):
                    continue
                self._seen[item["id"]] = self._clock()
                self._latest = max(self._latest, int(item[self._time]))
            picked.append(item)
        return picked

    def is_due(self, item: Mapping[str, Any], told_at: float | None) -> bool:
        """Whether an unprocessed item is to be published: its own publish is not on its way, and ours neither.

        While each pass finds less than the one before, workers are busy with what they have; they are not given it
        twice, however long a pass takes.
        """
        now, sent = self._clock(), self._sent.get(item["id"])
        if sent is not None and self._pass_began - max(sent, self._fell) < AGAIN_SECONDS:
            return False
        is_old = told_at is not None and item[self._time] <= told_at - self._age
        return is_old or now - self._seen[item["id"]] >= self._age

    def published(self, items: list[dict[str, Any]]) -> None:
        now = self._clock()
        self._sent.update((item["id"], now) for item in items)

    def left(self, count: int) -> None:
        """A whole pass found so many."""
        if self._least is None or count < self._least:
            self._least, self._fell = count, self._clock()


def reconcile_pass(
    source: UnprocessedItems,
    backlog: Backlog,
    cursors: Cursors,
    advance: Callable[[str, Cursors, int, int], None],
) -> int:
    """Go once through one region's own items, all parts side by side, and publish what is due; how many were found.

    cursors: where a killed run had got to; empty to begin. It is kept up to date.
    advance: called after each page was published: its part, the cursors, how many items were read, how many published.
    """

    def publish_page(part: str, cursor: Mapping[str, Any] | None) -> tuple[Page, int, int]:
        page = source.read(part, before, cursor)
        picked = backlog.pick(page)
        due = [item for item in picked if backlog.is_due(item, page.told_at)]
        # What an index shows and is not to be published is believed to be left. A scan may show what is long done.
        asked = picked if source.what["scan"] else due
        pending = source.pending([item["id"] for item in asked])
        due = [item for item in due if item["id"] in pending]
        source.publish(due)
        backlog.published(due)
        return page, len(picked) - len(asked) + len(pending), len(due)

    found_count, before = 0, backlog.before()
    with ThreadPoolExecutor(max_workers=len(source.parts)) as pool:
        began = {part: cursors.get(part) for part in source.parts if cursors.get(part) != {}}
        reading = {pool.submit(publish_page, part, cursor): part for part, cursor in began.items()}
        try:
            while reading:
                for future in wait(reading, return_when=FIRST_COMPLETED).done:
                    part = reading.pop(future)
                    page, found, published = future.result()
                    found_count += found
                    cursors[part] = page.cursor or {}
                    if page.cursor:
                        reading[pool.submit(publish_page, part, page.cursor)] = part
                    advance(part, cursors, len(page.items), published)
        finally:
            for future in reading:
                future.cancel()
    return found_count


@dataclass(frozen=True)
class Outcome:
    """published: how many were. ended: whether nothing was left; else the region stays owed. began_at: the region's
    time when it began, in unix seconds, if it told."""

    published: int
    ended: bool
    began_at: float | None


class _TimeIsOver(Exception):
    pass


def reconcile_region(
    dynamodb: Any,
    sns: Any,
    what: Mapping[str, Any],
    topic: str,
    advance: Callable[[Cursors], None],
    pause: Callable[[float], None],
    *,
    cursors: Cursors | None = None,
    sent: dict[str, float] | None = None,
    tell: Callable[[str], None] = lambda line: None,
    name: str = "",
    clock: Callable[[], float] = time.monotonic,
    pause_seconds: float = PAUSE_SECONDS,
) -> Outcome:
    """Repeat whole passes until what was there at the beginning is processed, or `what["timeout"]` seconds are over.

    An index is only eventually consistent: it is believed that nothing is left when two passes say so, one after the
    other. A scan is strongly consistent, and one is enough.

    advance: called after each page that others follow with the cursors, and after each pass with none. It may raise, to
             end the run, and wait, which does not count.
    pause:   sleeps between two passes, and stops an orphaned run. pause_seconds: for how long.
    """
    began, published = clock(), 0
    sent = {} if sent is None else sent
    backlog, counted = Backlog(what, sent, clock), set[str]()
    progress = ReconcileProgress(name or what["table"], tell, clock)

    def heed(cursors: Cursors) -> None:
        nonlocal began
        asked = clock()
        advance(cursors)
        began += clock() - asked
        see_time()

    def see_time() -> None:
        if clock() - began > what["timeout"]:
            raise _TimeIsOver

    def count_page(part: str, cursors: Cursors, read: int, new: int) -> None:
        nonlocal published
        published += new
        if first:
            if part not in counted:
                counted.add(part)
                progress.expect(read)
                if cursors[part] and not what["scan"]:  # of a scan nobody knows it without scanning
                    calls.submit(count_rest, part, cursors[part])
            progress.read(read, published)
        if cursors[part]:
            heed(cursors)
        else:  # as many parts end in a pass as there are; its end is heeded
            see_time()

    def count_rest(part: str, cursor: dict[str, Any]) -> None:
        progress.expect(source.count(part, ALWAYS, cursor))

    with ThreadPoolExecutor(max_workers=CALLS_AT_ONCE) as calls:
        source = UnprocessedItems(dynamodb, sns, what, topic, calls.map)
        cursors = {part: cursor for part, cursor in (cursors or {}).items() if part in source.parts}
        first, empty = True, 0
        try:
            while True:
                at = clock()
                is_whole = backlog.begin_pass() and not cursors
                found = reconcile_pass(source, backlog, cursors, count_page)
                cursors, first = {}, False
                backlog.left(found)
                progress.wait(found)
                empty = empty + 1 if is_whole and not found else 0
                if empty == (1 if what["scan"] else 2):
                    return Outcome(published, True, backlog.began_at)
                heed({})
                asked = clock()
                # To read a backlog again and again takes from workers what they need.
                took = min(clock() - at, LONGEST_PAUSE_SECONDS) if found else 0
                pause(max(pause_seconds * (2 if found else 1), took))
                began += 0 if found else clock() - asked  # when nothing is left, to make sure of it takes no time
        except _TimeIsOver:
            return Outcome(published, False, backlog.began_at)
