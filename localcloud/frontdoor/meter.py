# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What load balancers count for CloudWatch: requests that had a target, how long those took, and 5xx, by whom.

As on AWS a point is told once its period is over, and where nothing was counted there is none.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

REQUESTS, TARGET_ERRORS, OWN_ERRORS = "RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"
RESPONSE_TIME = "TargetResponseTime"
ERROR = 500

Key = tuple[float, str, str, str]
"""When the period began (unix seconds), the metric, the load balancer and the target group that it is of."""


class Meter:
    """Counts what has happened, by the period in which it did."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.time) -> None:
        self._seconds, self._clock = seconds, clock
        self._counts: Counter[Key] = Counter()
        self._times: defaultdict[Key, list[float]] = defaultdict(list)

    def answered(self, balancer: str, group: str, status: int, seconds: float) -> None:
        """A target of this group has answered, so many seconds after it was asked."""
        self._count(REQUESTS, balancer, group)
        if status >= ERROR:
            self._count(TARGET_ERRORS, balancer, group)
        for each in (group, "") if balancer else ():
            self._times[self._now(), RESPONSE_TIME, balancer, each].append(round(seconds, 4))

    def failed(self, balancer: str, group: str = "") -> None:
        """The load balancer has answered with 5xx itself: its target of this group did not, or there was none."""
        if group:
            self._count(REQUESTS, balancer, group)
        if balancer:
            self._counts[self._now(), OWN_ERRORS, balancer, ""] += 1

    def _count(self, metric: str, balancer: str, group: str) -> None:
        if balancer:
            for each in (group, ""):
                self._counts[self._now(), metric, balancer, each] += 1

    def _now(self) -> float:
        return self._clock() // self._seconds * self._seconds

    def take(self) -> list[dict[str, Any]]:
        """The points of periods that are over, once: `at` (unix seconds), `metric`, `balancer`, `group`, `values`."""
        points = {key: [float(count)] for key, count in self._counts.items()} | self._times
        over = sorted(key for key in points if key[0] + self._seconds <= self._clock())
        for key in over:
            self._counts.pop(key, None)
            self._times.pop(key, None)
        names = ("at", "metric", "balancer", "group")
        return [{**dict(zip(names, key, strict=True)), "values": points[key]} for key in over]
