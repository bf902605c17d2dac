# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes back from an unfinished switch to the states before it, in as few epochs as are safe. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..lease import Lease
from ..protocol import ACTIVE, HELD, RegionMap, plan_switch
from .goal import resume
from .journal import UNSETTLED, carried
from .refusals import check_inventory, check_kind, recorded_map, require_gaining, require_target
from .work import GRANT, HOLD, PREPARE, Work, answering


def find_rollback(
    lease: Lease | None,
    seen: Collection[RegionMap],
    inventory: Collection[str],
    reachable: Collection[str],
    place: str,
) -> Work | None:
    """Say how to go back from a switch that is unfinished; None when there is none. ProtocolError: it cannot be."""
    current = recorded_map(lease, seen, place)
    check_inventory(current, inventory)
    if not lease.plan:
        return None
    check_kind(lease.plan)
    if lease.plan["rolls_back"]:  # it was on its way back already
        return resume(dict(lease.plan), reachable, graceful=False)
    return plan_rollback(lease.plan, current, reachable)


def plan_rollback(journal: Mapping[str, Any], current: RegionMap, reachable: Collection[str]) -> Work:
    """The work that goes back to the states before an unfinished switch. ProtocolError.

    While none of its epochs was handed out, only services are to be put back. While its grant was not handed out,
    whoever acted before it is all that may act after the rollback, so that takes no hold and no fence. After the grant,
    going back is a whole switch of its own; and so it is while regions are HELD by a switch that this one superseded.
    """
    before, phase = dict(journal["before"]), journal["phase"]
    undone = {"base": current.epoch, "before": before, "journal": dict(journal), "rolls_back": True}
    superseded = phase == PREPARE and HELD in current.states.values()
    if phase == PREPARE and not superseded:
        if journal.get(UNSETTLED):  # the grant before it is written, and reconciled, first
            active = current.in_state(ACTIVE)
            require_gaining([] if set(active) & set(reachable) else active, reachable)
            order = answering(before, reachable)
            work = {**undone, "journal": {}, "carried": carried(journal)}
            return Work(GRANT, before, {}, grant_order=order, **work)
        return Work(PREPARE, before, {}, **undone)
    if phase == HOLD:
        changes = {region: before[region] for region in journal["changes"]}
        require_gaining([region for region, state in changes.items() if state == ACTIVE], reachable)
        order = sorted(answering(before, reachable), key=lambda region: before[region])
        return Work(HOLD, before, changes, grant_order=order, **undone)
    switch = plan_switch(
        current,
        changes := {region: state for region, state in before.items() if state != current.state_of(region)},
        reachable,
        allow_no_active=True,
    )
    if switch is None:
        active = current.in_state(ACTIVE)
        require_gaining([] if set(active) & set(reachable) else active, reachable)
        return Work(GRANT, before, {}, grant_order=answering(before, reachable), **undone)
    require_target(switch, reachable)
    return Work(
        None,
        dict(switch.grant),
        changes,
        dict(switch.hold),
        switch.hold_order,
        switch.grant_order,
        switch.unfenced,
        carried=carried(journal),
        **{**undone, "before": before if superseded else dict(current.states), "journal": {}},
    )
