# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes every module that speaks to AWS through its life at an emulator that nobody here wrote.

The cases are those of tests/contract: check mode predicts, the run does it, a second check and a second run have
nothing to change, and what is removed is gone. What MiniStack lacks is listed in gaps.py and stand_ins.py.
"""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from tests.contract import case as cases
from tests.contract.case import MODULES, Way
from tests.contract.complaints import complaints
from tests.contract.runs import filled_in, left_behind, run_here, set_up
from tests.second_emulator.gaps import GAPS, Gap
from tests.second_emulator.inventory import Clients, inventory
from tests.second_emulator.stand_ins import STAND_INS, Completed
from tests.support.modules import module_named

LEFT_OUT = {gap.module for gap in GAPS if gap.avoid is None}

PLAYED = [module for module in MODULES if module_named(module).services and module not in LEFT_OUT]
"""Those that ask something of AWS, and that MiniStack serves."""

REGION = re.compile(r"\b[a-z]{2}-[a-z]+-\d\b")


def case_of(module: str, *, prefix: str = cases.WRITTEN, without: tuple[Gap, ...]) -> cases.Case:
    """The module's case, changed so that it meets none of these gaps."""
    case = cases.load(module, prefix)
    told = {name: value for name, value in vars(case).items() if name != "module"}
    for gap in without:
        assert gap.avoid is not None
        gap.avoid(told)
    return cases.Case(module, **told)


def what_is_wrong(case: cases.Case, clients: Clients) -> list[str]:
    """Play the whole life of a case, as far as it goes, and tell every way in which it broke the contract."""
    regions = sorted(set(REGION.findall(yaml.safe_dump(vars(case)))))
    steps, results, ended = [], [], []
    before: set[str] = set()
    where = "setup"
    try:
        variables = set_up(case)
        before = inventory(clients, regions)
        for step in cases.life(case, Way.IN_PROCESS):
            where = step.name
            results.append(run_here(case.module, filled_in(step.params, variables), check_mode=step.check))
            steps.append(step)
    except CollectionError as error:
        ended = [f"{where}: {error.message}"]
    found = [*complaints(case, steps, results), *ended]
    if not ended:
        found += left_behind(case, before, inventory(clients, regions))
    return found


def test_every_gap_is_one_of_a_module() -> None:
    assert {gap.module for gap in GAPS} <= set(MODULES)
    assert {stand_in.seen_in for stand_in in STAND_INS} <= set(PLAYED)


@pytest.mark.parametrize("module", PLAYED)
def test_module_keeps_the_contract(module: str, clients: Clients, completed: Completed) -> None:
    gaps = tuple(gap for gap in GAPS if gap.module == module)
    found = what_is_wrong(case_of(module, without=gaps), clients)
    assert not found, f"{module}:\n" + "\n".join(found)
    for stand_in in STAND_INS:
        if stand_in.seen_in == module:
            assert stand_in in completed.needed, (
                f"{stand_in.call}: no longer so, take it off the list: {stand_in.lacks}"
            )


@pytest.mark.parametrize("gap", GAPS, ids=lambda gap: f"{gap.module}: {gap.lacks}")
def test_gap_is_still_there(gap: Gap, clients: Clients, completed: Completed) -> None:
    others = tuple(each for each in GAPS if each.module == gap.module and each != gap)
    found = what_is_wrong(case_of(gap.module, prefix="gap-", without=others), clients)
    assert found, f"{gap.module}: no longer so, take it off the list: {gap.lacks}"
    assert any(re.search(gap.shows, each) for each in found), f"{gap.module} fails otherwise:\n" + "\n".join(found)
