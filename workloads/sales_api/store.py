# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the API keeps what it accepts: the sale's item, the cancellation's item, and the topic that tells the workers.

Each fact is written once, on condition that it is not there: a retry (the client's, or botocore's own after a lost
answer) finds the first writing instead of making a second.

What is recorded is acknowledged, whatever becomes of its publish. Were the client told that it failed, it would buy
again under another id, and the first sale, which any reconciliation finds, would be processed weeks later.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from protocol.encoding import from_attributes, to_attributes
from protocol.sale import MalformedSale, Sale, cancelled_id, cancelled_item
from protocol.service_errors import is_ill
from sales_common.aws import Aws, Patience
from sales_common.batches import read_items
from sales_common.log import Log, describe
from sales_common.settings import ApiSettings

from .unpublished import Unpublished

SURE_SECONDS = 5.0
"""How long it is tried to learn whether a sale is recorded; a client and its load balancer wait for the answer."""

PAUSE_SECONDS = 0.2


class KeyReused(Exception):
    """The Idempotency-Key belongs to a sale with other content."""


@dataclass(frozen=True)
class Found:
    """The plain items of a sale and of its cancellation, each None when there is none."""

    sale: dict[str, Any] | None
    cancellation: dict[str, Any] | None = None


class SaleStore:
    """The API's two AWS services. botocore's errors pass through; nothing was promised to the client by then.

    table: the name of the table of the sales.  unpublished: what is recorded and still to be published.
    """

    def __init__(self, aws: Aws, settings: ApiSettings, log: Log) -> None:
        patience = Patience(connect=2.0, read=4.0, attempts=2)
        self.table = settings.sales_table
        self._topic = settings.topic_arn
        self._dynamodb = aws.client("dynamodb", patience, connections=settings.threads)
        self._sns = aws.client("sns", patience, connections=settings.threads)
        self._log = log
        self.unpublished = Unpublished(self._send, log)

    def record(self, sale: Sale) -> Found:
        """Write the sale, or find it already written, and publish it, now or later; what stands now.

        It is published again when it was found, because the first time may have ended between the two steps.

        Raises:
            KeyReused: the id is taken by a sale with another product or amount.
        """
        item = sale.to_item(processed=False)
        first = self._record_surely(item)
        if first is None:
            self._publish(sale)
            return Found(item)
        try:
            earlier = Sale.from_dict(first)
        except MalformedSale as error:
            raise KeyReused(f"the id {sale.id} is taken by an item that is no sale") from error
        if (earlier.product, earlier.amount) != (sale.product, sale.amount):
            raise KeyReused(f"the Idempotency-Key {sale.id} belongs to a sale with other content")
        self._publish(earlier)
        return self.find(sale.id)

    def find(self, sale_id: str) -> Found:
        """The sale and its cancellation; one call."""
        items = read_items(self._dynamodb, {self.table: [sale_id, cancelled_id(sale_id)]})[self.table]
        sale, cancellation = items.get(sale_id), items.get(cancelled_id(sale_id))
        return Found(
            from_attributes(sale) if sale else None,
            from_attributes(cancellation) if cancellation else None,
        )

    def cancel(self, sale: dict[str, Any]) -> dict[str, Any]:
        """Write the cancellation of this item, unless there is one; the plain item that stands."""
        item = cancelled_item(sale["id"], int(time.time()), sale.get("sale_processed") is True)
        return self._write_once(item) or item

    def _publish(self, sale: Sale) -> None:
        message = sale.to_message()
        try:
            self._send(message)
        except (BotoCoreError, ClientError) as error:
            self._log.error("not_published", sale=sale.id, error=describe(error))
            self.unpublished.add(sale.id, message)

    def _send(self, message: str) -> None:
        self._sns.publish(TopicArn=self._topic, Message=message)

    def _record_surely(self, item: dict[str, Any]) -> dict[str, Any] | None:
        """As `_write_once`; asked again after a fault of AWS, which does not tell whether the item was written.

        A second answer tells that, whatever became of the first: the condition finds what was written.
        """
        deadline, asked = time.monotonic() + SURE_SECONDS, False
        while True:
            try:
                first = self._write_once(item)
            except (BotoCoreError, ClientError) as error:
                if not is_ill(error) or time.monotonic() >= deadline:
                    raise
                asked = True
                time.sleep(PAUSE_SECONDS)
            else:
                return None if asked and first == item else first

    def _write_once(self, item: dict[str, Any]) -> dict[str, Any] | None:
        """Put an item if its id is free; the plain item found there otherwise."""
        try:
            self._dynamodb.put_item(
                TableName=self.table,
                Item=to_attributes(item),
                ConditionExpression="attribute_not_exists(id)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException as refusal:
            return from_attributes(refusal.response["Item"])
        return None
