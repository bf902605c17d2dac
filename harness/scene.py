# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sales system under traffic, watched: what is done to it is carried out, and everything is written down."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.evidence import Evidence, count_unprocessed, count_unrecorded, gather
from harness.sales_system import PARAMETER, STATE_TABLE, WORKLOAD, SalesSystem
from harness.sampler import Sampler
from harness.traffic import Sales, Traffic

QUIET_SECONDS = 150.0
"""How long to wait at most until every sale is processed and known so in every region."""

REPLICATION_SECONDS = 30.0
"""How long at most the last objects take to reach the other regions' lakes."""

EXACTLY_ONCE, AT_LEAST_ONCE, LOSES = "exactly once", "at least once", "loses"
"""What is promised of every sale in a scene. The last is for what must not be done: the loss is to be seen."""


@dataclass
class Record:
    """All that was written down of a scene. Times are unix seconds.

    name, about: what people know it by.  graceful: whether every switch in it is, and no region fails.
    promise: what is promised of every sale.  bounds: figure → the most that it may be.
    expectations: further gates, of what was seen while it went on.
    events: {"at", "text"}: what was done to the world.  switches: see `Scene.switch`.  samples, grants: the sampler's.
    objects: every version in the lake, with the region of its bucket.
    """

    name: str
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
    promise: str = EXACTLY_ONCE
    bounds: dict[str, float] = field(default_factory=dict)
    expectations: list[dict[str, Any]] = field(default_factory=list)


class Scene:
    """Something that is done to a sales system while it sells, from `open` to `close`.

    name, about, graceful, promise: see `Record`.  rate: sales posted each second.  tell: prints a line
    for a person.
    """

    def __init__(
        self,
        system: SalesSystem,
        name: str,
        about: str,
        graceful: bool,
        rate: float,
        tell: Callable[[str], None],
        promise: str = EXACTLY_ONCE,
    ) -> None:
        self.system, self.rate, self.tell = system, rate, tell
        self.regions = system.regions
        self.record = Record(name, about, graceful, self.regions, time.time(), promise=promise)
        self.sampler = Sampler(system.cloud.ask, self.regions, STATE_TABLE, PARAMETER, WORKLOAD)
        self._traffic: Traffic | None = None

    def open(self) -> None:
        """Begin to sell and to watch."""
        file = self.system.folder / "logs" / self.record.name / "requests.jsonl"
        system = self.system
        self._traffic = Traffic(system.cloud.door, system.host, self.rate, file, system.authorities).start()
        self.sampler.start()

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
            record.evidence = self._count()
            record.objects = self._objects()
        finally:
            self.sampler.stop()
            record.samples, record.grants = self.sampler.samples, self.sampler.grants
            record.ended = time.time()
        return record

    def switch(self, playbook: str, *arguments: str, name: str = "") -> None:
        """Run a playbook that switches, approved, and keep what the journal says of it.

        Written down: name, playbook, arguments, began, ended, calls (to AWS, by the controller), changed, lines
        ([unix seconds, text] of each step told), journal (the entry it left, None if there was nothing to do).
        """
        name = name or Path(playbook).stem
        given = [*arguments, "-e", f"reason='drill {self.record.name}'", "-e", "approve=true"]
        before = {entry["id"] for entry in self.system.journal()}
        calls, began = self._operator_calls(), time.time()
        try:
            run = self.system.play(f"{self.record.name}/{name}", f"playbooks/{playbook}", *given)
        finally:
            ended, calls = time.time(), self._operator_calls() - calls
        entries = [entry for entry in self.system.journal() if entry["id"] not in before]
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

    def _wait_until_quiet(self) -> float | None:
        """Seconds until every region knows every sale as processed; None if that did not happen."""
        began = time.monotonic()
        while time.monotonic() - began < QUIET_SECONDS:
            if self._is_quiet():
                return round(time.monotonic() - began, 1)
            time.sleep(1)
        return None

    def _count(self) -> Evidence:
        """What is there of the sales, once every region's lake has every object, for which S3 may take a while."""
        deadline = time.monotonic() + REPLICATION_SECONDS
        while True:
            evidence = gather(self.system.cloud.client, WORKLOAD, self.regions, self.record.sales.acknowledged)
            if evidence.in_every_lake == evidence.in_lake or time.monotonic() >= deadline:
                return evidence
            time.sleep(1)

    def _is_quiet(self) -> bool:
        if self.record.promise == LOSES:  # what is lost never comes
            return self.system.queued() == 0
        count = count_unrecorded if self.system.is_reference else count_unprocessed
        return not count(self.system.cloud.client, WORKLOAD, self.regions)

    def _objects(self) -> list[dict[str, Any]]:
        account = self.system.cloud.client("sts").get_caller_identity()["Account"]
        found = []
        for region in self.regions:
            versions = self.system.cloud.ask(f"observe/objects?bucket={WORKLOAD}-lake-{account}-{region}")
            found += [{"region": region, **version} for version in versions]
        return found

    def _operator_calls(self) -> int:
        return self.system.observe()["calls"].get("operators", 0)

    def expect(self, gate: str, expected: str, found: Any, passed: bool) -> None:
        """A gate about something that is seen now, and would be gone at the end."""
        self.record.expectations.append({"gate": gate, "expected": expected, "found": found, "passed": passed})

    def note(self, text: str) -> None:
        self.record.events.append({"at": time.time(), "text": text})
