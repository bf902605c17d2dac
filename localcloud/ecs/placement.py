# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where tasks go: which capacity provider of a strategy, which container instance, and why none has room."""

from __future__ import annotations

from typing import Any

RESOURCES = ("CPU", "MEMORY")
"""What of a container instance is counted."""


def providers_of(strategy: list[dict[str, Any]], count: int) -> list[str | None]:
    """The capacity provider of each of `count` tasks: the base first, then by weight. Without a strategy, none."""
    if not strategy:
        return [None] * count
    placed = {item["capacityProvider"]: 0 for item in strategy}
    chosen: list[str | None] = []
    for item in strategy:
        chosen += [item["capacityProvider"]] * min(item.get("base", 0), count - len(chosen))
    weighted = [item for item in strategy if item.get("weight", 0)]
    while len(chosen) < count:
        item = min(weighted, key=lambda each: (placed[each["capacityProvider"]] + 1) / each["weight"])
        placed[item["capacityProvider"]] += 1
        chosen.append(item["capacityProvider"])
    return chosen


def choose_instance(
    instances: list[Any], running: list[Any], definition: Any
) -> tuple[str | None, list[dict[str, str]]]:
    """(ARN of a container instance with room, failures of those without), for one more task.

    `running` are the tasks that have not stopped yet.
    """
    needed = needs(definition)
    failures = []
    for instance in instances:
        if instance.status != "ACTIVE":
            continue
        arn = instance.container_instance_arn
        free = {
            item["name"]: item["integerValue"] for item in instance.registered_resources if item["name"] in RESOURCES
        }
        for task in running:
            if task.container_instance_arn == arn:
                free = {name: free[name] - needs(task._definition)[name] for name in free}
        short = next((name for name in RESOURCES if needed[name] > free[name]), None)
        if short is None:
            return arn, []
        failures.append({"arn": arn, "reason": f"RESOURCE:{short}"})
    return None, failures


def needs(definition: Any) -> dict[str, int]:
    """The CPU units and MiB that a task of a definition reserves."""
    containers = definition.container_definitions
    cpu = definition.cpu or sum(container.get("cpu") or 0 for container in containers)
    memory = definition.memory or sum(c.get("memoryReservation") or c.get("memory") or 0 for c in containers)
    return {"CPU": int(cpu), "MEMORY": int(memory)}
