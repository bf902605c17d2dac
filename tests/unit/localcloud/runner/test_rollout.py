# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rolling deployment, simulated: never too many tasks, never too few healthy ones, and always an end."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.runner.rollout import Census, Step, bounds, breaker_threshold, plan, restart_delay


@dataclass
class World:
    """Tasks of two deployments. A task starts, runs, and becomes healthy when fate says so."""

    desired: int
    floor: int
    ceiling: int
    new: list[str] = field(default_factory=list)
    old: list[str] = field(default_factory=list)

    def census(self, tasks: list[str]) -> Census:
        return Census(*(tasks.count(state) for state in ("starting", "unhealthy", "healthy")))

    def healthy(self) -> int:
        return [*self.new, *self.old].count("healthy")

    def step(self) -> Step:
        decided = plan(self.desired, self.floor, self.ceiling, self.census(self.new), self.census(self.old))
        worst_first = ("starting", "unhealthy", "healthy")
        self.new = sorted(self.new, key=worst_first.index)[decided.stop_new :] + ["starting"] * decided.start
        unready = [state for state in self.old if state != "healthy"]
        assert decided.stop_old_unready <= len(unready)
        assert decided.stop_old_healthy <= self.old.count("healthy")
        self.old = unready[decided.stop_old_unready :] + ["healthy"] * (
            self.old.count("healthy") - decided.stop_old_healthy
        )
        return decided

    def time_passes(self, fate: list[bool]) -> None:
        later = {"starting": "unhealthy", "unhealthy": "healthy", "healthy": "healthy"}
        lucky = iter(fate)
        self.new = [later[state] if next(lucky, True) else state for state in self.new]

    def is_done(self) -> bool:
        return not self.old and self.new == ["healthy"] * self.desired


states = st.lists(st.sampled_from(["starting", "unhealthy", "healthy"]), max_size=12)
percents = st.tuples(st.integers(0, 100), st.integers(100, 400))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 20), percents, states, states, st.integers(0, 2**32))
def test_no_round_exceeds_the_ceiling_or_goes_below_the_floor(desired, percent, new, old, seed):
    world, fate = World(desired, *bounds(desired, *percent), new=new, old=old), random.Random(seed)
    for _round in range(40):
        live, healthy = len(world.new) + len(world.old), world.healthy()
        decided = world.step()
        assert len(world.new) + len(world.old) <= max(world.ceiling, live)
        assert not decided.start or live + decided.start <= world.ceiling
        # Whoever is healthy stays, as long as the floor needs it.
        assert world.healthy() >= min(world.floor, healthy)
        world.time_passes([fate.random() < 0.4 for _task in world.new])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 20), percents, states, states)
def test_it_always_comes_to_an_end_unless_the_percentages_forbid_it(desired, percent, new, old):
    floor, ceiling = bounds(desired, *percent)
    world = World(desired, floor, ceiling, new=new, old=old)
    for _round in range(4 * (desired + len(new) + len(old)) + 4):
        if world.step().stuck:
            assert floor == ceiling == desired, "only a floor that meets the ceiling leaves no way"
            return
        world.time_passes([])
    assert world.is_done(), world


@pytest.mark.parametrize(
    ("desired", "percents", "expected"),
    [
        (4, (100, 200), (4, 8)),
        (1, (100, 200), (1, 2)),
        (1, (0, 100), (0, 1)),
        (3, (50, 100), (2, 3)),  # the lower limit is rounded up
        (3, (50, 150), (2, 4)),  # the upper limit is rounded down
        (2, (150, 200), (2, 4)),  # more healthy than wanted there will never be
        (0, (100, 200), (0, 0)),
    ],
)
def test_limits_are_rounded_as_ecs_does(desired, percents, expected):
    assert bounds(desired, *percents) == expected


def test_with_100_and_200_all_start_before_any_stops():
    assert plan(3, 3, 6, Census(), Census(healthy=3)) == Step(start=3)
    assert plan(3, 3, 6, Census(starting=2, healthy=1), Census(healthy=3)) == Step(stop_old_healthy=1)
    assert plan(3, 3, 6, Census(healthy=3), Census(healthy=2)) == Step(stop_old_healthy=2)


def test_with_0_and_100_the_only_task_goes_first():
    assert plan(1, 0, 1, Census(), Census(healthy=1)) == Step(stop_old_healthy=1)
    assert plan(1, 0, 1, Census(), Census()) == Step(start=1)


def test_with_50_and_100_half_go_first():
    assert plan(4, 2, 4, Census(), Census(healthy=4)) == Step(stop_old_healthy=2)
    assert plan(4, 2, 4, Census(), Census(healthy=2)) == Step(start=2)
    assert plan(4, 2, 4, Census(unhealthy=2), Census(healthy=2)) == Step()
    assert plan(4, 2, 4, Census(healthy=2), Census(healthy=2)) == Step(stop_old_healthy=2)


def test_a_floor_that_meets_the_ceiling_leaves_no_way():
    assert plan(1, 1, 1, Census(), Census(healthy=1)) == Step(stuck=True)


def test_old_tasks_that_serve_nobody_make_room_at_once():
    assert plan(2, 2, 4, Census(), Census(starting=1, unhealthy=1, healthy=2)) == Step(stop_old_unready=2)


def test_scaling_down_amid_a_deployment_keeps_who_is_healthy():
    assert plan(2, 2, 4, Census(starting=3), Census(healthy=4)) == Step(stop_new=1, stop_old_healthy=2)


def test_scaling_to_nothing_stops_everybody():
    assert plan(0, 0, 0, Census(starting=1, healthy=1), Census(healthy=2)) == Step(stop_new=2, stop_old_healthy=2)


@pytest.mark.parametrize(("desired", "threshold"), [(0, 3), (1, 3), (6, 3), (7, 4), (25, 13), (400, 200), (900, 200)])
def test_the_breaker_trips_after_half_the_desired_count(desired, threshold):
    assert breaker_threshold(desired) == threshold


def test_the_delay_between_attempts_grows_up_to_a_limit():
    assert [restart_delay(n, 5) for n in range(8)] == [0, 0, 0.5, 1, 2, 4, 5, 5]
    assert restart_delay(10**6, 5) == 5
