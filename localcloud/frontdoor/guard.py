# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a web ACL of AWS WAF lets through: addresses, the size of the body, and how often somebody asks.

Pure but for the times of requests, which `Rates` keeps. A web ACL is told as localcloud/wafv2/serving.py tells it.
"""

from __future__ import annotations

import ipaddress
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from localcloud.frontdoor.asked import Asked

Table = dict[str, Any]


class Rates:
    """When each address has asked. AWS counts about every 10 seconds and so lets more through; here it is exact."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: defaultdict[tuple[str, str, str], deque[float]] = defaultdict(deque)

    def is_over(self, acl: str, rule: str, client: str, limit: int, window: int) -> bool:
        """Whether this request of an address is one too many in the last `window` seconds. It counts itself."""
        now, times = self._clock(), self._times[acl, rule, client]
        while times and now - times[0] >= window:
            times.popleft()
        times.append(now)
        return len(times) > limit


def is_blocked(guard: Table, asked: Asked, rates: Rates) -> bool:
    """Whether a web ACL keeps a request out. The first rule that matches and does more than count decides."""
    for rule in guard["rules"]:
        if _matches(guard["arn"], rule, asked, rates) and rule["action"] != "COUNT":
            return bool(rule["action"] == "BLOCK")
    return bool(guard["default"] == "BLOCK")


def _matches(acl: str, rule: Table, asked: Asked, rates: Rates) -> bool:
    if "addresses" in rule:
        client = ipaddress.ip_address(asked.client)
        return any(client in ipaddress.ip_network(each) for each in rule["addresses"])
    if "longer_than" in rule:
        return asked.body is None or len(asked.body) > rule["longer_than"]
    return rates.is_over(acl, rule["name"], asked.client, **rule["rate"])
