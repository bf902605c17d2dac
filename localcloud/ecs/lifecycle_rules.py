# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS demands of the lifecycle hooks of a service's deployments."""

from __future__ import annotations

from typing import Any

from moto.ecs.exceptions import InvalidParameterException

from localcloud.ecs.shifting_rules import check_role
from localcloud.runner.hooks import LAMBDA, PAUSE, kind_of
from localcloud.runner.shifting import SHIFTING

SCALING = ("RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP")
MOVING = ("TEST_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT")
STAGES = (
    *SCALING,
    *MOVING,
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
)
MOST_OF_A_KIND = 10
MOST_MINUTES = {LAMBDA: 1440, PAUSE: 20160}


def check_hooks(backend: Any, configuration: dict[str, Any] | None) -> None:
    """Refuse hooks that ECS refuses.

    Raises:
        InvalidParameterException: with an equivalent message.
    """
    hooks = (configuration or {}).get("lifecycleHooks") or []
    for kind in (LAMBDA, PAUSE):
        if sum(kind_of(each) == kind for each in hooks) > MOST_OF_A_KIND:
            raise InvalidParameterException(f"A service has at most {MOST_OF_A_KIND} {kind} lifecycle hooks.")
    strategy = (configuration or {}).get("strategy") or "ROLLING"
    for hook in hooks:
        _check_stages(hook, STAGES if strategy in SHIFTING else SCALING, strategy)
        _check_target(backend, hook)
        minutes = (hook.get("timeoutConfiguration") or {}).get("timeoutInMinutes", 1)
        if not 1 <= minutes <= MOST_MINUTES[kind_of(hook)]:
            raise InvalidParameterException(
                f"timeoutInMinutes must be between 1 and {MOST_MINUTES[kind_of(hook)]} for {kind_of(hook)} hooks."
            )


def _check_stages(hook: dict[str, Any], valid: tuple[str, ...], strategy: str) -> None:
    stages = hook.get("lifecycleStages") or []
    if not stages:
        raise InvalidParameterException("lifecycleStages cannot be empty for a lifecycle hook.")
    for stage in stages:
        if stage not in valid:
            raise InvalidParameterException(f"Lifecycle stage {stage} is not valid for the {strategy} strategy.")
        if kind_of(hook) == PAUSE and stage in MOVING:
            raise InvalidParameterException(f"PAUSE hooks cannot be configured at lifecycle stage {stage}.")


def _check_target(backend: Any, hook: dict[str, Any]) -> None:
    kind, target, role = kind_of(hook), hook.get("hookTargetArn"), hook.get("roleArn")
    if kind == PAUSE and (target or role):
        raise InvalidParameterException("hookTargetArn and roleArn are not applicable for PAUSE hooks.")
    if kind == LAMBDA:
        if not str(target).startswith("arn:aws:lambda:") or not role:
            raise InvalidParameterException("hookTargetArn and roleArn are required for AWS_LAMBDA hooks.")
        check_role(backend, role, "lifecycle hook")
