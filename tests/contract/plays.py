# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases as plays of one playbook, and the results of each play out of what Ansible prints.

A play has a host of its own, so that no case sees another's variables, and all of its tasks in a block that is rescued:
Ansible ends a playbook when a play has no host left, and the cases after it must be played too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.contract.case import REPOSITORY, Case, Step, Way

COLLECTION = "multiregion.ecs"

Task = dict[str, Any]
Result = dict[str, Any]


@dataclass(frozen=True)
class Played:
    """What became of a play: the result of each task in order, and of the last one why it failed if it did."""

    results: list[Result]
    problem: str | None = None


Runner = Callable[[list[dict[str, Any]]], dict[str, Played]]
"""Plays them in one run of ansible-playbook, and says what became of each, by its host."""

Lives = Callable[[str], dict[Way, Played]]
"""What became of each life of a module: an inventory, the result of each step, an inventory."""


def play(host: str, tasks: list[Task], way: Way) -> dict[str, Any]:
    """A play of one local host, which ends with the first task that fails."""
    return {
        "name": host,
        "hosts": host,
        "connection": "local",
        "gather_facts": False,
        "vars": {
            "multiregion_in_process": way is Way.IN_PROCESS,
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "repository": str(REPOSITORY),
        },
        "tasks": [{"block": tasks, "rescue": [{"ansible.builtin.meta": "noop"}]}],
    }


def setup_tasks(case: Case) -> list[Task]:
    """Make what the case's module needs; always in process, because that is quick."""
    return [
        {
            "name": f"set up: {item['module']}",
            _full_name(item["module"]): item["params"],
            "vars": {"multiregion_in_process": True},
            "register": item.get("register", f"setup_{number}"),
        }
        for number, item in enumerate(case.setup)
    ]


def life_tasks(case: Case, steps: Sequence[Step]) -> list[Task]:
    return [
        {"name": step.name, _full_name(case.module): step.params, "check_mode": step.check, "diff": True}
        for step in steps
    ]


def inventory_task(endpoint: str) -> Task:
    """Reads every resource there is; the controller asks, so no module has to start."""
    answer = f"lookup('ansible.builtin.url', '{endpoint}/_localcloud/inventory', split_lines=false)"
    return {"name": "inventory", "ansible.builtin.debug": {"msg": f"{{{{ {answer} | from_json }}}}"}}


def inventory(result: Result) -> set[str]:
    """Every resource that existed, a line each: region, service, name."""
    return {
        f"{region} {service} {name}"
        for region, services in result["msg"]["resources"].items()
        for service, names in services.items()
        for name in names
    }


def read_plays(output: str) -> dict[str, Played]:
    """What became of each play, by its host, out of the JSON callback's output; empty if there is none."""
    start = output.find("{")
    if start < 0:
        return {}
    # A callback may print a line of its own after the document.
    document, _end = json.JSONDecoder().raw_decode(output[start:])
    return {each["play"]["name"]: _read(each["play"]["name"], each["tasks"]) for each in document["plays"]}


def _read(host: str, tasks: list[dict[str, Any]]) -> Played:
    results: list[Result] = []
    for task in tasks:
        result = task["hosts"].get(host)
        if result is None:
            return Played(results, f"Task '{task['task']['name']}' has no result.")
        results.append(result)
        if result.get("failed"):
            shown = {key: value for key, value in result.items() if key not in ("invocation", "diff")}
            return Played(results, f"Task '{task['task']['name']}' failed:\n{json.dumps(shown, indent=2)}")
    return Played(results)


def _full_name(module: str) -> str:
    return module if "." in module else f"{COLLECTION}.{module}"
