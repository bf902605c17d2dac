# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes again what nobody has processed, until nothing is left: knows a table, its index and a topic, no sales.

Publishing twice is harmless, so the cursor moves after the publish and a killed run repeats one page at most. The index
is only eventually consistent (a global secondary index always is): that is why passes are repeated, and why each item
is read again, strongly consistent, before it is published.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ..names import arn
from ..protocol import cancelled_id, canonical_json, from_attributes, to_attributes
from ..protocol.wire import to_attribute

PAGE = 100
"""Items between two writes of the cursor."""

PAUSE_SECONDS = 1.0


def reconcile_pass(
    dynamodb: Any,
    sns: Any,
    what: Mapping[str, Any],
    topic: str,
    before: int,
    cursor: Mapping[str, Any] | None,
    advance: Callable[[dict[str, Any] | None], None],
) -> int:
    """Go once through one region's own index and publish what is unprocessed; how many were published.

    what:    `table`, `index`, `hash_attribute`, `hash_value`, `range_attribute` (unix seconds), `done_attribute`.
    before:  unix seconds; younger items are left alone, their own publish may be on its way.
    cursor:  where a killed run had got to, as `advance` was given it: the plain last key; None to begin.
    advance: called after each page was published, with None at the end of the pass.
    """
    published = 0
    names = {"#hash": what["hash_attribute"], "#range": what["range_attribute"]}
    while True:
        arguments: dict[str, Any] = {"ExclusiveStartKey": to_attributes(cursor)} if cursor else {}
        page = dynamodb.query(
            TableName=what["table"],
            IndexName=what["index"],
            KeyConditionExpression="#hash = :hash AND #range <= :before",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={":hash": {"S": what["hash_value"]}, ":before": {"N": str(before)}},
            Limit=PAGE,
            **arguments,
        )
        for found in page["Items"]:
            if _is_pending(dynamodb, what, found["id"]["S"]):
                # Without the index's own attribute it is the message that the API published.
                message = {k: v for k, v in from_attributes(found).items() if k != what["hash_attribute"]}
                sns.publish(TopicArn=topic, Message=canonical_json(message).decode())
                published += 1
        last = page.get("LastEvaluatedKey")
        cursor = from_attributes(last) if last else None
        advance(cursor)
        if cursor is None:
            return published


def _is_pending(dynamodb: Any, what: Mapping[str, Any], identifier: str) -> bool:
    def get(key: str) -> dict[str, Any] | None:
        return dynamodb.get_item(TableName=what["table"], Key={"id": to_attribute(key)}, ConsistentRead=True).get(
            "Item"
        )

    item = get(identifier)
    if item is None or item.get(what["done_attribute"], {}).get("BOOL"):
        return False
    return get(cancelled_id(identifier)) is None


def reconcile_region(
    dynamodb: Any,
    sns: Any,
    what: Mapping[str, Any],
    topic: str,
    cursor: Mapping[str, Any] | None,
    advance: Callable[[dict[str, Any] | None], None],
    pause: Callable[[float], None],
    since: float,
    clock: Callable[[], float] = time.time,
) -> tuple[int, bool]:
    """Repeat whole passes until one that saw everything older than `since` finds nothing.

    Returns how many were published, and whether it ended: it gives up, and the region stays owed, after
    `what["timeout"]` seconds. `pause` sleeps, and stops an orphaned run.
    """
    began, published = clock(), 0
    while True:
        now = clock()
        before = int(now - what["minimum_age"])
        whole = cursor is None
        found = reconcile_pass(dynamodb, sns, what, topic, before, cursor, advance)
        cursor, published = None, published + found
        if not found and whole and before >= int(since):
            return published, True
        if clock() - began > what["timeout"]:
            return published, False
        pause(PAUSE_SECONDS * (2 if found else 1))


def topic_arn(region: str, account: str, name: str) -> str:
    return arn("sns", region, account, name)
