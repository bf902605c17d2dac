# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the lease: who may take it, keep it, and be handed epochs by it.

Pure functions. Each takes the lease as last read and returns the lease to write; `swap` turns the pair into a write on
condition that nobody wrote in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..protocol.encoding import to_attributes
from ..protocol.errors import ProtocolError
from ..protocol.region_map import RegionMap
from . import messages
from .errors import LeaseHeld, LeaseLost, StalePlan
from .item import MOVED, OWED_WRITE, Lease, Run


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
        raise LeaseLost(messages.lost(found, run_id, generation))
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
    raise LeaseHeld(messages.held(found) if found.moved_to is None else messages.moved(found), found)


def _refuse_stale(found: Lease, planned: int) -> None:
    if found.epoch != planned:
        raise StalePlan(messages.plan_stale(found, planned))
