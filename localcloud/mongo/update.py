# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an update makes of a document: replacements and update operators, pure functions.

https://www.mongodb.com/docs/manual/reference/operator/update/
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from localcloud.mongo.query import Document, matches, rank, same


class BadUpdate(ValueError):
    """An update that is not understood or cannot be made; the message says why."""


def is_replacement(change: Document) -> bool:
    return not any(key.startswith("$") for key in change)


def apply(document: Document, change: Document, *, inserting: bool = False) -> Document:
    """The document after an update. The given one stays as it is.

    `inserting`: whether it is being inserted by an upsert, so that `$setOnInsert` counts.

    Raises:
        BadUpdate: for an operator that is not known, a change of `_id`, a value of the wrong type.
    """
    if is_replacement(change):
        changed = {**({"_id": document["_id"]} if "_id" in document else {}), **change}
    else:
        changed = copy.deepcopy(document)
        for operator, fields in change.items():
            if operator == "$setOnInsert":
                if not inserting:
                    continue
                operator = "$set"
            act = OPERATORS.get(operator)
            if act is None:
                raise BadUpdate(f"Unknown modifier: {operator}")
            for path, operand in fields.items():
                act(changed, path, operand)
    if "_id" in document and not same(document["_id"], changed.get("_id")):
        raise BadUpdate("Performing an update on the path '_id' would modify the immutable field '_id'")
    return changed


def of_filter(wanted: Document) -> Document:
    """What an upsert starts from: the equalities of its filter."""
    start: Document = {}
    for key, condition in wanted.items():
        if key == "$and":
            for each in condition:
                start.update(of_filter(each))
        elif not key.startswith("$"):
            is_operators = isinstance(condition, dict) and any(name.startswith("$") for name in condition)
            if not is_operators:
                _set(start, key, condition)
            elif "$eq" in condition:
                _set(start, key, condition["$eq"])
    return start


def _holder(document: Document, path: str) -> tuple[Any, Any]:
    """(the dictionary or list that holds the last part of a path, that part); missing ones on the way are made."""
    *way, last = path.split(".")
    holder: Any = document
    for part in way:
        if isinstance(holder, list):
            holder = holder[_index(holder, part, path)]
        elif isinstance(holder, dict):
            holder = holder.setdefault(part, {})
    if isinstance(holder, list):
        return holder, _index(holder, last, path)
    if not isinstance(holder, dict):
        raise BadUpdate(f"Cannot create field '{last}' in element of path '{path}'")
    return holder, last


def _index(items: list[Any], part: str, path: str) -> int:
    if not part.isdigit() or int(part) >= len(items):
        raise BadUpdate(f"Cannot use the part ({part}) of ({path}) to traverse an array of {len(items)} elements")
    return int(part)


def _get(document: Document, path: str) -> Any:
    holder, key = _holder(document, path)
    return holder[key] if isinstance(holder, list) else holder.get(key)


def _set(document: Document, path: str, value: Any) -> None:
    holder, key = _holder(document, path)
    holder[key] = value


def _unset(document: Document, path: str, _operand: Any) -> None:
    holder, key = _holder(document, path)
    if isinstance(holder, list):
        holder[key] = None
    else:
        holder.pop(key, None)


def _add(document: Document, path: str, operand: Any) -> None:
    before = _get(document, path)
    if not all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in (before or 0, operand)):
        raise BadUpdate(f"Cannot apply $inc to the value of {path}: {before!r} by {operand!r}; numbers are needed")
    _set(document, path, (before or 0) + operand)


def _items(document: Document, path: str, operator: str) -> list[Any]:
    before = _get(document, path)
    if before is not None and not isinstance(before, list):
        raise BadUpdate(f"The field '{path}' must be an array for {operator}, found {type(before).__name__}")
    return before or []


def _push(document: Document, path: str, operand: Any) -> None:
    added = operand["$each"] if isinstance(operand, dict) and "$each" in operand else [operand]
    _set(document, path, _items(document, path, "$push") + added)


def _add_to_set(document: Document, path: str, operand: Any) -> None:
    items = list(_items(document, path, "$addToSet"))
    for added in operand["$each"] if isinstance(operand, dict) and "$each" in operand else [operand]:
        if not any(same(item, added) for item in items):
            items.append(added)
    _set(document, path, items)


def _pull(document: Document, path: str, operand: Any) -> None:
    def goes(item: Any) -> bool:
        if isinstance(operand, dict):
            if any(key.startswith("$") for key in operand):
                return matches({"item": item}, {"item": operand})
            return isinstance(item, dict) and matches(item, operand)
        return same(item, operand)

    items = _items(document, path, "$pull")
    if items:
        _set(document, path, [item for item in items if not goes(item)])


def _bound(better: Callable[[Any, Any], bool]) -> Callable[[Document, str, Any], None]:
    def act(document: Document, path: str, operand: Any) -> None:
        before = _get(document, path)
        if before is None or better(rank(operand), rank(before)):
            _set(document, path, operand)

    return act


def _rename(document: Document, path: str, operand: Any) -> None:
    holder, key = _holder(document, path)
    if isinstance(holder, dict) and key in holder:
        _set(document, str(operand), holder.pop(key))


OPERATORS: dict[str, Callable[[Document, str, Any], None]] = {
    "$set": _set,
    "$unset": _unset,
    "$inc": _add,
    "$push": _push,
    "$addToSet": _add_to_set,
    "$pull": _pull,
    "$min": _bound(lambda new, old: new < old),
    "$max": _bound(lambda new, old: new > old),
    "$rename": _rename,
    "$currentDate": lambda document, path, _operand: _set(document, path, datetime.now(UTC)),
}
"""Update operators: (document to change, path, operand)."""
