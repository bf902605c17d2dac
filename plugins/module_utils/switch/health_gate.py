# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The traffic that moves by itself: a region that is not ACTIVE answers its health check with an error, and Route 53
leads to the others.

Nothing is asked of a control plane, so that this works when none answers. What is seen is what customers see: the
public name answers the health check's path as a region does that is ready.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..kernel import Cloud, CollectionError
from ..status.public_name import ask_until_answered

ANSWERS_IN_A_ROW = 10
"""How many requests to the public name must reach a region that is ready. A single one says little where regions share
the traffic."""

ANSWER_SECONDS = 5
READY = tuple(range(200, 400))
"""The statuses with which Route 53's checkers are content."""


class HealthGate:
    """The health checks of Route 53 that the records of the public name are bound to.

    asked: what is asked of the public name: `url`, `connect_to`, `ca_file`.
    check: the health check: `path`, `interval` (seconds), `failure_threshold`.
    since: when the states changed, in unix seconds.
    """

    arrived = "seen by the health checks"

    def __init__(self, cloud: Cloud, asked: Mapping[str, Any], check: Mapping[str, Any], since: float) -> None:
        self.cloud, self.since = cloud, since
        self.asked = {**asked, "url": f"{asked['url']}{check['path']}"}
        self.notice_seconds = check["interval"] * check["failure_threshold"]
        self.seconds = 0.0

    def __str__(self) -> str:
        return "the readiness of the regions"

    def see(self, shares: Mapping[str, int]) -> None:
        """Wait until Route 53 has noticed who is ready.

        Its checkers need as many answers as the threshold says. Then the public name has to agree. Where no region
        stays ACTIVE, Route 53 leads to all of them, and there is nothing to see.

        Raises:
            NotReadyInTime: the public name did not lead to a region that is ready within the run's `wait_timeout`.
        """
        self.cloud.wait_until(
            f"Route 53's health checks to notice, for which they take {self.notice_seconds} s, and "
            f"{self.asked['url']} to lead to a region that is ready",
            lambda: time.time() - self.since >= self.notice_seconds and (not any(shares.values()) or self._is_ready()),
        )
        self.seconds = time.time() - self.since

    def _is_ready(self) -> bool:
        try:
            for _time in range(ANSWERS_IN_A_ROW):
                ask_until_answered(
                    {
                        **self.asked,
                        "method": "GET",
                        "body": None,
                        "status": READY,
                        "timeout": ANSWER_SECONDS,
                        "wait_timeout": 0,
                    }
                )
        except CollectionError:
            return False
        return True
