# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lease: one item that says who may change states, and that hands out epochs.

Pure rules. Every operation takes the lease as last read and returns the lease to write; `swap` turns the pair into a
write on condition that nobody wrote in between. Each write counts the heartbeat up, so (generation, heartbeat) names
one version of the item, and a write whose answer was lost can be recognised by reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .region_map import RegionMap
from .wire import from_attributes, to_attributes
from .words import LEASE_DURATION_SECONDS, SCHEMA, MalformedItem, ProtocolError, check_schema

LEASE_ID = "lease"
MOVED = "moved to "

OWED_WRITE = "write"
OWED_RECONCILE = "reconcile"

FREE = "free"
HELD_BY_OTHER = "held"
EXPIRED = "expired"


class LeaseHeld(ProtocolError):
    """Another run holds the lease; `lease` is what was found (None when not even reading settled it)."""

    def __init__(self, message: str, lease: Lease | None = None) -> None:
        super().__init__(message)
        self.lease = lease


class LeaseLost(ProtocolError):
    """This run held the lease and no longer does: it must stop changing things at once."""


class StalePlan(ProtocolError):
    """The epoch is no longer the one that the plan was made on."""


@dataclass(frozen=True)
class Lease:
    """The lease item.

    holder:     random id of the run that holds it; empty when free; `moved to <place>` when it lives elsewhere now.
    generation: counts tenures, heartbeat: counts writes within one; together they name a version of the item.
    duration:   seconds without a heartbeat after which a watcher may take it over.
    epoch, map: the last epoch handed out and its map; 0 and None before the first deployment.
    plan:       the unfinished plan (plain data; its `kind` says whose), or None.
    owed:       regions that still miss something: region → OWED_WRITE and OWED_RECONCILE, either or both.
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
    def moved_to(self) -> str | None:
        return self.holder.removeprefix(MOVED) if self.holder.startswith(MOVED) else None

    @property
    def is_settled(self) -> bool:
        """Nothing unfinished and nothing owed: only then may "already so" mean "nothing to do"."""
        return not self.plan and not self.owed

    def held_by(self, run_id: str, generation: int) -> bool:
        """Whether this is the tenure `generation` of the run `run_id`."""
        return self.holder == run_id and self.generation == generation

    def tell(self) -> str:
        """Who holds it, why and since when, as a sentence's end."""
        who = f"{self.operator} (run {self.holder})" if self.operator else f"run {self.holder}"
        return f"{who} since {self.since or 'an unknown time'}, reason: {self.reason or 'none given'}"

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


class Watch:
    """Watches a lease that another holds, on the watcher's own monotonic clock and nobody else's."""

    def __init__(self) -> None:
        self._version: tuple[int, int] | None = None
        self._first_seen = 0.0

    def judge(self, lease: Lease | None, read_sent: float, received: float) -> str:
        """FREE, HELD_BY_OTHER or EXPIRED, from a read sent and received at these moments (monotonic seconds).

        EXPIRED when every read, from the answer to the first to the sending of the last, showed one version for the
        whole of the lease's duration.
        """
        if lease is None or not lease.holder:
            return FREE
        if lease.version != self._version:
            self._version, self._first_seen = lease.version, received
        if lease.moved_to is None and read_sent - self._first_seen >= lease.duration:
            return EXPIRED
        return HELD_BY_OTHER


def take(found: Lease | None, run: Run, planned_epoch: int) -> Lease:
    """Take a free lease for a plan that was made on `planned_epoch`. LeaseHeld, StalePlan."""
    current = found or Lease()
    if current.holder:
        _refuse_held(current)
    _refuse_stale(current, planned_epoch)
    return _tenure(current, run)


def take_over(found: Lease, run: Run) -> Lease:
    """Take a lease that `Watch` judged EXPIRED. What it holds unfinished comes first; see `plan` and `owed`."""
    if found.moved_to is not None:
        _refuse_held(found)
    return _tenure(found, run)


def renew(found: Lease, run_id: str, generation: int) -> Lease:
    """Beat. LeaseLost when the lease is no longer this tenure's. All the operations below begin with it."""
    if not found.held_by(run_id, generation):
        now = f"held by {found.tell()}" if found.holder else "free"
        raise LeaseLost(
            f"run {run_id} lost the lease (its generation {generation}; now {found.generation}, {now}). "
            "It has stopped; whoever holds the lease finishes or rolls back what it began."
        )
    return replace(found, heartbeat=found.heartbeat + 1)


def next_epoch(
    found: Lease,
    run_id: str,
    generation: int,
    after: int,
    states: Mapping[str, str],
    place: str,
    plan: Mapping[str, Any] | None,
    owed: Iterable[str] = (),
) -> Lease:
    """Hand out the epoch `after + 1` with its map, and record what is unfinished until it is written everywhere.

    Conditional on the epoch too, and asking again after a lost answer gets the same epoch, not another one.
    owed: regions that must still receive it. StalePlan when the last epoch is not `after`.
    """
    beaten = renew(found, run_id, generation)
    new = RegionMap(after + 1, states, run_id, place)
    if found.map == new:
        return beaten
    _refuse_stale(found, after)
    now_owed = {region: sorted({*found.owed.get(region, ()), OWED_WRITE}) for region in owed}
    return replace(beaten, epoch=new.epoch, map=new, plan=plan, owed={**found.owed, **now_owed})


def record(
    found: Lease,
    run_id: str,
    generation: int,
    plan: Mapping[str, Any] | None,
    owed: Mapping[str, Sequence[str]],
) -> Lease:
    """Replace the unfinished plan and what is owed: progress, or with None and {} the end."""
    return replace(renew(found, run_id, generation), plan=plan, owed=dict(owed))


def release(found: Lease, run_id: str, generation: int) -> Lease:
    """Let go. An unfinished plan and what is owed stay, and bind whoever takes the lease next."""
    return replace(renew(found, run_id, generation), holder="", operator="", reason="", since="")


def finish(found: Lease, run_id: str, generation: int, owed: Mapping[str, Sequence[str]]) -> Lease:
    """Let go with nothing unfinished, in one write: a run that dies around it has either finished or not."""
    return release(record(found, run_id, generation, None, owed), run_id, generation)


def move(found: Lease, run_id: str, generation: int, place: str) -> Lease:
    """Close this lease for ever in favour of the one at `place`, which starts at this one's epoch and map."""
    if not found.is_settled:
        raise ProtocolError(
            f"the lease cannot move while something is unfinished: plan {found.plan}, owed {dict(found.owed)}"
        )
    return replace(renew(found, run_id, generation), holder=f"{MOVED}{place}")


def start_at(old: Lease, place: str) -> Lease:
    """The first item of a lease at `place` that continues the epochs of an old one. Generations continue too.

    Its plan is to hand out one more epoch: state items name their lease, and an epoch's content never changes.
    """
    return Lease(generation=old.generation + 1, epoch=old.epoch, map=old.map, plan={"kind": "move", "to": place})


def swap(table: str, found: Lease | None, new: Lease) -> dict[str, Any]:
    """Arguments of PutItem that replace exactly the version that was read."""
    arguments: dict[str, Any] = {"TableName": table, "Item": to_attributes(new.to_item())}
    if found is None:
        return {
            **arguments,
            "ConditionExpression": "attribute_not_exists(#id)",
            "ExpressionAttributeNames": {"#id": "id"},
        }
    return {
        **arguments,
        "ConditionExpression": "#generation = :generation AND #heartbeat = :heartbeat",
        "ExpressionAttributeNames": {"#generation": "generation", "#heartbeat": "heartbeat"},
        "ExpressionAttributeValues": {
            ":generation": {"N": str(found.generation)},
            ":heartbeat": {"N": str(found.heartbeat)},
        },
    }


def check_place(region_map: RegionMap | None, place: str) -> None:
    """Refuse to go on when the states were written under a lease that lives elsewhere. ProtocolError."""
    if region_map is not None and region_map.lease != place:
        raise ProtocolError(
            f"the regions' states (epoch {region_map.epoch}) were written under the lease {region_map.lease}, and this "
            f"inventory names {place}. Two leases would be two authorities: correct the inventory, or move the lease."
        )


def _tenure(current: Lease, run: Run) -> Lease:
    return replace(
        current,
        generation=current.generation + 1,
        heartbeat=0,
        holder=run.run_id,
        operator=run.operator,
        reason=run.reason,
        since=run.since,
        duration=run.duration,
    )


def _refuse_held(found: Lease) -> None:
    if found.moved_to is not None:
        raise LeaseHeld(f"this lease has moved to {found.moved_to}; correct the inventory", found)
    raise LeaseHeld(f"the lease is held by {found.tell()}", found)


def _refuse_stale(found: Lease, planned: int) -> None:
    if found.epoch != planned:
        raise StalePlan(
            f"the plan was made on epoch {planned} and the lease is at epoch {found.epoch}: another run went first. "
            "Nothing was changed; run again to plan on what is there now."
        )
