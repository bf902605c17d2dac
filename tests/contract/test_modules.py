# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes every module of the collection through its life, both ways of running (README.md says what is checked)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract import case as cases
from tests.contract.batches import batches
from tests.contract.case import MODULES, Way
from tests.contract.complaints import complaints, differences
from tests.contract.plays import Lives, Runner, inventory, play
from tests.contract.runs import left_behind


def test_every_case_belongs_to_a_module() -> None:
    assert {path.stem for path in cases.CASES.iterdir()} - set(MODULES) == set()


@pytest.mark.parametrize("module", [module for batch in batches() for module in batch])
def test_module_keeps_the_contract(module: str, lives: Lives) -> None:
    cases.load(module)
    found = []
    results: dict[Way, list[dict[str, Any]]] = {}
    for way, played in lives(module).items():
        assert not played.problem, f"{module}, {way.name}:\n{played.problem}"
        case = cases.load(module, way.value)
        before, *results[way], after = played.results
        found += [f"{way.name}: {each}" for each in complaints(case, cases.life(case, way), results[way])]
        found += [f"{way.name}: {each}" for each in left_behind(case, inventory(before), inventory(after))]
    case = cases.load(module)
    found += differences(case, results[Way.IN_PROCESS], results[Way.ORDINARY])
    assert not found, f"{module}:\n" + "\n".join(found)


def test_what_a_module_refuses_is_told_alike(run_plays: Runner) -> None:
    refused = {
        "the arguments": {"region": "sa-east-1", "zones": ["a"]},
        "the input": {
            "workload": "contract-refused",
            "region": "sa-east-1",
            "cidr": "10.0.0.0/33",
            "zones": ["a"],
            "nat": "none",
        },
    }
    plays = [
        play(f"{way.name} {what}".replace(" ", "-"), [{"name": what, "multiregion.ecs.region_network": params}], way)
        for way in Way
        for what, params in refused.items()
    ]
    failures = [played.results[-1] for played in run_plays(plays).values()]
    arguments, value, ordinary_arguments, ordinary_value = (each["msg"] for each in failures)
    assert all(each["failed"] for each in failures)
    assert "10.0.0.0/33" in value and value == ordinary_value
    # An action plugin is not named by Ansible, so it names itself.
    assert arguments == f"multiregion.ecs.region_network: {ordinary_arguments}"
