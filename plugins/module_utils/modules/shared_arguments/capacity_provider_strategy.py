# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Capacity provider strategies: how cluster and service take them, and what AWS asks of them."""

from __future__ import annotations

from typing import Any

STRATEGY_ARGUMENT: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "capacity_provider": {"type": "str", "required": True},
        "weight": {"type": "int", "default": 1},
        "base": {"type": "int", "default": 0},
    },
}

WEIGHTS = range(0, 1001)
BASES = range(0, 100001)


def strategy_problems(name: str, strategy: list[dict[str, Any]] | None) -> list[str]:
    """Why AWS would refuse the strategy given in parameter `name`."""
    found = []
    for item in strategy or []:
        provider = item["capacity_provider"]
        if item["weight"] not in WEIGHTS:
            found.append(f"{name}: weight of {provider} is {item['weight']}; AWS accepts 0 to {WEIGHTS[-1]}.")
        if item["base"] not in BASES:
            found.append(f"{name}: base of {provider} is {item['base']}; AWS accepts 0 to {BASES[-1]}.")
    with_base = [item["capacity_provider"] for item in strategy or [] if item["base"]]
    if len(with_base) > 1:
        found.append(f"{name}: {' and '.join(with_base)} have a base; only one capacity provider may.")
    if strategy and not any(item["weight"] for item in strategy):
        found.append(f"{name}: every weight is 0, so no task would be placed; give one a weight.")
    return found
