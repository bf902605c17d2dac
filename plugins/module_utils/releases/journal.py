# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deployment writes down while it runs: the unfinished plan in the lease, from which a killed run is resumed.

kind, schema    DEPLOYMENT, and the version of this shape
id              the generation of the lease under which it began, in fixed width: their order is that of time
asked           `images` (service → container → wish), `waves` as the user gave them, `rollback`, `whole`
waves           the regions in their order
operator, reason, began     who, why, and since when
returns         regions that are to go back; empty as long as all goes well.  failed: why.  cancelled: by another
left            regions that should go back and do not answer, and which the user left as they are
steps           what was done: `step`, `region`, `sentence`, `at` (unix milliseconds), `milliseconds`
regions         region → `phase`; `before`, the deployment in force there until then; `becomes`, the one from then on;
                `good`, what a later rollback returns to: `deployment` and `images`; and `services`: name → `cluster`,
                `images` and `images_before` (container → image), `before` and `after` (revisions), `candidate` (a
                revision that may be the wanted one), `leaves` (one that is withdrawn once nobody runs it), `digests`
outcome         only in the entry of one that has ended
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ..lease.deployment_plan import WAITING
from .control import ReleaseControl


class Journal(Mapping[str, Any]):
    """The journal of one run; empty until it begins. Its run must hold the lease whenever this writes. Thread-safe."""

    def __init__(self, control: ReleaseControl) -> None:
        self.control = control
        self._entries: dict[str, Any] = {}
        self._one_at_a_time = threading.RLock()

    def __getitem__(self, key: str) -> Any:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def begin(self, entries: Mapping[str, Any]) -> None:
        with self._one_at_a_time:
            self._entries = dict(entries)
            self._write()

    def remember(self, **entries: Any) -> None:
        """Change these entries, and write the journal."""
        with self._one_at_a_time:
            self._entries = {**self._entries, **entries}
            self._write()

    def phase(self, region: str) -> str:
        return str(self["regions"][region]["phase"])

    def enter(self, phase: str, *regions: str) -> None:
        """These regions are in this phase from now on."""
        with self._one_at_a_time:
            changed = {region: {**self["regions"][region], "phase": phase} for region in regions}
            self.remember(regions={**self["regions"], **changed})

    def put_service(self, region: str, service: str, **facts: Any) -> None:
        """Write these facts about a service of a region, unless they are written already."""
        with self._one_at_a_time:
            told = self["regions"][region]
            now = told["services"][service]
            if any(now.get(key) != value for key, value in facts.items()):
                services = {**told["services"], service: {**now, **facts}}
                self.remember(regions={**self["regions"], region: {**told, "services": services}})

    def note(self, step: str, region: str | None, sentence: str, began: float) -> None:
        """Write down that a step ended, and tell it. `began` is in unix seconds."""
        seconds = time.time() - began
        entry = {
            "step": step,
            "region": region,
            "sentence": sentence,
            "at": round(began * 1000),
            "milliseconds": round(seconds * 1000),
        }
        with self._one_at_a_time:
            others = [each for each in self["steps"] if (each["step"], each["region"]) != (step, region)]
            self.remember(steps=[*others, entry])
        self.control.cloud.tell(f"  {step}: {sentence} ({seconds:.1f} s)")

    def begun(self) -> list[str]:
        """The regions in which anything may have changed."""
        return [region for wave in self["waves"] for region in wave if self.phase(region) != WAITING]

    def _write(self) -> None:
        self.control.tenure.record(self._entries, self.control.owed())
