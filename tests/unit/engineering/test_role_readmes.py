# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role's README says what its argument specification says, and the committed ones are current."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.role_readmes import IncompleteRole, readme

SPEC = """
argument_specs:
  main:
    short_description: Make the log groups
    description: [Makes them., Keeps what exists with O(state=present).]
    options:
      logs_workload: {type: str, required: true, description: Name of the workload.}
      logs_days: {type: int, description: Days to keep., choices: [1, 7]}
      logs_groups:
        type: list
        elements: dict
        description: The groups.
        options:
          name: {type: str, required: true, description: Its name | path.}
"""


@pytest.fixture
def role(tmp_path: Path) -> Path:
    role = tmp_path / "logs"
    (role / "meta").mkdir(parents=True)
    (role / "defaults").mkdir()
    (role / "meta" / "argument_specs.yml").write_text(SPEC)
    (role / "defaults" / "main.yml").write_text("logs_days: 7\nlogs_groups: []\n")
    return role


def test_every_option_has_a_row_with_its_default(role: Path) -> None:
    lines = readme(role).splitlines()
    assert "# multiregion.ecs.logs" in lines
    assert "Makes them. Keeps what exists with `state=present`." in lines
    assert "| `logs_workload` | str | **required** | Name of the workload. |" in lines
    assert "| `logs_days` | int | `7` | Days to keep. One of `1`, `7`. |" in lines
    assert "| `logs_groups` | list of dict | `[]` | The groups. |" in lines
    assert "| `logs_groups[].name` | str | **required** | Its name \\| path. |" in lines


def test_a_role_says_more_in_its_own_words(role: Path) -> None:
    (role / "README.in.md").write_text("## Outputs\n\nThe ARNs.\n")
    assert readme(role).endswith("\n## Outputs\n\nThe ARNs.\n")


def test_a_role_without_specification_is_refused(role: Path) -> None:
    (role / "meta" / "argument_specs.yml").unlink()
    with pytest.raises(IncompleteRole, match="is missing"):
        readme(role)


def test_committed_readmes_are_current(repository: Path) -> None:
    command = [sys.executable, str(repository / "scripts" / "role_readmes.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
