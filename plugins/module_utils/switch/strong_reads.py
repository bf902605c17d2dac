# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Items by their keys, read strongly consistent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..protocol.encoding import to_attribute

KEYS_AT_ONCE = 100
"""How many keys BatchGetItem takes."""


def read_items(
    dynamodb: Any, table: str, keys: list[str], each: Callable[..., Iterable[Any]] = map
) -> dict[str, dict[str, Any]]:
    """The items of these keys that exist, by key. `each` makes the calls, as `map` does one by one."""
    some = [keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE)]
    found: dict[str, dict[str, Any]] = {}
    for items in each(lambda part: _read(dynamodb, table, part), some):
        found.update(items)
    return found


def _read(dynamodb: Any, table: str, keys: list[str]) -> dict[str, dict[str, Any]]:
    found = {}
    asked = {table: {"Keys": [{"id": to_attribute(key)} for key in keys], "ConsistentRead": True}}
    while asked:  # what did not fit, or was throttled, comes back
        answer = dynamodb.batch_get_item(RequestItems=asked)
        found.update({item["id"]["S"]: item for item in answer["Responses"].get(table, [])})
        asked = answer.get("UnprocessedKeys")
    return found
