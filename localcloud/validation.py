# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks parameters against a service's model as the service does: botocore lets maxima, enums and patterns pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import Shape


def complaints(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """What is wrong with `value`, one sentence per fault, naming where, what was found and what is valid."""
    kind = shape.type_name
    limits = shape.metadata
    if kind == "structure":
        for name in limits.get("required", []):
            if value.get(name) is None:
                yield f"{path}{name}: required, but missing"
        for name, member in shape.members.items():  # type: ignore[attr-defined]
            if value.get(name) is not None:
                yield from complaints(value[name], member, f"{path}{name}.")
    elif kind == "list":
        yield from _outside(len(value), limits, path, "number of members")
        for number, member in enumerate(value):
            yield from complaints(member, shape.member, f"{path}{number}.")  # type: ignore[attr-defined]
    elif kind == "string":
        yield from _outside(len(value), limits, path, "length")
        allowed = getattr(shape, "enum", None)
        if allowed and value not in allowed:
            yield f"{path[:-1]}: {value!r} is not one of {', '.join(allowed)}"
        pattern = limits.get("pattern")
        if pattern and not _matches(pattern, value):
            yield f"{path[:-1]}: {value!r} does not match {pattern}"
    elif kind in ("integer", "long", "float", "double"):
        yield from _outside(value, limits, path, "value")


UNICODE_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\w", r"\p{Z}": r"\s"}
"""What patterns that are written for Java call letters, numbers and spaces, and what comes closest here."""

TAG_TEXT = re.compile(r"[\w\s.:/=+\-@]*")


def tag_complaints(tags: Any) -> Iterator[str]:
    """What is wrong with the characters of tags, in either of AWS's spellings. EC2 alone takes any."""
    for tag in tags or []:
        for text in tag.values():
            if not TAG_TEXT.fullmatch(str(text)):
                yield f"tag {text!r} holds characters that are not valid"


def _matches(pattern: str, value: str) -> bool:
    if r"\p{" in pattern:
        for written, meant in UNICODE_CLASSES.items():
            pattern = pattern.replace(written, meant)
        pattern = f"^(?:{pattern})$"
    try:
        return re.search(pattern, value) is not None
    except re.error:  # written for Java: \p{L} and its like have no counterpart here
        return True


def _outside(number: float, limits: dict[str, Any], path: str, what: str) -> Iterator[str]:
    low, high = limits.get("min"), limits.get("max")
    if (low is not None and number < low) or (high is not None and number > high):
        span = f"from {'any' if low is None else low} to {'any' if high is None else high}"
        yield f"{path[:-1]}: {what} {number} is not {span}"
