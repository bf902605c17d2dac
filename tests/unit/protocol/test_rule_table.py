# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of docs/protocol.md names tests that exist, and each rule has a change of the source that they notice.

That they do notice is tried by `python scripts/rule_mutations.py`.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.rule_mutations import mutation_faults, read_mutations
from tests.unit.protocol.rule_table import MUTATIONS, nodes_of, read_rules


def test_every_rule_names_tests_that_exist(repository: Path) -> None:
    rules = read_rules(repository)
    assert len(rules) > 50
    for rule, cell in rules.items():
        assert nodes_of(repository, cell), rule


def test_every_rule_has_a_mutation_that_its_tests_notice(repository: Path) -> None:
    rules, mutations = read_rules(repository), read_mutations(repository / MUTATIONS)
    named = {mutation.rule for mutation in mutations}
    # What only the embedded cloud shows is evidence about all the rules together.
    on_the_cloud = ("tests/integration/", "tests/long")
    evidence = {
        rule for rule, cell in rules.items() if all(part.strip().startswith(on_the_cloud) for part in cell.split(";"))
    }
    assert named == rules.keys() - evidence
    for mutation in mutations:
        expected = set(nodes_of(repository, mutation.fails))
        assert expected <= set(nodes_of(repository, rules[mutation.rule])), mutation.rule


def test_every_mutation_still_changes_something(repository: Path) -> None:
    assert list(mutation_faults(repository, read_mutations(repository / MUTATIONS))) == []
