# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The card's command works in a bare clone, as AWX makes one: no set-up step, no environment, no ~/.ansible."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def clone(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of what is committed, which is what a stranger gets."""
    target = tmp_path_factory.mktemp("clone") / "project"
    subprocess.run(["git", "clone", "--quiet", repository, target], check=True)
    return target


def run(clone: Path, program: str, *arguments: str) -> str:
    """Standard output of one of Ansible's programs, run in the clone with a home that knows nothing."""
    environment = {"HOME": str(clone.parent), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [BIN / program, *arguments],
        cwd=clone,
        env=environment,
        # A browser that another test started may have left the inherited one without blocking, which Ansible refuses.
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_of_the_card_finds_everything_it_names(clone: Path) -> None:
    tasks = run(clone, "ansible-playbook", "site.yml", "-i", "inventories/multiregion", "--list-tasks")
    assert "Build every region" in tasks


def test_the_collection_is_the_clone_itself(clone: Path) -> None:
    shown = run(clone, "ansible-doc", "--json", "multiregion.ecs.global_table")
    assert str(clone) in shown
