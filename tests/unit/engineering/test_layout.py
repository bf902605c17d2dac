# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests are where their source says they are, and share what is in tests/support/ and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCES = ("plugins/module_utils", ".")
"""Where a folder of tests/unit/ has its source, under the same path."""

OF_THE_REPOSITORY = {"engineering"}
"""The folder of tests/unit/ whose subject is no folder."""


def imported(path: Path, repository: Path) -> Iterator[str]:
    """Every module that a file imports, and every name that it imports from one, as a dotted name."""
    package = path.relative_to(repository).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, *filter(None, [node.module])))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_of_one_test(module: str) -> bool:
    parts = module.split(".")
    return parts[0] == "tests" and any(part.startswith("test_") or part == "conftest" for part in parts[1:])


def test_no_test_imports_from_another_or_from_a_conftest(repository: Path) -> None:
    found = [
        f"{path.relative_to(repository)} imports {module}"
        for path in sorted((repository / "tests").rglob("*.py"))
        for module in imported(path, repository)
        if is_of_one_test(module)
    ]
    assert not found, "What tests share belongs to tests/support/:\n" + "\n".join(found)


def test_each_folder_of_unit_tests_mirrors_a_folder_of_the_source(repository: Path) -> None:
    unit = repository / "tests" / "unit"
    folders = {path.parent.relative_to(unit) for path in unit.rglob("test_*.py")}
    lost = [
        f"tests/unit/{folder}"
        for folder in sorted(folders)
        if folder.parts[0] not in OF_THE_REPOSITORY
        and not any((repository / source / folder).is_dir() for source in SOURCES)
    ]
    assert not lost, "No folder of the source has this name:\n" + "\n".join(lost)
