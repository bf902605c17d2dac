# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One drill under way: traffic flows, the sampler watches, and what the drill does is carried out and written down."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.evidence import Evidence, count_unprocessed, gather
from demo.playbooks import PlaybookFailed
from demo.traffic import Sales, Traffic
from rehearse.drills import THROTTLED_SHARE, Drill, throttled_regions
from rehearse.sampler import Sampler
from rehearse.stage import PARAMETER, STATE_TABLE, WORKLOAD, Place

WARM_UP_SECONDS = 5.0
AFTERWARDS_SECONDS = 3.0
QUIET_SECONDS = 150.0
"""How long to wait at most until every sale is processed and known so in every region."""

READY_SECONDS = 60.0


@dataclass
class Record:
    """All that was written down of a drill. Times are unix seconds.

    events: {"at", "text"}: what was done to the world.  switches: see `Scene.switch`.  samples, grants: the sampler's.
    objects: every version in the lake, with the region of its bucket.
    """

    drill: str
    about: str
    graceful: bool
    regions: list[str]
    began: float
    ended: float = 0.0
    quiet_seconds: float | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    switches: list[dict[str, Any]] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)
    grants: list[dict[str, Any]] = field(default_factory=list)
    objects: list[dict[str, Any]] = field(default_factory=list)
    sales: Sales = field(default_factory=Sales)
    evidence: Evidence | None = None
    trouble: str = ""


class Scene:
    """One drill at a place, from `open` to `close`; in between, what a drill's `act` may do.

    Used step by step where more happens than the drill (the demonstration), else with `play`.
    """

    def __init__(self, place: Place, drill: Drill, rate: float, tell: Callable[[str], None]) -> None:
        self.place, self.drill, self.rate, self.tell = place, drill, rate, tell
        self.regions = place.regions
        self.record = Record(drill.name, drill.about, drill.graceful, self.regions, time.time())
        self._throttled: list[str] = []
        self._traffic: Traffic | None = None
        self._sampler = Sampler(place.cloud.ask, self.regions, STATE_TABLE, PARAMETER, WORKLOAD)

    def play(self) -> Record:
        """Sell, let the drill happen, bring everything back, wait until it is quiet, and count."""
        self.open()
        try:
            time.sleep(WARM_UP_SECONDS)
            if self.drill.throttled:
                self._throttle()
            self.drill.act(self)
            time.sleep(AFTERWARDS_SECONDS)
        except PlaybookFailed as error:
            self.record.trouble = str(error)
            self.note("a playbook failed")
        finally:
            self._bring_back()
            self.stop_selling()
        return self.close()

    def open(self) -> None:
        """Begin to sell and to watch."""
        file = self.place.folder / "logs" / self.drill.name / "requests.jsonl"
        self._traffic = Traffic(self.place.cloud.door, self.place.host, self.rate, file).start()
        self._sampler.start()

    def stop_selling(self, at_least: int = 0, patience: float = 0.0) -> Sales:
        """End the traffic, once so many sales were acknowledged or `patience` seconds are over."""
        if self._traffic is not None:
            self.record.sales = self._traffic.stop_after(at_least, patience)
        return self.record.sales

    def close(self) -> Record:
        """Wait until it is quiet, count from the outside, and end the watch."""
        record = self.record
        try:
            record.quiet_seconds = self._wait_until_quiet()
            record.evidence = gather(self.place.cloud.client, WORKLOAD, self.regions, record.sales.acknowledged)
            record.objects = self._objects()
        finally:
            self._sampler.stop()
            record.samples, record.grants = self._sampler.samples, self._sampler.grants
            record.ended = time.time()
        return record

    # --- What a drill may do ---

    def switch(self, playbook: str, *arguments: str, name: str = "") -> None:
        """Run a playbook that switches, approved, and keep what the journal says of it.

        Written down: name, playbook, arguments, began, ended, calls (to AWS, by the controller), changed, lines
        ([unix seconds, text] of each step told), journal (the entry it left, None if there was nothing to do).
        """
        name = name or Path(playbook).stem
        given = [*arguments, "-e", f"reason='drill {self.drill.name}'", "-e", "approve=true"]
        before = {entry["id"] for entry in self.place.journal()}
        calls, began = self._operator_calls(), time.time()
        try:
            run = self.place.play(f"{self.drill.name}/{name}", f"playbooks/{playbook}", *given)
        finally:
            ended, calls = time.time(), self._operator_calls() - calls
        entries = [entry for entry in self.place.journal() if entry["id"] not in before]
        self.record.switches.append(
            {
                "name": name,
                "playbook": playbook,
                "arguments": list(arguments),
                "began": began,
                "ended": ended,
                "calls": calls,
                "changed": run.changed,
                "lines": [[at, line.strip()] for at, line in run.lines if line.startswith("  ") and ": " in line],
                "journal": entries[-1] if entries else None,
            }
        )
        self.tell(f"    {name}: {ended - began:.1f} s, {calls} AWS calls")

    def fault(self, region: str, state: str) -> None:
        self.place.cloud.fault(region, state)
        self.note(f"{region} {state}")

    def mend(self, region: str) -> None:
        """The region is as it was: well, or throttled if the drill throttles."""
        if region in self._throttled:
            self.place.cloud.fault(region, "throttled", share=THROTTLED_SHARE)
        else:
            self.place.cloud.fault(region, "ok")
        self.note(f"{region} back")

    def cut(self, one: str, other: str) -> None:
        self.place.cloud.link(one, other, "cut")
        self.note(f"line {one} – {other} cut")

    def heal(self, one: str, other: str) -> None:
        self.place.cloud.link(one, other, "ok")
        self.note(f"line {one} – {other} healed")

    def wait(self, seconds: float, why: str) -> None:
        self.note(why)
        time.sleep(seconds)

    def wait_until_ready(self, region: str) -> None:
        """Until the region's tasks run again and have read the map: an operator looks before acting."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            readers = self._sampler.samples[-1]["readers"] if self._sampler.samples else {}
            epochs = {epoch for name, (_, epoch) in readers.items() if name.startswith(region) and "tasks" in name}
            if epochs and 0 not in epochs:
                return
            time.sleep(0.5)

    # --- Around it ---

    def _throttle(self) -> None:
        self._throttled = throttled_regions(self.regions)
        for region in self._throttled:
            self.place.cloud.fault(region, "throttled", share=THROTTLED_SHARE)
        self.note(f"{THROTTLED_SHARE:.0%} of calls throttled")

    def _bring_back(self) -> None:
        found = self.place.cloud.faults()
        for region in found["regions"]:
            self.place.cloud.fault(region, "ok")
        for one, other in found["links"]:
            self.place.cloud.link(one, other, "ok")
        if found["regions"] or found["links"]:
            self.note("everything back")

    def _wait_until_quiet(self) -> float | None:
        """Seconds until every region knows every sale as processed; None if that did not happen."""
        began = time.monotonic()
        while time.monotonic() - began < QUIET_SECONDS:
            if not count_unprocessed(self.place.cloud.client, WORKLOAD, self.regions):
                return round(time.monotonic() - began, 1)
            time.sleep(1)
        return None

    def _objects(self) -> list[dict[str, Any]]:
        account = self.place.cloud.client("sts").get_caller_identity()["Account"]
        found = []
        for region in self.regions:
            versions = self.place.cloud.ask(f"observe/objects?bucket={WORKLOAD}-lake-{account}-{region}")
            found += [{"region": region, **version} for version in versions]
        return found

    def _operator_calls(self) -> int:
        return self.place.observe()["calls"].get("operators", 0)

    def note(self, text: str) -> None:
        self.record.events.append({"at": time.time(), "text": text})
