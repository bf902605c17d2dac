# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits until the regions that take over run what they shall, and tells why they do not when that takes too long."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..deployments import post_mortem, rollout
from ..kernel import Cloud, NotReadyInTime
from .gather import gather
from .troubles import ADD_FALLBACK, not_ready, service_trouble

POLL_FIRST_SECONDS, POLL_LAST_SECONDS = 0.25, 2.0
TELL_SECONDS = 5.0

UNPLACED = "unable to place"
"""An event of a service that says so is told even if there are newer ones."""

ADVICE = {
    "Capacity is unavailable": f"Fargate is short there. {ADD_FALLBACK}",
    "limit on the number of vCPUs": "Ask for a higher quota of Fargate vCPU in that region (Service Quotas)",
}
"""What to do about a reason that ECS gives for not placing a task."""


def wait_until_ready(
    cloud: Cloud,
    targets: Iterable[str],
    spec: Mapping[str, Any],
    timeout: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """Wait until every service of the targets runs what it shall and its targets are healthy; the last evidence.

    Raises:
        NotReadyInTime: after `timeout` seconds, with what is missing and why: reasons of stopped tasks, of unhealthy
            targets, and events. `details["not_ready"]` has the parts.
    """
    regions = list(targets)
    asked = {**spec, "queues": [], "topics": [], "tables": [], "buckets": [], "quotas": False}
    began = told_at = clock()
    pause = POLL_FIRST_SECONDS
    while True:
        evidence = gather(cloud, regions, asked)
        waiting = [reason for region in regions for reason in not_ready(evidence[region])]
        now = clock()
        if not waiting:
            return evidence
        if now - began >= timeout:
            raise _not_ready(cloud, evidence, waiting, timeout)
        if now - told_at >= TELL_SECONDS:
            told_at = now
            cloud.tell(f"  waiting, {timeout - (now - began):.0f} s left: {waiting[0]}")
        sleep(min(pause, timeout - (now - began)))
        pause = min(pause * 1.5, POLL_LAST_SECONDS)


def _not_ready(cloud: Cloud, evidence: Mapping[str, Any], waiting: list[str], timeout: float) -> NotReadyInTime:
    reasons = []
    for region, told in evidence.items():
        for name, service in told.get("services", {}).items():
            if service_trouble(service) and "desired" in service:
                why = _why(cloud, region, service["cluster"], name)
                if why:
                    reasons.append(f"{name} in {region}: {why}")
    message = f"Waited {timeout:.0f} s for the target to be ready: {'; '.join(waiting)}"
    advice = "".join(f". {what}" for word, what in ADVICE.items() if any(word in reason for reason in reasons))
    more = f". {'. '.join(reasons)}" if reasons else ""
    return NotReadyInTime(
        f"{message}{more}{advice}. Fix that and run the same again, or raise readiness.capacity_wait.",
        not_ready=waiting,
        reasons=reasons,
    )


def _why(cloud: Cloud, region: str, cluster: str, name: str) -> str:
    """Stopped tasks' reasons, unhealthy targets' reasons and what the service says of placing tasks."""
    service = rollout.describe(cloud, region, cluster, name)
    if not service:
        return ""
    facts = post_mortem.examine(cloud, region, cluster, service, rollout.primary(service).get("id", ""))
    words = post_mortem.in_words(facts)
    placing = next((event for event in facts["events"] if UNPLACED in event), "").rstrip(".")
    parts = [words.rstrip(".")] if words else []
    if placing and placing.rpartition("Reason: ")[2] not in words:
        parts.append(f"event: {placing}")
    return ". ".join(parts)
