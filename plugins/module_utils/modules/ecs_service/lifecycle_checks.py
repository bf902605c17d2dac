# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the lifecycle hooks of a service's deployments. Pure: no call is made.

The rules are those of "Lambda hooks …" and "Pause hooks for Amazon ECS service deployments" in the developer guide.
"""

from __future__ import annotations

from typing import Any

from ...kernel.values import is_unknown
from .deployment import RECREATE, SHIFTING

LAMBDA, PAUSE = "AWS_LAMBDA", "PAUSE"
SCALING_STAGES = ("RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP")
MOVING_STAGES = ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
"""Those that ECS passes when it goes back, too, so that nobody may pause it there."""

STAGES = (
    *SCALING_STAGES,
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
)
MOST_OF_A_KIND = 10
MOST_MINUTES = {LAMBDA: 1440, PAUSE: 20160}


def hook_problems(params: dict[str, Any]) -> list[str]:
    """Sentences, none if all is well."""
    hooks, strategy = (params["deployment"] or {}).get("lifecycle_hooks") or [], params["strategy"]
    if hooks and strategy == RECREATE:
        return ["deployment.lifecycle_hooks are given with strategy recreate, which is none of ECS's. Leave them out."]
    found = [
        f"deployment.lifecycle_hooks has {number} of target_type {kind}; AWS accepts {MOST_OF_A_KIND}."
        for kind in MOST_MINUTES
        if (number := sum(each["target_type"] == kind for each in hooks)) > MOST_OF_A_KIND
    ]
    for index, hook in enumerate(hooks):
        where = f"deployment.lifecycle_hooks[{index}]"
        found += [f"{where}: {problem}" for problem in (*_stage_problems(hook, strategy), *_target_problems(hook))]
    return found


def _stage_problems(hook: dict[str, Any], strategy: str) -> list[str]:
    if not hook["lifecycle_stages"]:
        return [f"lifecycle_stages is empty; expected some of {', '.join(STAGES)}."]
    found = []
    for stage in hook["lifecycle_stages"]:
        if stage not in STAGES:
            found.append(f"lifecycle_stages has {stage!r}; expected some of {', '.join(STAGES)}.")
        elif strategy not in SHIFTING and stage not in SCALING_STAGES:
            found.append(
                f"lifecycle_stages has {stage}, which is a stage of {', '.join(SHIFTING)}; the strategy is {strategy}, "
                f"whose stages are {', '.join(SCALING_STAGES)}."
            )
        elif hook["target_type"] == PAUSE and stage in MOVING_STAGES:
            found.append(f"lifecycle_stages has {stage}, at which ECS does not pause.")
    return found


def _target_problems(hook: dict[str, Any]) -> list[str]:
    kind, minutes, found = hook["target_type"], hook["timeout_minutes"], []
    for name in ("hook_target_arn", "role_arn", "hook_details"):
        if kind == PAUSE and hook[name]:
            found.append(f"{name} is given with target_type {PAUSE}, which invokes nothing. Leave it out.")
        if kind == LAMBDA and not hook[name] and name != "hook_details":
            found.append(f"{name} is missing; a hook of target_type {LAMBDA} needs it.")
    target = hook["hook_target_arn"]
    if target and kind == LAMBDA and not is_unknown(target) and ":lambda:" not in target:
        found.append(f"hook_target_arn is {target!r}; expected the ARN of a Lambda function.")
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES[kind]:
        found.append(f"timeout_minutes is {minutes}; AWS accepts 1 to {MOST_MINUTES[kind]} for {kind}.")
    return found
