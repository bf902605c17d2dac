# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tasks of a service are replaced: strategies, circuit breaker, alarms, with what the user left out."""

from __future__ import annotations

import math
from typing import Any

from ...deployments.recreate import FAILED_TASKS, HEALTHY_WITHIN_SECONDS, Patience
from ...resources.lifecycle_hooks import normal_hooks

DEPLOYMENT = {"minimum_healthy_percent": 100, "maximum_percent": 200}
CIRCUIT_BREAKER = {"enable": True, "rollback": True}
RECREATE = "recreate"

SHIFTING = {"blue_green": "BLUE_GREEN", "canary": "CANARY", "linear": "LINEAR"}
"""Strategies in which ECS moves traffic from the old tasks to new ones beside them, and what it calls them."""

STEPS: dict[str, dict[str, float]] = {
    "canary": {"percent": 5.0, "bake_minutes": 10},
    "linear": {"step_percent": 10.0, "step_bake_minutes": 6},
}

NO_BREAKER = {"enable": False, "rollback": False}
"""ECS has its circuit breaker for rolling deployments only."""

RECREATE_DEPLOYMENT = {"minimum_healthy_percent": 0, "maximum_percent": 100}

RECREATE_BREAKER = {"enable": True, "rollback": False}
"""It may give up. Going back is not left to it: it would start the old revision before the new one has stopped."""

PATIENCE = {"healthy_within": HEALTHY_WITHIN_SECONDS, "failed_tasks": FAILED_TASKS}


def deployment(params: dict[str, Any]) -> dict[str, Any]:
    """How tasks are replaced, with what the user left out."""
    given = params["deployment"] or {}
    alarms = given.get("alarms")
    recreate = params["strategy"] == RECREATE
    percents = RECREATE_DEPLOYMENT if recreate else DEPLOYMENT
    breaker = RECREATE_BREAKER if recreate else NO_BREAKER if params["strategy"] in SHIFTING else CIRCUIT_BREAKER
    return {
        **{name: default if given.get(name) is None else given[name] for name, default in percents.items()},
        "circuit_breaker": dict(given.get("circuit_breaker") or breaker),
        "alarms": {**alarms, "names": sorted(alarms["names"])} if alarms else None,
        "lifecycle_hooks": normal_hooks(given.get("lifecycle_hooks") or []),
        **_shifting(params["strategy"], given),
    }


def _shifting(strategy: str, given: dict[str, Any]) -> dict[str, Any]:
    if strategy not in SHIFTING:
        return {}
    wanted: dict[str, Any] = {"strategy": SHIFTING[strategy], "bake_minutes": given.get("bake_minutes") or 0}
    if strategy in STEPS:
        said = given.get(strategy) or {}
        wanted[strategy] = {
            name: default if said.get(name) is None else said[name] for name, default in STEPS[strategy].items()
        }
    return wanted


def bake_minutes(wanted: dict[str, Any]) -> int:
    """For how long ECS does nothing but watch in a deployment that shifts traffic. It does not bake after 100 %."""
    minutes = wanted["bake_minutes"]
    if "canary" in wanted:
        minutes += wanted["canary"]["bake_minutes"]
    if "linear" in wanted:
        steps = math.ceil(100 / wanted["linear"]["step_percent"])
        minutes += (steps - 1) * wanted["linear"]["step_bake_minutes"]
    return minutes


def patience(params: dict[str, Any]) -> Patience:
    given = params["deployment"] or {}
    return Patience(**{name: given.get(name) or default for name, default in PATIENCE.items()})
