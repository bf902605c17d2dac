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
from rehearse.stage import PARAMETER, STATE_TABLE, WORKLOAD, Stage

WARM_UP_SECONDS = 5.0
AFTERWARDS_SECONDS = 3.0
QUIET_SECONDS = 150.0
"""How long to wait at most until every acknowledged sale is processed and known so in every region."""

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
    """What a drill's `act` is given."""

    def __init__(self, stage: Stage, drill: Drill, rate: float, tell: Callable[[str], None]) -> None:
        self.stage, self.drill, self.tell = stage, drill, tell
        self.record = Record(drill.name, drill.about, drill.graceful, stage.regions, time.time())
        self._throttled: list[str] = []
        record = stage.folder / "logs" / drill.name / "requests.jsonl"
        self._traffic = Traffic(stage.cloud.door, stage.host, rate, record)
        self._sampler = Sampler(stage.cloud.ask, stage.regions, STATE_TABLE, PARAMETER, WORKLOAD)

    def play(self) -> Record:
        """Sell, let the drill happen, bring everything back, wait until it is quiet, and count."""
        record = self.record
        self._sampler.start()
        self._traffic.start()
        try:
            time.sleep(WARM_UP_SECONDS)
            if self.drill.throttled:
                self._throttle()
            self.drill.act(self)
            time.sleep(AFTERWARDS_SECONDS)
        except PlaybookFailed as error:
            record.trouble = str(error)
            self._note("a playbook failed")
        finally:
            self._bring_back()
            record.sales = self._traffic.stop()
        try:
            record.quiet_seconds = self._wait_until_quiet()
            record.evidence = gather(self.stage.cloud.client, WORKLOAD, self.stage.regions, record.sales.acknowledged)
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
        given = [*arguments, "-e", f"reason=drill {self.drill.name}", "-e", "approve=true"]
        before = {entry["id"] for entry in self.stage.journal()}
        calls, began = self._operator_calls(), time.time()
        try:
            run = self.stage.play(f"{self.drill.name}/{name}", f"playbooks/{playbook}", *given)
        finally:
            ended, calls = time.time(), self._operator_calls() - calls
        entries = [entry for entry in self.stage.journal() if entry["id"] not in before]
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
        self.stage.cloud.fault(region, state)
        self._note(f"{region} {state}")

    def mend(self, region: str) -> None:
        """The region is as it was: well, or throttled if the drill throttles."""
        if region in self._throttled:
            self.stage.cloud.fault(region, "throttled", share=THROTTLED_SHARE)
        else:
            self.stage.cloud.fault(region, "ok")
        self._note(f"{region} back")

    def cut(self, one: str, other: str) -> None:
        self.stage.cloud.link(one, other, "cut")
        self._note(f"line {one} – {other} cut")

    def heal(self, one: str, other: str) -> None:
        self.stage.cloud.link(one, other, "ok")
        self._note(f"line {one} – {other} healed")

    def wait(self, seconds: float, why: str) -> None:
        self._note(why)
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
        self._throttled = throttled_regions(self.stage.regions)
        for region in self._throttled:
            self.stage.cloud.fault(region, "throttled", share=THROTTLED_SHARE)
        self._note(f"{THROTTLED_SHARE:.0%} of calls throttled")

    def _bring_back(self) -> None:
        found = self.stage.cloud.faults()
        for region in found["regions"]:
            self.stage.cloud.fault(region, "ok")
        for one, other in found["links"]:
            self.stage.cloud.link(one, other, "ok")
        if found["regions"] or found["links"]:
            self._note("everything back")

    def _wait_until_quiet(self) -> float | None:
        """Seconds until every region knows every acknowledged sale as processed; None if that did not happen."""
        began = time.monotonic()
        while time.monotonic() - began < QUIET_SECONDS:
            client = self.stage.cloud.client
            if not count_unprocessed(client, WORKLOAD, self.stage.regions, self.record.sales.acknowledged):
                return round(time.monotonic() - began, 1)
            time.sleep(1)
        return None

    def _objects(self) -> list[dict[str, Any]]:
        account = self.stage.cloud.client("sts").get_caller_identity()["Account"]
        found = []
        for region in self.stage.regions:
            versions = self.stage.cloud.ask(f"observe/objects?bucket={WORKLOAD}-lake-{account}-{region}")
            found += [{"region": region, **version} for version in versions]
        return found

    def _operator_calls(self) -> int:
        return self.stage.observe()["calls"].get("operators", 0)

    def _note(self, text: str) -> None:
        self.record.events.append({"at": time.time(), "text": text})
