# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A switch as data: two epochs, the first holds, the second gives, and the fence between them.

The same for failover, failback, and turning one region off or on. What carries it out, and journals it, is not here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .errors import ProtocolError
from .fence import fence_seconds
from .region_map import RegionMap
from .states import ACTIVE, HELD, PASSIVE


@dataclass(frozen=True)
class Switch:
    """What a switch writes.

    hold, grant:           the states of the epochs N+1 and N+2.
    hold_order, grant_order: the regions to write, in this order; source first, then target first.
    unfenced:              regions out of reach that change, or go on acting on the old map; written later, owed.
    fence_seconds:         counted from the last write of the hold, parameters included.
    """

    hold: dict[str, str]
    grant: dict[str, str]
    hold_order: list[str]
    grant_order: list[str]
    unfenced: list[str]
    fence_seconds: float


def plan_switch(
    current: RegionMap,
    changes: Mapping[str, str],
    reachable: Collection[str],
    fence: float | None = None,
    allow_no_active: bool = False,
) -> Switch | None:
    """Plan the change of some regions' states; None when there is nothing to change. ProtocolError.

    changes: region → ACTIVE or PASSIVE. reachable: the regions whose endpoints answer the operator.
    """
    for region, state in changes.items():
        if region not in current.states:
            raise ProtocolError(f"{region} is not in the map of epoch {current.epoch} ({', '.join(current.regions)})")
        if state not in (ACTIVE, PASSIVE):
            raise ProtocolError(f"{region} cannot be switched to {state!r}; valid states are {ACTIVE}, {PASSIVE}")
    grant = {**current.states, **changes}
    changing = [region for region in grant if grant[region] != current.states[region]]
    if not changing:
        return None
    if ACTIVE not in grant.values() and not allow_no_active:
        raise ProtocolError(
            f"after this no region would be ACTIVE ({', '.join(changing)} to {PASSIVE}) and sales would wait. "
            "Turn another region on first, or say allow_no_active for a maintenance stop."
        )
    hold = {region: HELD if region in changing else state for region, state in current.states.items()}
    # A region loses before another gains: what goes off is held first, what comes on is granted first.
    losing = [region for region in changing if grant[region] == PASSIVE]
    gaining = [region for region in changing if grant[region] == ACTIVE]
    others = [region for region in grant if region not in changing]
    return Switch(
        hold=hold,
        grant=grant,
        hold_order=[region for region in (*losing, *gaining, *others) if region in reachable],
        grant_order=[region for region in (*gaining, *losing, *others) if region in reachable],
        # One that stays ACTIVE shares sales out by the old map for as long as it cannot be told of the new one.
        unfenced=[
            region
            for region in grant
            if region not in reachable and (region in changing or current.states[region] == ACTIVE)
        ],
        fence_seconds=fence_seconds() if fence is None else fence,
    )
