# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found wrong with a life on a new account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drills.new_account import LIVES, MADE_UP, Life, judge, tell_runs
from harness.playbooks import ROOT

GOOD = {"resources": {"us-east-1 ecs …": 1}, "second_run_changed": 0, "lost": 0, "failed_requests": 0, "left": []}


def life(**found: Any) -> Life:
    ended = Life(None, Path(), "sales", Path(), ("", "", ""), 1)  # type: ignore[arg-type]
    ended.found = {**GOOD, **found}
    return ended


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"lost": 2}, "sales: lost 2"),
        ({"second_run_changed": 1}, "sales: second_run_changed 1"),
        ({"left": ["us-east-1 ec2 vpc-1"]}, "sales: left ['us-east-1 ec2 vpc-1']"),
        ({"resources": {"us-east-1 ecs …": 2}}, "sales: 2 of us-east-1 ecs …, expected 1"),
        ({"resources": {}}, "sales: 0 of us-east-1 ecs …, expected 1"),
        ({"trouble": "build failed 2 times"}, "sales: build failed 2 times"),
    ],
)
def test_what_is_not_as_on_the_patient_account_is_told(found: dict[str, Any], says: str) -> None:
    assert judge("sales", life(), life()) == []
    assert judge("sales", life(**found), life()) == [says]


def test_a_command_that_mostly_takes_two_runs_is_told() -> None:
    assert tell_runs("sales", [{"build": 1}, {"build": 2}, {"build": 1}]) == []
    assert tell_runs("sales", [{"build": 1}, {"build": 2}, {"build": 2}]) == ["sales: build takes 2 runs"]


def test_names_that_aws_makes_up_are_not_compared() -> None:
    assert MADE_UP.sub("…", "us-east-1 ec2 vpc-0a1b2c3d4e5f") == MADE_UP.sub("…", "us-east-1 ec2 vpc-ffffffff0000")
    assert MADE_UP.sub("…", "us-east-1 sqs sales-queue") == "us-east-1 sqs sales-queue"


@pytest.mark.parametrize("name", LIVES)
def test_the_second_version_is_another(name: str) -> None:
    file, old, _new = LIVES[name]["change"]
    assert (ROOT / file).read_text().count(old) == 1
