# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes every module of the collection through its life, both ways of running (README.md says what is checked)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from localcloud import Cloud
from tests.contract import case as cases
from tests.contract.case import MODULES
from tests.contract.comparison import comparable
from tests.contract.complaints import complaints


def test_every_case_belongs_to_a_module() -> None:
    assert {path.stem for path in cases.CASES.iterdir()} - set(MODULES) == set()


@pytest.mark.parametrize("module", MODULES)
def test_module_keeps_the_contract(module: str, clouds: dict[str, Cloud], run_play: Any) -> None:
    case = cases.load(module)
    lives = {}
    for way, in_process in cases.WAYS.items():
        steps = cases.life(case)
        results = _live(case, clouds[way], run_play, in_process)
        found = list(complaints(case, steps, results))
        assert not found, f"{module}, {way}:\n" + "\n".join(found)
        lives[way] = {step.name: result for step, result in zip(steps, results, strict=True)}

    first, second = lives.values()
    assert first and first.keys() == second.keys()
    for name in first:
        expected, again = (comparable(each, case.generated, case.volatile) for each in (first[name], second[name]))
        assert again == expected, f"{module}: the two ways of running differ in '{name}'"


def _live(case: cases.Case, cloud: Cloud, run_play: Any, in_process: bool) -> list[dict[str, Any]]:
    first = [*cases.setup_tasks(case), cases.inventory_task(cloud)]
    # One play, because the start of Ansible costs more than most modules.
    results = run_play(
        cloud, cases.play([*first, *cases.life_tasks(case), cases.inventory_task(cloud)], in_process=in_process)
    )
    before, after = (_inventory(results[position]) for position in (len(first) - 1, -1))
    if case.absent:
        left = [line for line in after - before if not any(re.search(p, line) for p in case.left_behind)]
        assert not left, f"{case.module} leaves behind after `state: absent`:\n" + "\n".join(sorted(left))
    return results[len(first) : -1]


def _inventory(result: dict[str, Any]) -> set[str]:
    """Every resource that existed, a line each: region, service, name."""
    return {
        f"{region} {service} {name}"
        for region, services in result["msg"]["resources"].items()
        for service, names in services.items()
        for name in names
    }
