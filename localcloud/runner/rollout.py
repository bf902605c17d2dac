# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arithmetic of a rolling deployment, apart from every process, clock and load balancer.

ECS decides in each round how many tasks of the new deployment to start and how many of the old ones to stop, so that
RUNNING and PENDING tasks never exceed `maximumPercent` and healthy ones never fall below `minimumHealthyPercent`.
Tasks that are already stopping count for neither: that is why 0/100 is not yet "stop, then start" (a STOPPING task may
still hold its lock when its successor starts).
"""

from __future__ import annotations

from dataclasses import dataclass

BREAKER_MINIMUM, BREAKER_MAXIMUM = 3, 200
"""Smallest and largest number of consecutive failures that trips the deployment circuit breaker."""


@dataclass(frozen=True)
class Census:
    """How many tasks some deployments have: not yet RUNNING, RUNNING but not (yet) healthy, and healthy."""

    starting: int = 0
    unhealthy: int = 0
    healthy: int = 0

    @property
    def live(self) -> int:
        return self.starting + self.unhealthy + self.healthy


@dataclass(frozen=True)
class Step:
    """What one round does. `stuck`: the percentages leave no way to go on, whatever happens."""

    start: int = 0
    stop_new: int = 0
    stop_old_unready: int = 0
    stop_old_healthy: int = 0
    stuck: bool = False


def bounds(desired: int, minimum_percent: int, maximum_percent: int) -> tuple[int, int]:
    """(fewest healthy, most live) tasks allowed; ECS rounds the lower limit up and the upper limit down."""
    return min(desired, -(-desired * minimum_percent // 100)), desired * maximum_percent // 100


def plan(desired: int, floor: int, ceiling: int, new: Census, old: Census) -> Step:
    """Decide one round.

    New tasks beyond the desired count go, those that serve nobody first. Old tasks that serve nobody (not started, not
    healthy) go at once; the others when new ones have become healthy in their place, or when room is needed for new
    ones and the floor permits it.
    """
    surplus, needed = max(0, new.live - desired), max(0, desired - new.live)
    start = max(0, min(needed, ceiling - new.live - old.live))
    unready = old.starting + old.unhealthy
    healthy = min(new.healthy, desired) + old.healthy
    replaced = healthy - desired
    for_room = min(needed - start - unready, healthy - floor)
    stop_healthy = min(old.healthy, max(0, replaced, for_room))
    nothing_moves = not (start or stop_healthy or unready or new.starting or new.unhealthy)
    return Step(start, surplus, unready, stop_healthy, stuck=bool(needed and nothing_moves))


def breaker_threshold(desired: int) -> int:
    """Failed tasks in a row after which the circuit breaker gives up: half the desired count, 3 to 200."""
    return max(BREAKER_MINIMUM, min(BREAKER_MAXIMUM, -(-desired // 2)))


def restart_delay(failures: int, longest: float) -> float:
    """Seconds to wait before the next attempt after so many consecutive failures: 0, 0, 0.5, 1, 2 … up to `longest`."""
    return 0.0 if failures < 2 else min(longest, 0.5 * 2 ** min(failures - 2, 20))
