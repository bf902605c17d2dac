# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes again what nobody has processed, until nothing is left: knows a table, its index and a topic, no sales.

Publishing twice is harmless, so the cursor moves after the publish and a killed run repeats one page at most. The index
is only eventually consistent (a global secondary index always is): that is why passes are repeated, and why each item
is read again, strongly consistent, before it is published. Items of an image that does not write the index's attribute
are found by a scan.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ..aws.names import arn
from ..kernel import CollectionError
from ..protocol import cancelled_id, canonical_json, from_attributes, to_attributes
from ..protocol.encoding import to_attribute
from ..protocol.limits import SHADOW_FIRST_SECONDS

PAGE = 100
"""Items between two writes of the cursor."""

KEYS_AT_ONCE = 100
"""How many keys BatchGetItem takes."""

BATCH, BATCH_BYTES = 10, 256 * 1024
"""How many messages PublishBatch takes, and how many bytes they may have together."""

SCAN_PAGE = 1000
"""The same for a scan, which counts the items that the filter leaves out too."""

PAUSE_SECONDS = 1.0
"""Between two passes, where nothing tells how soon the next one may find something else."""

AGAIN_SECONDS = 1.5 * SHADOW_FIRST_SECONDS
"""How long an id that was published is left alone: longer than a worker hides a message the first time."""


def reconcile_pass(
    dynamodb: Any,
    sns: Any,
    what: Mapping[str, Any],
    topic: str,
    before: int,
    cursor: Mapping[str, Any] | None,
    advance: Callable[[dict[str, Any] | None], None],
    is_due: Callable[[str], bool] = lambda identifier: True,
) -> tuple[int, int]:
    """Go once through one region's own index and publish what is unprocessed; how many were found, and published.

    what:    `table`, `range_attribute` (unix seconds), `done_attribute`, and `index`, `hash_attribute`, `hash_value`;
             or with `scan`, `since` (unix seconds) and maybe `done_table`.
    before:  unix seconds; younger items are left alone, their own publish may be on its way.
    cursor:  where a killed run had got to, as `advance` was given it: the plain last key; None to begin.
    advance: called after each page was published, with None at the end of the pass.
    is_due:  whether an id that is unprocessed is to be published now.
    """
    pending_count = published = 0
    read = _scan if what["scan"] else _query
    while True:
        page = read(dynamodb, what, before, cursor)
        pending = _pending(dynamodb, what, [found["id"]["S"] for found in page["Items"]])
        pending_count += len(pending)
        messages = []
        for found in page["Items"]:
            if found["id"]["S"] in pending and is_due(found["id"]["S"]):
                # Without the index's own attribute it is the message that the API published.
                message = {k: v for k, v in from_attributes(found).items() if k != what["hash_attribute"]}
                messages.append(canonical_json(message).decode())
        _publish(sns, topic, messages)
        published += len(messages)
        last = page.get("LastEvaluatedKey")
        cursor = from_attributes(last) if last else None
        advance(cursor)
        if cursor is None:
            return pending_count, published


def _publish(sns: Any, topic: str, messages: list[str]) -> None:
    """Publish each message, as many in a call as SNS takes. CollectionError for those that it refused."""
    for batch in _batches(messages):
        entries = [{"Id": str(number), "Message": message} for number, message in enumerate(batch)]
        refused = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries).get("Failed")
        if refused:
            raise CollectionError(
                f"{topic} refused {len(refused)} of {len(entries)} messages: {refused[0].get('Message')}"
            )


def _batches(messages: list[str]) -> list[list[str]]:
    batches: list[list[str]] = []
    size = 0
    for message in messages:
        length = len(message.encode())
        if not batches or len(batches[-1]) == BATCH or size + length > BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(message)
        size += length
    return batches


def _query(dynamodb: Any, what: Mapping[str, Any], before: int, cursor: Mapping[str, Any] | None) -> dict[str, Any]:
    return dynamodb.query(
        TableName=what["table"],
        IndexName=what["index"],
        KeyConditionExpression="#hash = :hash AND #range <= :before",
        ExpressionAttributeNames={"#hash": what["hash_attribute"], "#range": what["range_attribute"]},
        ExpressionAttributeValues={":hash": {"S": what["hash_value"]}, ":before": {"N": str(before)}},
        Limit=PAGE,
        **_start(cursor),
    )


def _scan(dynamodb: Any, what: Mapping[str, Any], before: int, cursor: Mapping[str, Any] | None) -> dict[str, Any]:
    """The whole table since the last completed reconcile, for items that an image wrote without the index's attribute.

    Strongly consistent, as a scan of a table can be. A cancellation has no time of its own, so it is not found.
    """
    return dynamodb.scan(
        TableName=what["table"],
        FilterExpression="#done <> :yes AND #range BETWEEN :since AND :before",
        ExpressionAttributeNames={"#done": what["done_attribute"], "#range": what["range_attribute"]},
        ExpressionAttributeValues={
            ":yes": {"BOOL": True},
            ":since": {"N": str(what.get("since", 0))},
            ":before": {"N": str(before)},
        },
        ConsistentRead=True,
        Limit=SCAN_PAGE,
        **_start(cursor),
    )


def _start(cursor: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"ExclusiveStartKey": to_attributes(cursor)} if cursor else {}


def _pending(dynamodb: Any, what: Mapping[str, Any], identifiers: list[str]) -> set[str]:
    """Which of these are neither processed nor cancelled, read strongly consistent."""
    table, done_table = what["table"], what["scan"] and what["done_table"]
    found = read_items(dynamodb, table, [*identifiers, *(cancelled_id(each) for each in identifiers)])
    # An image that never marks its items as done is judged by what it keeps its work idempotent with.
    done = read_items(dynamodb, done_table, identifiers).keys() if done_table else set()
    return {
        each
        for each in identifiers
        if each in found
        and not found[each].get(what["done_attribute"], {}).get("BOOL")
        and cancelled_id(each) not in found
        and each not in done
    }


def read_items(dynamodb: Any, table: str, keys: list[str]) -> dict[str, dict[str, Any]]:
    """The items of these keys that exist, by key, read strongly consistent."""
    found = {}
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = [{"id": to_attribute(key)} for key in keys[start : start + KEYS_AT_ONCE]]
        asked = {table: {"Keys": some, "ConsistentRead": True}}
        while asked:  # what did not fit, or was throttled, comes back
            answer = dynamodb.batch_get_item(RequestItems=asked)
            found.update({item["id"]["S"]: item for item in answer["Responses"].get(table, [])})
            asked = answer.get("UnprocessedKeys")
    return found


def reconcile_region(
    dynamodb: Any,
    sns: Any,
    what: Mapping[str, Any],
    topic: str,
    cursor: Mapping[str, Any] | None,
    advance: Callable[[dict[str, Any] | None], None],
    pause: Callable[[float], None],
    since: float,
    sent: dict[str, float] | None = None,
    clock: Callable[[], float] = time.time,
    pause_seconds: float = PAUSE_SECONDS,
) -> tuple[int, bool]:
    """Repeat whole passes until one that saw everything older than `since` finds nothing.

    pause_seconds: how long between two of them, and twice as long after one that found something.

    Returns how many were published, and whether it ended: it gives up, and the region stays owed, after
    `what["timeout"]` seconds. `pause` sleeps, and stops an orphaned run. `sent` remembers when an id was published, for
    all regions: a topic reaches every region's queue, and workers need time for what they have.
    """
    began, published = clock(), 0
    sent = {} if sent is None else sent

    def is_due(identifier: str) -> bool:
        if clock() - sent.get(identifier, -AGAIN_SECONDS) < AGAIN_SECONDS:
            return False
        sent[identifier] = clock()
        return True

    while True:
        now = clock()
        # What is younger than that is everyday's work, and would end no pass while workers are busy with it.
        before = int(min(now, since + 2 * what["minimum_age"]) - what["minimum_age"])
        whole = cursor is None
        found, new = reconcile_pass(dynamodb, sns, what, topic, before, cursor, advance, is_due)
        cursor, published = None, published + new
        if not found and whole and before >= int(since):
            return published, True
        if clock() - began > what["timeout"]:
            return published, False
        pause(pause_seconds * (2 if found else 1))


def topic_arn(region: str, account: str, name: str) -> str:
    return arn("sns", region, account, name)
