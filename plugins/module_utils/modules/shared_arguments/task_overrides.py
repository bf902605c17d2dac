# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasks have otherwise than their task definition says: as modules take it, as AWS does, and its secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...kernel.values import is_unknown
from ...taskdef.compare import looks_secret, secret_items
from ...taskdef.task_overrides import SIZES, text, to_aws, words

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

MOST_OVERRIDE_CHARACTERS = 8192
EPHEMERAL_GIB = range(21, 201)


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
