# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Aggregations: the stages that counting and simple reports need.

https://www.mongodb.com/docs/manual/reference/operator/aggregation-pipeline/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from localcloud.mongo.query import BadQuery, Document, arrange, matches, project, rank, reach

Stage = Callable[[list[Document], Any], list[Document]]


def run_pipeline(documents: Iterable[Document], stages: list[Document]) -> list[Document]:
    """What a pipeline makes of documents.

    Raises:
        BadQuery: for a stage or an expression that is not known.
    """
    found = list(documents)
    for stage in stages:
        if len(stage) != 1:
            raise BadQuery("A pipeline stage specification object must contain exactly one field.")
        name, given = next(iter(stage.items()))
        if name not in STAGES:
            raise BadQuery(f"Unrecognized pipeline stage name: '{name}'")
        found = STAGES[name](found, given)
    return found


def _group(documents: list[Document], given: Document) -> list[Document]:
    groups: dict[Any, tuple[Any, list[Document]]] = {}
    for document in documents:
        key = evaluate(given["_id"], document)
        groups.setdefault(rank(key), (key, []))[1].append(document)
    return [
        {"_id": key, **{name: _accumulate(how, members) for name, how in given.items() if name != "_id"}}
        for key, members in groups.values()
    ]


def _accumulate(how: Document, members: list[Document]) -> Any:
    name, expression = next(iter(how.items()))
    values = [evaluate(expression, member) for member in members]
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    present = [value for value in values if value is not None]
    match name:
        case "$sum":
            return sum(numbers)
        case "$avg":
            return sum(numbers) / len(numbers) if numbers else None
        case "$count":
            return len(members)
        case "$min":
            return min(present, key=rank, default=None)
        case "$max":
            return max(present, key=rank, default=None)
        case "$first":
            return values[0]
        case "$last":
            return values[-1]
        case "$push":
            return values
    raise BadQuery(f"unknown group operator '{name}'")


def evaluate(expression: Any, document: Document) -> Any:
    """A field (`$amount`), a document of expressions, or a constant."""
    if isinstance(expression, str) and expression.startswith("$$"):
        raise BadQuery(f"variables such as {expression} are not known here")
    if isinstance(expression, str) and expression.startswith("$"):
        found = reach(document, expression[1:].split("."))
        return found[0] if found else None
    if isinstance(expression, dict):
        if "$literal" in expression:
            return expression["$literal"]
        unknown = [key for key in expression if key.startswith("$")]
        if unknown:
            raise BadQuery(f"Unrecognized expression '{unknown[0]}'")
        return {key: evaluate(value, document) for key, value in expression.items()}
    return expression


STAGES: dict[str, Stage] = {
    "$match": lambda documents, given: [each for each in documents if matches(each, given)],
    "$sort": lambda documents, given: arrange(documents, given),
    "$skip": lambda documents, given: documents[given:],
    "$limit": lambda documents, given: documents[:given],
    "$project": lambda documents, given: [project(each, given) for each in documents],
    "$count": lambda documents, given: [{given: len(documents)}] if documents else [],
    "$group": _group,
}
