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
    bounds: Mapping[str, float] = NO_BOUNDS,
    expectations: Iterable[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Every gate: {"gate", "expected", "found", "passed"}. graceful: every switch is, so no request may fail.

    bounds: figure → the most that it may be, `controller_seconds` instead of what is usual.
    expectations: gates that were judged while it went on.
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
        seconds = switch["controller_seconds"]
        if seconds is not None:
            usual = GRACEFUL_CONTROLLER_SECONDS if is_graceful else UNGRACEFUL_CONTROLLER_SECONDS
            limit = bounds.get("controller_seconds", usual)
            gate(f"{switch['name']}: controller_seconds", f"≤ {limit:g}", seconds, seconds <= limit)
    return gates
