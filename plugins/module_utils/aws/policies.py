# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM policy documents, compared by what they mean.

IAM gives a document back as it was put, but people write one action where others write a list of one, and in any
order. Some services give a document an `Id` of their own, which means nothing. Two documents that allow and deny the
same by these rules are equal; anything else is a difference.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

ACTIONS = frozenset({"Action", "NotAction"})
SETS = frozenset({"Resource", "NotResource"})
"""Members of a statement that are one text or a list without order."""

PRINCIPALS = frozenset({"Principal", "NotPrincipal"})


def parse(document: Any) -> dict[str, Any]:
    """A document that came as a dictionary, as JSON, or as IAM's API returns it (JSON, URL-encoded).

    Raises:
        ValueError: it is no JSON object.
    """
    if isinstance(document, str):
        text = document.strip()
        document = json.loads(text if text.startswith("{") else unquote(text))
    if not isinstance(document, dict):
        raise ValueError(f"a policy is a JSON object, not {type(document).__name__}")
    return document


def canonical(document: dict[str, Any]) -> dict[str, Any]:
    """The form in which two documents of the same meaning are equal."""
    statements = document.get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    others = {key: value for key, value in document.items() if key not in ("Id", "Statement")}
    return {**others, "Statement": sorted((_statement(s) for s in statements), key=_text)}


def _statement(statement: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in statement.items():
        if key == "Sid" and not value:
            continue
        if key in ACTIONS:
            value = [action.lower() for action in _set(value)]  # IAM ignores their case
        elif key in SETS:
            value = _set(value)
        elif key in PRINCIPALS:
            value = _principals(value)
        elif key == "Condition" and isinstance(value, dict):
            value = {test: {name: _set(item) for name, item in keys.items()} for test, keys in value.items()}
        result[key] = value
    return result


def _principals(value: Any) -> Any:
    if value == "*":  # "everyone" may be written both ways
        return {"AWS": ["*"]}
    return {kind: _set(item) for kind, item in value.items()} if isinstance(value, dict) else value


def _set(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return sorted({str(item).lower() if isinstance(item, bool) else str(item) for item in items})


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def as_json(document: dict[str, Any]) -> str:
    """A document as it is sent to AWS."""
    return json.dumps(document)
