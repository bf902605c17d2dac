# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of a context go to the builder."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.images.ignore import Ignore, files_below, read_ignore


@pytest.mark.parametrize(
    ("patterns", "path", "left_out"),
    [
        (["build"], "build/a/b.txt", True),
        (["build"], "src/build/a", False),
        (["**/build"], "src/build/a", True),
        (["/build/"], "build/a", True),
        (["*.pyc"], "a.pyc", True),
        (["*.pyc"], "deep/a.pyc", False),
        (["**/*.pyc"], "deep/er/a.pyc", True),
        (["a?c", "[x-z]*"], "abc/d", True),
        (["a?c", "[x-z]*"], "yes", True),
        (["**", "!src"], "src/a.py", False),
        (["**", "!src"], "other/a.py", True),
        (["**", "!src", "**/*.pyc"], "src/a.pyc", True),
        (["a.b"], "aXb", False),
        (["# a", "", "b"], "# a", False),
        ([], ".git/HEAD", True),
        (["!.git"], ".git/HEAD", False),
    ],
)
def test_the_last_pattern_that_matches_decides(patterns: list[str], path: str, left_out: bool) -> None:
    assert Ignore(patterns).leaves_out(path) is left_out


def test_only_directories_are_read_in_which_something_may_be_kept(tmp_path: Path) -> None:
    for name in ("keep/in/a.py", "drop/b.py", "drop/deep/c.py", "d.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "drop").chmod(0o700)
    ignore = Ignore(["**", "!keep/in"])
    assert sorted(files_below(tmp_path, ignore)) == ["keep/in/a.py"]
    assert ignore.may_keep_below("keep") and not ignore.may_keep_below("drop")
    assert Ignore(["**", "!**/*.py"]).may_keep_below("drop")


def test_the_file_beside_the_dockerfile_replaces_the_one_of_the_context(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_text("a\n")
    dockerfile = tmp_path / "Dockerfile"
    assert read_ignore(tmp_path, dockerfile).leaves_out("a")
    (tmp_path / "Dockerfile.dockerignore").write_text("b\n")
    assert not read_ignore(tmp_path, dockerfile).leaves_out("a")
