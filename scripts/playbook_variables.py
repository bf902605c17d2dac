# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/variables.md, for people, and awx/surveys.yml, for AWX, from docs/variables.yml and the roles' specs.

`python -m scripts.playbook_variables` writes them; with `--check` it changes nothing and fails if one is not what it
would write. docs/variables.yml names the variables of each playbook; what a role says of one is not said again.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from scripts.role_readmes import ROLES, text_of

ROOT = ROLES.parent
MADE = "Made from docs/variables.yml by `make variables`."
LONGEST_ANSWER = 1024
LARGEST_NUMBER = 1_000_000

QUESTIONS = {"int": "integer", "float": "float", "dict": "textarea"}
"""Type of a variable → type of AWX's question, if it is not a line of text."""


class UnknownVariable(Exception):
    """docs/variables.yml names a variable of a role that no role has."""


@dataclass(frozen=True)
class Variable:
    """What may be said to a playbook. default: as Ansible would have it, None for none."""

    name: str
    type: str
    description: str
    default: Any
    choices: list[str]
    required: bool

    @property
    def answer(self) -> str | int | float:
        """The default as AWX has it: an empty text is an answer that was not given."""
        if isinstance(self.default, bool):
            return str(self.default).lower()
        if isinstance(self.default, dict):
            return "{}"
        return self.default if isinstance(self.default, str | int | float) else ""

    def question(self) -> dict[str, Any]:
        """A question of a survey, with every key that AWX keeps."""
        choices = ["true", "false"] if self.type == "bool" else self.choices
        kind = "multiplechoice" if choices else QUESTIONS.get(self.type, "text")
        longest = LARGEST_NUMBER if kind in ("integer", "float") else LONGEST_ANSWER
        return {
            "question_name": self.name,
            "question_description": self.description.replace("`", ""),
            "variable": self.name,
            "type": kind,
            "required": self.required,
            "default": self.answer if kind in ("integer", "float") else str(self.answer),
            "choices": choices,
            "min": None if choices else 0,
            "max": None if choices else longest,
        }

    def row(self) -> str:
        meaning = self.description
        if self.choices:
            meaning += f" One of {', '.join(f'`{choice}`' for choice in self.choices)}."
        default = "**required**" if self.required else f"`{self.answer}`" if self.answer != "" else ""
        cells = [f"`{self.name}`", self.type, default, meaning.replace("|", "\\|")]
        return "| " + " | ".join(cells) + " |"


@cache
def options_of_roles() -> dict[str, dict[str, Any]]:
    """Every variable of every role → its specification, with the default that defaults/main.yml gives as a value."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(ROLES.glob("*/meta/argument_specs.yml")):
        for entry_point in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values():
            found |= {name: option for name, option in entry_point["options"].items() if name not in found}
    return found


def variable(entry: dict[str, Any], playbook: str) -> Variable:
    """A variable as docs/variables.yml has it, completed by the role that it is of.

    Raises:
        UnknownVariable: no role has the variable that it is said to be of.
    """
    role: dict[str, Any] = {}
    if "of" in entry:
        if entry["of"] not in options_of_roles():
            raise UnknownVariable(f"{entry['name']} of {playbook}: no role has a variable {entry['of']}.")
        role = options_of_roles()[entry["of"]]
    said = {**role, **entry}
    return Variable(
        name=said["name"],
        type=said.get("type", "str"),
        description=text_of(said["description"]),
        default=said.get("default"),
        choices=[str(choice) for choice in said.get("choices", [])],
        required=bool(entry.get("required", False)),
    )


def playbooks() -> dict[str, tuple[str, list[Variable]]]:
    """Each playbook by the name of its file → what it does, and its variables."""
    listed = yaml.safe_load((ROOT / "docs" / "variables.yml").read_text(encoding="utf-8"))["playbooks"]
    return {
        each["name"]: (each["about"], [variable(one, each["name"]) for one in each["variables"]]) for each in listed
    }


def page() -> str:
    lines = [
        f"<!-- {MADE} -->",
        "# What each playbook accepts",
        "",
        "Say a variable with `-e name=value`, or answer it in AWX ([awx.md](awx.md)). What has spaces is quoted twice:",
        "`-e 'reason=\"two words\"'`. What differs between workloads is in their inventories; the READMEs of the roles",
        "list it.",
    ]
    for name, (about, variables) in playbooks().items():
        lines += ["", f"## playbooks/{name}.yml", "", about]
        if variables:
            lines += ["", "| variable | type | default | meaning |", "|---|---|---|---|"]
            lines += [each.row() for each in variables]
        else:
            lines += ["", "It accepts none."]
    return "\n".join(lines) + "\n"


def surveys() -> str:
    """The survey of each playbook that accepts variables, as AWX keeps it."""
    told = {
        name: {"name": "", "description": "", "spec": [each.question() for each in variables]}
        for name, (_about, variables) in playbooks().items()
        if variables
    }
    text = yaml.dump({"surveys": told}, Dumper=_Indented, sort_keys=False, allow_unicode=True, width=110)
    return f"---\n# {MADE}\n{text}"


class _Indented(yaml.SafeDumper):
    """Indents lists, as yamllint wants it, and repeats what is equal instead of naming it."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def main(arguments: list[str]) -> int:
    stale = []
    for path, wanted in ((ROOT / "docs" / "variables.md", page()), (ROOT / "awx" / "surveys.yml", surveys())):
        if not path.is_file() or path.read_text(encoding="utf-8") != wanted:
            stale.append(str(path.relative_to(ROOT)))
            if "--check" not in arguments:
                path.write_text(wanted, encoding="utf-8")
    if stale and "--check" in arguments:
        print(f"Not up to date, `make variables` writes them: {', '.join(stale)}", file=sys.stderr)
        return 1
    print(f"written: {', '.join(stale)}" if stale else "the variables of the playbooks are up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
