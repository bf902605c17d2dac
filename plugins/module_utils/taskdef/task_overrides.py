# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one run of a task changes of its definition: in the words of modules, as AWS takes it, as plans show it."""

from __future__ import annotations

import shlex
from typing import Any

from ..kernel import Attributes
from .compare import masked
from .fargate_sizes import cpu_units, memory_mib

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
