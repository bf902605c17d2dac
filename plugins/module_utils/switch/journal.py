# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a switch writes down while it runs: the unfinished plan in the lease, from which a killed run is resumed.

kind, schema           KIND, and the version of this shape
asked                  what was asked for (`Asked.to_dict`)
states, changes        region → state in the end: of every region, and of those that change
changes_source         the region that loses, if there is only one: a request that names it is still the same one
before                 region → the state that a rollback goes back to
base_epoch, hold_epoch the epoch that it was planned on, and its first own one; the grant's is one higher
phase                  PREPARE, HOLD or GRANT
rolls_back             whether it goes back from another switch
unfenced               regions that may still act on the old epoch, because they did not answer
operator, reason, execution, began     who, why, how (graceful or ungraceful), and since when the lease is held
taken_at, held_at, granted_at, traffic_at     when each was first done, in unix milliseconds
traffic                which way the traffic took: `way`, `arrived` (DEPLOYED, INSYNC, seen by the health checks),
                       `milliseconds` until then
traffic_change         the id of a change of DNS records that is perhaps not INSYNC yet
steps                  what was done: `step`, `sentence`, `at` (unix milliseconds), `milliseconds`
fenced_ms              how long the fence was waited for
fence                  FENCE: which fence it was, and why, reader by reader (`LettingGo.to_journal`)
evidence, alarms       what the preflight saw, and the alarms that were on
skipped                the failed checks that it was told to skip
capacity, drained      CAPACITY, DRAINED: how services were before the switch changed them
unsettled              UNSETTLED, of a switch that superseded another
left                   LEFT: regions that acted, and were left behind with objects that S3 had perhaps not sent
lake                   LAKE: region → table → what was found in its lake of theirs, and put there (`LakeObjects`)
cancelled_and_processed CANCELLED: `count` and `ids` of sales that were both, by regions that knew nothing of each other
cursors                `region/table` → where the reconciliation of that table has got to
posted, rto            the synthetic request, and the recovery time that it proved
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from ..protocol import ACTIVE, PASSIVE, SCHEMA
from .asked import Asked
from .control import SwitchControl
from .work import GRANT, HOLD, PREPARE, Work

KIND = "switch"
"""Kind of the unfinished plan that a switch leaves in the lease; a deployment refuses to go on over it."""

UNSETTLED = "unsettled"
"""Key of the journal: what it superseded had handed out its grant, and had not ended."""

FENCE = "fence"
"""Key of the journal: which fence it was, and why, reader by reader."""

LEFT = "left"
"""Key of the journal: regions that acted, and were left behind with objects that S3 had perhaps not sent."""

CANCELLED = "cancelled_and_processed"
"""Key of the journal: the sales that were cancelled on one side and processed on the other."""

LAKE = "lake"
"""Key of the journal: what became of their objects in the lakes of the others."""

CAPACITY, DRAINED = UNDONE = "capacity", "drained"
"""Keys of the journal under which it remembers how services were before it changed them."""


def begin_journal(work: Work, asked: Asked, told: Mapping[str, Any]) -> dict[str, Any]:
    """The journal of a switch that begins. `told`: `operator`, `reason`, `execution` and `began`."""
    losing = [region for region, state in work.changes.items() if state == PASSIVE]
    left = [region for region in work.unfenced if work.before.get(region) == ACTIVE]
    return {
        "kind": KIND,
        "schema": SCHEMA,
        "asked": asked.to_dict(),
        "changes": dict(work.changes),
        "changes_source": losing[0] if len(losing) == 1 else None,
        "base_epoch": work.base,
        "hold_epoch": work.grant_epoch - 1,
        "before": dict(work.before),
        "rolls_back": work.rolls_back,
        "states": dict(work.states),
        "unfenced": list(work.unfenced),
        "phase": work.phase or PREPARE,
        "cursors": {},
        "steps": [],
        **work.carried,
        LEFT: sorted({*work.carried.get(LEFT, ()), *left}),
        **told,
    }


def carried(journal: Mapping[str, Any]) -> dict[str, Any]:
    """What a switch that supersedes the one of this journal takes over from it."""
    undone = {key: journal[key] for key in UNDONE if journal.get(key)}
    unsettled = journal.get("phase") == GRANT or journal.get(UNSETTLED)
    left = {LEFT: journal[LEFT]} if journal.get(LEFT) else {}
    return {**undone, **left, **({UNSETTLED: True} if unsettled else {})}


def controller_milliseconds(journal: Mapping[str, Any]) -> int | None:
    """Lease taken → last traffic write, less the fence; None where one of them is not known."""
    if not all(journal.get(key) for key in ("taken_at", "traffic_at")):
        return None
    return journal["traffic_at"] - journal["taken_at"] - journal.get("fenced_ms", 0)


def last_switch(parameter: str) -> str:
    """The SSM parameter beside a region's state that tells the last switch."""
    return f"{parameter.rpartition('/')[0]}/last-switch"


class Journal(Mapping[str, Any]):
    """The journal of one run; empty until it begins. The run must hold the lease whenever this writes."""

    def __init__(self, control: SwitchControl) -> None:
        self.control = control
        self._entries: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def begin(self, work: Work, asked: Asked, told: Mapping[str, Any]) -> None:
        """With the lease just taken: go on with the journal found in it, or begin one; and write it."""
        if work.journal and work.rolls_back and work.phase == HOLD:
            changed = {"states": dict(work.states), "changes": dict(work.changes), "rolls_back": True}
            self._entries = {**work.journal, **changed}
        elif work.journal:
            self._entries = dict(work.journal)
            if set(work.unfenced) - set(self["unfenced"]):
                self.put(unfenced=work.unfenced, execution="ungraceful")
        else:
            self._entries = begin_journal(work, asked, told)
            self.stamp("taken_at")
        self.remember()

    def put(self, **entries: Any) -> None:
        """Change these entries; they are written together with the next one."""
        self._entries = {**self._entries, **entries}

    def stamp(self, name: str) -> None:
        """As `put`: the first time that something was done, in unix milliseconds."""
        self._entries = {name: round(time.time() * 1000), **self._entries}

    def remember(self, **entries: Any) -> None:
        """Change these entries and write the journal."""
        self.put(**entries)
        self.write(self.control.tenure.lease.owed)

    def write(self, owed: Mapping[str, Any]) -> None:
        """Write the journal, and what is owed, into the lease."""
        self.control.tenure.record(self._entries, owed)

    def hand_out(self, phase: str, after: int, states: Mapping[str, str]) -> None:
        """Enter this phase and hand out its epoch, the one after `after`. Every region is owed it until it is written.

        Raises:
            ProtocolError: the lease has handed out another one.
        """
        self.put(phase=phase)
        self.control.tenure.next_epoch(
            after, states, self._entries, owed=[each for each in states if each not in self.control.left_out]
        )

    def note(self, step: str, sentence: str, began: float, seconds: float) -> None:
        """Write down that a step ended, and tell it. `began` is in unix seconds."""
        entry = {"step": step, "sentence": sentence, "at": round(began * 1000), "milliseconds": round(seconds * 1000)}
        steps = [each for each in self.get("steps", []) if each["step"] != step]
        self.remember(steps=[*steps, entry])
        self.control.cloud.tell(f"  {step}: {sentence} ({seconds:.1f} s)")
