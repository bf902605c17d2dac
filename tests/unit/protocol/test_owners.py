# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who owns a sale, who acts on it, and what is done with its messages."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import (
    ACTIVE,
    DEAD_LETTER,
    DELETE,
    HELD,
    HIDE,
    PASSIVE,
    PROCESS,
    STATES,
    Claim,
    RegionMap,
    Sale,
    acts,
    after_failure,
    decide,
    judge_claim,
    may_receive,
    may_send_effect,
    new_sale_id,
    owner,
    seconds_hidden,
    shadow_seconds,
    weight,
)
from protocol.effects import WRITE_ORDER
from protocol.limits import HIDDEN_MESSAGES

REGIONS = ["sa-east-1", "us-east-1", "eu-west-1"]
WEIGHTS = {
    "sa-east-1": 12403584528055507089,
    "us-east-1": 4905343160257141226,
    "eu-west-1": 8863760520866762979,
}


def sale(home: str | None = None, noise: bytes = b"0123456789") -> Sale:
    return Sale.new(new_sale_id(1_700_000_000, noise), "x", 1, home)


def mapped(*states: str, epoch: int = 1) -> RegionMap:
    return RegionMap(epoch, dict(zip(REGIONS, states, strict=False)), "run", "place")


all_maps = st.builds(mapped, *[st.sampled_from(STATES)] * 3)
all_sales = st.builds(sale, st.sampled_from([None, *REGIONS, "ap-south-1"]), st.binary(min_size=10, max_size=10))


@given(all_sales, all_maps)
def test_home_owns_while_it_is_active_or_held(sale, region_map):
    if region_map.state_of(sale.home or "") in (ACTIVE, HELD):
        assert owner(sale, region_map) == sale.home
    else:
        assert owner(sale, region_map) in (region_map.candidates or [None])


@given(all_sales, all_maps)
def test_exactly_one_region_acts_and_only_if_it_is_active(sale, region_map):
    acting = [region for region in REGIONS if acts(region, sale, region_map)]
    owning = owner(sale, region_map)
    assert acting == ([owning] if owning and region_map.state_of(owning) == ACTIVE else [])


@given(all_sales, st.integers(0, 2))
def test_holding_changes_no_owner_and_leaving_moves_only_the_leavers_sales(sale, leaver):
    before = mapped(ACTIVE, ACTIVE, ACTIVE)
    for state in (HELD, PASSIVE):
        states = [state if number == leaver else ACTIVE for number in range(3)]
        after = mapped(*states)
        if state == HELD or owner(sale, before) != REGIONS[leaver]:
            assert owner(sale, after) == owner(sale, before)
        else:
            assert owner(sale, after) != REGIONS[leaver]


def test_sales_without_a_home_are_shared_evenly():
    shares = Counter(
        owner(sale(noise=number.to_bytes(10, "big")), mapped(ACTIVE, ACTIVE, ACTIVE)) for number in range(3000)
    )
    assert min(shares[region] for region in REGIONS) > 850


def test_the_weight_never_changes():
    """Regions may run different versions. A change of these numbers would let two of them own one sale."""
    assert weight("sa-east-1", "01933b5e-8f00-7abc-8def-0123456789AB") == WEIGHTS["sa-east-1"]
    assert {region: weight(region, "01933b5e-8f00-7abc-8def-0123456789ab") for region in REGIONS} == WEIGHTS


def test_nobody_owns_without_a_map_or_a_candidate():
    assert owner(sale(), None) is None
    assert owner(sale("sa-east-1"), mapped(PASSIVE, PASSIVE, PASSIVE)) is None
    assert not acts("sa-east-1", sale(), None)


@pytest.mark.parametrize(("receives", "seconds"), [(0, 20), (1, 20), (2, 40), (3, 80), (6, 640), (7, 900), (999, 900)])
def test_shadows_hide_longer_and_longer(receives, seconds):
    assert shadow_seconds(receives) == seconds


def test_what_may_process_nothing_leaves_messages_where_they_are_once_it_hides_many():
    assert may_receive(PASSIVE, HIDDEN_MESSAGES - 1) and not may_receive(PASSIVE, HIDDEN_MESSAGES)
    assert may_receive(ACTIVE, 10 * HIDDEN_MESSAGES)


def test_where_many_are_hidden_the_next_are_hidden_briefly():
    assert seconds_hidden(900, HIDDEN_MESSAGES - 1) == 900
    assert seconds_hidden(900, HIDDEN_MESSAGES) == 20 and seconds_hidden(5, HIDDEN_MESSAGES) == 5


FACTS = {
    "region": "sa-east-1",
    "region_map": mapped(ACTIVE, PASSIVE),
    "may_claim": True,
    "done": False,
    "cancelled": False,
    "unprocessed": True,
    "claim": None,
    "receive_count": 1,
    "now": 1000,
}


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        ({}, PROCESS),
        ({"region_map": None}, HIDE),
        ({"may_claim": False}, HIDE),
        ({"region_map": mapped(HELD, PASSIVE)}, HIDE),
        ({"region_map": mapped(PASSIVE, ACTIVE)}, HIDE),
        ({"region_map": mapped(PASSIVE, PASSIVE)}, HIDE),
        ({"done": True}, DELETE),
        ({"cancelled": True}, DELETE),
        ({"done": True, "region_map": None, "may_claim": False}, DELETE),
        ({"cancelled": True, "region_map": mapped(PASSIVE, ACTIVE)}, DELETE),
        ({"claim": Claim(1, 1010, "other")}, HIDE),
        ({"claim": Claim(1, 1000, "other")}, PROCESS),
        ({"claim": Claim(4, 1000, "other")}, DEAD_LETTER),
        ({"claim": Claim(4, 1010, "other")}, HIDE),
        ({"claim": Claim(4, 1000, "other"), "region_map": mapped(PASSIVE, ACTIVE)}, HIDE),
        ({"receive_count": 999}, PROCESS),
    ],
)
def test_what_is_done_with_a_message(facts, action):
    assert decide(sale("sa-east-1"), **{**FACTS, **facts}).action == action


def test_what_is_no_sale_goes_to_the_dead_letters():
    assert decide(None, **FACTS).action == DEAD_LETTER


def test_whoever_finds_done_mends_the_item():
    for region_map in (mapped(ACTIVE, PASSIVE), mapped(PASSIVE, ACTIVE), None):
        facts = {**FACTS, "done": True, "region_map": region_map}
        assert decide(sale(), **facts).repair
        assert not decide(sale(), **{**facts, "unprocessed": False}).repair


def test_a_hidden_message_waits_for_the_claim_or_longer_each_time():
    assert decide(sale("sa-east-1"), **{**FACTS, "claim": Claim(1, 1007, "other")}).seconds == 7
    assert (
        decide(sale("us-east-1"), **{**FACTS, "region_map": mapped(ACTIVE, ACTIVE), "receive_count": 3}).seconds == 80
    )


def test_four_failures_of_a_claim_are_enough_however_often_it_was_received():
    assert [after_failure(attempts, 500).action for attempts in (1, 2, 3, 4, 5)] == [HIDE] * 3 + [DEAD_LETTER] * 2
    assert judge_claim(Claim(3, 5, "w"), 5) == "free"


def test_no_effect_is_sent_after_the_bound_that_the_fence_counts_on():
    assert may_send_effect(checked_at=100, now=115, timeout=5, bound=20)
    assert not may_send_effect(checked_at=100, now=115.1, timeout=5, bound=20)


def test_the_order_of_writes():
    assert WRITE_ORDER == ("claim", "lake", "done", "sale", "delete")
