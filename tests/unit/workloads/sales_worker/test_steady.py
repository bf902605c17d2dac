# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What fell between comes back by itself: sales that are recorded and have no message."""

from __future__ import annotations

import pytest

from protocol.limits import DAY, STEADY_SECONDS
from protocol.sale import Sale
from protocol.sale_id import new_sale_id
from sales_common.settings import WorkerSettings
from sales_worker.steady import SteadyPass

BOTH = {"us-east-1": "ACTIVE", "sa-east-1": "ACTIVE"}


@pytest.fixture
def make_pass(world):
    """Makes one worker's part, in a world in which it is as late as the clock says."""

    def make() -> SteadyPass:
        settings = WorkerSettings(
            world.view_settings, world.queue_url, "sales", "sales-idempotency", "sales-lake", 20.0, 0, 1
        )
        return SteadyPass(world.plain, settings, world.view, world.log, world.clock.wall_clock)

    return make


def record(world, home: str | None = "us-east-1") -> Sale:
    """A sale of now, whose publish never came."""
    sale = Sale.new(new_sale_id(world.clock.wall), "book", "14", home)
    world.dynamodb.put_item(TableName="sales", Item=sale.to_attributes(processed=False))
    return sale


def test_what_fell_between_comes_back_and_is_processed_once(world, make_pass):
    sales = [record(world) for _ in range(12)]
    steady = make_pass()
    assert steady.bring_back() == 0  # each may still be on its way
    world.clock.pass_time(STEADY_SECONDS + 1)
    young = record(world)
    assert steady.bring_back() == 12
    clerk, inbox = world.make_clerk()
    while world.run(clerk, inbox):
        pass
    world.assert_processed_once(*sales)
    assert world.done(young) is None
    world.clock.pass_time(STEADY_SECONDS + 1)
    assert steady.bring_back() == 1


def test_one_worker_at_a_time_has_its_turn(world, make_pass):
    world.clock.pass_time(-STEADY_SECONDS - 1)
    record(world)
    world.clock.pass_time(STEADY_SECONDS + 1)
    assert [make_pass().bring_back() for _ in range(3)] == [1, 0, 0]
    assert world.queued() == 1


@pytest.mark.parametrize("view", [{"fresh": False}, {"states": None}, {"states": {"us-east-1": "PASSIVE"}}])
def test_only_an_active_region_brings_back_anything(world, make_pass, view):
    record(world)
    world.clock.pass_time(STEADY_SECONDS + 1)
    for name, value in view.items():
        setattr(world.view, name, value)
    assert make_pass().bring_back() == 0
    for name, value in {"fresh": True, "states": {"us-east-1": "ACTIVE"}}.items():
        setattr(world.view, name, value)
    assert make_pass().bring_back() == 1  # nobody had taken the turn


def test_only_an_active_region_brings_back_what_is_its_own(world, make_pass):
    world.view.states = BOTH
    mine, other = record(world), record(world, home="sa-east-1")
    world.clock.pass_time(STEADY_SECONDS + 1)
    assert make_pass().bring_back() == 1
    assert mine.id in str(world.log.named("brought_back")) and other.id not in str(world.log.named("brought_back"))


LOOK = 5 * (STEADY_SECONDS + 1)


def test_what_nobody_can_process_comes_back_ever_more_rarely(world, make_pass):
    record(world)
    steady, at = make_pass(), []
    for turn in range(3 * DAY // LOOK):
        world.clock.pass_time(LOOK)
        if steady.bring_back():
            at.append(turn)
    gaps = [after - before for before, after in zip(at, at[1:], strict=False)]
    assert gaps == sorted(gaps) and len(at) < 14 and gaps[-1] * LOOK >= 200 * 60
