# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module is told where the states of the regions are recorded, and how long a task may act on them.

They are documented in plugins/doc_fragments/states.py, in the same sets.
"""

from __future__ import annotations

from typing import Any

from ..protocol.limits import CLAIM_TO_EFFECT_SECONDS, VIEW_TTL_SECONDS

ITEM_ARGUMENTS: dict[str, Any] = {"state_table": {"type": "str"}}

COPY_ARGUMENTS: dict[str, Any] = {"parameter": {"type": "str"}}

FENCE_ARGUMENTS: dict[str, Any] = {
    "view_ttl": {"type": "float", "default": VIEW_TTL_SECONDS},
    "claim_to_effect": {"type": "float", "default": CLAIM_TO_EFFECT_SECONDS},
}

FULL, BY_READERS, REACHABLE = FENCES = ("full", "acknowledged", "reachable")
"""What a fence waits for: the whole time; all readers, or the time; those of the regions that answer, or the time."""

READER_ARGUMENTS: dict[str, Any] = {
    "fence": {"type": "str", "choices": list(FENCES), "default": BY_READERS},
    "cluster": {"type": "str"},
}


def state_table(params: dict[str, Any]) -> str:
    """The name of the table of the state items."""
    return params["state_table"] or f"{params['workload']}-state"


def state_parameter(params: dict[str, Any]) -> str:
    """The name of each region's SSM parameter."""
    return params["parameter"] or f"/{params['workload']}/region/state"


def fence_problems(params: dict[str, Any]) -> list[str]:
    """What cannot be right about the parts of the fence."""
    return [f"{name} is {params[name]} s; it must be 0 s or more." for name in FENCE_ARGUMENTS if params[name] < 0]
