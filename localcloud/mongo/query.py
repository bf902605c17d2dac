# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters, order and projections over documents: MongoDB's rules, pure functions.

https://www.mongodb.com/docs/manual/reference/operator/query/ and …/bson-type-comparison-order/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from bson import Binary, Code, Decimal128, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.datetime_ms import DatetimeMS

Document = dict[str, Any]


class BadQuery(ValueError):
    """A filter, order or projection that is not understood; the message says which part."""


def rank(value: Any) -> tuple[int, Any]:
    """(place of its type among the BSON types, something to compare and hash within the type)."""
    match value:
        case MinKey():
            return 0, 0
        case None:
            return 1, 0
        case bool():
            return 8, value
        case Decimal128():
            return 2, value.to_decimal()
        case int() | float():
            return 2, value
        case str():
            return 3, value
        case dict():
            return 4, tuple((key, rank(item)) for key, item in value.items())
        case list() | tuple():
            return 5, tuple(rank(item) for item in value)
        case Binary() | bytes():
            return 6, (len(value), getattr(value, "subtype", 0), bytes(value))
        case ObjectId():
            return 7, value.binary
        case DatetimeMS():
            return 9, int(value)
        case datetime():
            return 9, int(DatetimeMS(value))
        case Timestamp():
            return 10, (value.time, value.inc)
        case Regex() | Code():
            return 11, str(value)
        case MaxKey():
            return 13, 0
    return 12, repr(value)


def same(one: Any, other: Any) -> bool:
    return rank(one) == rank(other)


def reach(value: Any, parts: list[str]) -> list[Any]:
    """What a dotted path leads to. In an array it leads to every element that has it, and to the numbered one."""
    if not parts:
        return [value]
    if isinstance(value, dict):
        return reach(value[parts[0]], parts[1:]) if parts[0] in value else []
    if isinstance(value, list):
        found = [hit for item in value if isinstance(item, dict) for hit in reach(item, parts)]
        if parts[0].isdigit() and int(parts[0]) < len(value):
            found += reach(value[int(parts[0])], parts[1:])
        return found
    return []


def matches(document: Document, wanted: Document) -> bool:
    """Whether a document passes a filter.

    Raises:
        BadQuery: for an operator that is not known.
    """
    for key, condition in wanted.items():
        if key in ("$and", "$or", "$nor"):
            results = [matches(document, each) for each in condition]
            if not {"$and": all(results), "$or": any(results), "$nor": not any(results)}[key]:
                return False
        elif key == "$comment":
            continue
        elif key.startswith("$"):
            raise BadQuery(f"unknown top level operator: {key}")
        elif not _field_matches(reach(document, key.split(".")), condition):
            return False
    return True


def _field_matches(values: list[Any], condition: Any) -> bool:
    if isinstance(condition, Regex):
        condition = {"$regex": condition}
    if not (isinstance(condition, dict) and any(key.startswith("$") for key in condition)):
        condition = {"$eq": condition}
    for operator, operand in condition.items():
        if operator == "$options":
            continue
        if operator == "$regex":
            operand = _pattern(operand, condition.get("$options", ""))
        test = TESTS.get(operator)
        if test is None:
            raise BadQuery(f"unknown operator: {operator}")
        if not test(values, operand):
            return False
    return True


def _each(values: list[Any]) -> Iterator[Any]:
    """The values a condition is tried on: each, and each element of those that are arrays."""
    for value in values:
        yield value
        if isinstance(value, list):
            yield from value


def _equal(values: list[Any], operand: Any) -> bool:
    return (operand is None and not values) or any(same(value, operand) for value in _each(values))


def _ordered(holds: Callable[[Any, Any], bool]) -> Callable[[list[Any], Any], bool]:
    """Values of different types are never greater or less than each other."""

    def test(values: list[Any], operand: Any) -> bool:
        kind, comparable = rank(operand)
        ranked = (rank(value) for value in _each(values))
        return any(its_kind == kind and holds(mine, comparable) for its_kind, mine in ranked)

    return test


def _pattern(operand: Any, options: str) -> re.Pattern[str]:
    if isinstance(operand, Regex):
        return operand.try_compile()
    flags = sum({"i": re.I, "m": re.M, "s": re.S, "x": re.X}.get(letter, 0) for letter in options)
    try:
        return re.compile(str(operand), flags)
    except re.error as error:
        raise BadQuery(f"Regular expression is invalid: {error}") from error


def _in(values: list[Any], operand: Any) -> bool:
    if not isinstance(operand, list):
        raise BadQuery("$in needs an array")
    return any(
        _matches_pattern(values, item.try_compile()) if isinstance(item, Regex) else _equal(values, item)
        for item in operand
    )


def _matches_pattern(values: list[Any], pattern: re.Pattern[str]) -> bool:
    return any(isinstance(value, str) and bool(pattern.search(value)) for value in _each(values))


def _element_matches(values: list[Any], operand: Document) -> bool:
    is_condition = any(key.startswith("$") and key not in ("$and", "$or", "$nor") for key in operand)
    items = [item for value in values if isinstance(value, list) for item in value]
    if is_condition:
        return any(_field_matches([item], operand) for item in items)
    return any(isinstance(item, dict) and matches(item, operand) for item in items)


TESTS: dict[str, Callable[[list[Any], Any], bool]] = {
    "$eq": _equal,
    "$ne": lambda values, operand: not _equal(values, operand),
    "$gt": _ordered(lambda mine, other: mine > other),
    "$gte": _ordered(lambda mine, other: mine >= other),
    "$lt": _ordered(lambda mine, other: mine < other),
    "$lte": _ordered(lambda mine, other: mine <= other),
    "$in": _in,
    "$nin": lambda values, operand: not _in(values, operand),
    "$exists": lambda values, operand: bool(values) == bool(operand),
    "$not": lambda values, operand: not _field_matches(values, operand),
    "$regex": _matches_pattern,
    "$size": lambda values, operand: any(isinstance(value, list) and len(value) == operand for value in values),
    "$all": lambda values, operand: all(_equal(values, item) for item in operand),
    "$elemMatch": _element_matches,
}
"""Operators on a field: (values that its path leads to, operand) -> whether it holds."""


def arrange(documents: Iterable[Document], order: Document) -> list[Document]:
    """Documents in an order such as `{when: -1, name: 1}`. A missing field sorts like null."""
    arranged = list(documents)
    for path, direction in reversed(order.items()):
        if direction not in (1, -1):
            raise BadQuery(f"$sort key ordering must be 1 (for ascending) or -1 (for descending), found {direction!r}")
        parts, downward = path.split("."), direction == -1
        arranged.sort(key=lambda document: _sort_key(document, parts, downward), reverse=downward)
    return arranged


def _sort_key(document: Document, parts: list[str], downward: bool) -> tuple[int, Any]:
    """An array counts as its least element upward, and as its greatest downward."""
    keys = []
    for value in reach(document, parts):
        keys += [rank(item) for item in value] if isinstance(value, list) else [rank(value)]
    return (max if downward else min)(keys, default=rank(None))


def project(document: Document, wanted: Document) -> Document:
    """The fields that a projection such as `{name: 1, _id: 0}` leaves."""
    if not wanted:
        return document
    keeps = {bool(value) for path, value in wanted.items() if path != "_id"}
    if any(isinstance(value, (dict, str)) for value in wanted.values()) or len(keeps) > 1:
        raise BadQuery("a projection either includes or excludes fields; expressions are not known here")
    if keeps == {False} or (not keeps and not wanted["_id"]):
        kept: Document = dict(document)
        for path in [path for path, value in wanted.items() if not value]:
            kept = _without(kept, path.split("."))
        return kept
    picked: Document = {"_id": document["_id"]} if wanted.get("_id", True) and "_id" in document else {}
    for path in [path for path, value in wanted.items() if value and path != "_id"]:
        _pick(document, path.split("."), picked)
    return picked


def _pick(source: Document, parts: list[str], target: Document) -> None:
    name, *rest = parts
    if name not in source:
        return
    if not rest:
        target[name] = source[name]
    elif isinstance(source[name], dict):
        _pick(source[name], rest, target.setdefault(name, {}))
    elif isinstance(source[name], list):
        items = [item for item in source[name] if isinstance(item, dict)]
        picked = target.setdefault(name, [{} for _item in items])
        for item, into in zip(items, picked, strict=True):
            _pick(item, rest, into)


def _without(document: Document, parts: list[str]) -> Document:
    name, *rest = parts
    if name not in document:
        return document
    if not rest:
        return {key: value for key, value in document.items() if key != name}
    inner = document[name]
    if isinstance(inner, dict):
        return {**document, name: _without(inner, rest)}
    if isinstance(inner, list):
        return {**document, name: [_without(item, rest) if isinstance(item, dict) else item for item in inner]}
    return document
