# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the protocol's facts are spelt: DynamoDB's attribute values, and one canonical JSON.

Workers and modules call DynamoDB's low-level API, where every value carries its type ({"S": "text"}, {"N": "12"}).
Canonical JSON has sorted keys, no blanks, UTF-8 and plain decimals: equal values are equal bytes, which is what lets
two regions write one lake object twice without anybody noticing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def to_attribute(value: Any) -> dict[str, Any]:
    """Spell one plain value (str, bool, int, Decimal, bytes, None, list, dict) as a DynamoDB attribute value."""
    if isinstance(value, str):
        return {"S": str(value)}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (int, Decimal)):
        return {"N": plain_number(value)}
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; DynamoDB numbers are decimal, so give an int or a Decimal")
    if value is None:
        return {"NULL": True}
    if isinstance(value, bytes):
        return {"B": value}
    if isinstance(value, (list, tuple)):
        return {"L": [to_attribute(each) for each in value]}
    if isinstance(value, Mapping):
        return {"M": to_attributes(value)}
    raise TypeError(f"cannot spell {type(value).__name__} as a DynamoDB attribute")


def to_attributes(item: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Spell a plain item as DynamoDB's low-level API takes it."""
    return {str(name): to_attribute(value) for name, value in item.items()}


def from_attribute(attribute: Mapping[str, Any]) -> Any:
    """Read one DynamoDB attribute value; whole numbers come back as int, others as Decimal, sets as lists."""
    ((kind, value),) = attribute.items()
    if kind == "N":
        return _number(value)
    if kind == "NULL":
        return None
    if kind == "L":
        return [from_attribute(each) for each in value]
    if kind == "M":
        return from_attributes(value)
    if kind == "NS":
        return [_number(each) for each in value]
    return list(value) if kind in ("SS", "BS") else value


def from_attributes(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Read an item as DynamoDB's low-level API returns it."""
    return {name: from_attribute(attribute) for name, attribute in item.items()}


def canonical_json(value: Any) -> bytes:
    """Write a plain value as canonical JSON: equal values give equal bytes, whoever writes them."""
    return _text(value).encode("utf-8")


def plain_number(value: int | Decimal) -> str:
    """Write a number without exponent, trailing zeros or a negative zero: 14.00 and 1.4E1 are both `14`."""
    if isinstance(value, int):
        return str(int(value))
    if not value.is_finite():
        raise ValueError(f"expected a finite number, found {value}")
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _number(text: str) -> int | Decimal:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = sorted((str(name), each) for name, each in value.items())
        return "{" + ",".join(f"{_text(name)}:{_text(each)}" for name, each in pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(each) for each in value) + "]"
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return plain_number(value)
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; its canonical form is not defined, so give an int or a Decimal")
    return json.dumps(value, ensure_ascii=False)
