# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Dockerfile as data: its instructions, with arguments and variables put in.

It is read far enough to pack what `COPY` lines copy and to write down what an image of it is run with. Nothing is run.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..kernel.errors import CollectionError

_VARIABLE = re.compile(r"\\(?P<escaped>\$)|\$(?:(?P<plain>\w+)|\{(?P<name>\w+)(?::(?P<sign>[-+])(?P<word>[^}]*))?\})")

_IGNORED = frozenset({"RUN", "VOLUME", "SHELL", "ONBUILD", "MAINTAINER"})
"""Instructions that change nothing in what is packed or written down here."""


@dataclass(frozen=True)
class Copy:
    """A `COPY` line: paths of the context, and where they go. `mode`: of `--chmod`, in octal."""

    sources: tuple[str, ...]
    destination: str
    mode: int | None = None
    line: int = 0


@dataclass
class Recipe:
    """What the last stage of a Dockerfile says. `config` is the part of the same name in an image's configuration."""

    base: str
    copies: list[Copy] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)


def parse(text: str, arguments: dict[str, str] | None = None) -> Recipe:
    """Read a Dockerfile; `arguments` are build arguments.

    Raises:
        CollectionError: a line cannot be understood, or needs more than copying; its number is told.
    """
    reader = _Reader(arguments or {})
    for number, line in _lines(text):
        word, _space, rest = line.partition(" ")
        reader.take(number, word.upper(), rest.strip())
    if reader.recipe is None:
        raise CollectionError("The Dockerfile has no FROM line; it must begin with one.")
    return reader.recipe


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The instructions, each as one line, with the number of its first; comments are left out."""
    parts: list[str] = []
    first = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        first = first if parts else number
        parts.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            yield first, " ".join(parts)
            parts = []
    if parts:
        yield first, " ".join(parts)


class _Reader:
    def __init__(self, arguments: dict[str, str]) -> None:
        self._given = arguments
        self._global: dict[str, str] = {}
        self._variables: dict[str, str] = {}
        self._directory = "/"
        self.recipe: Recipe | None = None

    def take(self, number: int, word: str, rest: str) -> None:
        if word == "ARG":
            self._argument(rest)
        elif word == "FROM":
            self._stage(number, rest)
        elif self.recipe is None:
            raise CollectionError(f"Dockerfile, line {number}: {word} stands before FROM.")
        elif word in ("COPY", "ADD"):
            self.recipe.copies.append(self._copy(number, word, rest))
        elif word not in _IGNORED:
            verb = getattr(self, f"_take_{word.lower()}", None)
            if verb is None:
                raise CollectionError(f"Dockerfile, line {number}: {word} is not an instruction.")
            verb(rest, self.recipe.config)

    def _argument(self, rest: str) -> None:
        for name, value in _pairs(rest, needs_value=False):
            default = None if value is None else self._filled(value)
            if self.recipe is None:
                self._global[name] = self._given.get(name, default or "")
                continue
            found = self._given.get(name, self._global.get(name) if default is None else default)
            if found is not None:
                self._variables.setdefault(name, found)

    def _stage(self, number: int, rest: str) -> None:
        words = [word for word in rest.split() if not word.startswith("--")]
        if not words:
            raise CollectionError(f"Dockerfile, line {number}: FROM names no image.")
        self._variables = dict(self._global)
        base = self._filled(words[0])
        self._variables, self._directory = {}, "/"
        self.recipe = Recipe(base)

    def _copy(self, number: int, word: str, rest: str) -> Copy:
        flags, words = _flags_and_words(rest)
        if "from" in flags:
            raise CollectionError(f"Dockerfile, line {number}: {word} --from copies out of another stage.")
        words = [self._filled(each) for each in words]
        if len(words) < 2:
            raise CollectionError(f"Dockerfile, line {number}: {word} needs what to copy, and where to.")
        if word == "ADD" and any("://" in each or each.endswith((".tar", ".tar.gz", ".tgz")) for each in words[:-1]):
            raise CollectionError(f"Dockerfile, line {number}: ADD fetches or unpacks; use COPY.")
        mode = int(flags["chmod"], 8) if re.fullmatch("0?[0-7]{3}", flags.get("chmod", "")) else None
        return Copy(tuple(words[:-1]), self._absolute(words[-1]), mode, number)

    def _absolute(self, path: str) -> str:
        if path.startswith("/"):
            return path
        tail = path.removeprefix("./") if path != "." else ""
        return f"{self._directory.rstrip('/')}/{tail}"

    def _filled(self, text: str) -> str:
        def fill(match: re.Match[str]) -> str:
            if match["escaped"]:
                return "$"
            value = self._variables.get(match["plain"] or match["name"], "")
            if match["sign"] == "-":
                return value or match["word"]
            return (match["word"] if value else "") if match["sign"] == "+" else value

        return _VARIABLE.sub(fill, text)

    # Instructions that say what an image is run with.

    def _take_env(self, rest: str, config: dict[str, Any]) -> None:
        told = dict(entry.split("=", 1) for entry in config.get("Env", []))
        for name, value in self._filled_pairs(rest):
            told[name] = self._variables[name] = value
        config["Env"] = [f"{name}={value}" for name, value in told.items()]

    def _filled_pairs(self, rest: str) -> list[tuple[str, str]]:
        """A value that a variable stands for is one word, whatever it has in it. No pair sees those beside it."""
        return [(self._filled(name), self._filled(value or "")) for name, value in _pairs(rest)]

    def _take_label(self, rest: str, config: dict[str, Any]) -> None:
        config.setdefault("Labels", {}).update(self._filled_pairs(rest))

    def _take_workdir(self, rest: str, config: dict[str, Any]) -> None:
        self._directory = self._absolute(self._filled(rest)).rstrip("/") or "/"
        config["WorkingDir"] = self._directory

    def _take_user(self, rest: str, config: dict[str, Any]) -> None:
        config["User"] = self._filled(rest)

    def _take_stopsignal(self, rest: str, config: dict[str, Any]) -> None:
        config["StopSignal"] = self._filled(rest)

    def _take_expose(self, rest: str, config: dict[str, Any]) -> None:
        for port in self._filled(rest).split():
            config.setdefault("ExposedPorts", {})[port if "/" in port else f"{port}/tcp"] = {}

    def _take_entrypoint(self, rest: str, config: dict[str, Any]) -> None:
        config["Entrypoint"] = _command(rest)

    def _take_cmd(self, rest: str, config: dict[str, Any]) -> None:
        config["Cmd"] = _command(rest)

    def _take_healthcheck(self, rest: str, config: dict[str, Any]) -> None:
        """ECS runs the health checks of task definitions only, never an image's."""


def _command(text: str) -> list[str]:
    return _json_words(text) or ["/bin/sh", "-c", text]


def _json_words(text: str) -> list[str] | None:
    try:
        words = json.loads(text)
    except ValueError:
        return None
    return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None


def _flags_and_words(text: str) -> tuple[dict[str, str], list[str]]:
    flags: dict[str, str] = {}
    while text.startswith("--"):
        flag, _space, text = text.partition(" ")
        name, _equals, value = flag.removeprefix("--").partition("=")
        flags[name], text = value, text.strip()
    return flags, _json_words(text) or text.split()


def _pairs(text: str, *, needs_value: bool = True) -> Iterator[tuple[str, str | None]]:
    """`a=1 b="2 3"`, or in the old way `a 1 2`."""
    if needs_value and "=" not in text.split(" ", 1)[0]:
        name, _space, value = text.partition(" ")
        yield name, value.strip()
        return
    # An escaped dollar stays escaped until variables are filled in.
    for word in shlex.split(text.replace("\\$", "\\\\$")):
        name, equals, value = word.partition("=")
        yield name, value if equals else None
