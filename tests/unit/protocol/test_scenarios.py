# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sequences of events that chance seldom meets, told step by step in the simulated world."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import ACTIVE, PASSIVE, maps_of, owner
from tests.unit.protocol.operators import Operator, retire
from tests.unit.protocol.operators import _simulated as _simulated
from tests.unit.protocol.stories import CALLS_IN_A_STEP, SHARED, A, B, C, Story


def test_a_graceful_failover_has_a_moment_of_nobody_and_none_of_two():
    story = Story(lag=1.0)
    seen = story.switch() + story.go_on(5)
    assert {A} in seen and set() in seen and seen[-1] == {B} and {A, B} not in seen


def test_a_reader_that_sees_nothing_any_more_stops_before_the_grant():
    story = Story(lag=1.0)
    story.workers[A].blind_until = story.world.now + 1000
    seen = story.switch() + story.go_on(5)
    assert {A, B} not in seen and seen[-1] == {B}


def test_a_worker_that_stands_still_after_its_claim_writes_nothing_when_it_wakes():
    story = Story(lag=1.0)
    story.begin_a_sale()
    story.workers[A].paused_until = story.world.now + 60
    story.switch()
    story.go_on(90)
    assert story.effects == [(A, "claim"), *((B, name) for name in ("claim", "lake", "done", "sale", "delete"))]
    assert not any(queue.messages for queue in story.world.queues.values())


def test_a_region_that_died_comes_back_without_acting_on_what_it_remembers():
    """Its own items still say ACTIVE and replication stands still; its tasks ask a peer first."""
    story = Story(lag=1.0)
    story.world.stuck.add(frozenset((A, B)))
    story.world.dead.add(A)
    story.switch(execution="ungraceful")
    story.world.dead.clear()
    story.workers[A].start()
    assert maps_of(story.world.states.copies[A].scan()["Items"])[A].state_of(A) == ACTIVE
    assert all(acting == {B} for acting in story.go_on(200))


def test_a_task_that_slept_through_the_switch_acts_on_nothing_when_it_wakes():
    story = Story(lag=1.0)
    story.world.stuck.add(frozenset((A, B)))
    story.world.no_operator.add(A)
    story.workers[A].paused_until = story.world.now + 60
    story.switch(execution="ungraceful")
    assert all(acting == {B} for acting in story.go_on(200))


def test_a_region_out_of_reach_is_fenced_by_replication():
    story = Story(lag=2.0)
    story.world.no_operator.add(A)
    seen = story.switch(execution="ungraceful") + story.go_on(5)
    assert {A, B} not in seen and seen[-1] == {B}


def test_a_split_brain_lets_both_act_and_heals():
    """Out of reach and out of replication: the protocol admits it, and counts on effects being the same bytes."""
    story = Story(lag=1.0)
    story.world.no_operator.add(A)
    story.world.cut.add(frozenset((A, B)))
    story.switch(execution="ungraceful")
    assert story.go_on(5)[-1] == {A, B}
    sale = story.world.sell(A, A)
    story.go_on(20)
    both = [story.world.lake[region, sale.lake_key] for region in (A, B)]
    assert both[0] == both[1] and len(both[0]) == 1, "both processed it, and nobody can tell"
    story.world.heal()
    assert story.go_on(5)[-1] == {B}
    story.switch()  # the same again settles what A is owed
    lease = story.lease()
    assert lease.is_settled
    assert maps_of(story.world.states.copies[A].scan()["Items"])[A].to_dict() == lease.map.to_dict()


def test_a_task_alone_in_the_world_waits_its_patience_and_no_longer():
    story = Story(lag=1.0)
    story.world.cut.add(frozenset((A, B)))
    story.workers[A].start()
    seen = story.go_on(130)
    assert all(A not in acting for acting in seen[:238]) and seen[-1] == {A}
    assert story.workers[A].reader.joining.reason == "alone"


def test_an_operator_that_wakes_up_after_a_takeover_changes_nothing_more():
    story = Story(lag=1.0)
    late = story.operator()
    while story.world.states.items(A)[A]["epoch"] < 2:
        story.go_on(0.5, late)
    late.paused_until = story.world.now + 120
    story.switch()  # takes over, and finishes the failover that the other began
    assert story.acting() == {B}
    before = {region: maps_of(story.world.states.copies[region].scan()["Items"]) for region in (A, B)}
    story.go_on(120, late)
    assert "lost the lease" in late.outcome
    assert {region: maps_of(story.world.states.copies[region].scan()["Items"]) for region in (A, B)} == before


def test_a_region_that_stays_active_out_of_reach_and_out_of_replication_is_unfenced_too():
    """C changes nothing itself; but while it believes in the old map, it shares the sales out with A instead of B."""
    story = Story(lag=1.0, others={C: ACTIVE})
    before = story.lease().map
    after = replace(before, states={A: PASSIVE, B: ACTIVE, C: ACTIVE})
    shared = next(sale for sale in SHARED if (owner(sale, before), owner(sale, after)) == (C, B))
    story.world.no_operator.add(C)
    story.world.cut |= {frozenset((A, C)), frozenset((B, C))}
    refused = story.operator(**{"from": A})
    while refused.outcome is None:
        story.go_on(0.5, refused)
    assert "eu-west-1" in refused.outcome and "does not answer" in refused.outcome
    assert story.lease().epoch == 1
    story.switch(**{"from": A, "execution": "ungraceful"})
    assert story.referee.unfenced
    assert {worker.region for worker in story.workers.values() if worker.may_act_on(shared)} == {B, C}


def test_a_region_leaves_when_what_it_accepted_is_processed_elsewhere():
    """Nothing of it has reached the others when the retirement begins, and the region is removed right after it."""
    story = Story(lag=1.0, others={C: PASSIVE})
    story.world.cut |= {frozenset((A, C)), frozenset((B, C))}
    sale = story.world.sell(C, C)
    story.world.topic.clear()  # what it published is lost too
    operator = retire(story.referee, {"leaves": C})
    story.go_on(40, operator)
    assert operator.outcome is None and C in story.lease().map.states
    story.world.heal()
    seen = []
    while operator.outcome is None:
        seen += story.go_on(0.5, operator)
    assert (operator.outcome, operator.result["left"], story.referee.fouls) == ("done", [C], [])
    story.world.remove(C)
    assert set(map(frozenset, seen + story.go_on(30))) == {frozenset({A})}
    assert story.world.unprocessed() == [] and story.world.acknowledged.keys() == {sale.id}


def test_a_region_leaves_when_what_it_wrote_arrived():
    """Another region has heard nothing of it for long, and would have lost what is done."""
    story = Story(lag=1.0, others={C: PASSIVE})
    story.world.stuck.add(frozenset((B, C)))
    sale = story.world.sell(C, C)
    operator = retire(story.referee, {"leaves": C})
    story.go_on(50, operator)
    assert operator.outcome is None and story.world.unprocessed() == [] and C in story.lease().map.states
    story.world.heal()
    while operator.outcome is None:
        story.go_on(0.5, operator)
    assert (operator.outcome, operator.result["left"], story.referee.fouls) == ("done", [C], [])
    story.world.remove(C)
    assert story.world.sales.items(B).keys() >= {sale.id}


def test_an_active_region_does_not_leave():
    story = Story(lag=1.0, others={C: ACTIVE})
    operator = retire(story.referee, {"leaves": C})
    story.go_on(60, operator)
    assert f"{C} is ACTIVE, and only a PASSIVE region leaves" in operator.outcome
    assert (story.referee.fouls, story.lease().epoch, story.world.closed) == ([], 1, set())


def gone(story: Story, region: str) -> Operator:
    """The region, which is dead, is taken out of the map; what the operator says."""
    operator = retire(story.referee, {"leaves": region, "dead": [region], "give_up": [region]})
    while operator.outcome is None:
        story.go_on(0.5, *[operator] * CALLS_IN_A_STEP)
    assert (operator.outcome, operator.result["left"], story.referee.fouls) == ("done", [region], [])
    return operator


def test_a_region_that_was_given_up_acts_on_nothing_when_it_is_back_and_is_seen_to():
    """Its own items say ACTIVE, replication stands still, and it holds a sale that nobody else knows."""
    story = Story(lag=1.0, others={C: PASSIVE})
    story.world.stuck |= {frozenset((A, B)), frozenset((A, C))}
    sale = story.world.sell(A, A)
    story.world.topic.clear()  # what it published is lost too
    story.world.dead.add(A)
    story.switch(execution="ungraceful", dead=[A])
    gone(story, A)
    assert story.world.now - story.referee.handed_out_at[story.lease().epoch] >= 30, "its tasks had their time"
    story.world.dead.clear()
    story.workers[A].start()
    assert story.world.maps_at(A)[A].state_of(A) == ACTIVE
    assert all(acting == {B} for acting in story.go_on(150))
    assert story.world.unprocessed() == [sale]
    story.world.heal()
    operator = retire(story.referee, {"leaves": A})
    while operator.outcome is None:
        assert {A} not in story.go_on(0.5, *[operator] * CALLS_IN_A_STEP)
    assert (operator.outcome, story.world.closed, story.referee.fouls) == ("done", {A}, [])
    story.world.remove(A)
    assert story.world.unprocessed() == []


def test_a_region_that_lives_out_of_reach_learns_that_it_was_given_up():
    story = Story(lag=1.0, others={C: PASSIVE})
    story.world.no_operator.add(A)
    story.switch(execution="ungraceful", dead=[A])
    gone(story, A)
    assert A not in story.workers[A].reader.map.states
    assert all(acting == {B} for acting in story.go_on(20))


def test_what_a_dead_region_had_done_is_in_the_lakes_after_a_switch():
    story = Story(lag=1.0, others={C: PASSIVE})
    story.world.s3_lag = 600.0
    sale = story.world.sell(A, A)
    story.go_on(10)
    story.world.dead.add(A)
    story.switch(execution="ungraceful", dead=[A])
    assert {region for region, key in story.world.lake if key == sale.lake_key} == {A, B, C}


def test_a_lake_that_could_not_be_looked_at_is_owed_what_a_dead_region_had_done():
    """S3 had sent it to the region that takes over, which has nothing to put, and not to the one out of reach."""
    story = Story(lag=1.0, others={C: PASSIVE})
    story.world.s3_lag = 600.0
    sale = story.world.sell(A, A)
    story.go_on(10)
    story.world.lake[B, sale.lake_key] = {sale.lake_bytes}
    story.world.dead.add(A)
    story.world.no_operator.add(C)
    story.switch(execution="ungraceful")
    assert "lake" in story.lease().owed[C]
    story.world.no_operator.clear()
    story.switch(execution="ungraceful")
    assert story.world.lake[C, sale.lake_key] == {sale.lake_bytes} and "lake" not in story.lease().owed.get(C, [])


def test_what_a_dead_region_had_done_is_in_the_lakes_before_it_leaves():
    """It had left the work in order, so that no switch looked for what S3 had not sent."""
    story = Story(lag=1.0, others={C: PASSIVE})
    story.world.s3_lag = 600.0
    sale = story.world.sell(A, A)
    story.go_on(10)
    story.switch()
    story.world.dead.add(A)
    assert {region for region, key in story.world.lake if key == sale.lake_key} == {A}
    operator = gone(story, A)
    assert operator.result["given_up"][A]["last_done"].startswith("1970-01-01")  # its clock began with the world
    story.world.remove(A)
    assert story.world.lacking() == [] and story.world.unprocessed() == []
