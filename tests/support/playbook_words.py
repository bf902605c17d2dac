# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which variables a playbook reads that nobody in this repository sets: what is said to it from outside.

Found by following the names: from the tasks that a playbook reaches, through the roles' defaults, which are only
evaluated where their name is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, TemplateSyntaxError, nodes

ROOT = Path(__file__).resolve().parents[2]
BARE = {"when", "that", "changed_when", "failed_when", "until"}
"""Keys whose text is an expression without braces."""

OWN_ROLE = re.compile(r"^multiregion\.ecs\.(\w+)$")
JINJA = Environment()


@cache
def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None


@cache
def _names(text: str) -> frozenset[str]:
    """The variables of a template, and those that it looks up by a name that stands there."""
    try:
        tree = JINJA.parse(text)
    except TemplateSyntaxError:
        # Text for people.
        return frozenset()
    looked_up = {
        each.value
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("lookup", "query")
        for kind, *others in [call.args]
        if isinstance(kind, nodes.Const) and kind.value == "ansible.builtin.vars"
        for each in others
        if isinstance(each, nodes.Const)
    }
    names = list(tree.find_all(nodes.Name))
    return frozenset({each.name for each in names if each.ctx == "load"} | looked_up) - {
        each.name for each in names if each.ctx == "store"
    }


def _read_in(value: Any, bare: bool = False) -> Iterator[str]:
    """The variables that are read anywhere within a value of a play or a task."""
    if isinstance(value, str):
        yield from _names("{{ " + value + " }}" if bare and "{{" not in value else value)
    elif isinstance(value, list):
        for each in value:
            yield from _read_in(each, bare)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _read_in(key)
            # What is set here is only evaluated where its name is read; see `_set_in`.
            if key != "vars":
                yield from _read_in(each, key in BARE)


def _set_in(value: Any) -> Iterator[tuple[str, Any]]:
    """What plays and tasks set: name → value."""
    if isinstance(value, list):
        for each in value:
            yield from _set_in(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in ("vars", "ansible.builtin.set_fact") and isinstance(each, dict):
                yield from each.items()
            elif key in ("register", "loop_var", "index_var") and isinstance(each, str):
                yield each, None
            yield from _set_in(each)


class Reached:
    """Everything that a playbook reaches: plays and task files, and the defaults of the roles in them."""

    def __init__(self, playbook: str) -> None:
        self.files: set[Path] = set()
        self.roles: set[str] = set()
        self._open(ROOT / "playbooks" / f"{playbook}.yml")
        self.settings: dict[str, list[Any]] = {}
        for role in self.roles:
            for folder in ("defaults", "vars"):
                for name, value in (_yaml(ROOT / "roles" / role / folder / "main.yml") or {}).items():
                    self.settings.setdefault(name, []).append(value)
        for file in self.files:
            for name, value in _set_in(_yaml(file)):
                self.settings.setdefault(name, []).append(value)

    def _open(self, file: Path) -> None:
        if file in self.files or not file.is_file():
            return
        self.files.add(file)
        self._follow(_yaml(file), file.parent)

    def _role(self, name: str, tasks: str = "main") -> None:
        own = OWN_ROLE.match(name)
        if own is None:
            return
        role = own[1]
        if role not in self.roles:
            self.roles.add(role)
            for each in (_yaml(ROOT / "roles" / role / "meta" / "main.yml") or {}).get("dependencies") or []:
                self._role(each if isinstance(each, str) else each["role"])
        folder = ROOT / "roles" / role / "tasks"
        self._open(folder / f"{tasks.removesuffix('.yml')}.yml")

    def _follow(self, value: Any, folder: Path) -> None:
        if isinstance(value, list):
            for each in value:
                self._follow(each, folder)
        elif isinstance(value, dict):
            for key, each in value.items():
                action = str(key).rpartition(".")[2]
                if action in ("include_role", "import_role"):
                    self._role(each["name"], each.get("tasks_from", "main"))
                elif action in ("include_tasks", "import_tasks", "import_playbook") and isinstance(each, str):
                    # A name that is made at run time may be that of any file there.
                    for file in sorted(folder.glob(re.sub(r"\{\{.*?\}\}", "*", each))):
                        self._open(file)
                elif key == "roles" and "hosts" in value:
                    for role in each:
                        self._role(role if isinstance(role, str) else role["role"])
                        self._follow(role, folder)
                else:
                    self._follow(each, folder)

    @property
    def words(self) -> set[str]:
        """Every name that is read, followed through what sets it."""
        found: set[str] = set()
        waiting = [name for file in self.files for name in _read_in(_yaml(file))]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                for value in self.settings.get(name, []):
                    waiting += _read_in(value)
        return found

    @property
    def requests(self) -> set[str]:
        """The names that are read, and that neither a playbook, a role, an inventory nor Ansible sets."""
        return {
            name
            for name in self.words
            if name not in of_inventories() | set_somewhere() and not name.startswith("ansible_")
        }


@cache
def set_somewhere() -> frozenset[str]:
    """What any playbook or task sets, also for files that another playbook shares with it."""
    files = [*ROOT.glob("playbooks/**/*.yml"), *ROOT.glob("roles/*/tasks/*.yml")]
    return frozenset(
        {name for file in files for name, _value in _set_in(_yaml(file))}
        | {name for path in ROOT.glob("roles/*/vars/main.yml") for name in _yaml(path)}
    )


@cache
def of_inventories() -> frozenset[str]:
    """What the shipped inventories and the roles' specifications know, and what Ansible always has."""
    known = {"groups", "hostvars", "inventory_hostname", "playbook_dir", "role_path", "omit", "item"}
    known |= {"lookup", "query", "now", "undef", "dict", "range"}
    # AWX gives them to every job.
    known |= {"awx_job_id", "awx_user_name"}
    # An inventory has them, and no role has its name as their prefix.
    known |= {"schedules"}
    for path in ROOT.glob("roles/*/meta/argument_specs.yml"):
        for entry in _yaml(path)["argument_specs"].values():
            known |= set(entry.get("options") or {})
    for path in ROOT.glob("roles/*/defaults/main.yml"):
        known |= set(_yaml(path) or {})
    for path in ROOT.glob("inventories/*/group_vars/**/*.yml"):
        known |= set(_yaml(path) or {})
    for path in ROOT.glob("inventories/*/hosts.yml"):
        for host in _yaml(path)["all"]["children"]["regions"]["hosts"].values():
            known |= set(host or {})
    return frozenset(known)
