# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hooks of a service's deployments: from functions that an inventory names to ARNs of the region, and a role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .wiring import Place

FUNCTION = "function"


def deployment_in(given: Mapping[str, Any], place: Place, role_arn: str) -> dict[str, Any]:
    """`deployment` of a service as `ecs_service` takes it: functions that are named are those of the region."""
    hooks = given.get("lifecycle_hooks")
    if not hooks:
        return dict(given)
    return {**given, "lifecycle_hooks": [_hook(each, place, role_arn) for each in hooks]}


def _hook(hook: Mapping[str, Any], place: Place, role_arn: str) -> dict[str, Any]:
    if FUNCTION not in hook:
        return dict(hook)
    told = {name: value for name, value in hook.items() if name != FUNCTION}
    return {"hook_target_arn": _arn(place, hook[FUNCTION]), "role_arn": role_arn, **told}


def hook_policies(definition: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """The policies of the role with which ECS invokes the functions that a service names; empty if it names none."""
    functions = _named(definition)
    if not functions:
        return {}
    resources = sorted({_arn(place, name) for name in functions})
    statement = {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": resources}
    return {"hooks": {"Version": "2012-10-17", "Statement": [statement]}}


def with_hooks(definitions: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The services that name functions, for which a role is made."""
    return [each for each in definitions if _named(each)]


def _named(definition: Mapping[str, Any]) -> list[str]:
    hooks = (definition.get("deployment") or {}).get("lifecycle_hooks") or []
    return [each[FUNCTION] for each in hooks if each.get(FUNCTION)]


def _arn(place: Place, function: str) -> str:
    return place.arn("lambda", f"function:{function}")
