# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How ECS replaces the tasks of a service: percentages, circuit breaker, alarms, hooks, and how traffic is shifted.

`service_conversion` has the rest of a service. Defaults of this collection are in `modules/ecs_service/deployment.py`.
"""

from __future__ import annotations

from typing import Any

from .lifecycle_hooks import hooks_from_aws, hooks_to_aws


def deployment_to_aws(deployment: dict[str, Any]) -> dict[str, Any]:
    """The `deploymentConfiguration` of `CreateService` and `UpdateService`."""
    alarms = deployment["alarms"] or {"names": [], "enable": False, "rollback": False}
    return {
        "minimumHealthyPercent": deployment["minimum_healthy_percent"],
        "maximumPercent": deployment["maximum_percent"],
        "deploymentCircuitBreaker": dict(deployment["circuit_breaker"]),
        "alarms": {"alarmNames": alarms["names"], "enable": alarms["enable"], "rollback": alarms["rollback"]},
        "lifecycleHooks": hooks_to_aws(deployment["lifecycle_hooks"]),
        **_shifting_to_aws(deployment),
    }


def _shifting_to_aws(deployment: dict[str, Any]) -> dict[str, Any]:
    """How traffic is shifted, in the words of ECS-native blue/green deployments and their kin."""
    strategy = deployment.get("strategy", "ROLLING")
    told: dict[str, Any] = {"strategy": strategy}
    if strategy != "ROLLING":
        told["bakeTimeInMinutes"] = deployment["bake_minutes"]
    if strategy == "CANARY":
        canary = deployment["canary"]
        told["canaryConfiguration"] = {
            "canaryPercent": canary["percent"],
            "canaryBakeTimeInMinutes": canary["bake_minutes"],
        }
    if strategy == "LINEAR":
        linear = deployment["linear"]
        told["linearConfiguration"] = {
            "stepPercent": linear["step_percent"],
            "stepBakeTimeInMinutes": linear["step_bake_minutes"],
        }
    return told


def _shifting_from_aws(configuration: dict[str, Any]) -> dict[str, Any]:
    strategy = configuration.get("strategy", "ROLLING")
    if strategy == "ROLLING":
        return {}
    found: dict[str, Any] = {"strategy": strategy, "bake_minutes": configuration.get("bakeTimeInMinutes", 0)}
    if strategy == "CANARY":
        canary = configuration.get("canaryConfiguration") or {}
        found["canary"] = {
            "percent": canary.get("canaryPercent", 5.0),
            "bake_minutes": canary.get("canaryBakeTimeInMinutes", 10),
        }
    if strategy == "LINEAR":
        linear = configuration.get("linearConfiguration") or {}
        found["linear"] = {
            "step_percent": linear.get("stepPercent", 10.0),
            "step_bake_minutes": linear.get("stepBakeTimeInMinutes", 6),
        }
    return found


def deployment_from_aws(configuration: dict[str, Any] | None) -> dict[str, Any]:
    """The attribute `deployment` that `DescribeServices` tells, with the defaults of AWS."""
    configuration = configuration or {}
    breaker = configuration.get("deploymentCircuitBreaker") or {}
    alarms = configuration.get("alarms") or {}
    return {
        "minimum_healthy_percent": configuration.get("minimumHealthyPercent", 100),
        "maximum_percent": configuration.get("maximumPercent", 200),
        "circuit_breaker": {"enable": breaker.get("enable", False), "rollback": breaker.get("rollback", False)},
        "alarms": {
            "names": sorted(alarms["alarmNames"]),
            "enable": alarms.get("enable", False),
            "rollback": alarms.get("rollback", False),
        }
        if alarms.get("alarmNames")
        else None,
        "lifecycle_hooks": hooks_from_aws(configuration.get("lifecycleHooks") or []),
        **_shifting_from_aws(configuration),
    }
