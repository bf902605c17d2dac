# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever breaks rules on purpose believes neither in changes that change nothing nor in tests that did not fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.rule_mutations import noticed, run
from tests.support.rule_mutations import Mutation, Witness, mutation_faults
from tests.unit.engineering.aws_ledger import HEADER, witnesses_of

RULE = "Every one of them"
TESTS = '`tests/unit/test_a.py::test_one` ("first"), `tests/integration/test_a.py::test_one`, `tests/a.py::test_b`'
LEDGER = f"## A section\n\n{HEADER}\n|---|---|---|---|\n| {RULE} | model: a B | – | {TESTS} |\n"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"old": "low <= "}, "does not hold, exactly once"),
        ({"old": "nothing"}, "does not hold, exactly once"),
        ({"new": "value < high"}, "nothing changes"),
        ({"new": "value <"}, "invalid syntax"),
        ({"file": "gone.py"}, "No such file"),
    ],
)
def test_a_change_that_breaks_nothing_is_told(tmp_path: Path, change: dict[str, str], fault: str | None) -> None:
    (tmp_path / "rules.py").write_text("inside = low <= value < high\nabove = low <= 1\n")
    given = {"rule": RULE, "file": "rules.py", "old": "value < high", "new": "value <= high", **change}
    found = list(mutation_faults(tmp_path, [Mutation(**given)]))
    assert (found == []) if fault is None else (len(found) == 1 and fault in found[0])


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ("", ["tests/unit/test_a.py::test_one first", "tests/integration/test_a.py::test_one ", "tests/a.py::test_b "]),
        ("tests/unit/", ["tests/unit/test_a.py::test_one first"]),
        ("first", ["tests/unit/test_a.py::test_one first"]),
        ("test_one", ["tests/unit/test_a.py::test_one first", "tests/integration/test_a.py::test_one "]),
        ("second", []),
    ],
)
def test_the_tests_of_a_row_must_fail_or_those_that_are_chosen(tmp_path: Path, fails: str, expected: list[str]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/aws-rules.md").write_text(LEDGER)
    mutation = Mutation(RULE, "rules.py", "a", "b", fails)
    if expected:
        assert [f"{each.node} {each.words}" for each in witnesses_of(tmp_path, mutation)] == expected
    else:
        with pytest.raises(ValueError, match="no rule 'Every one of them' with a test 'second'"):
            witnesses_of(tmp_path, mutation)


def test_only_what_failed_by_itself_and_in_the_case_that_is_meant_has_noticed(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/test_a.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('said', ['too [long]', 'too short'])\n"
        "def test_cases(said): assert said == 'too short'\n"
        "@pytest.fixture\n"
        "def broken(): raise OSError\n"
        "def test_never_begun(broken): pass\n"
        "def test_right(): pass\n"
    )
    names = ("test_cases", "test_never_begun", "test_right")
    results = run(tmp_path / "tree", [f"test_a.py::{name}" for name in names])
    assert len(results) == 4

    def told(name: str, words: str = "") -> bool:
        return noticed(Witness(f"test_a.py::{name}", words), results)

    assert [told(name) for name in names] == [True, False, False]
    assert [told("test_cases", words) for words in ("long", "short", "in no name of a case")] == [True, False, True]
    assert not told("test_that_did_not_run")
