# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The build context of an image: its files, and the digest that tells its content from any other.

The digest covers what can make a difference in the image: the Dockerfile, the files that go to the builder with their
names and whether they can be executed, the build arguments, the platform and who builds. It knows no time, no owner and
no place, so the same source has the same digest on every machine.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ..kernel.errors import CollectionError
from .ignore import files_below, read_ignore

PLATFORMS = ("linux/amd64", "linux/arm64")
"""What Fargate runs."""

CONTENT_TAG = "content-"
"""How the tag begins under which an image's content is found again."""


class File(NamedTuple):
    """A file of the context, or a link to `target`. `digest` is of its bytes."""

    path: str
    executable: bool
    digest: str
    target: str | None = None


@dataclass(frozen=True)
class Context:
    """The source of one image. `root` is the context's directory, `dockerfile` the path from there."""

    root: Path
    dockerfile: str
    files: tuple[File, ...]
    digest: str

    @property
    def tag(self) -> str:
        """The tag under which an image of this content is found in a repository."""
        return CONTENT_TAG + self.digest.removeprefix("sha256:")[:32]

    def text_of_dockerfile(self) -> str:
        return (self.root / self.dockerfile).read_text(encoding="utf-8")


def read_context(
    root: str, dockerfile: str, *, platform: str, builder: str, arguments: dict[str, str] | None = None
) -> Context:
    """Read a context as far as the builder would.

    Raises:
        CollectionError: the directory or the Dockerfile is not there.
    """
    directory = Path(root).expanduser().resolve()
    if not directory.is_dir():
        raise CollectionError(f"context is {root}; there is no such directory ({directory}).")
    recipe = directory / dockerfile
    if not recipe.is_file():
        raise CollectionError(f"dockerfile is {dockerfile}; there is no such file in the context {directory}.")
    paths = sorted(files_below(directory, read_ignore(directory, recipe)))
    files = tuple(_file(directory, path) for path in paths)
    told = {
        "dockerfile": _digest(recipe.read_bytes()),
        "files": [list(file) for file in files],
        "platform": platform,
        "builder": builder,
        "arguments": arguments or {},
    }
    return Context(directory, dockerfile, files, _digest(json.dumps(told, sort_keys=True).encode()))


def _file(root: Path, path: str) -> File:
    place = root / path
    if place.is_symlink():
        target = os.readlink(place)
        return File(path, False, _digest(target.encode()), target)
    return File(path, bool(place.stat().st_mode & 0o100), _digest(place.read_bytes()))


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()
