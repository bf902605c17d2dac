# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DynamoDB's batch calls, with the part that every caller forgets: what came back unprocessed is asked for again.

BatchGetItem and BatchWriteItem succeed while leaving work undone (throttling, 16 MB of answer) and leave the pause
before the next try to the caller.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

TRIES = 3
FIRST_PAUSE_SECONDS = 0.1

Item = dict[str, dict[str, Any]]


class Incomplete(Exception):
    """DynamoDB left a part of a batch undone, TRIES times; `keys` says which ids, per table."""

    def __init__(self, operation: str, undone: Mapping[str, Any]) -> None:
        self.keys = {table: [str(each) for each in part.get("Keys", [])] for table, part in undone.items()}
        super().__init__(f"{operation} left undone after {TRIES} tries: {self.keys}")


def read_items(client: Any, ids_of_tables: Mapping[str, Iterable[str]]) -> dict[str, dict[str, Item]]:
    """Strongly consistent BatchGetItem of tables whose hash key is `id`: table → id → low-level item, if it exists.

    At most 100 distinct ids in all (DynamoDB's limit).

    Raises:
        Incomplete: DynamoDB left keys unread. Nothing may be concluded about a key that was not read.
    """
    request: dict[str, Any] = {
        table: {"Keys": [{"id": {"S": each}} for each in ids], "ConsistentRead": True}
        for table, ids in ids_of_tables.items()
    }
    found: dict[str, dict[str, Item]] = {table: {} for table in request}
    for attempt in range(TRIES):
        _pause(attempt)
        answer = client.batch_get_item(RequestItems=request)
        for table, items in answer["Responses"].items():
            found[table] |= {item["id"]["S"]: item for item in items}
        request = answer.get("UnprocessedKeys") or {}
        if not request:
            return found
    raise Incomplete("BatchGetItem", request)


def scan_items(client: Any, table: str) -> list[Item]:
    """Every item of a table, strongly consistent, however many pages they are."""
    asked: dict[str, Any] = {"TableName": table, "ConsistentRead": True}
    items: list[Item] = []
    while True:
        answer = client.scan(**asked)
        items += answer["Items"]
        if not (last := answer.get("LastEvaluatedKey")):
            return items
        asked["ExclusiveStartKey"] = last


def write_items(client: Any, table: str, items: Sequence[Item], may_try: Callable[[], bool] = lambda: True) -> set[str]:
    """Put up to 25 whole items (DynamoDB's limit); the ids of those that were left unwritten, normally none.

    may_try is asked before every try; once it says no, what is left is left.
    """
    request = [{"PutRequest": {"Item": item}} for item in items]
    for attempt in range(TRIES):
        _pause(attempt)
        if not may_try():
            break
        request = client.batch_write_item(RequestItems={table: request}).get("UnprocessedItems", {}).get(table, [])
        if not request:
            break
    return {each["PutRequest"]["Item"]["id"]["S"] for each in request}


def _pause(attempt: int) -> None:
    if attempt:
        time.sleep(FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * (0.5 + random.random() / 2))
