# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module's case, and the life it is taken through (README.md describes both)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from localcloud import Cloud
from tests.support.modules import module_named

MODULES = sorted(path.stem for path in Path(__file__).parents[2].glob("plugins/modules/[a-z]*.py"))

CASES = Path(__file__).parent / "cases"
COLLECTION = "multiregion.ecs"

WAYS = {"in process": True, "ordinary module": False}
"""The ways of running a module, and the value of `multiregion_in_process` for each."""


@dataclass(frozen=True)
class Case:
    """What `cases/<module>.yml` says."""

    module: str
    params: dict[str, Any]
    absent: dict[str, Any] | None = None
    keeps: str | None = None
    setup: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    generated: list[str] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    volatile: list[str] = field(default_factory=list)

    @property
    def reads(self) -> bool:
        """Whether it is a module that only reads."""
        return module_named(self.module).read is not None


@dataclass(frozen=True)
class Step:
    """One task of the life. `expects` is one of: predicts, does, nothing, reads."""

    name: str
    params: dict[str, Any]
    check: bool
    expects: str


def load(module: str) -> Case:
    """The case of `module`.

    Raises:
        AssertionError: there is none, or it leaves out what a module of its kind must say.
    """
    path = CASES / f"{module}.yml"
    assert path.is_file(), f"Module {module} has no contract case: write {path} (see tests/contract/README.md)."
    case = Case(module=module, **yaml.safe_load(path.read_text(encoding="utf-8")))
    if not case.reads:
        assert bool(case.absent) != bool(case.keeps), f"{path} needs `absent`, or `keeps` with the reason for none."
    return case


def life(case: Case) -> list[Step]:
    """The tasks that the case's module goes through, in order."""
    if case.reads:
        return [Step("read", case.params, False, "reads"), Step("read in check mode", case.params, True, "reads")]
    steps: list[Step] = []
    params = dict(case.params)
    _settle(steps, "create", params)
    for number, update in enumerate(case.updates, start=1):
        params = {**params, **update}
        _settle(steps, f"update {number}", params)
    if case.absent:
        _settle(steps, "remove", {**case.absent, "state": "absent"})
    return steps


def _settle(steps: list[Step], verb: str, params: dict[str, Any]) -> None:
    steps.append(Step(f"{verb}: check mode predicts", params, True, "predicts"))
    steps.append(Step(f"{verb}: the run does it", params, False, "does"))
    steps.append(Step(f"{verb}: check mode has nothing more to do", params, True, "nothing"))
    steps.append(Step(f"{verb}: a second run changes nothing", params, False, "nothing"))


def play(tasks: list[dict[str, Any]], *, in_process: bool) -> list[dict[str, Any]]:
    """A playbook of one local play."""
    variables = {"multiregion_in_process": in_process, "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return [{"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": variables, "tasks": tasks}]


def setup_tasks(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "name": f"set up: {item['module']}",
            _full_name(item["module"]): item["params"],
            "vars": {"multiregion_in_process": True},
            "register": item.get("register", f"setup_{number}"),
        }
        for number, item in enumerate(case.setup)
    ]


def life_tasks(case: Case) -> list[dict[str, Any]]:
    return [
        {"name": step.name, _full_name(case.module): step.params, "check_mode": step.check, "diff": True}
        for step in life(case)
    ]


def inventory_task(cloud: Cloud) -> dict[str, Any]:
    """Reads every resource there is; the controller asks, so no module has to start."""
    answer = f"lookup('ansible.builtin.url', '{cloud.endpoint}/_localcloud/inventory', split_lines=false)"
    return {"name": "inventory", "ansible.builtin.debug": {"msg": f"{{{{ {answer} | from_json }}}}"}}


def _full_name(module: str) -> str:
    return module if "." in module else f"{COLLECTION}.{module}"
