# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which values of the parameters look secret, so that an ordinary module must not show them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...taskdef.canonical import canonical
from ...taskdef.compare import looks_secret, secret_values
from .definition import given_parts

TEXTS = frozenset({"environment", "command", "entrypoint"})
"""Members of a container that are often written as one text."""


def secrets(params: dict[str, Any]) -> set[str]:
    """Values of environment variables and options whose names look secret."""
    definition, _told = given_parts(params)
    return {value for value in secret_values(canonical(definition)) | set(_of_texts(params)) if value}


def _of_texts(value: Any, member: str = "") -> Iterator[str]:
    """Texts with secrets that are no part of the definition, because a list or dictionary belongs in their place."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _of_texts(item, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _of_texts(item, member)
    elif isinstance(value, str) and member.replace("_", "").lower() in TEXTS and looks_secret(("command",), value):
        yield value
