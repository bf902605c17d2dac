# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a backlog is published again where each call takes 100 ms, as from another continent.

The endpoint counts its calls and how many of them were under way at once, and time follows from these: what a machine
can do in a second is not measured here.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import from_attributes, to_attributes
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol.shards import shard_value
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.reconcile_pass import reconcile_region

SALES = 3000
LATENCY = 0.1
WHAT = {
    "table": "sales",
    "index": "unprocessed",
    "hash_attribute": "unprocessed",
    "hash_value": "yes",
    "shards": 16,
    "range_attribute": "timestamp",
    "done_attribute": "sale_processed",
    "scan": False,
    "done_table": None,
    "minimum_age": 0,
    "timeout": 600,
}


class SlowEndpoint:
    """A table, its index and a topic, each call of which takes its time. What is published is processed at once."""

    def __init__(self, sales: dict[str, str]) -> None:
        self.lock = threading.Lock()
        self.under_way = self.most = self.calls = 0
        self.began = self.ended = 0.0
        self.published: list[str] = []
        self.shards: dict[str, list[dict[str, Any]]] = {}
        self.items = {}
        for number, (sale, value) in enumerate(sales.items()):
            item = {"id": sale, "unprocessed": value, "timestamp": number, "sale_processed": False}
            self.items[sale] = to_attributes(item)
            self.shards.setdefault(value, []).append(self.items[sale])

    def _take_time(self) -> None:
        with self.lock:
            self.calls += 1
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        time.sleep(LATENCY)
        with self.lock:
            self.under_way -= 1

    def query(self, **request: Any) -> dict[str, Any]:
        self._take_time()
        shard = self.shards.get(request["ExpressionAttributeValues"][":hash"]["S"], [])
        start = from_attributes(request.get("ExclusiveStartKey", {})).get("timestamp", -1)
        left = [item for item in shard if int(item["timestamp"]["N"]) > start and item["id"]["S"] in self.items]
        page = left[: request.get("Limit", len(left))]
        last = {"LastEvaluatedKey": page[-1]} if len(page) < len(left) else {}
        return {"Items": page, "Count": len(page), **last}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:
        self._take_time()
        ((table, asked),) = RequestItems.items()
        assert len(asked["Keys"]) <= 100 and asked["ConsistentRead"]
        found = [self.items[key["id"]["S"]] for key in asked["Keys"] if key["id"]["S"] in self.items]
        return {"Responses": {table: found}}

    def publish_batch(self, TopicArn: str, PublishBatchRequestEntries: list[dict[str, str]]) -> dict[str, Any]:
        self._take_time()
        assert len(PublishBatchRequestEntries) <= 10
        ids = [json.loads(entry["Message"])["id"] for entry in PublishBatchRequestEntries]
        with self.lock:
            self.published += ids
            for each in ids:
                self.items.pop(each, None)
            self.ended = time.monotonic()
        return {}


@pytest.mark.parametrize("sharded", [True, False])
def test_a_thousand_sales_a_second_are_published_where_a_call_takes_100_ms(sharded: bool) -> None:
    """From sixteen shards, and from the one value of before."""
    ids = [f"sale-{number}" for number in range(SALES)]
    endpoint = SlowEndpoint({each: shard_value(each) if sharded else "yes" for each in ids})
    counted: list[tuple[int, float]] = []

    def note(seconds: float) -> None:
        if not counted:  # after the first pass, which published all
            counted.append((endpoint.calls, endpoint.ended - began))

    began = time.monotonic()
    outcome = reconcile_region(endpoint, endpoint, WHAT, "topic", lambda cursors: None, note)
    assert outcome.ended and sorted(endpoint.published) == sorted(ids), "each once"
    ((calls, seconds),) = counted
    at_once = calls * LATENCY / seconds
    rate = SALES / (calls * LATENCY / at_once)
    print(f"{calls} calls, {at_once:.1f} at once ({endpoint.most} at the most): {rate:.0f} sales a second")
    assert calls <= SALES / 10 + SALES * 2 / 100 + 100, "ten messages and a hundred keys in a call"
    assert endpoint.most <= 32 + 17
    assert rate >= 1000
