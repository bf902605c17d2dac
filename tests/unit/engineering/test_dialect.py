# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One dialect in every Python file: the licence, the docstring, the future import; `Raises:`; single backticks."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest

LICENCE = """\
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""

FUTURE = "from __future__ import annotations\n"
FOREIGN = re.compile(r"^\s*:(?:raises?|param|type|returns?|rtype|yields?)\b[^:]*:|``", re.M)
"""reStructuredText's fields and literals."""

READ_BY_ANSIBLE = ("plugins/modules/", "plugins/action/", "plugins/callback/", "plugins/doc_fragments/")
"""What Ansible reads has DOCUMENTATION instead of a docstring, in Ansible's own markup."""


def complaints(text: str, *, needs_docstring: bool = True) -> list[str]:
    """What differs from the dialect in a file's text."""
    found = []
    body = re.sub(r"\A#!.*\n", "", text)
    if not body.startswith(LICENCE):
        found.append("the licence is not what it begins with")
    rest = body.removeprefix(LICENCE)
    tree = ast.parse(text)
    if ast.get_docstring(tree) is not None:
        if not re.match(r'r?"""', rest):
            found.append("the docstring does not follow the licence at once")
        lines = text.split("\n")[tree.body[0].end_lineno :]
        after = "\n".join(lines)
        if after and not after.startswith("\n" + FUTURE):
            found.append("after the docstring does not come, one line below, the future import")
    elif needs_docstring:
        found.append("it has no docstring")
    elif not rest.startswith(FUTURE):
        found.append("the future import does not follow the licence at once")
    with_colon = re.search(r"^\s*#: ", text, re.M)
    if with_colon:
        found.append(f"{with_colon[0].strip()!r}: what a name means is said in a string below it, or after `# `")
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            foreign = FOREIGN.search(ast.get_docstring(node) or "")
            if foreign:
                found.append(f"line {getattr(node, 'lineno', 1)}: {foreign[0]!r} in a docstring")
    return found


def test_every_file_speaks_it(repository):
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "*.py"], cwd=repository, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    found = {}
    for name in filter(None, tracked):
        path = repository / name
        if path.is_symlink() or not path.is_file() or not path.stat().st_size:
            continue
        wrong = complaints(path.read_text(), needs_docstring=not name.startswith(READ_BY_ANSIBLE))
        if wrong:
            found[name] = wrong
    assert not found, "\n".join(f"{name}: {'; '.join(wrong)}" for name, wrong in sorted(found.items()))


DOCSTRING = '"""Why it exists."""\n'


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (LICENCE + DOCSTRING + "\n" + FUTURE + "\nx = 1\n", None),
        (LICENCE + DOCSTRING, None),
        ("#!/usr/bin/env python3\n" + LICENCE + DOCSTRING + "\n" + FUTURE, None),
        (DOCSTRING + "\n" + LICENCE + FUTURE, "licence"),
        (LICENCE + "\n" + DOCSTRING + "\n" + FUTURE, "docstring does not follow"),
        (LICENCE + DOCSTRING + FUTURE, "one line below"),
        (LICENCE + DOCSTRING + "\nimport re\n", "one line below"),
        (LICENCE + FUTURE, "no docstring"),
        (LICENCE + DOCSTRING + "\n" + FUTURE + "\n#" + ": how many\nX = 1\n", "a string below it"),
        (LICENCE + DOCSTRING + "\n" + FUTURE + '\ndef f():\n    """:raises X: always."""\n', ":raises X:"),
        (LICENCE + DOCSTRING + "\n" + FUTURE + '\ndef f(a):\n    """Do.\n\n    :param a: it.\n    """\n', ":param"),
        (LICENCE + DOCSTRING + "\n" + FUTURE + '\ndef f():\n    """Do ``it``."""\n', "``"),
    ],
)
def test_it_is_told_from_others(text, wrong):
    found = complaints(text)
    assert (wrong is None) == (not found) and (wrong is None or wrong in found[0])
