# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What load balancers count for CloudWatch: requests that had a target, and answers with 5xx, by whom.

As on AWS a point is told once its period is over, and where nothing was counted there is none.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

REQUESTS, TARGET_ERRORS, OWN_ERRORS = "RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"
ERROR = 500


class Meter:
    """Counts what has happened, by the period in which it did."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.time) -> None:
        self._seconds, self._clock = seconds, clock
        self._counts: Counter[tuple[float, str, str, str]] = Counter()

    def answered(self, balancer: str, group: str, status: int) -> None:
        """A target of this group has answered."""
        self._count(REQUESTS, balancer, group)
        if status >= ERROR:
            self._count(TARGET_ERRORS, balancer, group)

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
        """The points of periods that are over, once: `at` (unix seconds), `metric`, `balancer`, `group`, `value`."""
        over = [key for key in self._counts if key[0] + self._seconds <= self._clock()]
        names = ("at", "metric", "balancer", "group")
        return [{**dict(zip(names, key, strict=True)), "value": self._counts.pop(key)} for key in sorted(over)]
