# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lease item: who holds the right to change states, the last epoch handed out, what is unfinished, what is owed.

Each write counts the heartbeat up, so (generation, heartbeat) names one version of the item, and a write whose answer
was lost can be recognised by reading.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..protocol.encoding import from_attributes
from ..protocol.errors import MalformedItem, ProtocolError
from ..protocol.limits import LEASE_DURATION_SECONDS
from ..protocol.region_map import RegionMap
from ..protocol.schema import SCHEMA, check_schema

LEASE_ID = "lease"
MOVED = "moved to "

OWED_WRITE = "write"
OWED_RECONCILE = "reconcile"
OWED_SITE = "site"
"""Owed to a region that was dead while site.yml built the others. No switch settles it: a whole site.yml does."""


def owed_by_switches(owed: Mapping[str, Collection[str]]) -> set[str]:
    """The regions that are owed something which a switch settles."""
    return {region for region, what in owed.items() if {*what} - {OWED_SITE}}


@dataclass(frozen=True)
class Lease:
    """The lease item.

    holder:     random id of the run that holds it; empty when free; `moved to <place>` when it lives elsewhere now.
    generation: counts tenures, heartbeat: counts writes within one; together they name a version of the item.
    duration:   seconds without a heartbeat after which a watcher may take it over.
    epoch, map: the last epoch handed out and its map; 0 and None before the first deployment.
    plan:       the unfinished plan (plain data; its `kind` says whose), or None.
    owed:       regions that still miss something: region → OWED_WRITE, OWED_RECONCILE, OWED_SITE and others.
    operator, reason, since: for people; `since` is text, because no two machines' clocks are ever compared.
    """

    generation: int = 0
    heartbeat: int = 0
    holder: str = ""
    operator: str = ""
    reason: str = ""
    since: str = ""
    duration: float = LEASE_DURATION_SECONDS
    epoch: int = 0
    map: RegionMap | None = None
    plan: Mapping[str, Any] | None = None
    owed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    schema: int = SCHEMA

    @property
    def version(self) -> tuple[int, int]:
        return (self.generation, self.heartbeat)

    @property
    def last_map(self) -> RegionMap:
        """The map that was handed out last. ProtocolError before the first one."""
        if self.map is None:
            raise ProtocolError("the lease has handed out no epoch yet")
        return self.map

    @property
    def moved_to(self) -> str | None:
        return self.holder.removeprefix(MOVED) if self.holder.startswith(MOVED) else None

    @property
    def is_settled(self) -> bool:
        """Nothing unfinished and nothing owed: only then may "already so" mean "nothing to do"."""
        return not self.plan and not self.owed

    def held_by(self, run_id: str, generation: int) -> bool:
        """Whether this is the tenure `generation` of the run `run_id`."""
        return self.holder == run_id and self.generation == generation

    def to_item(self) -> dict[str, Any]:
        """The plain lease item."""
        return {
            "id": LEASE_ID,
            "schema": self.schema,
            "generation": self.generation,
            "heartbeat": self.heartbeat,
            "holder": self.holder,
            "operator": self.operator,
            "reason": self.reason,
            "since": self.since,
            "duration_ms": round(self.duration * 1000),
            "epoch": self.epoch,
            "map": self.map.to_dict() if self.map else None,
            "plan": dict(self.plan) if self.plan else None,
            "owed": {region: sorted(what) for region, what in self.owed.items() if what},
        }

    @classmethod
    def from_attributes(cls, item: Mapping[str, Mapping[str, Any]] | None) -> Lease | None:
        """Read the lease as DynamoDB's low-level API returns it; None for no item. NewerSchema, MalformedItem."""
        if not item:
            return None
        plain = from_attributes(item)
        check_schema("lease", plain.get("schema"))
        try:
            region_map = plain["map"]
            return cls(
                generation=plain["generation"],
                heartbeat=plain["heartbeat"],
                holder=plain["holder"],
                operator=plain["operator"],
                reason=plain["reason"],
                since=plain["since"],
                duration=float(plain["duration_ms"]) / 1000,
                epoch=plain["epoch"],
                map=RegionMap.from_dict(region_map, "lease") if region_map else None,
                plan=plain["plan"],
                owed=plain["owed"],
                schema=plain["schema"],
            )
        except KeyError as error:
            raise MalformedItem(f"lease: lacks {error}") from error


@dataclass(frozen=True)
class Run:
    """A run that wants the lease. run_id is random, never a user name: in AWX everybody is one user."""

    run_id: str
    operator: str = ""
    reason: str = ""
    since: str = ""
    duration: float = LEASE_DURATION_SECONDS


def lease_report(lease: Lease | None, place: str) -> dict[str, Any]:
    """The lease as plain data for a result: who holds it, why and since when, and what is unfinished."""
    found = lease or Lease()
    return {
        "place": place,
        "epoch": found.epoch,
        "holder": found.holder,
        "operator": found.operator,
        "reason": found.reason,
        "since": found.since,
        "unfinished": dict(found.plan) if found.plan else None,
        "owed": {region: list(what) for region, what in found.owed.items()},
    }
