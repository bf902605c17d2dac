# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever has told pip where packages come from need not tell uv, and without uv nothing is missing."""

from __future__ import annotations

import subprocess
from types import SimpleNamespace
from typing import Any

import pytest

from scripts import install_packages

LISTING = """\
:env:.find-links='/opt/wheels'
global.extra-index-url='https://one.example/simple https://two.example/simple'
global.find-links='/elsewhere'
global.index-url='https://mirror.example/simple'
global.timeout='60'
install.constraint='/etc/one.txt\\n/etc/two.txt'
freeze.timeout='10'
"""


def test_what_pip_was_told_of_packages_uv_is_told() -> None:
    settings = install_packages.pip_settings(LISTING)
    told = install_packages.uv_options(settings)
    pairs = list(zip(told[::2], told[1::2], strict=True))
    assert pairs == [
        ("--index-strategy", "unsafe-best-match"),
        ("--find-links", "/opt/wheels"),
        ("--constraint", "/etc/one.txt"),
        ("--constraint", "/etc/two.txt"),
    ]
    environment = install_packages.uv_environment(settings)
    assert environment["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert environment["UV_INDEX"] == "https://one.example/simple https://two.example/simple"
    assert environment["UV_HTTP_TIMEOUT"] == "60"


def test_what_uv_was_told_itself_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "5")
    assert install_packages.uv_environment({"timeout": "60"})["UV_HTTP_TIMEOUT"] == "5"


def test_without_an_index_uv_has_none_either() -> None:
    assert "--no-index" in install_packages.uv_options({"no-index": "true"})
    assert "--no-index" not in install_packages.uv_options({"no-index": "false"})


@pytest.mark.parametrize("fails", ["uv>=", "-m uv "])
def test_where_uv_cannot_be_had_or_fails_pip_installs(fails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = []

    def run(command: list[str], **_options: Any) -> SimpleNamespace:
        commands.append(" ".join(command))
        return SimpleNamespace(returncode=int(fails in commands[-1]), stdout="")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr("sys.argv", ["install_packages.py", "requirements/test.txt"])
    assert install_packages.main() == 0
    assert fails in commands[-2]
    assert "-m pip " in commands[-1] and commands[-1].endswith("--requirement requirements/test.txt")
