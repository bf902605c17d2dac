#!/usr/bin/env python3
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes each role's README from `meta/argument_specs.yml` and `defaults/main.yml`, which are what Ansible obeys.

`scripts/role_readmes.py` writes them; with `--check` it changes nothing and fails if one is not what it would write.
What `argument_specs.yml` cannot say stands in the role's `README.in.md`, if there is one, and comes after the table.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parents[1] / "roles"
COLLECTION = "multiregion.ecs"

# Ansible's documentation markup, in Markdown. O(x), V(x), E(x), C(x) are code; M(x) is a module; I(x), B(x) emphasis.
MARKUP = [
    (re.compile(r"\b[OVECP]\(([^()]*(?:\([^()]*\)[^()]*)*)\)"), r"`\1`"),
    (re.compile(r"\bM\(([^()]*)\)"), r"`\1`"),
    (re.compile(r"\bI\(([^()]*)\)"), r"*\1*"),
    (re.compile(r"\bB\(([^()]*)\)"), r"**\1**"),
    (re.compile(r"\bU\(([^()]*)\)"), r"<\1>"),
    (re.compile(r"\bL\(([^(),]*),\s*([^()]*)\)"), r"[\1](\2)"),
]


class IncompleteRole(Exception):
    """A role lacks what its README is made of."""


def text_of(description: str | list[str] | None) -> str:
    """A description, one string or several, as one Markdown paragraph."""
    lines = [description] if isinstance(description, str) else list(description or [])
    text = " ".join(" ".join(str(line).split()) for line in lines)
    for pattern, replacement in MARKUP:
        text = pattern.sub(replacement, text)
    return text


def type_of(option: dict[str, Any]) -> str:
    kind = option.get("type", "str")
    return f"list of {option['elements']}" if kind == "list" and "elements" in option else kind


def default_of(name: str, option: dict[str, Any], defaults: dict[str, Any], required: bool) -> str:
    """The default as a reader would write it. A role's defaults win over what the specification says."""
    if required:
        return "**required**"
    value = defaults.get(name, option.get("default"))
    if value is None:
        return ""
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False, allow_unicode=True)
    return f"`{text.removesuffix('...' + chr(10)).strip()}`"


def rows_of(options: dict[str, Any], defaults: dict[str, Any], prefix: str = "") -> list[str]:
    """One table row for each option, and below it one for each option within it."""
    rows = []
    for name, option in options.items():
        meaning = text_of(option.get("description"))
        if option.get("choices"):
            meaning += f" One of {', '.join(f'`{choice}`' for choice in option['choices'])}."
        # A key within a list or dictionary has no default of the role's own.
        own_defaults = {} if prefix else defaults
        required = bool(option.get("required")) and name not in own_defaults
        default = default_of(name, option, own_defaults, required)
        cells = [f"`{prefix}{name}`", type_of(option), default, meaning]
        rows.append("| " + " | ".join(cell.replace("|", "\\|").strip() for cell in cells) + " |")
        inner = prefix + name + ("[]." if option.get("type") == "list" else ".")
        rows += rows_of(option.get("options", {}), defaults, inner)
    return rows


def readme(role: Path) -> str:
    """The README of the role in folder `role`.

    Raises:
        IncompleteRole: it has no argument specification, or one without a description.
    """
    path = role / "meta" / "argument_specs.yml"
    if not path.is_file():
        raise IncompleteRole(f"{path} is missing: every role describes its variables there.")
    entries = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("argument_specs") or {}
    for name, entry in (entries or {"main": {}}).items():
        if not entry.get("short_description"):
            raise IncompleteRole(f"{path} has no argument_specs.{name}.short_description.")
    defaults_path = role / "defaults" / "main.yml"
    defaults = (yaml.safe_load(defaults_path.read_text(encoding="utf-8")) if defaults_path.is_file() else None) or {}

    lines = [f"<!-- Made from meta/argument_specs.yml by `make readmes`. -->\n# {COLLECTION}.{role.name}"]
    for name, entry in entries.items():
        if name != "main":
            lines.append(f"\n## tasks_from: {name}")
        lines.append(f"\n{text_of(entry['short_description']).rstrip('.')}.")
        if entry.get("description"):
            lines.append(f"\n{text_of(entry['description'])}")
        rows = rows_of(entry.get("options") or {}, defaults)
        if rows:
            lines += ["\n| variable | type | default | meaning |", "|---|---|---|---|", *rows]
    more = role / "README.in.md"
    if more.is_file():
        lines.append("\n" + more.read_text(encoding="utf-8").strip())
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    roles = sorted(path for path in ROLES.glob("*") if (path / "tasks").is_dir())
    stale = []
    for role in roles:
        target = role / "README.md"
        try:
            wanted = readme(role)
        except IncompleteRole as error:
            print(error, file=sys.stderr)
            return 1
        if not target.is_file() or target.read_text(encoding="utf-8") != wanted:
            stale.append(target.relative_to(ROLES.parent))
            if "--check" not in arguments:
                target.write_text(wanted, encoding="utf-8")
    if stale and "--check" in arguments:
        print(f"Not up to date, `make readmes` writes them: {', '.join(map(str, stale))}", file=sys.stderr)
        return 1
    print(f"{len(roles)} roles, {len(stale)} READMEs written" if stale else f"{len(roles)} role READMEs are up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
