# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One family of task definitions in one region, and the revision that has what was asked for."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, Known
from ..kernel.values import is_unknown
from ..names import from_tag_list, layer_tags
from ..resources.task_definition import TaskDefinition
from ..run import Layer, LayerModule
from ..taskdef.canonical import canonical
from ..taskdef.compare import flat, looks_secret
from ..taskdef.model import read
from ..taskdef.problems import problems as definition_problems
from ..taskdef.sizes import cpu_units, memory_mib

SHORTEST_SECRET = 6

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


def wanted_definition(params: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The definition that the parameters ask for, in AWS's form, and what is wrong with how it is written."""
    whole = params.get("definition") or {}
    base, found = read(whole)
    parts = {name: params[parameter] for parameter, name in PARTS.items() if params.get(parameter) is not None}
    if params.get("ephemeral_storage_gib") is not None:
        parts["ephemeralStorage"] = {"sizeInGiB": params["ephemeral_storage_gib"]}
    given, more = read(parts)
    definition = {**base, **given}
    if not whole:
        definition.setdefault("requiresCompatibilities", ["FARGATE"])
    if "FARGATE" in definition.get("requiresCompatibilities", []):
        definition.setdefault("networkMode", "awsvpc")
    for name, size in (("cpu", cpu_units), ("memory", memory_mib)):
        # As AWS answers it: plain units and MiB, whatever unit was written.
        value = definition.get(name)
        number = size(value) if value and not is_unknown(value) else None
        if number is not None:
            definition[name] = str(number)
    return definition, found + more


def problems(params: dict[str, Any]) -> list[str]:
    definition, found = wanted_definition(params)
    if params["state"] == "absent":
        return [] if definition.get("family") else ["family is missing; name the family to deregister."]
    # What could not be read has been told; judging the rest of it would tell it twice.
    return found or definition_problems(definition)


def secrets(params: dict[str, Any]) -> set[str]:
    """Values of environment variables and options whose names look secret. Short ones would mask half the output."""
    definition, _told = wanted_definition(params)
    leaves = flat(canonical(definition))
    return {
        value
        for path, value in leaves.items()
        if isinstance(value, str) and len(value) >= SHORTEST_SECRET and looks_secret(path, value)
    }


def build(params: dict[str, Any], cloud: Cloud) -> Layer:
    definition, _told = wanted_definition(params)
    tags = {**from_tag_list(definition.pop("tags", None), "key", "value"), **layer_tags(params)}
    wanted = {} if params["state"] == "absent" else {"definition": definition, "tags": tags}
    family = TaskDefinition(
        definition["family"],
        params["region"],
        state=params["state"],
        delete=params["delete"],
        purge_tags=params["purge_tags"],
        **wanted,
    )

    def outputs(known: Known) -> dict[str, Any]:
        return {
            "family": family.name,
            "task_definition_arn": known.attribute(family, "task_definition_arn"),
            "revision": known.attribute(family, "revision"),
            "containers": [
                {
                    "name": container["name"],
                    "image": container["image"],
                    "ports": [port.get("containerPort") for port in container.get("portMappings", [])],
                }
                for container in definition["containerDefinitions"]
            ],
        }

    return Layer([family], outputs)


MODULE = LayerModule(
    arguments={
        "family": {"type": "str"},
        "definition": {"type": "dict"},
        "cpu": {"type": "str"},
        "memory": {"type": "str"},
        "network_mode": {"type": "str", "choices": ["awsvpc", "bridge", "host", "none"]},
        "requires_compatibilities": {
            "type": "list",
            "elements": "str",
            "choices": ["FARGATE", "EC2", "EXTERNAL", "MANAGED_INSTANCES"],
        },
        "runtime_platform": {
            "type": "dict",
            "options": {
                "cpu_architecture": {"type": "str", "choices": ["X86_64", "ARM64"]},
                "operating_system_family": {"type": "str"},
            },
        },
        "execution_role_arn": {"type": "str"},
        "task_role_arn": {"type": "str"},
        "containers": {"type": "list", "elements": "dict"},
        "volumes": {"type": "list", "elements": "dict"},
        "ephemeral_storage_gib": {"type": "int"},
        "pid_mode": {"type": "str", "choices": ["host", "task"]},
        "ipc_mode": {"type": "str", "choices": ["host", "task", "none"]},
        "proxy_configuration": {"type": "dict"},
        "placement_constraints": {"type": "list", "elements": "dict"},
        "enable_fault_injection": {"type": "bool"},
        "delete": {"type": "bool", "default": False},
    },
    services=("ecs",),
    build=build,
    problems=problems,
    secrets=secrets,
)
