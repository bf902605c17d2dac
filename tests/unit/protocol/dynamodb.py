# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table that understands the expressions the protocol writes, and nothing else.

So the simulation runs the very conditions that DynamoDB will evaluate; test_expressions.py shows moto the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from types import CodeType
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import from_attributes, to_attributes
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol.encoding import from_attribute


class Refused(Exception):
    """An error of the service, in the shape that botocore gives it."""

    def __init__(self, code: str, item: Any = None) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code, "Message": code}, "Item": item}


class Table:
    """One region's copy of one table: key → plain item."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.items: dict[str, dict[str, Any]] = {}
        self._told: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}

    def tell(self, item: dict[str, Any]) -> dict[str, Any]:
        """An item as DynamoDB tells it; worked out once, since items are read far more often than they are written."""
        name = item[self.key]
        told = self._told.get(name)
        if told is None or told[0] is not item:
            told = self._told[name] = item, to_attributes(item)
        return told[1]

    def put_item(self, **arguments: Any) -> dict[str, Any]:
        item = from_attributes(arguments["Item"])
        self._check(self.items.get(item[self.key]), arguments)
        self.items[item[self.key]] = item
        return {}

    def get_item(self, **arguments: Any) -> dict[str, Any]:
        found = self.items.get(from_attribute(arguments["Key"][self.key]))
        return {"Item": self.tell(found)} if found is not None else {}

    def delete_item(self, **arguments: Any) -> dict[str, Any]:
        name = from_attribute(arguments["Key"][self.key])
        self._check(self.items.get(name), arguments)
        self.items.pop(name, None)
        return {}

    def update_item(self, **arguments: Any) -> dict[str, Any]:
        name = from_attribute(arguments["Key"][self.key])
        found = self.items.get(name)
        self._check(found, arguments)
        item = {self.key: name, **(found or {})}
        before = dict(item)
        for part in re.split(r",\s*(?![^(]*\))", arguments["UpdateExpression"].removeprefix("SET ")):
            target, _equals, expression = part.partition(" = ")
            item[arguments["ExpressionAttributeNames"][target.strip()]] = _evaluate(expression, before, arguments)
        self.items[name] = item
        return {"Attributes": to_attributes(item)}

    def scan(self, **_arguments: Any) -> dict[str, Any]:
        return {"Items": [self.tell(item) for item in self.items.values()]}

    def query(self, items: Iterable[dict[str, Any]] | None = None, **arguments: Any) -> dict[str, Any]:
        """A page of an index, in the order of its second attribute. items: what the index has; else what there is."""
        condition, names = arguments["KeyConditionExpression"], arguments["ExpressionAttributeNames"]
        hashed, value, ranged = re.match(r"(#\w+) = (:\w+) AND (#\w+) ", condition).groups()
        wanted, order = from_attribute(arguments["ExpressionAttributeValues"][value]), names[ranged]
        every = self.items.values() if items is None else items
        found = [i for i in every if i.get(names[hashed]) == wanted and _evaluate(condition, i, arguments)]
        found.sort(key=lambda item: (item[order], item[self.key]), reverse=not arguments.get("ScanIndexForward", True))
        start = arguments.get("ExclusiveStartKey")
        if start:
            after = from_attributes(start)
            found = [item for item in found if (item[order], item[self.key]) > (after[order], after[self.key])]
        page = found[: arguments.get("Limit", len(found))]
        answer: dict[str, Any] = {"Items": [self.tell(item) for item in page], "Count": len(page)}
        if len(page) < len(found):
            # The key of an index is its own two attributes and the table's.
            names = {self.key, *arguments["ExpressionAttributeNames"].values()}
            answer["LastEvaluatedKey"] = to_attributes({n: v for n, v in page[-1].items() if n in names})
        return answer

    @staticmethod
    def _check(found: dict[str, Any] | None, arguments: dict[str, Any]) -> None:
        condition = arguments.get("ConditionExpression")
        if condition and not _evaluate(condition, found or {}, arguments):
            told = to_attributes(found) if found and "ReturnValuesOnConditionCheckFailure" in arguments else None
            raise Refused("ConditionalCheckFailedException", told)


def _evaluate(expression: str, item: dict[str, Any], arguments: dict[str, Any]) -> Any:
    """DynamoDB's expression, said in Python. Comparing an attribute that is not there is false."""
    names = arguments.get("ExpressionAttributeNames", {})
    values = {
        f"value_{name[1:]}": from_attribute(value)
        for name, value in arguments.get("ExpressionAttributeValues", {}).items()
    }
    known = {"absent": lambda n: names[n] not in item, "lacks": lambda n: n not in item}
    return eval(_in_python(expression), {}, {**values, **known, "attribute": _Getter(item, names)})


@cache
def _in_python(expression: str) -> CodeType:
    said = re.sub(r"attribute_not_exists\(#(\w+)\)", r"absent('#\1')", expression)
    said = re.sub(r"attribute_not_exists\((\w+)\)", r"lacks('\1')", said)
    said = re.sub(r"if_not_exists\(#(\w+), :(\w+)\)", r"(:\2 if absent('#\1') else attribute('#\1'))", said)
    said = re.sub(r"(?<!')#(\w+)\.#(\w+)", r"attribute('#\1', '#\2')", said)
    said = re.sub(r"(?<!')#(\w+)", r"attribute('#\1')", said)
    said = re.sub(r":(\w+)", r"value_\1", said).replace(" AND ", " and ").replace(" OR ", " or ")
    said = re.sub(r"(?<![<>=])=(?!=)", "==", said)
    assert re.fullmatch(r"[\w\s#'(),<>=+-]*", said), (
        f"the protocol now writes what this table cannot read: {expression}"
    )
    return compile(said, expression, "eval")


class _Getter:
    def __init__(self, item: dict[str, Any], names: dict[str, str]) -> None:
        self.item, self.names = item, names

    def __call__(self, name: str, inner: str = "") -> Any:
        found = self.item.get(self.names[name], _NOTHING)
        return found.get(self.names[inner], _NOTHING) if inner and isinstance(found, dict) else found


class _Nothing:
    """What is not there compares false with everything."""

    def _false(self, _other: object) -> bool:
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = _false
    __hash__ = None


_NOTHING = _Nothing()
