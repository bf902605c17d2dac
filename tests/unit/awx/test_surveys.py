# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook reads is documented, what is documented is read, and the surveys ask for exactly that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.playbook_variables import Variable, page, playbooks, surveys
from tests.support.awx_api import survey_problem
from tests.support.playbook_words import Reached

NOT_FOR_THEM = {
    "rollback": {"images"},
    "toggle": {"to", "from"},
    "cancel": {"to", "from"},
    "pause": {"approve"},
    "resume": {"approve"},
    # In check mode, of which it has no other, they say nothing.
    "drift": {"prune", "delete_data", "give_up", "reason", "retire", "take_over"},
    "deliver": {"give_up", "retire", "dead"},
}
"""What playbooks read only to refuse it, or through a default that they replace."""

PARTS = {"whole"}
"""Playbooks that are part of others."""


@pytest.fixture(scope="module")
def asked(repository: Path) -> dict[str, Any]:
    return yaml.safe_load((repository / "awx" / "surveys.yml").read_text(encoding="utf-8"))["surveys"]


@pytest.fixture(scope="module")
def templates(repository: Path) -> list[dict[str, Any]]:
    return yaml.safe_load((repository / "awx" / "templates.yml").read_text(encoding="utf-8"))["awx_job_templates"]


def test_every_playbook_is_documented(repository: Path) -> None:
    files = {path.stem for path in (repository / "playbooks").glob("*.yml")}
    assert set(playbooks()) == files - PARTS


@pytest.mark.parametrize("playbook", playbooks())
def test_what_is_documented_is_read_and_what_is_read_from_outside_is_documented(playbook: str) -> None:
    reached = Reached(playbook)
    documented = {variable.name for variable in playbooks()[playbook][1]}
    assert documented - reached.words == set(), "documented, and nothing reads it"
    assert reached.requests - documented - NOT_FOR_THEM.get(playbook, set()) == set(), "read, and not documented"


def test_the_words_that_a_playbook_reads_are_found_in_every_form() -> None:
    failover = Reached("failover")
    assert "from" in failover.requests, "looked up by its name"
    assert "approve" in failover.requests, "in a default, behind a condition"
    assert "adopt" in Reached("site").requests, "in the defaults of modules"
    assert "take_over" in Reached("deploy").requests, "in tasks that a role includes of another"
    assert "switch_to" not in failover.requests and "workload" not in failover.requests


def test_what_is_made_of_the_documentation_is_current(repository: Path) -> None:
    assert (repository / "docs" / "variables.md").read_text(encoding="utf-8") == page()
    assert (repository / "awx" / "surveys.yml").read_text(encoding="utf-8") == surveys()


def test_the_surveys_ask_for_what_is_documented_and_nothing_else(asked: dict[str, Any]) -> None:
    documented = {
        name: [one.name for one in variables] for name, (_about, variables) in playbooks().items() if variables
    }
    assert {name: [one["variable"] for one in survey["spec"]] for name, survey in asked.items()} == documented


def test_every_survey_is_one_that_awx_accepts(asked: dict[str, Any]) -> None:
    for name, survey in asked.items():
        assert survey_problem(survey) == "", name
        for question in survey["spec"]:
            assert question["question_description"] and "`" not in question["question_description"], name


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"type": "bool"}, "not one of the allowed"),
        ({"required": "yes"}, "'required' in survey question 0 expected to be bool"),
        ({"min": "0"}, "The min limit in survey question 0 expected to be integer"),
        ({"type": "integer", "default": "4"}, "Default value 4"),
        ({"type": "multiplechoice", "choices": []}, "must specify choices"),
        ({"type": "multiplechoice", "choices": ["a"], "default": "b"}, "must be answered from the choices"),
    ],
)
def test_what_awx_refuses_of_a_survey(wrong: dict[str, Any], why: str) -> None:
    question = {"question_name": "x", "variable": "x", "type": "text", "required": False, "default": ""}
    survey = {"name": "", "description": "", "spec": [{**question, **wrong}]}
    assert why in survey_problem(survey)
    assert "duplicated in survey question 1" in survey_problem({**survey, "spec": [question, question]})
    assert "missing" in survey_problem({"name": "", "spec": [question]})


def test_every_verb_that_is_a_button_has_a_template_with_its_survey(templates: list[dict[str, Any]]) -> None:
    verbs = {"site", "build", "deploy", "rollback", "run_task", "failover", "failback", "toggle"}
    verbs |= {"status", "report", "destroy"}
    assert {each["playbook"] for each in templates} >= verbs
    for each in templates:
        documented = playbooks()[each["playbook"]][1]
        assert each.get("survey", True) == bool(documented) or each["name"] == "drift"


@pytest.mark.parametrize(
    ("type_", "default", "answer"),
    [
        ("bool", False, "false"),
        ("dict", {}, "{}"),
        ("list", [], ""),
        ("float", 60, 60),
        ("raw", 0, "0"),
        ("str", None, ""),
    ],
)
def test_a_default_is_told_as_awx_keeps_it(type_: str, default: Any, answer: Any) -> None:
    assert Variable("x", type_, "X.", default, [], False).question()["default"] == answer
