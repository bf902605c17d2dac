# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task definition that the parameters describe, in the form of AWS."""

from __future__ import annotations

import re
from typing import Any

from ...kernel.values import is_unknown
from ...taskdef.fargate_sizes import cpu_units, memory_mib
from ...taskdef.model import read

LATEST, PREVIOUS = "latest", "previous"

PARTS = {
    "family": "family",
    "cpu": "cpu",
    "memory": "memory",
    "network_mode": "networkMode",
    "requires_compatibilities": "requiresCompatibilities",
    "runtime_platform": "runtimePlatform",
    "execution_role_arn": "executionRoleArn",
    "task_role_arn": "taskRoleArn",
    "containers": "containerDefinitions",
    "volumes": "volumes",
    "pid_mode": "pidMode",
    "ipc_mode": "ipcMode",
    "proxy_configuration": "proxyConfiguration",
    "placement_constraints": "placementConstraints",
    "enable_fault_injection": "enableFaultInjection",
}
"""Parameters, and what they are called in a task definition."""

REVISION_NAME = re.compile(r"(?P<family>[A-Za-z0-9_-]{1,255}):\d+")


def given_parts(params: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What the parameters say of a definition, in AWS's form, and what is wrong with how it is written."""
    nulls = params.get("base") is not None
    whole, found = read(params.get("definition") or {}, nulls=nulls)
    parts = {name: params[parameter] for parameter, name in PARTS.items() if params.get(parameter) is not None}
    if params.get("ephemeral_storage_gib") is not None:
        parts["ephemeralStorage"] = {"sizeInGiB": params["ephemeral_storage_gib"]}
    given, more = read(parts, nulls=nulls)
    definition = {**whole, **given}
    if "family" not in definition and REVISION_NAME.fullmatch(params.get("base") or ""):
        definition["family"] = params["base"].rpartition(":")[0]
    for name, size in (("cpu", cpu_units), ("memory", memory_mib)):
        # As AWS answers it: plain units and MiB, whatever unit was written.
        value = definition.get(name)
        number = size(value) if value and not is_unknown(value) else None
        if number is not None:
            definition[name] = str(number)
    return definition, found + more


def with_defaults(definition: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """A definition that is not made from a base, with what may be left out."""
    completed = dict(definition)
    if not params.get("definition"):
        completed.setdefault("requiresCompatibilities", ["FARGATE"])
    return for_launch_type(completed)


def for_launch_type(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition with the network mode that Fargate needs, and that AWS does not assume."""
    fargate = "FARGATE" in (definition.get("requiresCompatibilities") or [])
    return {**({"networkMode": "awsvpc"} if fargate else {}), **definition}
