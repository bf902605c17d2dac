# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tag of an image, from the Git repository of its source."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.images.context import Context, read_context
from ansible_collections.multiregion.ecs.plugins.module_utils.images.revision import (
    read_revision,
    tag_of,
    tag_problems,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.errors import CollectionError

IDENTITY = {f"GIT_{who}_{what}": "someone@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(directory: Path, *words: str) -> str:
    environment = {**os.environ, **IDENTITY, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_COMMITTER_DATE": "1700000000 +0000"}
    done = subprocess.run(["git", *words], cwd=directory, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A context in a directory of a repository, committed; a later commit touches something else."""
    context = tmp_path / "below"
    context.mkdir()
    (context / "Dockerfile").write_text("FROM a\nCOPY a.py /\n")
    (context / "Dockerfile.dockerignore").write_text("**\n!a.py\n")
    (context / "a.py").write_text("a")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "the image")
    (tmp_path / "README").write_text("read me")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "something else")
    return context


def context_of(source: Path) -> Context:
    return read_context(str(source), "Dockerfile", platform="linux/amd64", builder="engine")


def test_the_tag_is_the_commit_and_the_label_the_last_that_touched_the_source(source: Path) -> None:
    context = context_of(source)
    revision = read_revision(context)
    assert revision is not None and revision.changed == ()
    assert revision.label == git(source, "rev-parse", "HEAD^") and revision.time == 1_700_000_000
    assert tag_of(context, revision, None, False) == git(source, "rev-parse", "HEAD")[:12]
    assert tag_of(context, revision, "1.0", False) == "1.0"


def test_source_that_is_not_committed_is_refused_unless_it_is_allowed(source: Path) -> None:
    (source / "notes").write_text("left out of the context, so it does not count")
    assert read_revision(context_of(source)).changed == ()
    (source / "a.py").write_text("changed")
    context = context_of(source)
    revision = read_revision(context)
    assert revision.changed == ("a.py",) and revision.label.endswith("-dirty")
    with pytest.raises(CollectionError, match=r"differs from commit [0-9a-f]{12} in a\.py"):
        tag_of(context, revision, None, False)
    tag = tag_of(context, revision, None, True)
    assert tag == f"{git(source, 'rev-parse', 'HEAD')[:12]}-dirty-{context.digest[7:15]}"
    (source / "a.py").unlink()
    assert read_revision(context_of(source)).changed == ("a.py",)


def test_source_in_no_repository_is_refused_unless_it_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\n")
    context = context_of(tmp_path)
    assert read_revision(context) is None
    with pytest.raises(CollectionError, match="in no Git repository"):
        tag_of(context, None, None, False)
    assert tag_of(context, None, None, True) == f"unversioned-{context.digest[7:15]}"


@pytest.mark.parametrize("tag", ["latest", "-a", "a/b", "", "x" * 129, "content-1"])
def test_a_tag_says_which_source_it_is(tag: str) -> None:
    assert len(tag_problems("tag", tag)) == 1


def test_other_tags_are_fine() -> None:
    assert tag_problems("tag", None) == tag_problems("tag", "v1.0_b-3") == []
