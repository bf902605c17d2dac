# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes back from an unfinished switch to the states before it, in as few epochs as are safe. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from ..lease import Lease, messages
from ..lease.deployment_plan import is_deployment, tell_ways
from ..protocol import ACTIVE, HELD, ProtocolError, RegionMap, plan_switch
from .goal import resume
from .journal import UNSETTLED, carried
from .refusals import check_kind, require_gaining, require_record, require_target
from .work import GRANT, HOLD, PREPARE, Work, answering


def find_rollback(
    lease: Lease | None,
    seen: Collection[RegionMap],
    reachable: Collection[str],
    place: str,
) -> Work | None:
    """Say how to go back from a switch that is unfinished; None when there is none. ProtocolError: it cannot be."""
    lease, current = require_record(lease, seen, place)
    if not lease.plan:
        return None
    if is_deployment(lease.plan):
        raise ProtocolError(messages.deployment_unfinished(lease, tell_ways(lease.plan)))
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
    undoing = Work(PREPARE, before, {}, base=current.epoch, before=before, journal=dict(journal), rolls_back=True)
    superseded = phase == PREPARE and HELD in current.states.values()
    if phase == PREPARE and not superseded:
        if journal.get(UNSETTLED):  # the grant before it is written, and reconciled, first
            active = current.in_state(ACTIVE)
            require_gaining([] if set(active) & set(reachable) else active, reachable)
            order = answering(before, reachable)
            return replace(undoing, phase=GRANT, grant_order=order, journal={}, carried=carried(journal))
        return undoing
    if phase == HOLD:
        changes = {region: before[region] for region in journal["changes"]}
        require_gaining([region for region, state in changes.items() if state == ACTIVE], reachable)
        order = sorted(answering(before, reachable), key=lambda region: before[region])
        return replace(undoing, phase=HOLD, changes=changes, grant_order=order)
    switch = plan_switch(
        current,
        changes := {region: state for region, state in before.items() if state != current.state_of(region)},
        reachable,
        allow_no_active=True,
    )
    if switch is None:
        active = current.in_state(ACTIVE)
        require_gaining([] if set(active) & set(reachable) else active, reachable)
        return replace(undoing, phase=GRANT, grant_order=answering(before, reachable))
    require_target(switch, reachable)
    return replace(
        undoing,
        phase=None,
        states=dict(switch.grant),
        changes=changes,
        hold=dict(switch.hold),
        hold_order=switch.hold_order,
        grant_order=switch.grant_order,
        unfenced=switch.unfenced,
        before=before if superseded else dict(current.states),
        journal={},
        carried=carried(journal),
    )
