# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where an image's source is in Git, and the tag that follows from it.

The tag is the commit that is checked out. Files of the context that differ from it make it a dirty one: nobody could
find its source again, so that is refused unless it is asked for. The time and the revision in the image are those of
the last commit that touched its source, so that an image does not change with every commit beside it.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from ..kernel.errors import CollectionError
from .context import CONTENT_TAG, Context
from .ignore import read_ignore

_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")

_MOST_PATHS = 500
"""More files than these are not named to Git one by one."""

SHORT = 12
"""Characters of a commit in a tag."""

_SHOWN = 5


class Revision(NamedTuple):
    """The source of an image. `changed`: files of the context that differ from the commit."""

    commit: str
    touched: str
    time: int
    changed: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What the image says of its source."""
        return f"{self.touched}-dirty" if self.changed else self.touched


def read_revision(context: Context) -> Revision | None:
    """The revision of a context; None where there is no Git repository, or it has no commit."""
    told = _git(context.root, "rev-parse", "--show-prefix", "HEAD")
    if told is None:
        return None
    prefix, commit = told.split("\n")[:2]
    ignore = read_ignore(context.root, context.root / context.dockerfile)
    status = _git(context.root, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", ".") or ""
    differing = [entry[3:].removeprefix(prefix) for entry in status.split("\0") if entry]
    changed = tuple(sorted(path for path in differing if path == context.dockerfile or not ignore.leaves_out(path)))
    paths = [file.path for file in context.files]
    named = [context.dockerfile, *paths] if len(paths) <= _MOST_PATHS else ["."]
    touched, _space, time = (
        (_git(context.root, "log", "-1", "--format=%H %ct", "--", *named) or "").strip().partition(" ")
    )
    return Revision(commit, touched or commit, int(time or 0), changed)


def _git(directory: Path, *words: str) -> str | None:
    # Read only: a run beside somebody who commits must not hold the lock of the index.
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-C", str(directory), *words], capture_output=True, text=True, check=False, env=environment
        )
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def tag_problems(variable: str, tag: str | None) -> list[str]:
    """Why a tag that was given cannot be one."""
    if tag is None:
        return []
    if not _TAG.fullmatch(tag):
        return [f"{variable} is {tag!r}; a tag has up to 128 letters, digits, and _ . - which do not come first."]
    if tag == "latest" or tag.startswith(CONTENT_TAG):
        return [f"{variable} is {tag!r}; give one that says which source it is, such as a version or a commit."]
    return []


def tag_of(context: Context, revision: Revision | None, given: str | None, allow_dirty: bool) -> str:
    """The tag of an image.

    Raises:
        CollectionError: the source is not what is committed, and that is not allowed.
    """
    if given:
        return given
    if not allow_dirty and (revision is None or revision.changed):
        raise CollectionError(_refusal(context, revision))
    content = context.digest.removeprefix("sha256:")[:8]
    if revision is None:
        return f"unversioned-{content}"
    return revision.commit[:SHORT] + (f"-dirty-{content}" if revision.changed else "")


def _refusal(context: Context, revision: Revision | None) -> str:
    if revision is None:
        found = (
            f"{context.root} is in no Git repository that has a commit, so there is no revision to tag the image with"
        )
    else:
        found = (
            f"The source of {context.dockerfile} differs from commit {revision.commit[:SHORT]} in "
            f"{_some(revision.changed)}, so no tag would say what the image was made of"
        )
    return f"{found}. Commit it, give the tag (image_tag), or allow it (image_allow_dirty=true)."


def _some(paths: Iterable[str]) -> str:
    listed = list(paths)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more
