# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two epochs of a switch: what each writes, in which order, and how long the fence between them lasts."""

from __future__ import annotations

import pytest

from protocol import ACTIVE, HELD, PASSIVE, ProtocolError, RegionMap, plan_switch
from protocol.limits import CLAIM_TO_EFFECT_SECONDS, VIEW_TTL_SECONDS


def mapped(**states: str) -> RegionMap:
    return RegionMap(4, {name.replace("_", "-"): state for name, state in states.items()}, "run", "place")


def test_a_failover_holds_both_source_first_and_grants_target_first():
    switch = plan_switch(mapped(a=ACTIVE, b=PASSIVE, c=ACTIVE), {"a": PASSIVE, "b": ACTIVE}, ["a", "b", "c"])
    assert switch.hold == {"a": HELD, "b": HELD, "c": ACTIVE} and switch.hold_order == ["a", "b", "c"]
    assert switch.grant == {"a": PASSIVE, "b": ACTIVE, "c": ACTIVE} and switch.grant_order == ["b", "a", "c"]
    assert switch.fence_seconds == VIEW_TTL_SECONDS + CLAIM_TO_EFFECT_SECONDS and switch.unfenced == []


def test_what_cannot_be_reached_is_skipped_and_told():
    switch = plan_switch(mapped(a=ACTIVE, b=PASSIVE), {"a": PASSIVE, "b": ACTIVE}, ["b"])
    assert (switch.hold_order, switch.grant_order, switch.unfenced) == (["b"], ["b"], ["a"])


def test_a_switch_to_what_is_already_so_is_none():
    assert plan_switch(mapped(a=ACTIVE, b=PASSIVE), {"a": ACTIVE}, ["a", "b"]) is None


def test_the_last_active_region_stays_on_unless_told():
    with pytest.raises(ProtocolError, match="no region would be ACTIVE"):
        plan_switch(mapped(a=ACTIVE, b=PASSIVE), {"a": PASSIVE}, ["a", "b"])
    assert plan_switch(mapped(a=ACTIVE), {"a": PASSIVE}, ["a"], allow_no_active=True).grant == {"a": PASSIVE}


@pytest.mark.parametrize(("changes", "told"), [({"z": ACTIVE}, "z is not in the map"), ({"a": HELD}, "valid states")])
def test_a_switch_that_cannot_be_is_refused(changes, told):
    with pytest.raises(ProtocolError, match=told):
        plan_switch(mapped(a=ACTIVE, b=PASSIVE), changes, ["a", "b"])
