# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One set of roles for all inventories: no role names a workload, and no playbook does but in its comments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml


@pytest.fixture(scope="module")
def names(repository: Path) -> list[str]:
    """The workloads of the shipped inventories, and what these are called."""
    files = [
        *repository.glob("inventories/*/group_vars/all.yml"),
        *repository.glob("inventories/*/group_vars/all/*.yml"),
    ]
    read = [yaml.safe_load(file.read_text(encoding="utf-8")) or {} for file in files]
    found = {variables["workload"] for variables in read if "workload" in variables}
    assert found >= {"sales", "goals", "mysfits"}
    return sorted(found)


def naming(text: str, names: list[str]) -> list[str]:
    return re.findall(rf"\b(?:{'|'.join(names)})\b.*", text)


def test_no_role_names_a_workload(repository: Path, names: list[str]) -> None:
    files = [path for path in (repository / "roles").rglob("*") if path.is_file()]
    found = {str(path): naming(path.read_text(encoding="utf-8"), names) for path in files}
    assert {path: lines for path, lines in found.items() if lines} == {}
    assert len(files) > 60 and naming("cluster: mysfits-like", names) == ["mysfits-like"]


def test_no_playbook_does_either(repository: Path, names: list[str]) -> None:
    for path in [repository / "site.yml", *(repository / "playbooks").rglob("*.yml")]:
        assert naming(str(yaml.safe_load(path.read_text(encoding="utf-8"))), names) == [], path
