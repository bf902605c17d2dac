# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module's case, and the two lives it is taken through (README.md describes them)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from tests.support.modules import module_named

REPOSITORY = Path(__file__).resolve().parents[2]
"""For cases it is the variable `repository`."""

MODULES = sorted(path.stem for path in REPOSITORY.glob("plugins/modules/[a-z]*.py"))

CASES = Path(__file__).parent / "cases"

WRITTEN = "contract-"
"""How the names in a case begin, as it is written."""


class Way(Enum):
    """A way of running a module. Its value is how names begin there, so that both may share a cloud."""

    IN_PROCESS = WRITTEN
    ORDINARY = "ordinary-"


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
    used_up: bool = False
    volatile: list[str] = field(default_factory=list)
    history: list[str] = field(default_factory=list)

    @property
    def reads(self) -> bool:
        """Whether it is a module that only reads."""
        return module_named(self.module).read is not None


@dataclass(frozen=True)
class Step:
    """One task of a life.

    `expects` is one of: predicts, does, nothing, reads. `ends_as` names the step of the whole life after which AWS must
    look as it does after this one, where the whole life has no step of the same name.
    """

    name: str
    params: dict[str, Any]
    check: bool
    expects: str
    ends_as: str | None = None


def load(module: str, prefix: str = WRITTEN) -> Case:
    """The case of `module`, its names beginning with `prefix`.

    Raises:
        AssertionError: there is none, or it leaves out what a module of its kind must say.
    """
    path = CASES / f"{module}.yml"
    assert path.is_file(), f"Module {module} has no contract case: write {path} (see tests/contract/README.md)."
    text = path.read_text(encoding="utf-8").replace(WRITTEN, prefix)
    case = Case(module=module, **yaml.safe_load(text))
    if not case.reads:
        assert bool(case.absent) != bool(case.keeps), f"{path} needs `absent`, or `keeps` with the reason for none."
    return case


def life(case: Case, way: Way) -> list[Step]:
    """The tasks that the case's module goes through, in order: its whole life in process, else the short one."""
    if case.reads:
        return [Step("read", case.params, False, "reads"), Step("read in check mode", case.params, True, "reads")]
    return whole_life(case) if way is Way.IN_PROCESS else short_life(case)


FOR_ALL = ("ecs_service", "region_switch")
"""What these show of the ordinary way they show for all: check mode and a second run come to all by the same code."""


def whole_life(case: Case) -> list[Step]:
    """Of a module that changes something: each of its steps predicted, done, and then done with."""
    steps = _settle("create", case.params)
    for number in range(1, len(case.updates) + 1):
        steps += _settle(f"update {number}", _updated(case, number))
    if case.absent:
        steps += _settle("remove", {**case.absent, "state": "absent"})
    return steps


def short_life(case: Case) -> list[Step]:
    """Of a module that changes something: as much as shows that the other way of running does the same."""
    predicts, does, _, again = _settle("create", case.params)
    steps = [predicts, does, again] if case.module in FOR_ALL else [does]
    if case.updates:
        last = len(case.updates)
        ends_as = _settle(f"update {last}", {})[-1].name
        steps.append(Step("all updates: the run does them", _updated(case, last), False, "does", ends_as))
    if case.absent:
        steps.append(_settle("remove", {**case.absent, "state": "absent"})[1])
    return steps


def _updated(case: Case, number: int) -> dict[str, Any]:
    """The parameters after so many updates."""
    params = dict(case.params)
    for update in case.updates[:number]:
        params |= update
    return params


def _settle(verb: str, params: dict[str, Any]) -> list[Step]:
    return [
        Step(f"{verb}: check mode predicts", params, True, "predicts"),
        Step(f"{verb}: the run does it", params, False, "does"),
        Step(f"{verb}: check mode has nothing more to do", params, True, "nothing"),
        Step(f"{verb}: a second run changes nothing", params, False, "nothing"),
    ]
