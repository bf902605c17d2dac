# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watches every write of every operator, and remembers what must never have happened.

What "never two lease holders acting" means here, exactly:

* The lease is taken only when free, or when nobody wrote it for its duration; otherwise only its holder writes it.
* Epochs go up by one, are handed out by the holder, and no region goes from PASSIVE to ACTIVE or back but through HELD.
  Only a region that is PASSIVE leaves the map, and its API is at zero by then, unless the run gives it up.
* A region is written only with a map that the lease handed out, and only upwards.
* A run renews before each step. One step is one region's item and its copy, or one region's dial. So a run that has
  lost the lease ends at most the one step that it had begun, and its item is then one that was handed out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import ACTIVE, HELD, PASSIVE, RegionMap
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol.states import copy_of
from tests.unit.protocol.world import World


class Referee:
    """`fouls` are the sentences to fail with. unfenced: a switch was recorded that skipped somebody who may act. left:
    whom the last switch left behind, with objects that S3 had perhaps not sent. gives_up: run → the regions that it may
    take out though they do not answer. given_up: regions → since when the run was under way that did so."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.fouls: list[str] = []
        self.maps: dict[int, RegionMap] = {}
        self.handed_out_at: dict[int, float] = {}
        self.unfenced = False
        self.left: list[str] = []
        self.gives_up: dict[str, set[str]] = {}
        self.given_up: dict[str, float] = {}
        self.somebody_was_late = False
        self._lease_written = 0.0
        self._tenures: dict[str, tuple[str, int]] = {}
        self._begun: dict[str, set[tuple[str, str]] | None] = {}

    def foul(self, sentence: str) -> None:
        self.fouls.append(f"at {self.world.now:.1f} s: {sentence}")

    def told(self, run: str, kind: str, region: str, what: Any, again: bool) -> None:
        if kind == "weak read":
            self.foul(f"{run} read {what} in {region} without asking for what is there now")
            return
        if kind == "lease":
            self._lease(run, *what)
            return
        if not self._holds(run):
            self.somebody_was_late = True
        if again:  # the SDK repeats a call whose answer was lost
            return
        if not self._holds(run) and self._says(kind, region) == what:  # it sets right what it had sent late
            return
        begun = self._begun.get(run)
        if begun is None:
            self.foul(f"{run} wrote a {kind} of {region} without having renewed the lease")
            return
        if (kind, region) in begun or any(each != region or "dial" in (kind, k) for k, each in begun):
            self.foul(f"{run} wrote a {kind} of {region} after {sorted(begun)} without renewing the lease again")
        begun.add((kind, region))
        if kind == "state":
            epoch = what["epoch"]
            if self.maps.get(epoch) != RegionMap.from_dict(what):
                self.foul(f"{run} wrote {what} in {region}, and the lease handed out {self.maps.get(epoch)}")

    def _holds(self, run: str) -> bool:
        lease = self.world.lease.items["lease"]
        return self._tenures.get(run) == (lease["holder"], lease["generation"])

    def _says(self, kind: str, region: str) -> Any:
        """What a region's copy, or its dial, is by the lease."""
        state = self.world.lease.items["lease"]["map"]["states"].get(region, PASSIVE)
        return {"copy": copy_of(state), "dial": 100 if state == ACTIVE else 0}.get(kind)

    def _lease(self, run: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
        now, before = (
            self.world.now,
            before or {"holder": "", "generation": 0, "epoch": 0, "map": None, "duration_ms": 0},
        )
        if after is None:
            self.foul(f"{run} removed the lease")
            return
        mine = self._tenures.get(run)
        if after["holder"] and mine != (after["holder"], after["generation"]):
            silent = now - self._lease_written
            if before["holder"] and silent < before["duration_ms"] / 1000:
                self.foul(f"{run} took the lease of {before['holder']} that had been written {silent:.1f} s before")
            if after["generation"] != before["generation"] + 1:
                self.foul(f"{run} took generation {before['generation']} as {after['generation']}")
            self._tenures[run] = (after["holder"], after["generation"])
        elif mine != (before["holder"], before["generation"]):
            self.foul(f"{run} (tenure {mine}) wrote the lease of {before['holder'] or 'nobody'}")
        self._lease_written = now
        self._begun[run] = set()
        if after["epoch"] != before["epoch"]:
            self._epoch(run, before, after)
        if after["plan"]:
            self.left = after["plan"].get("left", [])
        if after["plan"] and after["plan"].get("unfenced"):
            self.unfenced = True

    def _epoch(self, run: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        old = RegionMap.from_dict(before["map"]).states if before["map"] else {}
        new = RegionMap.from_dict(after["map"])
        if after["epoch"] != before["epoch"] + 1 or new.epoch != after["epoch"]:
            self.foul(f"{run} went from epoch {before['epoch']} to {after['epoch']} with the map of {new.epoch}")
        for region, state in new.states.items():
            if old.get(region, state) != state and HELD not in (old[region], state):
                self.foul(f"epoch {new.epoch} turns {region} from {old[region]} to {state} without holding it")
        for region in old.keys() - new.states.keys():
            gone = {*self.world.closed, *self.gives_up.get(run, ())}
            if old[region] != PASSIVE or region not in gone:
                self.foul(f"epoch {new.epoch} leaves out {region}, which is {old[region]}, closed: {self.world.closed}")
        if self.maps.setdefault(new.epoch, new) != new:
            self.foul(f"epoch {new.epoch} was handed out twice: {self.maps[new.epoch]} and {new}")
        self.handed_out_at[new.epoch] = self.world.now
