# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What should be recorded, from what is: the rules of a run that deploys, as one pure function.

After the first deployment the recorded map rules, not the inventory: turning a region on or off is a switch, with a
fence, and a deployment must never undo one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..lease import Lease, LeaseLost, StalePlan, messages
from ..lease.deployment_plan import is_deployment, tell_ways
from ..lease.rules import check_place
from ..protocol import ACTIVE, PASSIVE, MapConflict, ProtocolError, RegionMap, highest

WRITE = "write"
"""Kind of the plan that this run leaves in the lease while an epoch is handed out and not yet written everywhere."""


@dataclass(frozen=True)
class Wanted:
    """The map that every region should hold. is_new: its epoch must first be taken from the lease.

    joining, leaving: the regions that are new in it, and those that are in it no more.
    """

    epoch: int
    states: dict[str, str]
    is_new: bool
    joining: list[str] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)


def judge(lease: Lease | None, seen: Iterable[RegionMap], inventory: Mapping[str, str], place: str) -> Wanted:
    """Say what every region should hold.

    lease:     the lease as read; None when there is none yet.
    seen:      every state item read through any region's endpoint.
    inventory: region → the state that a first deployment gives it.
    place:     where this inventory says the lease is.

    Raises:
        ProtocolError: what is recorded contradicts itself or the inventory's place of the lease, or another kind of
            plan is unfinished. Nothing may be changed then.
    """
    recorded = _recorded(lease, seen, place)
    if recorded is None:
        return Wanted(1, dict(sorted(inventory.items())), is_new=True)
    lease, states = recorded
    joining = sorted(set(inventory) - set(states))
    if joining:
        # As PASSIVE, whatever the inventory says: an ACTIVE one takes sales from others, and that needs a fence.
        states = {**states, **dict.fromkeys(joining, PASSIVE)}
        return Wanted(lease.epoch + 1, dict(sorted(states.items())), is_new=True, joining=joining)
    return Wanted(lease.epoch, states, is_new=False)


def judge_leaving(lease: Lease | None, seen: Iterable[RegionMap], leaving: Iterable[str], place: str) -> Wanted | None:
    """Say what every region should hold once these have left the map; None when nothing was recorded yet.

    Who is not ACTIVE owns no sale, so that the owners stay as they are and no fence is needed.

    Raises:
        ProtocolError: as `judge`; or one of them is not PASSIVE, or nobody who stays is ACTIVE.
    """
    recorded = _recorded(lease, seen, place)
    if recorded is None:
        return None
    lease, states = recorded
    going = sorted({*leaving} & states.keys())
    for region in going:
        if states[region] != PASSIVE:
            raise ProtocolError(messages.leaves_as(region, states[region]))
    staying = {region: state for region, state in states.items() if region not in going}
    if going and ACTIVE not in staying.values():
        raise ProtocolError(messages.nobody_stays_active(going, staying))
    return Wanted(lease.epoch + (1 if going else 0), staying, is_new=bool(going), leaving=going)


def _recorded(lease: Lease | None, seen: Iterable[RegionMap], place: str) -> tuple[Lease, dict[str, str]] | None:
    """The lease and the states that it handed out last, which nothing contradicts; None when there are none yet.

    Raises:
        ProtocolError: see `judge`.
    """
    newest = highest(seen)
    check_place(newest, place)
    if lease is None or lease.epoch == 0 or lease.map is None:
        if newest is not None:
            raise ProtocolError(
                f"the regions hold epoch {newest.epoch} (run {newest.run_id}) and the lease in {place} has handed out "
                "none: the lease item was lost or made anew. Nothing was changed. Restore the table from a backup; or, "
                "with every service of the workload stopped, remove the states (state: absent) and deploy again."
            )
        return None
    if newest is not None and newest.epoch > lease.epoch:
        raise ProtocolError(
            f"the regions hold epoch {newest.epoch} (run {newest.run_id}) and the lease in {place} has handed out only "
            f"{lease.epoch}: somebody wrote states without the lease, or the lease was restored from an old backup."
        )
    if newest is not None and newest.epoch == lease.epoch and newest != lease.map:
        raise MapConflict(
            f"epoch {lease.epoch} has two contents: {dict(newest.states)} of run {newest.run_id} in the regions, "
            f"{dict(lease.map.states)} of run {lease.map.run_id} in the lease. Somebody wrote a state by hand."
        )
    if lease.plan and lease.plan.get("kind") != WRITE:
        if is_deployment(lease.plan):
            raise ProtocolError(messages.deployment_unfinished(lease, tell_ways(lease.plan)))
        raise ProtocolError(messages.other_kind_unfinished(lease))
    return lease, dict(lease.map.states)


def lease_token(lease: Lease | None, place: str) -> str:
    """Names one version of the lease: as long as it stays the same, nobody has held the lease in between."""
    generation, heartbeat = (lease or Lease()).version
    return f"{place}#{generation}.{heartbeat}"


def require_unchanged(lease: Lease | None, place: str, epoch: int | None, token: str | None) -> None:
    """Refuse a wish that was made on another epoch, or before somebody else held the lease. None: not asked.

    Raises:
        StalePlan: the epoch is another one. LeaseLost: the token is another one.
    """
    found = lease or Lease()
    if epoch is not None and epoch != found.epoch:
        raise StalePlan(messages.wish_stale(found, epoch, place))
    now = lease_token(lease, place)
    if token is not None and token != now:
        raise LeaseLost(messages.token_lost(token, now, found))


def disagreements(wanted: Wanted, inventory: Mapping[str, str]) -> dict[str, dict[str, str | None]]:
    """Where the inventory says otherwise than the map: region → `{inventory, recorded}`, None for not listed."""
    return {
        region: {"inventory": inventory.get(region), "recorded": wanted.states.get(region)}
        for region in sorted({*inventory, *wanted.states})
        if inventory.get(region) != wanted.states.get(region)
    }
