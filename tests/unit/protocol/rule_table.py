# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the table of docs/protocol.md and the list of mutations, in which tests are named in the same words.

A cell names tests as `test_lease: one_test, another…; tests/unit/switch: a_third`: a file of tests/unit/protocol
without its ending, or a folder; `test_` is left out of names, and a name may be cut off with an ellipsis.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.rule_mutations import Mutation, Witness

MUTATIONS = Path("tests/protocol_mutations.yml")
_ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def read_rules(repository: Path) -> dict[str, str]:
    """Rule → the cell that names its tests."""
    text = (repository / "docs/protocol.md").read_text(encoding="utf-8")
    rows = _ROW.findall(text[text.index("## Rule → test") :])
    return {rule: tests for rule, tests in rows if "**" not in rule and rule != "rule"}


def witnesses_of(repository: Path, mutation: Mutation) -> list[Witness]:
    """The tests that must fail. ValueError for a name that no test has."""
    return [Witness(node) for node in nodes_of(repository, mutation.fails)]


def nodes_of(repository: Path, cell: str) -> list[str]:
    """The node ids of the tests that a cell names, `path::function`. ValueError for a name that no test has."""
    return [node for part in cell.split(";") for node in _of_place(repository, part.strip())]


def _of_place(repository: Path, part: str) -> Iterator[str]:
    place, _colon, names = part.partition(": ")
    files = _files(repository, place)
    for name in names.split(","):
        wanted = name.strip().removesuffix("…")
        end = "" if name.strip().endswith("…") else r"\b"
        pattern = re.compile(rf"^def (test_{re.escape(wanted)}{end}\w*)\(", re.MULTILINE)
        found = [f"{file}::{match}" for file in files for match in pattern.findall((repository / file).read_text())]
        if not wanted or not found:
            raise ValueError(f"there is no test {name.strip()!r} in {place}")
        yield from found


def _files(repository: Path, place: str) -> list[str]:
    folder = repository / place if "/" in place else repository / "tests/unit/protocol"
    pattern = "test_*.py" if "/" in place else f"test_{place.removeprefix('test_')}.py"
    return sorted(str(path.relative_to(repository)) for path in folder.glob(pattern))
