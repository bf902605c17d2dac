# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every few minutes, by one worker of an ACTIVE region: what fell between is put back into the region's own queue.

A publish that failed with its API, a message that expired or was lost: such a sale is in the index of what nobody has
processed, and has no message any more. Only the region that owns it brings it back, and only its own queue gets it. The
message is then judged like any other, so the map and the fence have their say.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from protocol.attributes import UNPROCESSED_ATTRIBUTE, UNPROCESSED_INDEX
from protocol.encoding import from_attributes
from protocol.owners import acts
from protocol.sale import MalformedSale, Sale
from protocol.service_errors import error_code
from protocol.shards import shard_values
from protocol.states import ACTIVE
from protocol.steady import again_id, again_write, turn_write
from sales_common.aws import Aws
from sales_common.batches import read_items
from sales_common.log import Log, describe
from sales_common.settings import WorkerSettings
from sales_common.view_watch import DENIED, ViewWatch

BATCH_MESSAGES = 10
PAGE = 100
MOST = 1_000
"""Sales of one pass: the next one goes on."""

TURNS = 10
"""How often a worker looks, in the time of one pass, whether it is due."""


class SteadyPass:
    """One worker's part in it, by a thread of its own from `start` until `stop`."""

    def __init__(
        self,
        aws: Aws,
        settings: WorkerSettings,
        view: ViewWatch,
        log: Log,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._view = view
        self._log = log
        self._wall_clock = wall_clock
        self._dynamodb = aws.client("dynamodb", connections=1)
        self._sqs = aws.client("sqs", connections=1)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="steady", daemon=True)

    def start(self) -> None:
        if self._settings.steady_seconds:
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(self._settings.steady_seconds / TURNS * random.uniform(0.5, 1.5)):
            try:
                self.bring_back()
            # It must outlive whatever goes wrong: the next one may succeed.
            except Exception as error:
                self._log.warning("steady_pass_failed", error=describe(error))
                if error_code(error) == DENIED:
                    # Its role is older than it. A switch reconciles all the same.
                    return

    def bring_back(self) -> int:
        """Take the next pass, if it is due and this region is ACTIVE, and carry it out; how many sales came back."""
        settings, now = self._settings, int(self._wall_clock())
        if not self._may_act() or not self._take(
            turn_write(settings.idempotency_table, settings.region, now, settings.steady_seconds)
        ):
            return 0
        brought: list[Sale] = []
        for sales in self._fallen_between(now - int(settings.steady_seconds)):
            due = self._due(sales, now)
            self._send(due)
            brought += due
            if len(brought) >= MOST or self._stopping.is_set() or not self._may_act():
                break
        if brought:
            self._log.warning("brought_back", count=len(brought), sales=[each.id for each in brought[:10]])
        return len(brought)

    def _may_act(self) -> bool:
        region_map, may_claim, _ = self._view.look()
        return may_claim and region_map is not None and region_map.state_of(self._settings.region) == ACTIVE

    def _take(self, request: dict[str, Any]) -> bool:
        try:
            self._dynamodb.update_item(**request)
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _fallen_between(self, before: int) -> Iterator[list[Sale]]:
        """The sales that nobody has processed for so long, and that are this region's; of each shard the oldest first.

        In any order of the shards, so that none is left out for ever when one pass cannot bring back all.
        """
        values = shard_values()
        random.shuffle(values)
        for value in values:
            yield from self._fallen_in(value, before)

    def _fallen_in(self, value: str, before: int) -> Iterator[list[Sale]]:
        asked: dict[str, Any] = {
            "TableName": self._settings.sales_table,
            "IndexName": UNPROCESSED_INDEX,
            "KeyConditionExpression": "#hash = :hash AND #range <= :before",
            "ExpressionAttributeNames": {"#hash": UNPROCESSED_ATTRIBUTE, "#range": "timestamp"},
            "ExpressionAttributeValues": {":hash": {"S": value}, ":before": {"N": str(before)}},
            "Limit": PAGE,
        }
        while True:
            page = self._dynamodb.query(**asked)
            region_map = self._view.look()[0]
            sales = [sale for item in page["Items"] if (sale := self._read(item))]
            yield [sale for sale in sales if region_map and acts(self._settings.region, sale, region_map)]
            if not page.get("LastEvaluatedKey"):
                return
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _read(self, item: dict[str, Any]) -> Sale | None:
        try:
            return Sale.from_dict(from_attributes(item))
        except MalformedSale as error:
            self._log.warning("item_malformed", sale=item["id"].get("S"), error=str(error))
            return None

    def _due(self, sales: list[Sale], now: int) -> list[Sale]:
        """Those that are due to come back: one that comes back again and again waits longer and longer."""
        table, region = self._settings.idempotency_table, self._settings.region
        if not sales:
            return []
        found = read_items(self._dynamodb, {table: [again_id(each.id, region) for each in sales]})[table]
        due = []
        for sale in sales:
            times = int(found.get(again_id(sale.id, region), {}).get("times", {}).get("N", 0))
            if self._take(again_write(table, sale.id, region, now, times, self._settings.steady_seconds)):
                due.append(sale)
        return due

    def _send(self, sales: list[Sale]) -> None:
        """botocore's errors pass through: what is not sent is due again later."""
        for start in range(0, len(sales), BATCH_MESSAGES):
            some = sales[start : start + BATCH_MESSAGES]
            entries = [{"Id": str(number), "MessageBody": sale.to_message()} for number, sale in enumerate(some)]
            answer = self._sqs.send_message_batch(QueueUrl=self._settings.queue_url, Entries=entries)
            if answer.get("Failed"):
                self._log.warning("not_brought_back", count=len(answer["Failed"]))
