# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fence of a switch waits for: readers that answer, hang, vanish, do not register or cannot be asked."""

from __future__ import annotations

from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import ACTIVE, PASSIVE, maps_of, owner
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol.limits import REGISTRATION_SECONDS
from tests.unit.protocol.operators import _simulated as _simulated
from tests.unit.protocol.stories import CALLS_IN_A_STEP, SALE, SHARED, A, B, C, Story

FULL = 30.0
SOON = 8.0
"""Of the simulated world, whose operators make few calls in a second."""


def kind(story: Story) -> str:
    return story.result["fence"]["kind"]


def test_readers_that_let_go_end_the_fence():
    story = Story(lag=1.0)
    seen = story.switch() + story.go_on(5)
    assert story.fence_seconds() < SOON and kind(story) == "acknowledged"
    assert {A, B} not in seen and seen[-1] == {B}
    assert set(story.result["fence"]["readers"]) == {A, B}


def test_the_whole_fence_can_be_asked_for():
    story = Story(lag=1.0)
    story.switch(fence="full")
    assert story.fence_seconds() >= FULL and kind(story) == "time"


def test_a_reader_that_hangs_is_waited_for_by_the_time():
    story = Story(lag=1.0)
    story.workers[A].paused_until = story.world.now + 1000
    story.switch()
    assert story.fence_seconds() >= FULL
    assert "has acknowledged epoch 1 only" in story.result["fence"]["why"]


def test_the_time_is_that_of_the_reader_that_lives_by_the_longest():
    story = Story(lag=1.0, ttl=18.0)
    story.workers[A].paused_until = story.world.now + 1000
    story.switch()
    assert story.fence_seconds() >= FULL + 8


def test_what_has_begun_is_waited_for_and_no_longer():
    """It stands still between its claim and its writes, while its view goes on, and ends before the time is over."""
    story = Story(lag=1.0)
    story.begin_a_sale()
    story.workers[A].stalled_until = story.world.now + 14
    seen = story.switch()
    assert 12 < story.fence_seconds() < FULL - 5
    assert {A, B} not in seen


def test_a_task_that_dies_before_it_acknowledges_is_seen_stopped():
    story = Story(lag=1.0)
    story.begin_a_sale()
    story.workers[A].start()
    story.switch()
    assert story.fence_seconds() < SOON
    assert "STOPPED" in story.result["fence"]["readers"][A].values()


def test_a_task_that_stops_in_order_is_not_waited_for():
    story = Story(lag=1.0)
    story.workers[A].start(after="stop")
    assert len([key for key in story.world.states.items(A) if key.startswith(f"reader#{A}")]) == 0
    story.switch()
    assert story.fence_seconds() < SOON


def test_tasks_that_do_not_register_are_waited_for_by_the_time():
    story = Story(lag=1.0, registers=False)
    story.workers[A].paused_until = story.world.now + 1000
    story.switch()
    assert story.fence_seconds() >= FULL
    assert "runs, and does not register" in story.result["fence"]["why"]


def test_a_region_that_stays_active_is_asked_too():
    """By the old map C shares with A, and by the new one B owns what A did; C stands still with a claim of its own."""
    story = Story(lag=1.0, others={C: ACTIVE})
    before = story.lease().map
    shared = next(sale for sale in SHARED if owner(sale, before) == C)
    story.begin_a_sale(C, shared)
    story.workers[C].stalled_until = story.world.now + 14
    story.switch(**{"from": A})
    assert 12 < story.fence_seconds() < FULL - 5


def test_a_reader_that_is_no_task_of_a_service_is_waited_for_too():
    """Nothing but the register tells of it."""
    story = Story(lag=1.0, listed=False)
    story.workers[A].paused_until = story.world.now + 14
    story.switch()
    assert 12 < story.fence_seconds() < FULL - 5


def test_a_region_that_falls_silent_in_the_fence_costs_the_time():
    story = Story(lag=1.0)
    operator = story.operator(execution="ungraceful", fence="reachable")
    while story.world.states.items(B)[B]["epoch"] < 2:
        story.go_on(0.5, operator)
    story.world.no_operator.add(A)
    while operator.outcome is None:
        story.go_on(0.5, *[operator] * 8)
    assert operator.outcome == "done" and story.fence_seconds() >= FULL
    assert f"{A} cannot be asked" in operator.result["fence"]["why"]


def test_who_has_let_go_needs_not_be_asked_again():
    story = Story(lag=1.0)
    operator = story.operator(execution="ungraceful")
    story.workers[B].mute_until = story.world.now + 1000
    while not any(
        key.startswith(f"reader#{A}") and item["reader"]["acknowledged"] == 2
        for key, item in story.world.states.items(A).items()
    ):
        story.go_on(0.5, *[operator] * 8)
    story.go_on(3, *[operator] * 8)
    story.world.no_operator.add(A)
    story.go_on(10, *[operator] * 8)
    story.workers[B].mute_until = 0.0
    while operator.outcome is None:
        story.go_on(0.5, *[operator] * 8)
    assert operator.outcome == "done" and story.fence_seconds() < FULL - 5


def test_a_right_that_was_read_before_the_registering_is_none():
    """Its writings were lost for so long that its peers have removed its item; then the switch comes in between its
    read of the states and the writing that arrives."""
    story = Story(lag=0.3, listed=False)
    worker = story.workers[A]
    worker.mute_until = story.world.now + 1000
    story.go_on(REGISTRATION_SECONDS + 5)
    while worker.reading is None:
        story.world.advance(0.1)
        worker.step()
    read_at, worker.paused_until = story.world.now, story.world.now + 1000
    name = worker.name.replace("/", "-")
    story.world.states.at(A).delete_item(TableName="sales-state", Key={"region": {"S": f"reader#{A}#{name}"}})
    operator = story.operator()
    while story.world.states.items(B)[B]["epoch"] < 3:
        story.go_on(0.5, *[operator] * 12)
    assert story.world.now < read_at + 9, "what it read has not grown old"
    worker.paused_until = worker.mute_until = 0.0
    worker.step()
    assert f"reader#{A}#{name}" in story.world.states.items(A)
    assert worker.reader.map.epoch == 1 and not worker.may_act_on(SALE)
    operator.kill()


def test_a_region_that_cannot_be_asked_costs_the_time_unless_it_is_left_out():
    for fence, least, most in (("acknowledged", FULL, 100), ("reachable", 0, SOON + 6)):
        story = Story(lag=1.0)
        story.world.no_operator.add(A)
        story.switch(execution="ungraceful", fence=fence)
        assert least <= story.fence_seconds() < most, fence
    assert kind(story) == "acknowledged" and story.referee.unfenced


def test_a_region_that_stays_passive_and_silent_costs_the_time():
    story = Story(lag=1.0, others={C: PASSIVE})
    story.world.no_operator.add(C)
    story.switch()
    assert story.fence_seconds() >= FULL and f"{C} cannot be asked" in story.result["fence"]["why"]


def test_an_acknowledgement_that_is_lost_is_written_again():
    story = Story(lag=1.0)
    story.workers[A].mute_until = story.world.now + 10
    story.switch()
    assert 5 < story.fence_seconds() < 20 and kind(story) == "acknowledged"


def test_what_was_written_last_has_arrived_before_the_grant():
    story = Story(lag=9.0)
    story.begin_a_sale()
    while (A, "delete") not in story.effects:
        story.go_on(0.5)
    before = story.world.now
    operator = story.operator()
    while story.lease().epoch < 3:
        story.go_on(0.5, *[operator] * 8)
    assert SALE.id in story.world.idempotency.items(B), "the target knows that it is done"
    assert story.world.now - before < FULL


def test_what_a_region_that_takes_over_wrote_is_not_waited_for():
    """It is where the work goes on. Its readers have let go, and tell nothing of what they did since."""
    story = Story(lag=1.0)
    story.world.no_operator.add(A)
    operator = story.operator(execution="ungraceful", fence="reachable")
    while not any(
        key.startswith(f"reader#{B}") and item["reader"]["acknowledged"] == 2
        for key, item in story.world.states.items(B).items()
    ):
        story.go_on(0.5, *[operator] * CALLS_IN_A_STEP)
    story.workers[B].mute_until = story.world.now + 20
    while story.lease().epoch < 3:
        story.go_on(0.5, *[operator] * CALLS_IN_A_STEP)
    assert story.fence_seconds() < SOON
    operator.kill()


def test_a_resumed_run_asks_the_readers_again():
    story = Story(lag=1.0)
    story.workers[A].paused_until = story.world.now + 30
    first = story.operator()
    while story.world.states.items(A)[A]["epoch"] < 2:
        story.go_on(0.5, first)
    story.go_on(5, *[first] * 8)
    first.kill()
    seen = story.switch()
    assert {A, B} not in seen and story.acting() == {B}
    assert 20 < story.fence_seconds() < FULL + 12


def test_the_item_of_a_task_that_vanished_is_removed_by_its_peers():
    """ECS still says that it runs, and so does nobody else."""
    story = Story(lag=1.0)
    worker = story.workers[A]
    gone = worker.name.replace("/", "-")
    worker.start()
    story.go_on(REGISTRATION_SECONDS)
    assert f"reader#{A}#{gone}" in story.world.states.items(A)
    story.go_on(60)
    assert f"reader#{A}#{gone}" not in story.world.states.items(A)
    story.switch()
    assert story.fence_seconds() < SOON


def test_a_task_that_was_paused_and_removed_registers_before_it_acts_again():
    story = Story(lag=1.0)
    worker = story.workers[A]
    worker.paused_until = story.world.now + 200
    name = worker.name.replace("/", "-")
    story.world.states.at(A).delete_item(TableName="sales-state", Key={"region": {"S": f"reader#{A}#{name}"}})
    story.go_on(200)
    assert A not in story.acting()
    story.go_on(5)
    assert story.acting() == {A} and f"reader#{A}#{name}" in story.world.states.items(A)
    assert set(maps_of(story.world.states.copies[A].scan()["Items"])) == {A, B}
