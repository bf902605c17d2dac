# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The artifact holds what runs against AWS, once, and nothing of the workshop."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

LARGEST_BYTES = 1_000_000
SHIPPED = {"plugins", "roles", "playbooks", "meta", "changelogs", "docs", "README.md", "COPYING", "requirements.yml"}
KEPT_BACK = {
    "collections",
    "localcloud",
    "workloads",
    "tests",
    "demos",
    "drills",
    "harness",
    "scripts",
    "build",
    "Makefile",
    "requirements",
}


@pytest.fixture(scope="module")
def names(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("artifact")
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    command = [galaxy, "collection", "build", "--output-path", folder, repository]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (archive,) = folder.glob("multiregion-ecs-*.tar.gz")
    assert archive.stat().st_size < LARGEST_BYTES
    with tarfile.open(archive) as content:
        return set(content.getnames())


def test_what_runs_is_shipped(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} >= SHIPPED


def test_the_workshop_stays_at_home(names: set[str]) -> None:
    first = {name.split("/")[0] for name in names}
    assert not first & KEPT_BACK
    assert not {name for name in names if name.startswith(".") or name.endswith((".pyc", ".tar.gz"))}
