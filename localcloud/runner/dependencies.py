# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order the containers of a task start and stop: the rules of `dependsOn`, apart from every process.

A container starts when each container it depends on has come far enough (START, COMPLETE, SUCCESS, HEALTHY). It stops
before those that it depends on, as ECS does.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Progress:
    """How far a container has come. `exit_code`: None while it runs; `age`: seconds since it was started."""

    is_started: bool = False
    exit_code: int | None = None
    health: str = "UNKNOWN"
    age: float = 0.0
    start_timeout: float = 180.0


class NeverReady(Exception):
    """A container can never start; the message says which dependency failed it."""


def may_start(container: Mapping[str, Any], others: Mapping[str, Progress]) -> bool:
    """Whether everything that a container (its definition) depends on has come far enough.

    Raises:
        NeverReady: something cannot come that far any more, or has taken longer than its `startTimeout`.
    """
    return all([_is_fulfilled(container["name"], name, condition, others) for name, condition in needs(container)])


def needs(container: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(container, condition): what `dependsOn` says; a container whose volumes are shared has to be there first."""
    asked = [(each["containerName"], each["condition"]) for each in container.get("dependsOn") or []]
    return asked + [(each["sourceContainer"], "START") for each in container.get("volumesFrom") or []]


def _is_fulfilled(asking: str, name: str, condition: str, others: Mapping[str, Progress]) -> bool:
    if name not in others:
        raise NeverReady(f"container {asking} depends on container {name}, which the task does not have")
    other = others[name]
    if not other.is_started:
        return False
    if condition == "START":
        return True
    ended = other.exit_code is not None
    if condition == "COMPLETE" and ended:
        return True
    if condition == "SUCCESS" and ended:
        if other.exit_code == 0:
            return True
        raise NeverReady(f"container {asking} needs {name} to end with 0; it ended with {other.exit_code}")
    if condition == "HEALTHY":
        if ended:
            raise NeverReady(f"container {asking} needs {name} to be HEALTHY; it ended with {other.exit_code}")
        if other.health == "HEALTHY":
            return True
    if other.age > other.start_timeout:
        raise NeverReady(
            f"container {asking} waited longer than {other.start_timeout:g} s (startTimeout) for {name} to be "
            f"{condition}; its health is {other.health}"
        )
    return False


def may_stop(name: str, running: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether no container that still runs (definitions by name) depends on this one."""
    return not any(
        needed == name for other, definition in running.items() if other != name for needed, _how in needs(definition)
    )
