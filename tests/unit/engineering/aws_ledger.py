# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the tables of docs/aws-rules.md, and the list of mutations that shows for some rules that their tests can fail.

A mutation's `fails` is a part of what a row says of tests, as `test_a_deny_wins`, `tests/unit/modules/` or a case's
words: those that hold it must fail. Without it all must that the row names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.rule_mutations import Mutation, Witness

LEDGER = Path("docs/aws-rules.md")
MUTATIONS = Path("tests/aws_rule_mutations.yml")
HEADER = "| rule | source | embedded cloud | test |"
TEST = re.compile(r'`(?P<file>tests/[\w/]+\.py)::(?P<function>test_\w+)`(?: \("(?P<words>[^"]+)"\))?(?:, |$)')


@dataclass(frozen=True)
class Rule:
    """One row."""

    section: str
    line: int
    rule: str
    source: str
    enforced: str
    tests: str


def rules(text: str) -> Iterator[Rule]:
    """The rows of all tables. A line of a table that has not four cells is a mistake."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("|") and line != HEADER and not line.startswith("|---"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            assert len(cells) == 4, f"{LEDGER}:{number} has {len(cells)} cells"
            yield Rule(section, number, *cells)


@cache
def read_rules(repository: Path) -> dict[str, Rule]:
    return {rule.rule: rule for rule in rules((repository / LEDGER).read_text(encoding="utf-8"))}


def witnesses_of(repository: Path, mutation: Mutation) -> list[Witness]:
    """The tests that must fail. ValueError if the ledger has no such rule, or the rule no test that `fails` chooses."""
    rule = read_rules(repository).get(mutation.rule)
    named = TEST.finditer(rule.tests if rule else "")
    chosen = [match for match in named if mutation.fails in match[0]]
    if not chosen:
        raise ValueError(f"{LEDGER} has no rule {mutation.rule!r} with a test {mutation.fails!r}")
    return [Witness(f"{match['file']}::{match['function']}", match["words"] or "") for match in chosen]
