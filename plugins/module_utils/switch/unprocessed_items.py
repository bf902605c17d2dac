# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What nobody has processed in one region, a page at a time, and the topic on which it is published again.

It comes in parts, which are read side by side: the values of the index's hash key, or the segments of a scan for an
image that does not write the index's attribute. The index is only eventually consistent (a global secondary index
always is), so each item is read again, strongly consistent, before it is published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from ..kernel import CollectionError
from ..protocol import cancelled_id, canonical_json, from_attributes, to_attributes
from ..protocol.shards import shard_values
from .strong_reads import read_items

PAGE = 1000
"""How many items a part is read and published by: what a killed run repeats of each part, at most. A scan counts those
that its filter leaves out, too."""

SCAN_SEGMENTS = 8
"""The parts of a table that is scanned."""

BATCH, BATCH_BYTES = 10, 256 * 1024
"""How many messages PublishBatch takes, and how many bytes they may have together."""

ALWAYS = 253_402_300_799
"""The last second of the year 9999: no time of an item is later."""


@dataclass(frozen=True)
class Page:
    """items: plain. cursor: the plain last key, to read on from; None at the end. told_at: the region's own clock, in
    unix seconds, as the answer told it; None if it did not."""

    items: list[dict[str, Any]]
    cursor: dict[str, Any] | None
    told_at: float | None


class UnprocessedItems:
    """Of one region and one table.

    what: `table`, `range_attribute` (unix seconds), `done_attribute`, and `index`, `hash_attribute`, `hash_value`,
          `shards`; or with `scan`, `since` (unix seconds) and maybe `done_table`.
    each: makes calls side by side, as `map` does one after the other.
    """

    def __init__(
        self,
        dynamodb: Any,
        sns: Any,
        what: Mapping[str, Any],
        topic: str,
        each: Callable[..., Iterable[Any]] = map,
    ) -> None:
        self._dynamodb, self._sns, self._topic, self._each = dynamodb, sns, topic, each
        self.what = what
        self.parts = parts_of(what)

    def read(self, part: str, before: int, cursor: Mapping[str, Any] | None) -> Page:
        """A page of a part, of what is no younger than `before`."""
        request = self._request(part, before)
        start = {"ExclusiveStartKey": to_attributes(cursor)} if cursor else {}
        answer = self._ask(**request, Limit=PAGE, **start)
        last = answer.get("LastEvaluatedKey")
        items = [from_attributes(item) for item in answer["Items"]]
        return Page(items, from_attributes(last) if last else None, _told_at(answer))

    def count(self, part: str, before: int, cursor: Mapping[str, Any]) -> int:
        """How many items a part has from a cursor on."""
        last: Any = to_attributes(cursor)
        count = 0
        while last:
            answer = self._ask(**self._request(part, before), Select="COUNT", ExclusiveStartKey=last)
            count, last = count + answer["Count"], answer.get("LastEvaluatedKey")
        return count

    def pending(self, identifiers: list[str]) -> set[str]:
        """Which of these are neither processed nor cancelled, read strongly consistent."""
        what = self.what
        done_table = what["scan"] and what["done_table"]
        keys = [key for each in identifiers for key in (each, cancelled_id(each))]
        found = read_items(self._dynamodb, what["table"], keys, self._each)
        left = [each for each in identifiers if each in found]
        done = read_items(self._dynamodb, done_table, left, self._each) if done_table else {}
        return {
            each
            for each in left
            if not found[each].get(what["done_attribute"], {}).get("BOOL")
            and cancelled_id(each) not in found
            and each not in done
        }

    def publish(self, items: list[dict[str, Any]]) -> None:
        """Publish each, as the message that the API published: without the index's own attribute.

        Raises:
            CollectionError: SNS refused some.
        """
        hidden = self.what["hash_attribute"]
        messages = [canonical_json({k: v for k, v in item.items() if k != hidden}).decode() for item in items]
        for _answer in self._each(self._publish, _batches(messages)):
            pass

    def _publish(self, batch: list[str]) -> None:
        entries = [{"Id": str(number), "Message": message} for number, message in enumerate(batch)]
        refused = self._sns.publish_batch(TopicArn=self._topic, PublishBatchRequestEntries=entries).get("Failed")
        if refused:
            raise CollectionError(
                f"{self._topic} refused {len(refused)} of {len(entries)} messages: {refused[0].get('Message')}"
            )

    def _ask(self, **request: Any) -> dict[str, Any]:
        return self._dynamodb.scan(**request) if self.what["scan"] else self._dynamodb.query(**request)

    def _request(self, part: str, before: int) -> dict[str, Any]:
        what = self.what
        request = {"TableName": what["table"]}
        if not what["scan"]:
            return {
                **request,
                "IndexName": what["index"],
                "KeyConditionExpression": "#hash = :hash AND #range <= :before",
                "ExpressionAttributeNames": {"#hash": what["hash_attribute"], "#range": what["range_attribute"]},
                "ExpressionAttributeValues": {":hash": {"S": part}, ":before": {"N": str(before)}},
            }
        # Strongly consistent, as a scan of a table can be. A cancellation has no time of its own, so it is not found.
        since = {"N": str(what.get("since", 0))}
        return {
            **request,
            "FilterExpression": "#done <> :yes AND #range BETWEEN :since AND :before",
            "ExpressionAttributeNames": {"#done": what["done_attribute"], "#range": what["range_attribute"]},
            "ExpressionAttributeValues": {":yes": {"BOOL": True}, ":since": since, ":before": {"N": str(before)}},
            "ConsistentRead": True,
            "Segment": int(part),
            "TotalSegments": SCAN_SEGMENTS,
        }


def parts_of(what: Mapping[str, Any]) -> list[str]:
    if what["scan"]:
        return [str(segment) for segment in range(SCAN_SEGMENTS)]
    return shard_values(what["hash_value"], what["shards"])


def _told_at(answer: Mapping[str, Any]) -> float | None:
    told = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return parsedate_to_datetime(told).timestamp() if told else None
    except ValueError:
        return None


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
