# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service model demands, wherever the structure is: members that are needed, one of several, ranges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..kernel.values import is_unknown
from .model import called, item_path, needed, request_shape

TOLD_ELSEWHERE = frozenset({"RegisterTaskDefinitionRequest", "ContainerDefinition"})
"""Shapes of which what is missing is told in words of their own."""

HINTS = {
    "command": "for instance [CMD-SHELL, curl -f http://localhost/]",
    "valueFrom": "the ARN of a secret or parameter",
}


def model_problems(definition: dict[str, Any]) -> Iterator[str]:
    """A sentence for each member that is needed and absent, empty or blank, and for each number out of its range."""
    shape = request_shape()
    for name, value in definition.items():
        if name == "containerDefinitions":
            for container in value or []:
                where = f"{called(container)}: "
                yield from _of_structure(shape.members[name].member, container, "", where)
        elif name in shape.members:
            yield from _of(shape.members[name], value, name, "")


def _of(shape: Any, value: Any, path: str, where: str) -> Iterator[str]:
    if shape.type_name == "structure" and isinstance(value, dict):
        yield from _of_structure(shape, value, path, where)
    elif shape.type_name == "list" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _of(shape.member, item, item_path(path, index, item), where)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        least, most = shape.metadata.get("min"), shape.metadata.get("max")
        if (least is not None and value < least) or (most is not None and value > most):
            span = f"{least} or more" if most is None else f"{least} to {most}"
            yield f"{where}{path} is {value}; AWS accepts {span}."


def _of_structure(shape: Any, value: dict[str, Any], path: str, where: str) -> Iterator[str]:
    for name in () if shape.name in TOLD_ELSEWHERE else needed(shape):
        if value.get(name) in (None, "", [], {}):
            hint = HINTS.get(name) or ", ".join(getattr(shape.members[name], "enum", None) or [])
            yield f"{where}{path} needs {name}{f': {hint}' if hint else ''}."
    given = [name for name, item in value.items() if item not in (None, "")]
    if getattr(shape, "is_tagged_union", False) and len(given) != 1 and not is_unknown(value):
        yield f"{where}{path} has {' and '.join(given) or 'nothing'}; it needs one of {', '.join(shape.members)}."
    for name, item in value.items():
        if name in shape.members:
            yield from _of(shape.members[name], item, f"{path}.{name}" if path else name, where)
