# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the API keeps what it accepts: the sale's item, the cancellation's item, and the topic that tells the workers.

Each fact is written once, on condition that it is not there: a retry (the client's, or botocore's own after a lost
answer) finds the first writing instead of making a second.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from protocol.encoding import from_attributes, to_attributes
from protocol.sale import MalformedSale, Sale, cancelled_id, cancelled_item
from sales_common.aws import Aws, Patience
from sales_common.batches import read_items
from sales_common.settings import ApiSettings


class KeyReused(Exception):
    """The Idempotency-Key belongs to a sale with other content."""


@dataclass(frozen=True)
class Found:
    """The plain items of a sale and of its cancellation, each None when there is none."""

    sale: dict[str, Any] | None
    cancellation: dict[str, Any] | None = None


class SaleStore:
    """The API's two AWS services. botocore's errors pass through; nothing was promised to the client by then.

    table: the name of the table of the sales.
    """

    def __init__(self, aws: Aws, settings: ApiSettings) -> None:
        patience = Patience(connect=2.0, read=4.0, attempts=2)
        self.table = settings.sales_table
        self._topic = settings.topic_arn
        self._dynamodb = aws.client("dynamodb", patience, connections=settings.threads)
        self._sns = aws.client("sns", patience, connections=settings.threads)

    def record(self, sale: Sale) -> Found:
        """Write the sale, or find it already written, and publish it; what stands now.

        It is published again when it was found, because the first time may have ended between the two steps.

        Raises:
            KeyReused: the id is taken by a sale with another product or amount.
        """
        item = sale.to_item(processed=False)
        first = self._write_once(item)
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

    def cancel(self, sale_id: str) -> dict[str, Any]:
        """Write the cancellation, unless there is one; the plain item that stands."""
        item = cancelled_item(sale_id, int(time.time()))
        return self._write_once(item) or item

    def _publish(self, sale: Sale) -> None:
        self._sns.publish(TopicArn=self._topic, Message=sale.to_message())

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
