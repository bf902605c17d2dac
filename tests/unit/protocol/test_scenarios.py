# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sequences of events that chance seldom meets, told step by step in the simulated world."""

from __future__ import annotations

from protocol import ACTIVE, PASSIVE, Sale, maps_of, new_sale_id
from tests.unit.protocol.actors import Operator, Worker, first_deployment
from tests.unit.protocol.world import World

A, B = "sa-east-1", "us-east-1"
FAILOVER = {A: PASSIVE, B: ACTIVE}
SALE = Sale.new(new_sale_id(1_700_000_000, b"0123456789"), "book", 14, A)


class Story:
    """Two regions, A ACTIVE and B PASSIVE, one worker each, long enough awake to have joined."""

    def __init__(self, lag: float) -> None:
        self.world = World([A, B], lag)
        first_deployment(self.world, {A: ACTIVE, B: PASSIVE})
        self.world.advance(lag)
        self.effects: list[tuple[str, str]] = []
        self.workers = {region: Worker(self.world, region, self.effect) for region in (A, B)}
        self.go_on(5)
        assert self.acting() == {A}

    def effect(self, worker: Worker, _sale_id: str, name: str) -> None:
        self.effects.append((worker.region, name))

    def acting(self) -> set[str]:
        return {region for region, worker in self.workers.items() if worker.may_act_on(SALE)}

    def go_on(self, seconds: float, *operators: Operator) -> list[set[str]]:
        """Let time pass; who could act on the sale at each moment."""
        seen = []
        for _ in range(int(seconds * 2)):
            for actor in (*self.workers.values(), *operators):
                actor.step()
            self.world.advance(0.5)
            seen.append(self.acting())
        return seen

    def switch(self, changes: dict[str, str]) -> list[set[str]]:
        operator = Operator(self.world, changes, lambda *_acted: None)
        seen = []
        while operator.outcome is None:
            seen += self.go_on(0.5, operator)
        assert operator.outcome == "done", operator.outcome
        return seen


def test_a_graceful_failover_has_a_moment_of_nobody_and_none_of_two():
    story = Story(lag=1.0)
    seen = story.switch(FAILOVER) + story.go_on(5)
    assert {A} in seen and set() in seen and seen[-1] == {B} and {A, B} not in seen


def test_a_reader_that_sees_nothing_any_more_stops_before_the_grant():
    story = Story(lag=1.0)
    story.workers[A].blind_until = story.world.now + 1000
    seen = story.switch(FAILOVER) + story.go_on(5)
    assert {A, B} not in seen and seen[-1] == {B}


def test_a_worker_that_stands_still_after_its_claim_writes_nothing_when_it_wakes():
    story = Story(lag=1.0)
    story.world.sales.at(A).put_item(Item=SALE.to_attributes(False))
    story.world.publish(SALE)
    while (A, "claim") not in story.effects:
        story.workers[A].step()
        story.world.advance(0.1)
    story.workers[A].paused_until = story.world.now + 60
    story.switch(FAILOVER)
    story.go_on(90)
    assert story.effects == [(A, "claim"), *((B, name) for name in ("claim", "lake", "done", "sale", "delete"))]
    assert not any(queue.messages for queue in story.world.queues.values())


def test_a_region_that_died_comes_back_without_acting_on_what_it_remembers():
    """Its own items still say ACTIVE and replication stands still; its tasks ask a peer first."""
    story = Story(lag=1.0)
    story.world.stuck.add(frozenset((A, B)))
    story.world.dead.add(A)
    story.switch(FAILOVER)
    story.world.dead.clear()
    story.workers[A].start()
    assert maps_of(story.world.states.copies[A].scan()["Items"])[A].state_of(A) == ACTIVE
    assert all(acting == {B} for acting in story.go_on(200))


def test_a_task_that_slept_through_the_switch_acts_on_nothing_when_it_wakes():
    story = Story(lag=1.0)
    story.world.stuck.add(frozenset((A, B)))
    story.world.no_operator.add(A)
    story.workers[A].paused_until = story.world.now + 60
    story.switch(FAILOVER)
    assert all(acting == {B} for acting in story.go_on(200))


def test_a_region_out_of_reach_is_fenced_by_replication():
    story = Story(lag=2.0)
    story.world.no_operator.add(A)
    seen = story.switch(FAILOVER) + story.go_on(5)
    assert {A, B} not in seen and seen[-1] == {B}


def test_a_split_brain_lets_both_act_and_heals():
    """Out of reach and out of replication: the protocol admits it, and counts on effects being the same bytes."""
    story = Story(lag=1.0)
    story.world.no_operator.add(A)
    story.world.cut.add(frozenset((A, B)))
    story.switch(FAILOVER)
    assert story.go_on(5)[-1] == {A, B}
    story.world.heal()
    assert story.go_on(5)[-1] == {B}
    story.switch({})
    lease = Operator(story.world, {}, lambda *_acted: None).table.read()
    assert lease.is_settled
    assert maps_of(story.world.states.copies[A].scan()["Items"])[A] == lease.map


def test_a_task_alone_in_the_world_waits_its_patience_and_no_longer():
    story = Story(lag=1.0)
    story.world.cut.add(frozenset((A, B)))
    story.workers[A].start()
    seen = story.go_on(130)
    assert all(A not in acting for acting in seen[:238]) and seen[-1] == {A}
    assert story.workers[A].reader.joining.reason == "alone"


def test_an_operator_that_wakes_up_after_a_takeover_changes_nothing_more():
    story = Story(lag=1.0)
    late = Operator(story.world, FAILOVER, lambda *_acted: None)
    while story.world.states.items(A)[A]["epoch"] < 2:
        story.go_on(0.5, late)
    late.paused_until = story.world.now + 120
    story.switch({})  # takes over, and finishes the failover that the other began
    assert story.acting() == {B}
    before = {region: dict(story.world.states.items(region)) for region in (A, B)}
    story.go_on(120, late)
    assert "LeaseLost" in late.outcome
    assert {region: dict(story.world.states.items(region)) for region in (A, B)} == before
