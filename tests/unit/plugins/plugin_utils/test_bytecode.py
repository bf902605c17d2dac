# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own files are found by Python's importer, which keeps their bytecode; nothing else is."""

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import SimpleNamespace

import pytest

from ansible_collections.multiregion.ecs.plugins.plugin_utils import bytecode
from ansible_collections.multiregion.ecs.plugins.plugin_utils.bytecode import BytecodeFinder, install

UTILS = "ansible_collections.multiregion.ecs.plugins.module_utils"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "alone.py").write_text("", encoding="utf-8")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "bare").mkdir()
    return tmp_path


def test_a_module_and_a_package_are_found_with_their_bytecode(folder: Path) -> None:
    module = BytecodeFinder().find_spec(f"{UTILS}.alone", [str(folder / "elsewhere"), str(folder)])
    assert module and isinstance(module.loader, SourceFileLoader)
    assert module.origin == str(folder / "alone.py") and module.cached
    package = BytecodeFinder().find_spec(f"{UTILS}.package", [str(folder)])
    assert package and package.submodule_search_locations == [str(folder / "package")]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ansible_collections.multiregion.ecs.plugins.action.alone", True),
        ("ansible_collections.community.aws.plugins.module_utils.alone", True),
        ("alone", True),
        (f"{UTILS}.absent", True),
        (f"{UTILS}.bare", True),
        (f"{UTILS}.alone", False),
    ],
    ids=["plugin", "other collection", "other package", "no file", "no code", "no path"],
)
def test_all_else_is_left_to_ansible(folder: Path, name: str, path: bool) -> None:
    assert BytecodeFinder().find_spec(name, [str(folder)] if path else None) is None


def test_it_is_put_before_that_of_ansible_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first, ansible, last = object(), object(), object()
    monkeypatch.setattr(sys, "meta_path", [first, ansible, last])
    monkeypatch.setattr(bytecode, "AnsibleCollectionConfig", SimpleNamespace(collection_finder=ansible))
    install()
    install()
    assert [type(each) for each in sys.meta_path] == [object, BytecodeFinder, object, object]
    assert sys.meta_path[2] is ansible


def test_where_ansible_finds_nothing_it_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [object()])
    monkeypatch.setattr(bytecode, "AnsibleCollectionConfig", SimpleNamespace(collection_finder=None))
    install()
    assert len(sys.meta_path) == 1
