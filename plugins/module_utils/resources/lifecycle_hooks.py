# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lifecycle hooks of a service's deployments, in the words of the module and in those of the ECS API.

They have no names, and their order carries no meaning.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

LAMBDA = "AWS_LAMBDA"
TIMEOUT_MINUTES, TIMEOUT_ACTION = 1440, "ROLLBACK"
"""What AWS takes where nothing is said."""

_NAMES = {
    "target_type": "targetType",
    "hook_target_arn": "hookTargetArn",
    "role_arn": "roleArn",
    "hook_details": "hookDetails",
}


def normal_hooks(hooks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Hooks in one spelling and one order, with AWS's defaults."""
    told = [
        {
            "target_type": each.get("target_type") or LAMBDA,
            "hook_target_arn": each.get("hook_target_arn") or None,
            "role_arn": each.get("role_arn") or None,
            "lifecycle_stages": sorted(each["lifecycle_stages"]),
            "hook_details": each.get("hook_details") or {},
            "timeout_minutes": each.get("timeout_minutes") or TIMEOUT_MINUTES,
            "timeout_action": each.get("timeout_action") or TIMEOUT_ACTION,
        }
        for each in hooks
    ]
    return sorted(told, key=lambda each: json.dumps(each, sort_keys=True, default=str))


def hooks_to_aws(hooks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What AWS takes by default is not said: botocore may not know all of it yet."""
    told = []
    for each in hooks:
        hook = {other: each[name] for name, other in _NAMES.items() if each[name]}
        if hook["targetType"] == LAMBDA:
            del hook["targetType"]
        hook["lifecycleStages"] = list(each["lifecycle_stages"])
        if (each["timeout_minutes"], each["timeout_action"]) != (TIMEOUT_MINUTES, TIMEOUT_ACTION):
            hook["timeoutConfiguration"] = {
                "timeoutInMinutes": each["timeout_minutes"],
                "action": each["timeout_action"],
            }
        told.append(hook)
    return told


def hooks_from_aws(hooks: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return normal_hooks(
        {
            **{name: each.get(other) for name, other in _NAMES.items()},
            "lifecycle_stages": each.get("lifecycleStages") or [],
            "timeout_minutes": (each.get("timeoutConfiguration") or {}).get("timeoutInMinutes"),
            "timeout_action": (each.get("timeoutConfiguration") or {}).get("action"),
        }
        for each in hooks
    )
