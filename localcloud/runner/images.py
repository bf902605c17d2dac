# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which local command stands for a container image.

There is no Docker here: `localcloud/images.yml` maps the names of images of other registries to what the image would
run. Like an image it has an entry point and a command, which a task definition may override the way Docker lets it.
Images of this cloud's own registries are run from their layers (registry.py).
"""

from __future__ import annotations

import fnmatch
import shlex
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

TABLE = Path(__file__).resolve().parents[1] / "images.yml"
REPOSITORY_ROOT = Path(__file__).resolve().parents[2]
PYTHON = ("python", "python3")


@dataclass(frozen=True)
class Image:
    """What running an image means on this machine. `programs`: further programs in it, with what runs instead.

    `directory` is where its process begins; None where the image has no files here.
    """

    entrypoint: tuple[str, ...]
    command: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    programs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    directory: Path | None = None

    def argv(self, address: str, entrypoint: list[str] | None, command: list[str] | None) -> list[str]:
        """The command line: overrides replace what the image says; an entry point of one's own drops its command."""
        first = list(entrypoint) if entrypoint else list(self.entrypoint)
        rest = list(command) if command else ([] if entrypoint else list(self.command))
        return local_words([word.replace("{address}", address) for word in first + rest])

    def install(self, directory: Path) -> None:
        """Make the image's programs executable files of a directory, for health checks and shells to find."""
        programs = dict(self.programs)
        if self.entrypoint[0] in PYTHON:
            programs |= {name: (name,) for name in PYTHON}
        directory.mkdir(parents=True, exist_ok=True)
        for name, words in programs.items():
            file = directory / name
            file.write_text(f'#!/bin/sh\nexec {shlex.join(local_words(list(words)))} "$@"\n')
            file.chmod(0o755)


class ImageTable:
    """Image globs in order; the first that matches decides."""

    def __init__(self, paths: Iterable[str | Path] = ()):
        self.entries: list[tuple[str, Image]] = []
        for path in [*paths, TABLE]:
            self.entries += _read(Path(path))

    def find(self, name: str) -> Image | None:
        """The image of that name, or None: what ECS answers then is CannotPullContainerError."""
        names = spellings(name)
        return next((image for glob, image in self.entries if any(fnmatch.fnmatchcase(n, glob) for n in names)), None)


def spellings(name: str) -> list[str]:
    """The ways to write an image that a glob may match: as given, `repository:tag-or-digest`, with its registry."""
    repository, tag = split(name)
    short = f"{repository}:{tag}"
    registry = repository.partition("/")[0]
    has_registry = "/" in repository and ("." in registry or ":" in registry or registry == "localhost")
    full = short if has_registry else f"docker.io/{short if '/' in repository else 'library/' + short}"
    return [name, short, full]


def split(name: str) -> tuple[str, str]:
    """(repository, digest or tag); the tag is `latest` when none is given, and a digest wins over a tag."""
    rest, at, digest = name.partition("@")
    head, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:  # the colon of a registry's port
        head, tag = rest, "latest"
    return head, digest if at else tag


def in_place(word: str) -> str:
    """`{root}` stands for this repository."""
    return word.replace("{root}", str(REPOSITORY_ROOT))


def local_words(words: list[str]) -> list[str]:
    """`python` is the interpreter that runs the embedded cloud, with the packages that the workloads need."""
    return [sys.executable, *words[1:]] if words and words[0] in PYTHON else words


def _read(path: Path) -> list[tuple[str, Image]]:
    document = yaml.safe_load(path.read_text())
    entries: list[tuple[str, Image]] = []
    for row in document["images"]:
        image = _image(row, path)
        entries += [(glob, image) for glob in row["match"]]
    return entries


def _image(row: dict[str, Any], path: Path) -> Image:
    unknown = set(row) - {"match", "entrypoint", "command", "environment", "programs"}
    if unknown or not row.get("match") or not row.get("entrypoint"):
        raise ValueError(
            f"{path}: an image needs match and entrypoint, and may have command, environment and programs: {row}"
        )

    def words(given: Iterable[Any]) -> tuple[str, ...]:
        return tuple(in_place(str(word)) for word in given)

    return Image(
        words(row["entrypoint"]),
        words(row.get("command", ())),
        {k: in_place(str(v)) for k, v in row.get("environment", {}).items()},
        {name: words(given) for name, given in row.get("programs", {}).items()},
    )
