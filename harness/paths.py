# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways that sales took, from the customer to every region's lake, out of what was seen of each of them."""

from __future__ import annotations

from collections import Counter

from harness.evidence import Evidence
from harness.traffic import Sales

THEN = " → "


def paths(sales: Sales, evidence: Evidence) -> dict[str, int]:
    """Each way, and how many acknowledged sales took it, the most first.

    What a sale passed up to the API is in the header of its answer, with the region of the task that answered. Which
    region's worker processed it is in its DONE item, and in which lakes it is the buckets tell. From the API to a
    worker there is only the way by a topic and a queue. Where something was not seen, the way ends.
    """
    taken: Counter[str] = Counter()
    for request in sales.requests:
        if request.acknowledged:
            taken[THEN.join(_hops(request.id, request.passed, request.region, evidence))] += 1
    return dict(taken.most_common())


def _hops(sale: str, passed: str, region: str, evidence: Evidence) -> list[str]:
    hops = [*passed.split("; "), f"sales-api in {region}"] if passed else [f"sales-api in {region}"]
    worker = evidence.done_by.get(sale)
    if not worker:
        return hops
    there = evidence.lakes.get(sale, set())
    lakes = [each for each in (worker, *sorted(there - {worker})) if each in there]
    queue = f"queue of {worker}"
    return [*hops, f"topic of {region}", queue, f"sales-worker in {worker}", *(f"lake of {each}" for each in lakes)]
