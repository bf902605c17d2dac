# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways that sales took: what was not seen of a sale is not told."""

from __future__ import annotations

from typing import Any

from harness.evidence import Evidence
from harness.paths import paths
from harness.traffic import Request, Sales

PASSED = "Route 53; API Gateway"


def sold(*posts: tuple[str, str]) -> Sales:
    sales = Sales()
    for sale, region in posts:
        sales.add(Request(1.0, 0.1, "POST", 201, region, sale, "Dom Casmurro", "1.50", passed=PASSED))
    sales.add(Request(1.0, 0.1, "POST", 503, error="HTTP 503"))
    sales.add(Request(1.0, 0.1, "GET", 200, "here", "a"))
    return sales


def evidence(**seen: Any) -> Evidence:
    return Evidence(set(), set(), set(), set(), set(), **seen)


def test_each_way_is_counted_from_the_customer_to_the_lakes() -> None:
    both = {"here", "there"}
    seen = evidence(done_by={"a": "here", "b": "here", "c": "there"}, lakes={"a": both, "b": both, "c": both})
    front = "Route 53 → API Gateway → sales-api in here → topic of here"
    assert paths(sold(("a", "here"), ("b", "here"), ("c", "here")), seen) == {
        f"{front} → queue of here → sales-worker in here → lake of here → lake of there": 2,
        # The topic of one region reaches the queues of all.
        f"{front} → queue of there → sales-worker in there → lake of there → lake of here": 1,
    }


def test_a_way_ends_where_nothing_more_was_seen() -> None:
    seen = evidence(done_by={"b": "here"}, lakes={"b": {"there"}})
    assert paths(sold(("a", "here"), ("b", "here")), seen) == {
        "Route 53 → API Gateway → sales-api in here": 1,
        "Route 53 → API Gateway → sales-api in here → topic of here → queue of here → sales-worker in here "
        "→ lake of there": 1,
    }
