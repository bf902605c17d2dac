# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run wants otherwise than its task definition says: in the form of RunTask, and without its secrets."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from ...kernel import Attributes
from ...kernel.values import is_unknown
from ...taskdef.compare import looks_secret, masked, secret_items
from ...taskdef.fargate_sizes import cpu_units, memory_mib

SHORTEST_SECRET = 6
"""Shorter values would mask half the output."""

OF_CONTAINER = {"cpu": "cpu", "memory": "memory", "memory_reservation": "memoryReservation"}
OF_TASK = {"task_role_arn": "taskRoleArn", "execution_role_arn": "executionRoleArn"}
SIZES = {"cpu": cpu_units, "memory": memory_mib}


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


def secrets(params: dict[str, Any]) -> set[str]:
    """Values of variables, and words of commands, that look secret."""
    containers = (params.get("overrides") or {}).get("containers") or []
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
