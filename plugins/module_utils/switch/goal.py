# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has to do, from what was asked and what is recorded: begin a switch, resume one, settle what is owed.

Pure functions. The journal is the unfinished plan in the lease, so every answer here follows from one read of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from ..lease import Lease, messages, owed_by_switches
from ..protocol import ACTIVE, HELD, PASSIVE, ProtocolError, RegionMap, plan_switch
from .asked import Asked, tell_ways
from .journal import carried
from .refusals import (
    check_kind,
    is_adopted,
    require_answers,
    require_gaining,
    require_known,
    require_record,
    require_target,
)
from .work import GRANT, Work, answering


def find_work(
    lease: Lease | None,
    seen: Collection[RegionMap],
    asked: Asked,
    reachable: Collection[str],
    place: str,
    graceful: bool = True,
    allow_no_active: bool = False,
    supersede: bool = False,
    dead: Collection[str] = (),
    differing: Collection[str] = (),
) -> Work | None:
    """Say what is to be done; None when it is already so, with nothing unfinished and nothing that can be settled.

    graceful: whether it needs every region that changes or acts.  dead: regions that it may leave behind all the same.
    differing: regions whose parameter says something else than the lease.

    Raises:
        ProtocolError: it cannot be, or must not be, done. Nothing was changed.
    """
    lease, current = require_record(lease, seen, place)
    if is_adopted(lease.plan):  # should its run live, the lease will not be had
        freed = replace(lease, plan=None)
        work = find_work(freed, seen, asked, reachable, place, graceful, allow_no_active, supersede, dead, differing)
        return work and replace(work, aside=dict(lease.plan or {}))
    journal = dict(lease.plan or {})
    if journal:
        check_kind(journal)
        if asked.continues(journal) and not (supersede and journal["rolls_back"]):
            return resume(journal, reachable, graceful, dead)
        if not supersede:
            raise ProtocolError(_told_unfinished(lease, journal))
    changes = {**_let_go(current, asked, journal, reachable), **_changes(current, asked)}
    switch = plan_switch(current, changes, reachable, allow_no_active=allow_no_active)
    if switch is None:
        return _settle(lease, current, reachable, journal, graceful, dead, differing)
    changes = {region: state for region, state in changes.items() if state != current.state_of(region)}
    require_target(switch, reachable)
    require_answers(_undeclared(switch.unfenced, dead), changes, graceful)
    return Work(
        None,
        dict(switch.grant),
        changes,
        dict(switch.hold),
        switch.hold_order,
        switch.grant_order,
        switch.unfenced,
        base=lease.epoch,
        before=_before(current, journal),
        carried=carried(journal),
    )


def _before(current: RegionMap, superseded: Mapping[str, Any]) -> dict[str, str]:
    """The states that a rollback goes back to."""
    if not superseded:  # nobody acts in a region that is HELD
        return {region: PASSIVE if state == HELD else state for region, state in current.states.items()}
    return dict(superseded["states"] if superseded["phase"] == GRANT else superseded["before"])


def _changes(current: RegionMap, asked: Asked) -> dict[str, str]:
    """Region → the state that was asked for, whether or not it has it already. ProtocolError."""
    if asked.target:
        require_known(current, asked.target, "target")
        return {asked.target: ACTIVE if asked.turn == "on" else PASSIVE}
    to = require_known(current, asked.to, "to")
    if asked.source:
        require_known(current, asked.source, "from")
        return {to: ACTIVE, asked.source: PASSIVE}
    if current.state_of(to) == ACTIVE:
        return {to: ACTIVE}
    others = [region for region in current.in_state(ACTIVE) if region != to]
    if len(others) > 1:
        raise ProtocolError(f"{' and '.join(others)} are ACTIVE; say which one to leave, with -e from=…")
    return {to: ACTIVE, **dict.fromkeys(others, PASSIVE)}


def _let_go(
    current: RegionMap, asked: Asked, superseded: Mapping[str, Any], reachable: Collection[str]
) -> dict[str, str]:
    """What becomes of regions that a superseded switch left HELD. None may stay so: it owns sales and acts on none.

    A workload that moves leaves them. Where one region is turned on or off, the others go back to what they were.
    """
    before = superseded.get("before", {}) if asked.target else {}
    held = current.in_state(HELD)
    return {region: before.get(region, PASSIVE) if region in reachable else PASSIVE for region in held}


def _told_unfinished(lease: Lease, journal: Mapping[str, Any]) -> str:
    return messages.switch_unfinished(lease, Asked(**journal["asked"]).arguments(), tell_ways(journal))


def resume(journal: dict[str, Any], reachable: Collection[str], graceful: bool, dead: Collection[str] = ()) -> Work:
    """The work that is left of an unfinished switch. ProtocolError: it cannot go on."""
    states, changes, back = journal["states"], journal["changes"], journal["rolls_back"]
    held = RegionMap(1, {**states, **dict.fromkeys(changes, HELD)}, "resumed", "resumed")
    switch = plan_switch(held, changes, reachable, allow_no_active=True)
    if switch is None:  # it only settled what was owed
        order = answering(states, reachable)
        return Work(GRANT, states, {}, grant_order=order, before=states, journal=journal, rolls_back=back)
    require_target(switch, reachable)
    silent = [region for region in switch.unfenced if region not in journal["unfenced"]]
    require_answers(_undeclared(silent, dead), changes, graceful)
    return Work(
        journal["phase"],
        dict(states),
        dict(changes),
        hold=dict(switch.hold) if journal["phase"] != GRANT else None,
        hold_order=switch.hold_order,
        grant_order=switch.grant_order,
        unfenced=sorted({*journal["unfenced"], *switch.unfenced}),
        base=journal["base_epoch"],
        before=dict(journal["before"]),
        journal=journal,
        rolls_back=back,
    )


def _settle(
    lease: Lease,
    current: RegionMap,
    reachable: Collection[str],
    superseded: Mapping[str, Any],
    graceful: bool,
    dead: Collection[str],
    differing: Collection[str],
) -> Work | None:
    """Nothing changes, but regions that answer again may be owed something. ProtocolError."""
    if lease.plan is None and not any(region in reachable for region in {*owed_by_switches(lease.owed), *differing}):
        return None
    states = dict(current.states)
    order = answering(states, reachable)
    active = current.in_state(ACTIVE)
    silent = [region for region in active if superseded and region not in reachable]
    if silent:  # it may not have been told that it is ACTIVE, and nothing else would be unfinished any more
        require_gaining([] if set(active) - set(silent) else silent, reachable)
        require_answers(_undeclared(silent, dead), [], graceful)
    return Work(
        GRANT,
        states,
        {},
        grant_order=order,
        unfenced=silent,
        base=lease.epoch,
        before=states,
        carried=carried(superseded),
    )


def _undeclared(silent: Collection[str], dead: Collection[str]) -> list[str]:
    return [region for region in silent if region not in dead]
