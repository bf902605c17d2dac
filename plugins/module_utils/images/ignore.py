# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of a directory go to the builder: the rules of `.dockerignore`.

As with Docker, the last pattern that matches a path or one of its parents decides, and `!` takes back what patterns
before it leave out. `<Dockerfile>.dockerignore` beside the Dockerfile replaces the one at the root of the context.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

IGNORE_FILE = ".dockerignore"

NEVER = (".git",)
"""Left out unless a pattern takes it back: what Git writes there is no source, and changes with every commit."""


class Ignore:
    """The patterns of one file, in order."""

    def __init__(self, lines: list[str]) -> None:
        self._patterns: list[tuple[str, re.Pattern[str], bool]] = []
        for line in [*NEVER, *lines]:
            text = line.strip()
            keeps = text.startswith("!")
            text = text.removeprefix("!").strip().strip("/")
            if text and not line.startswith("#"):
                pattern = str(PurePosixPath(text))
                self._patterns.append((pattern, re.compile(_regex(pattern)), keeps))

    def leaves_out(self, path: str) -> bool:
        """Whether a file, by its path from the root of the context, does not go to the builder."""
        own = PurePosixPath(path)
        names = [path, *(str(parent) for parent in own.parents if parent != PurePosixPath("."))]
        left_out = False
        for _text, pattern, keeps in self._patterns:
            if any(pattern.fullmatch(name) for name in names):
                left_out = not keeps
        return left_out

    def may_keep_below(self, directory: str) -> bool:
        """Whether a file below a directory that is left out may be taken back, so that one has to look into it."""
        for text, _pattern, keeps in self._patterns:
            if keeps:
                fixed = re.split(r"[*?\[]", text, maxsplit=1)[0] if re.search(r"[*?\[]", text) else f"{text}/"
                if f"{directory}/".startswith(fixed) or fixed.startswith(f"{directory}/"):
                    return True
        return False


def read_ignore(root: Path, dockerfile: Path) -> Ignore:
    """The rules for a context and a Dockerfile; nothing is left out where neither has any."""
    for file in (dockerfile.with_name(f"{dockerfile.name}{IGNORE_FILE}"), root / IGNORE_FILE):
        if file.is_file():
            return Ignore(file.read_text(encoding="utf-8").splitlines())
    return Ignore([])


def files_below(root: Path, ignore: Ignore) -> Iterator[str]:
    """The paths of all files and links that go to the builder, in no order of their own."""
    waiting = [""]
    while waiting:
        directory = waiting.pop()
        for entry in (root / directory).iterdir():
            path = f"{directory}/{entry.name}".lstrip("/")
            left_out = ignore.leaves_out(path)
            if entry.is_dir() and not entry.is_symlink():
                if not left_out or ignore.may_keep_below(path):
                    waiting.append(path)
            elif not left_out:
                yield path


def _regex(pattern: str) -> str:
    """A pattern as a regular expression: `*` and `?` within a name, `**` for any number of directories."""
    made, index = "", 0
    while index < len(pattern):
        rest = pattern[index:]
        if rest.startswith("**/"):
            made, index = f"{made}(?:.*/)?", index + 3
        elif rest.startswith("**"):
            made, index = f"{made}.*", index + 2
        elif rest[0] in "*?":
            made, index = made + ("[^/]*" if rest[0] == "*" else "[^/]"), index + 1
        elif rest[0] == "[" and "]" in rest[2:]:
            end = rest.index("]", 2)
            body = rest[1:end].replace("\\", "\\\\")
            made, index = f"{made}[{body}]", index + end + 1
        else:
            made, index = made + re.escape(rest[0]), index + 1
    return made
