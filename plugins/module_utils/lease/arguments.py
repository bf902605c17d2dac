# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module is told of the lease: the arguments, and what cannot be right about them.

They are documented in plugins/doc_fragments/lease.py, in the same two sets.
"""

from __future__ import annotations

from typing import Any

from ..protocol.limits import LEASE_DURATION_SECONDS, LEASE_HEARTBEAT_SECONDS

READING_ARGUMENTS: dict[str, Any] = {
    "lease_regions": {"type": "list", "elements": "str", "required": True},
    "lease_table": {"type": "str"},
}
"""Of a module that only looks at the lease."""

HOLDING_ARGUMENTS: dict[str, Any] = {
    "lease_regions": {"type": "list", "elements": "str"},
    "lease_table": {"type": "str"},
    "lease_duration": {"type": "float", "default": LEASE_DURATION_SECONDS},
    "lease_heartbeat": {"type": "float", "default": LEASE_HEARTBEAT_SECONDS},
    "operator": {"type": "str"},
    "reason": {"type": "str"},
}
"""Of a module that holds the lease while it changes something."""


def lease_regions(params: dict[str, Any]) -> list[str]:
    """The regions whose endpoints answer for the lease; a workload of one region keeps it there."""
    given = params.get("lease_regions")
    if given:
        return list(given)
    regions = list(params.get("regions") or {})
    return regions if len(regions) == 1 else []


def lease_table(params: dict[str, Any]) -> str:
    """The name of the lease's table."""
    return params["lease_table"] or f"{params['workload']}-lease"


def place_problems(params: dict[str, Any]) -> list[str]:
    """What cannot be right about where the lease is."""
    if lease_regions(params):
        return []
    return [
        "lease_regions is empty; name the regions in which the lease table has a replica (its witness is none), for "
        "instance [us-east-1, us-east-2]."
    ]


def beating_problems(params: dict[str, Any]) -> list[str]:
    """What cannot be right about how long the lease lasts."""
    duration, heartbeat = params["lease_duration"], params["lease_heartbeat"]
    if duration > 0 and 0 < heartbeat <= duration / 2:
        return []
    return [
        f"lease_heartbeat is {heartbeat} s and lease_duration {duration} s; a lease must beat at least twice in its "
        "duration, or others take it for dead."
    ]
