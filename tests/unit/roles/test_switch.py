# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role hands to the module when it carries out what was approved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

REGIONS = ["sa-east-1", "us-east-1", "eu-west-1"]


def carrying_out(repository: Path) -> dict[str, Any]:
    tasks = yaml.safe_load((repository / "roles" / "switch" / "tasks" / "main.yml").read_text())
    return next(task for task in tasks if task["name"] == "Carry out the switch")


def rendered(expression: str, **variables: Any) -> Any:
    return NativeEnvironment().from_string(expression).render(groups={"regions": REGIONS}, **variables)


def test_it_names_the_epoch_that_the_plan_was_made_on(repository: Path) -> None:
    arguments = carrying_out(repository)["multiregion.ecs.region_switch"]
    assert rendered(arguments["planned_epoch"], switch_plan={"lease": {"epoch": 4}}) == 4


@pytest.mark.parametrize(
    ("silent", "asked"),
    [
        ([], "us-east-1"),
        (["sa-east-1"], "us-east-1"),
        (["us-east-1"], "sa-east-1"),
        (["sa-east-1", "us-east-1"], "eu-west-1"),
        (REGIONS, "us-east-1"),
    ],
)
def test_a_region_that_did_not_answer_the_plan_is_not_asked_about_the_account(
    silent: list[str], asked: str, repository: Path
) -> None:
    task = carrying_out(repository)
    plan = {"silent": dict.fromkeys(silent, "timed out")}
    answering = rendered(task["vars"]["switch_answering"], switch_region="us-east-1", switch_plan=plan)
    given = rendered(task["multiregion.ecs.region_switch"]["region"], switch_region="?", switch_answering=answering)
    assert given == asked


@pytest.mark.parametrize(
    ("to", "target", "turn", "region"),
    [
        ("us-east-1", "", "", "us-east-1"),
        ("", "us-east-1", "on", "us-east-1"),
        ("", "sa-east-1", "off", "us-east-1"),
        ("", "", "", "sa-east-1"),
    ],
)
def test_the_region_asked_about_the_account_is_not_the_one_turned_off(
    to: str, target: str, turn: str, region: str, repository: Path
) -> None:
    default = yaml.safe_load((repository / "roles" / "switch" / "defaults" / "main.yml").read_text())["switch_region"]
    assert rendered(default, switch_to=to, switch_target=target, switch_turn=turn) == region
