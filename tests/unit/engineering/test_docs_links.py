# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents name exists: links and their anchors, `make` targets, playbooks, files and directories."""

from __future__ import annotations

import fnmatch
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from posixpath import normpath

import pytest

FENCE = re.compile(r"^ *```.*?^ *```", re.M | re.S)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.M)
MAKE = re.compile(r"(?:^ *(?:\$ )?|&& |\$\()make +(?:-\w+ +)*([a-z][a-z-]*)", re.M)
PLAYBOOK = re.compile(r"(?<![\w/])playbooks/[\w.-]+\.yml")
PLACEHOLDER = re.compile(r"<[^<>]*>|…")
"""A name may have parts that stand for others: `<module>`, `*`, `…`."""

COPY = re.compile(r"^ *(?:\$ )?cp -r \S+ (\S+)$", re.M)
"""A command by which the reader makes a directory, which is there for the rest of the document."""

SOURCE_FILE = re.compile(r"[\w.<>*…/-]+\.(?:py|yml|md|toml|txt)")


@dataclass(frozen=True)
class Repository:
    """The tracked files, and what the checks need of them.

    texts: document → its text.
    """

    files: frozenset[str]
    targets: frozenset[str]
    texts: dict[str, str]
    paths: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        parents = {str(parent) for name in self.files for parent in PurePosixPath(name).parents} - {"."}
        object.__setattr__(self, "paths", self.files | parents)

    def has(self, name: str) -> bool:
        """Whether a tracked file or directory has this path, or ends in it."""
        pattern = PLACEHOLDER.sub("*", name).rstrip("/")
        if "*" not in pattern:
            return pattern in self.paths or any(path.endswith(f"/{pattern}") for path in self.paths)
        return any(fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(path, f"*/{pattern}") for path in self.paths)

    @property
    def repository_path(self) -> re.Pattern[str]:
        """A path that begins with a directory of the repository's root."""
        roots = "|".join(sorted({re.escape(name.split("/")[0]) for name in self.files if "/" in name}))
        return re.compile(rf"(?<![\w./<>*-])(?:{roots})/[\w.<>*…/-]*")


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings."""
    headings = (heading.replace("`", "").lower() for heading in HEADING.findall(FENCE.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def broken(document: str, repository: Repository) -> Iterator[str]:
    """What a document names that does not exist."""
    text = repository.texts[document]
    prose = FENCE.sub("", text)
    for link in LINK.findall(CODE.sub("", prose)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = normpath(f"{PurePosixPath(document).parent}/{path}") if path else document
        if target not in repository.paths:
            yield f"link to {link}"
        elif anchor and anchor not in anchors(repository.texts.get(target, "")):
            yield f"anchor of {link}"
    spans = CODE.findall(prose)
    for code in [*spans, *FENCE.findall(text)]:
        yield from (f"make {target}" for target in MAKE.findall(code) if target not in repository.targets)
    yield from (name for name in PLAYBOOK.findall(text) if name not in repository.files)
    named = [name.rstrip(".") for name in repository.repository_path.findall(text)]
    named += [span for span in spans if SOURCE_FILE.fullmatch(span) and not span.startswith("/")]
    made = tuple(f"{directory}/" for directory in COPY.findall(text))
    there = (name for name in dict.fromkeys(named) if not f"{name}/".startswith(made))
    yield from (f"path {name}" for name in there if not repository.has(name))


@pytest.fixture(scope="module")
def tracked(repository: Path) -> Repository:
    listed = subprocess.run(["git", "ls-files"], cwd=repository, capture_output=True, text=True, check=True).stdout
    files = frozenset(name for name in listed.split("\n") if name and (repository / name).exists())
    targets = re.findall(r"^([a-z-]+):", (repository / "Makefile").read_text(encoding="utf-8"), re.M)
    texts = {name: (repository / name).read_text(encoding="utf-8") for name in files if name.endswith(".md")}
    return Repository(files, frozenset(targets), texts)


def test_documents_name_what_exists(tracked: Repository) -> None:
    assert len(tracked.texts) > 20
    found = {document: list(broken(document, tracked)) for document in sorted(tracked.texts)}
    assert not {document: complaints for document, complaints in found.items() if complaints}


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("[a](b.md#two-words) [c](../Makefile) [d](https://example.com/x) [e](#here)\n\n# Here\n", []),
        ("[a](gone.md)", ["link to gone.md"]),
        ("[a](b.md#other)", ["anchor of b.md#other"]),
        ("`make test`, `make -s test`, and to make sure", []),
        ("`make tests`", ["make tests"]),
        ("```\nmake tests\n```", ["make tests"]),
        (
            "`playbooks/site.yml` and\n```\nplaybooks/sites.yml\n```",
            ["playbooks/sites.yml", "path playbooks/sites.yml"],
        ),
        ("`docs/`, `docs/<page>.md`, `*.md`, `build/x.md/`, `/tmp/x.yml`, `b.md`, sold/docs/x", []),
        ("```\ncp -r docs docs/new\n```\n`docs/new/x.md`, `docs/news`, `docs/ne`", ["path docs/news", "path docs/ne"]),
        ("`docs/gone`, `gone.py`, `docs/<page>.yml`", ["path docs/gone", "path docs/<page>.yml", "path gone.py"]),
    ],
)
def test_what_does_not_exist_is_found(text: str, complaints: list[str]) -> None:
    files = frozenset({"Makefile", "docs/a.md", "docs/b.md", "playbooks/site.yml"})
    repository = Repository(files, frozenset({"test"}), {"docs/a.md": text, "docs/b.md": "## Two `words`!\n"})
    assert list(broken("docs/a.md", repository)) == complaints
