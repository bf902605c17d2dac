# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No file imports in a circle, no lower folder knows a higher one, and no file is too long to read."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
COLLECTION = "ansible_collections.multiregion.ecs."
UTILS = "plugins.module_utils."

LONGEST_LINES = 450

FLOORS = (
    {"aws", "protocol"},
    {"kernel"},
    {"services", "lease", "images"},
    {"deployments"},
    {"taskdef"},
    {"resources"},
    {"status"},
    {"readiness", "toggle"},
    {"switch"},
    {"releases", "retirement"},
    {"reports"},
    {"modules"},
)
"""The folders of plugins/module_utils, the lowest first. A file imports from its own folder and from lower floors."""

MAY_IMPORT = {
    "plugins": {"plugins"},
    "localcloud": {"localcloud"},
    "workloads": {"workloads", "plugins.module_utils.protocol"},
    "harness": {"harness", "localcloud", "plugins.module_utils.protocol"},
    "drills": {"drills", "harness", "localcloud", "plugins.module_utils.protocol"},
    "demos": {"demos", "harness", "localcloud", "plugins.module_utils.protocol"},
    "scripts": {
        "scripts",
        "localcloud",
        "tests.support.prepared_playbooks",
        "tests.support.rule_mutations",
        "tests.unit.engineering.aws_ledger",
        "tests.unit.protocol.rule_table",
    },
}
"""What files of each folder at the top may import from this repository."""


@cache
def files() -> dict[str, Path]:
    """Dotted name → path, of every Python file that git knows."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    paths = [REPOSITORY / line for line in listed.stdout.splitlines()]
    return {_name(path): path for path in paths if path.is_file() and not path.is_symlink()}


def _name(path: Path) -> str:
    name = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
    return name.removesuffix(".__init__")


def _known(name: str) -> str | None:
    """The file behind an imported name: as Ansible, the tests, or an image would find it."""
    name = name.removeprefix(COLLECTION)
    return next((f"{root}{name}" for root in ("", UTILS, "workloads.") if f"{root}{name}" in files()), None)


def _targets(statement: ast.stmt, importer: str) -> Iterator[str]:
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        base = statement.module or ""
        if statement.level:
            package = importer.split(".")
            if files()[importer].name != "__init__.py":
                package = package[:-1]
            base = ".".join([*package[: len(package) - statement.level + 1], *filter(None, [statement.module])])
        for alias in statement.names:
            yield f"{base}.{alias.name}" if _known(f"{base}.{alias.name}") else base


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Every import below a node, but for those that only annotations need."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from _statements(ast.Module(node.orelse, []))
        elif isinstance(node, ast.stmt | ast.excepthandler | ast.match_case):
            yield from _statements(node)


@cache
def imports(of: str) -> frozenset[str]:
    """The files of this repository that a file imports, wherever in it, and not only for its annotations."""
    tree = ast.parse(files()[of].read_text(encoding="utf-8"))
    statements = list(_statements(tree))
    found = {_known(target) for statement in statements for target in _targets(statement, of)}
    return frozenset(name for name in found if name and name != of)


def test_the_imports_of_this_very_file_are_seen_in_each_form() -> None:
    assert "plugins.module_utils.kernel.cloud" in imports("plugins.module_utils.kernel")
    assert "plugins.module_utils.aws.names" in imports("plugins.module_utils.resources.queue")
    assert "plugins.module_utils.protocol.limits" in imports("workloads.sales_common.settings")
    assert "localcloud" in imports("harness.scene") | imports("demos.sales.story")


def test_no_file_imports_itself_through_others() -> None:
    try:
        tuple(TopologicalSorter({name: imports(name) for name in files()}).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' → '.join(reversed(error.args[1]))}")


def test_every_folder_of_module_utils_has_its_floor() -> None:
    folders = {name.split(".")[2] for name in files() if name.startswith(UTILS)}
    assert folders == set().union(*FLOORS), "a loose file, or a folder that FLOORS does not name"


def test_no_lower_folder_knows_a_higher_one() -> None:
    floor = {folder: number for number, folders in enumerate(FLOORS) for folder in folders}
    upward = []
    for name in files():
        if name.startswith(UTILS):
            own = name.split(".")[2]
            for other in imports(name):
                theirs = other.split(".")[2] if other.startswith(UTILS) else None
                if theirs is None or theirs != own and floor[theirs] >= floor[own]:
                    upward.append(f"{name} imports {other}")
    assert upward == []


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_at_the_top_imports_only_what_it_stands_on(folder: str) -> None:
    allowed = MAY_IMPORT[folder]
    names = [name for name in files() if name == folder or name.startswith(f"{folder}.")]
    strangers = [
        f"{name} imports {other}"
        for name in names
        for other in imports(name)
        if not any(other == each or other.startswith(f"{each}.") for each in allowed)
    ]
    assert names and strangers == []


def test_no_file_is_too_long_to_read_in_one_sitting() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in files().items()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_LINES} == {}
