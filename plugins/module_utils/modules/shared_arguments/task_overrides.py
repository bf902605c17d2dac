# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasks have otherwise than their task definition says: as modules take it, as AWS does, and its secrets."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

from ...kernel import Attributes
from ...kernel.values import is_unknown
from ...taskdef.compare import looks_secret, masked, secret_items
from ...taskdef.fargate_sizes import cpu_units, memory_mib

SHORTEST_SECRET = 6
"""Shorter values would mask half the output."""

OVERRIDES_ARGUMENT: dict[str, Any] = {
    "type": "dict",
    "options": {
        "containers": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str"},
                "command": {"type": "raw"},
                "environment": {"type": "dict", "default": {}},
                "cpu": {"type": "int"},
                "memory": {"type": "int"},
                "memory_reservation": {"type": "int"},
            },
        },
        "cpu": {"type": "str"},
        "memory": {"type": "str"},
        "task_role_arn": {"type": "str"},
        "execution_role_arn": {"type": "str"},
        "ephemeral_storage_gib": {"type": "int"},
    },
}

NETWORK_ARGUMENT: dict[str, Any] = {
    "type": "dict",
    "options": {
        "subnets": {"type": "list", "elements": "str", "required": True},
        "security_groups": {"type": "list", "elements": "str", "default": []},
        "assign_public_ip": {"type": "bool", "default": False},
    },
}

OF_CONTAINER = {"cpu": "cpu", "memory": "memory", "memory_reservation": "memoryReservation"}
OF_TASK = {"task_role_arn": "taskRoleArn", "execution_role_arn": "executionRoleArn"}
SIZES = {"cpu": cpu_units, "memory": memory_mib}

MOST_OVERRIDE_CHARACTERS = 8192
EPHEMERAL_GIB = range(21, 201)


def words(command: Any) -> list[str] | None:
    """A command as a list of words; a text is split as a shell splits it.

    Raises:
        ValueError: a quotation is not closed, or it is neither text nor a list.
    """
    if command is None:
        return None
    if isinstance(command, str):
        return shlex.split(command)
    if isinstance(command, list):
        return [str(word) for word in command]
    raise ValueError(f"a {type(command).__name__} is no command")


def to_aws(overrides: dict[str, Any] | None) -> dict[str, Any]:
    """The overrides of RunTask; containers without a name have none here either."""
    given = overrides or {}
    made: dict[str, Any] = {}
    for name, size in SIZES.items():
        if given.get(name):
            made[name] = str(size(given[name]))
    made |= {there: given[here] for here, there in OF_TASK.items() if given.get(here)}
    if given.get("ephemeral_storage_gib"):
        made["ephemeralStorage"] = {"sizeInGiB": given["ephemeral_storage_gib"]}
    containers = [_container(each) for each in given.get("containers") or []]
    return {**made, **({"containerOverrides": containers} if containers else {})}


def _container(given: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"name": given["name"]} if given.get("name") else {}
    command = words(given.get("command"))
    if command:
        made["command"] = command
    if given.get("environment"):
        made["environment"] = [{"name": name, "value": text(v)} for name, v in sorted(given["environment"].items())]
    return made | {there: given[here] for here, there in OF_CONTAINER.items() if given.get(here) is not None}


def text(value: Any) -> str:
    """The value of a variable as AWS takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def without_secrets(attributes: Attributes) -> Attributes:
    """The attributes of a run as a plan shows them."""
    overrides = attributes.get("overrides")
    if not isinstance(overrides, dict) or "containerOverrides" not in overrides:
        return attributes
    containers = [_shown(each) for each in overrides["containerOverrides"]]
    return {**attributes, "overrides": {**overrides, "containerOverrides": containers}}


def _shown(container: dict[str, Any]) -> dict[str, Any]:
    shown = dict(container)
    if "command" in shown:
        shown["command"] = masked(("command",), shown["command"])
    if "environment" in shown:
        shown["environment"] = {
            each["name"]: masked(("environment", each["name"]), each["value"]) for each in shown["environment"]
        }
    return shown


def secrets(given: dict[str, Any]) -> set[str]:
    """Values of variables, and words of commands, that look secret in what is given with `overrides`."""
    containers = (given.get("overrides") or {}).get("containers") or []
    found = {value for each in containers for value in _secrets(each)}
    return {value for value in found if len(value) >= SHORTEST_SECRET and not is_unknown(value)}


def _secrets(container: dict[str, Any]) -> Iterator[str]:
    for name, value in (container.get("environment") or {}).items():
        if looks_secret(("environment", name), text(value)):
            yield text(value)
    given = container.get("command")
    try:
        command = words(given) or []
    except ValueError:
        command = []
    hidden = secret_items(("command",), command)
    yield from (command[index] for index in hidden)
    if hidden and isinstance(given, str):
        yield given


def override_problems(overrides: dict[str, Any], where: str = "overrides") -> Iterator[str]:
    """Why AWS would refuse the overrides given in parameter `where`."""
    for name, size in SIZES.items():
        if overrides.get(name) and size(overrides[name]) is None:
            example = {"cpu": "512 or .5 vcpu", "memory": "1024 or 1 GB"}[name]
            yield f"{where}.{name} is {overrides[name]!r}; expected {example}."
    storage = overrides.get("ephemeral_storage_gib")
    if storage is not None and storage not in EPHEMERAL_GIB:
        yield f"{where}.ephemeral_storage_gib is {storage}; AWS accepts {EPHEMERAL_GIB[0]} to {EPHEMERAL_GIB[-1]}."
    names = [container.get("name") for container in overrides.get("containers") or []]
    for name in sorted({name or "" for name in names if names.count(name) > 1}):
        yield f"{where}.containers names {name or 'the container that counts'} more than once."
    readable = True
    for container in overrides.get("containers") or []:
        try:
            words(container.get("command"))
        except ValueError as error:
            readable = False
            name = container.get("name") or "a container"
            # Without the command itself, in which a secret may stand.
            yield f"{where}.containers: the command of {name} is not valid: {error}."
    sizes_known = not any(overrides.get(name) and size(overrides[name]) is None for name, size in SIZES.items())
    if readable and sizes_known:
        length = len(json.dumps(to_aws(overrides), separators=(",", ":")))
        if length > MOST_OVERRIDE_CHARACTERS:
            yield f"{where} have {length} characters; AWS accepts {MOST_OVERRIDE_CHARACTERS}."
