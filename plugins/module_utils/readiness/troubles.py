# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with an entry of the evidence, in words: a service, a target group, or what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ADD_FALLBACK = "Let the service's capacity provider strategy name both FARGATE and FARGATE_SPOT"
"""What to do where Fargate has no room for tasks of one kind."""


def not_ready(evidence: Mapping[str, Any]) -> list[str]:
    """What a region still lacks of running tasks and healthy targets, each as words; nothing if it is ready."""
    region = evidence["region"]
    if not evidence["reachable"]:
        return [f"{region} does not answer: {evidence['why']}"]
    lacking = []
    for name, service in evidence["services"].items():
        trouble = service_trouble(service)
        if trouble:
            lacking.append(f"{name} in {region} {trouble}")
    for name, group in evidence["target_groups"].items():
        trouble = group_trouble(group)
        if trouble:
            lacking.append(f"target group {name} in {region} {trouble}")
    return lacking


def service_trouble(service: Mapping[str, Any]) -> str:
    """Why the tasks of a service are not as they shall be; an empty text if they are."""
    if "desired" not in service:
        return entry_trouble(service)
    if service["status"] != "ACTIVE":
        return f"is {service['status']}"
    if service["running"] < service["desired"]:
        pending = f", {service['pending']} starting" if service["pending"] else ""
        return f"runs {service['running']} of {service['desired']} tasks{pending}"
    deployments = service["deployments"]
    primary = next((each for each in deployments if each["status"] == "PRIMARY"), None)
    if primary and primary["rollout_state"] == "FAILED":
        return f"has a failed deployment of {primary['revision']}"
    if primary and len(deployments) > 1:  # tasks of the old revision count among those that run
        return f"is being deployed: {primary['running']} of {service['desired']} tasks are of {primary['revision']}"
    return ""


def group_trouble(group: Mapping[str, Any]) -> str:
    """Why a target group cannot take requests; an empty text if it can."""
    if "healthy" not in group:
        return entry_trouble(group)
    counted = group["total"] - group["draining"]
    if not counted:
        return "has no targets"
    if group["healthy"] < counted:
        reasons = f" ({'; '.join(group['reasons'])})" if group["reasons"] else ""
        return f"has {group['healthy']} of {counted} targets healthy{reasons}"
    return ""


def entry_trouble(entry: Mapping[str, Any]) -> str:
    """What an entry of the evidence says when nothing was read of it."""
    return f"cannot be read: {entry['error']}" if "error" in entry else "does not exist"
