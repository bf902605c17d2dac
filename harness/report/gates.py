# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the figures of a scene must be, and whether they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.scene import AT_LEAST_ONCE, EXACTLY_ONCE, LOSES

GRACEFUL_CONTROLLER_SECONDS = 4.0
UNGRACEFUL_CONTROLLER_SECONDS = 12.0
FIRST_SALE_SECONDS = 1.0
"""From the grant to the first sale processed where the work goes on, in the median of a drill's switches."""

BY_READINESS = "the readiness of the regions"
"""How a journal calls the way of a health gate."""


NONE_OF = {
    EXACTLY_ONCE: ("lost", "duplicated", "wrong_content"),
    AT_LEAST_ONCE: ("lost", "wrong_content"),
    LOSES: ("wrong_content",),
}
"""What is promised of every sale → the figures that must be 0."""


NO_BOUNDS: Mapping[str, float] = {}


def judge(
    figures: Mapping[str, Any],
    graceful: bool,
    trouble: str = "",
    promise: str = EXACTLY_ONCE,
    rto_within: float | None = None,
    bounds: Mapping[str, float] = NO_BOUNDS,
    expectations: Iterable[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Every gate: {"gate", "expected", "found", "passed"}. graceful: every switch is, so no request may fail.

    rto_within: how long the work may stand still at a move (seconds), if that is limited. Where it is, workers of the
    region that takes over process their first sale within `FIRST_SALE_SECONDS` of the grant.
    bounds: figure → the most that it may be.  expectations: gates that were judged while it went on.
    """
    gates: list[dict[str, Any]] = []

    def gate(name: str, expected: str, found: Any, passed: bool) -> None:
        gates.append({"gate": name, "expected": expected, "found": found, "passed": bool(passed)})

    if trouble:
        gate("playbooks", "succeed", trouble.strip().splitlines()[0][:200], False)
    quiet = figures["quiet_seconds"]
    found = "not in time" if quiet is None else f"{quiet:.1f} s after the traffic ended"
    gate("quiet", "everything processed", found, quiet is not None)
    if promise == LOSES:
        gate("lost", "more than 0: the loss is shown", figures["lost"], figures["lost"])
    if promise != LOSES:
        there, posted = figures["lake_in_both_regions"], figures["posted"]
        gate("lake_in_both_regions", f"{posted}: every sale in each region's lake", there, there == posted)
    for name, most in bounds.items():
        if name == "controller_seconds":  # of each switch, below
            continue
        gate(name, f"≤ {most:g}", figures[name], figures[name] is not None and figures[name] <= most)
    gates += expectations
    for name in NONE_OF[promise]:
        gate(name, "0", figures[name], figures[name] == 0)
    if graceful:
        gate("failed_requests", "0", figures["failed_requests"], figures["failed_requests"] == 0)
    for switch in figures["switches"]:
        is_graceful = switch["execution"] == "graceful"
        # The readiness of the regions follows the grant: what the source accepts in the last lag is not there yet.
        gated = any(each["way"] == BY_READINESS for each in switch["traffic"])
        if graceful and not gated and switch["rpo_sales"] is not None:
            gate(f"{switch['name']}: rpo_sales", "0", switch["rpo_sales"], switch["rpo_sales"] == 0)
        if rto_within is not None and switch["rto_seconds"] is not None:
            found = switch["rto_seconds"]
            gate(f"{switch['name']}: rto_seconds", f"≤ {rto_within:g}", found, found <= rto_within)
        seconds = switch["controller_seconds"]
        if seconds is not None:
            usual = GRACEFUL_CONTROLLER_SECONDS if is_graceful else UNGRACEFUL_CONTROLLER_SECONDS
            limit = bounds.get("controller_seconds", usual)
            gate(f"{switch['name']}: controller_seconds", f"≤ {limit:g}", seconds, seconds <= limit)
    first = figures["first_sale_seconds"]
    if rto_within is not None and first is not None:
        gate("first_sale_seconds", f"≤ {FIRST_SALE_SECONDS:g}", first, first <= FIRST_SALE_SECONDS)
    return gates
