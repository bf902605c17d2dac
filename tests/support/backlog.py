# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backlog of unprocessed sales on the embedded cloud, and whoever processes what is published again."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.config import Config

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.shared_arguments.reconcile import RECONCILE
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.reconcile_pass import (
    CALLS_AT_ONCE,
    Outcome,
    reconcile_region,
)
from harness.evidence import count_unprocessed
from localcloud import Cloud
from protocol.sale import Sale
from protocol.sale_id import new_sale_id
from tests.support.global_tables import create

PATIENCE_SECONDS = 600.0
LOOK_SECONDS = 0.25

REGION, TABLE = "sa-east-1", "sales"
ACCOUNT = "123456789012"
WIDE = Config(max_pool_connections=CALLS_AT_ONCE, retries={"mode": "standard", "max_attempts": 10})


class BacklogWatch(threading.Thread):
    """Looks several times a second how many sales are unprocessed by the indexes of these regions, until `over` is set.

    looks: (unix seconds, count)
    """

    def __init__(self, cloud: Cloud, regions: list[str]) -> None:
        super().__init__(daemon=True)
        self.cloud, self.regions = cloud, regions
        self.looks: list[tuple[float, int]] = []
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(LOOK_SECONDS):
            count = count_unprocessed(self.cloud.client, TABLE, self.regions)
            self.looks.append((time.time(), count))

    def wait_for(self, most: float) -> float:
        """When no more than so many were left; AssertionError: that does not happen."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self.looks and self.looks[-1][1] <= most:
                return self.looks[-1][0]
            time.sleep(LOOK_SECONDS)
        raise AssertionError(f"still unprocessed: {self.looks[-1][1]}")

    def first(self, most: float, since: float) -> float:
        """When no more than so many were left for the first time since then."""
        return min(at for at, count in self.looks if at >= since and count <= most)


class BackloggedTable:
    """One region's table of sales with `count` unprocessed ones, its topic, and the queue of those who process."""

    def __init__(self, cloud: Cloud, count: int) -> None:
        self.cloud, self.count = cloud, count
        self.dynamodb = cloud.client("dynamodb", REGION, config=WIDE)
        self.sns = cloud.client("sns", REGION, config=WIDE)
        self.sqs = cloud.client("sqs", REGION, config=WIDE)
        self.published: dict[str, int] = {}
        self.told: list[str] = []
        create(self.dynamodb, TABLE, index=True)
        self.topic = self.sns.create_topic(Name="sales-processing")["TopicArn"]
        queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:sales-queue"
        allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
        statement = {**allowed, "Resource": queue, "Condition": {"ArnEquals": {"aws:SourceArn": self.topic}}}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.queue = self.sqs.create_queue(QueueName="sales-queue", Attributes={"Policy": policy})["QueueUrl"]
        raw = {"RawMessageDelivery": "true"}
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=queue, Attributes=raw)
        self.sales = self._fill()

    def _fill(self) -> set[str]:
        """Sales of the last hour, a third of them of before there were shards."""
        began = time.time() - 3600
        sales = [
            Sale.new(new_sale_id(began + 3000 * number / self.count), "book", 14, REGION)
            for number in range(self.count)
        ]
        items = [sale.to_attributes(processed=False) for sale in sales]
        for item in items[::3]:
            item["unprocessed"] = {"S": "yes"}
        self._write(items)
        return {sale.id for sale in sales}

    def _write(self, items: list[dict[str, Any]]) -> None:
        def write(part: list[dict[str, Any]]) -> None:
            left = {TABLE: [{"PutRequest": {"Item": item}} for item in part]}
            while left:
                left = self.dynamodb.batch_write_item(RequestItems=left)["UnprocessedItems"]

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, (items[start : start + 25] for start in range(0, len(items), 25))))

    def reconcile(self, timeout: float, advance: Callable[[Any], None] = lambda cursors: None) -> Outcome:
        """Publish all of it again while others process; what was published is counted by sale."""
        what = {name: option.get("default") for name, option in RECONCILE["options"].items()}
        what |= {"table": TABLE, "minimum_age": 1.0, "timeout": timeout}
        over = threading.Event()
        with ThreadPoolExecutor(3) as pool:
            workers = [pool.submit(self._work, over) for _ in range(3)]
            try:
                return reconcile_region(
                    self.dynamodb, self.sns, what, self.topic, advance, time.sleep, tell=self.told.append, name=REGION
                )
            finally:
                over.set()
                for each in workers:
                    each.result()

    def _work(self, over: threading.Event) -> None:
        while not over.is_set():
            request = {"QueueUrl": self.queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1}
            messages = self.sqs.receive_message(**request).get("Messages", [])
            sales = {sale.id: sale for sale in (Sale.from_message(message["Body"]) for message in messages)}
            if not messages:
                continue
            self._write([sale.to_attributes(processed=True) for sale in sales.values()])
            entries = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)]
            self.sqs.delete_message_batch(QueueUrl=self.queue, Entries=entries)
            for message in messages:
                sale_id = json.loads(message["Body"])["id"]
                self.published[sale_id] = self.published.get(sale_id, 0) + 1
