# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of the source that remove one rule each, and the tests that must then fail: what the lists of them share.

A ledger of rules names tests in its own words; tests/unit/protocol/rule_table.py reads those of docs/protocol.md and
tests/unit/engineering/aws_ledger.py those of docs/aws-rules.md. `python scripts/rule_mutations.py` tries them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Witness:
    """A test that must fail: its node id, `path::function`, and maybe words of the cases of it that must."""

    node: str
    words: str = ""


@dataclass(frozen=True)
class Mutation:
    """A change of one file that removes a rule. `fails` chooses among the tests of the rule, in the ledger's words."""

    rule: str
    file: str
    old: str
    new: str
    fails: str = ""

    def of(self, source: str) -> str:
        """The source of the file without the rule. ValueError if that is no longer what is changed."""
        if source.count(self.old) != 1:
            raise ValueError(f"{self.file} does not hold, exactly once, {self.old!r}")
        return source.replace(self.old, self.new)


def read_mutations(file: Path) -> list[Mutation]:
    return [Mutation(**each) for each in yaml.safe_load(file.read_text(encoding="utf-8"))]


def mutation_faults(repository: Path, mutations: list[Mutation]) -> Iterator[str]:
    """Why changes are none: the source has gone on, nothing changes, or what is left is no Python."""
    for mutation in mutations:
        try:
            source = (repository / mutation.file).read_text(encoding="utf-8")
            if mutation.of(source) == source:
                yield f"{mutation.rule}: nothing changes in {mutation.file}"
            ast.parse(mutation.of(source))
        except (OSError, ValueError, SyntaxError) as error:
            yield f"{mutation.rule}: {error}"
