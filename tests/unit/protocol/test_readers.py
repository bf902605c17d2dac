# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maps, views, the right to claim, and joining."""

from __future__ import annotations

import pytest

from protocol import (
    ACTIVE,
    HELD,
    PASSIVE,
    MalformedItem,
    MapConflict,
    NewerSchema,
    ProtocolError,
    Reader,
    RegionMap,
    View,
    accept_refusal,
    highest,
    lease_place,
    maps_of,
)
from protocol.encoding import to_attributes

HOME, PEER = "sa-east-1", "us-east-1"


def at(epoch: int, home: str = ACTIVE, peer: str = PASSIVE, run: str = "run") -> RegionMap:
    return RegionMap(epoch, {HOME: home, PEER: peer}, run, "place")


def reader(ttl: float = 10, patience: float = 120, **others) -> Reader:
    return Reader(HOME, started=0, ttl=ttl, patience=patience, **others)


# Maps


def test_a_region_absent_from_the_map_is_passive():
    assert at(1).state_of("eu-west-1") == PASSIVE
    assert at(1, HELD).ssm_value(HOME) == at(1).ssm_value("eu-west-1") == PASSIVE
    assert at(1).ssm_value(HOME) == ACTIVE


def test_a_map_comes_back_from_its_item():
    assert maps_of([at(7).to_attributes(HOME), at(6).to_attributes(PEER)]) == {HOME: at(7), PEER: at(6)}


@pytest.mark.parametrize(
    ("tampered", "error", "told"),
    [
        ({"schema": 2}, NewerSchema, f"state item of {HOME}.*version 2.*versions up to 1"),
        ({"schema": None}, MalformedItem, "schema version"),
        ({"states": {HOME: "ON"}}, MalformedItem, "'ON'; valid states are ACTIVE, PASSIVE, HELD"),
        ({"states": "x"}, MalformedItem, "mapping"),
        ({"epoch": 0}, MalformedItem, "from 1 up"),
        ({"epoch": "9"}, MalformedItem, "from 1 up"),
    ],
)
def test_items_that_cannot_be_read_say_why(tampered, error, told):
    with pytest.raises(error, match=told):
        maps_of([to_attributes({**at(1).to_item(HOME), **tampered})])


def test_an_item_without_its_fields_says_which():
    with pytest.raises(MalformedItem, match="lacks epoch, states, run_id, lease"):
        maps_of([to_attributes({"region": HOME, "schema": 1})])


def test_a_lease_place_is_one_name_whatever_the_order():
    assert lease_place("t", ["b", "a"]) == lease_place("t", ["a", "b"]) == "t@a+b"


def test_a_refused_write_is_judged_by_what_is_there():
    accept_refusal(HOME, at(2), at(2))
    with pytest.raises(MapConflict):
        accept_refusal(HOME, at(2, run="other"), at(2))
    with pytest.raises(ProtocolError, match="already holds epoch 3"):
        accept_refusal(HOME, at(3), at(2))
    with pytest.raises(ProtocolError, match="showed only epoch 1"):
        accept_refusal(HOME, at(1), at(2))


# Views


def test_the_highest_epoch_of_all_items_counts_and_never_falls():
    view = View(ttl=10)
    assert view.observe([at(1), at(3, PASSIVE)], read_sent=0) == at(3, PASSIVE)
    assert view.observe([at(2)], read_sent=1) == at(3, PASSIVE)
    assert highest([]) is None


def test_one_epoch_with_two_contents_is_an_error_and_prolongs_nothing():
    view = View(ttl=10)
    view.observe([at(2)], read_sent=0)
    with pytest.raises(MapConflict, match="epoch 2 has two contents"):
        view.observe([at(2, run="somebody else")], read_sent=9)
    assert view.map == at(2)
    assert not view.may_claim(10)


def test_the_right_to_claim_ends_a_ttl_after_the_read_was_sent():
    view = View(ttl=10)
    assert not view.may_claim(0)
    view.observe([at(1)], read_sent=100)
    assert view.may_claim(109.9) and not view.may_claim(110)


def test_an_answer_that_comes_late_does_not_shorten_the_right():
    view = View(ttl=10)
    view.observe([at(1)], read_sent=100)
    view.observe([at(1)], read_sent=95)
    assert view.may_claim(109.9)


def test_no_item_is_no_view_and_prolongs_nothing():
    view = View(ttl=10)
    assert view.observe([], read_sent=0) is None
    assert not view.may_claim(0)
    view.observe([at(1)], read_sent=1)
    view.observe([], read_sent=10)
    assert not view.may_claim(11)


def test_a_peers_replica_raises_the_map_and_never_prolongs_the_right():
    view = View(ttl=10)
    view.observe([at(1)], read_sent=0)
    view.observe_peer([at(2)])
    assert view.map == at(2)
    assert not view.may_claim(10)


# Joining


def test_a_task_that_starts_claims_nothing_before_a_peer_answered():
    task = reader()
    task.read_local({HOME: at(1)}, read_sent=0)
    assert not task.may_claim(1) and not task.is_ready(1)
    assert task.peers_to_ask() == [PEER]
    task.read_peer({PEER: at(2, PASSIVE, ACTIVE)}, read_sent=1)
    assert task.joining.reason == "peer" and task.peers_to_ask() == []
    assert task.may_claim(1) and task.state == PASSIVE and not task.is_ready(1)


def test_a_peer_that_shows_nothing_or_was_read_before_the_start_is_no_answer():
    task = Reader(HOME, started=50)
    task.read_local({HOME: at(1)}, read_sent=50)
    task.read_peer({}, read_sent=51)
    task.read_peer({PEER: at(1)}, read_sent=49)
    assert not task.joining.joined


def test_seeing_its_own_regions_item_change_joins():
    task = reader()
    task.read_local({HOME: at(1), PEER: at(1)}, read_sent=0)
    task.read_local({HOME: at(1), PEER: at(2)}, read_sent=2)
    assert not task.joining.joined
    task.read_local({HOME: at(2), PEER: at(2)}, read_sent=4)
    assert task.joining.reason == "own item changed"
    assert task.is_ready(5)


def test_patience_ends_alone():
    task = reader(patience=120)
    for now in range(0, 120, 2):
        task.read_local({HOME: at(1)}, read_sent=now)
        assert not task.joining.joined
    task.read_local({HOME: at(1)}, read_sent=120)
    assert task.joining.reason == "alone" and task.may_claim(121)


def test_no_peers_in_the_map_no_wait():
    task = reader()
    task.read_local({HOME: RegionMap(1, {HOME: ACTIVE}, "run", "place")}, read_sent=0)
    assert task.joining.reason == "no peers" and task.is_ready(0)


def test_without_a_map_nobody_joins_not_even_alone_and_hints_are_asked():
    task = reader(peer_hints=[PEER, HOME])
    task.read_local({}, read_sent=0)
    task.look(1000)
    assert not task.joining.joined and task.peers_to_ask() == [PEER]


def test_a_gap_longer_than_the_ttl_starts_a_new_joining():
    task = reader(ttl=10)
    task.read_local({HOME: at(1)}, read_sent=0)
    task.read_peer({PEER: at(1)}, read_sent=0)
    task.read_local({HOME: at(1)}, read_sent=9.9)
    assert task.may_claim(10)
    task.read_local({HOME: at(1)}, read_sent=20)
    assert not task.may_claim(20)
    # What it slept through may be all that there was to see: an item that changed meanwhile proves nothing.
    task.read_local({HOME: at(1)}, read_sent=22)
    assert task.peers_to_ask() == [PEER]
    task.read_peer({PEER: at(1)}, read_sent=23)
    assert task.may_claim(23)


def test_an_item_that_changed_during_the_gap_proves_nothing():
    task = reader(ttl=10)
    task.read_local({HOME: at(1)}, read_sent=0)
    task.read_peer({PEER: at(1)}, read_sent=0)
    task.read_local({HOME: at(2)}, read_sent=50)
    assert not task.may_claim(50)


def test_a_region_out_of_the_operators_reach_learns_by_replication():
    task = reader()
    task.read_local({HOME: at(1)}, read_sent=0)
    task.read_peer({PEER: at(1)}, read_sent=0)
    assert task.is_ready(1)
    task.read_local({HOME: at(1), PEER: at(2, HELD, HELD)}, read_sent=2)
    assert task.state == HELD and not task.is_ready(3)
