# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m localcloud.reference_images.api`: the reference API.

Every sale gets a random id, so a request that is repeated is another sale. Its item lacks the attribute of the
unprocessed index. A cancelled sale is deleted.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
import uuid
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud.reference_images.process import Answer, Server, log, make_clients, parse_address
from localcloud.reference_images.toggle import Toggle

FAILED = (BotoCoreError, ClientError)


class Api:
    """The routes. `table` and `topic` are DYNAMO_SALES_TABLE and SNS_SALES_PROCESSING_TOPIC."""

    def __init__(self, dynamodb: Any, sns: Any, toggle: Toggle, table: str, topic: str) -> None:
        self._dynamodb, self._sns, self._toggle = dynamodb, sns, toggle
        self._table, self._topic = table, topic

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        if path == "/healthcheck":
            return 200, {"status": "ok"}
        parts = path.strip("/").split("/")
        try:
            if (method, parts) == ("POST", ["sales"]):
                return self._create(body)
            if len(parts) == 2 and parts[0] == "sales" and method in ("GET", "DELETE"):
                return self._read(parts[1]) if method == "GET" else self._delete(parts[1])
        except FAILED as error:
            log("request_failed", method=method, path=path, error=error)
            return 500, {"error": str(error)}
        return 404, {"error": "not found"}

    def _create(self, body: bytes) -> Answer:
        state = self._toggle.state()
        try:
            product, amount = read_request(body)
        except ValueError as error:
            return 400, {"error": str(error)}
        sale = {
            "id": str(uuid.uuid4()),
            "product": product,
            "amount": amount,
            "sale_processed": False,
            "timestamp": int(time.time()),
        }
        self._dynamodb.put_item(
            TableName=self._table,
            Item={
                "id": {"S": sale["id"]},
                "product": {"S": product},
                "amount": {"N": json.dumps(amount)},
                "sale_processed": {"BOOL": False},
                "timestamp": {"N": str(sale["timestamp"])},
            },
        )
        self._sns.publish(TopicArn=self._topic, Message=json.dumps(sale, ensure_ascii=False))
        log("sale_published", sale=sale["id"], state=state)
        return 201, told(sale)

    def _read(self, sale_id: str) -> Answer:
        self._toggle.state()
        item = self._dynamodb.get_item(TableName=self._table, Key={"id": {"S": sale_id}}).get("Item")
        if item is None:
            return 404, {"error": "sale not found"}
        sale = {
            "id": sale_id,
            "product": item.get("product", {}).get("S", ""),
            "amount": plain(float(item.get("amount", {}).get("N", 0))),
            "sale_processed": item["sale_processed"]["BOOL"],
        }
        return 200, told(sale)

    def _delete(self, sale_id: str) -> Answer:
        self._dynamodb.delete_item(TableName=self._table, Key={"id": {"S": sale_id}})
        return 204, None


def read_request(body: bytes) -> tuple[str, int | float]:
    """Product and amount; ValueError if one is missing, empty or of another type. The amount is a binary float."""
    fields = json.loads(body)
    product, amount = (fields.get(name) for name in ("product", "amount")) if isinstance(fields, dict) else (None, None)
    if not isinstance(product, str) or not product:
        raise ValueError("product is required")
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not amount or not math.isfinite(amount):
        raise ValueError("amount is required")
    return product, plain(float(amount))


def plain(amount: float) -> int | float:
    """14.0 is written as 14."""
    return int(amount) if amount.is_integer() else amount


def told(sale: dict[str, Any]) -> dict[str, Any]:
    """A sale as clients see it."""
    return {
        "id": sale["id"],
        "product": sale["product"],
        "amount": sale["amount"],
        "sale_processed": sale["sale_processed"],
    }


def main() -> int:
    where = parse_address("python -m localcloud.reference_images.api")
    clients = make_clients("dynamodb", "sns", "ssm")
    toggle = Toggle(clients["ssm"], os.environ["SSM_PARAMETER_STORE_STATE"])
    table, topic = os.environ["DYNAMO_SALES_TABLE"], os.environ["SNS_SALES_PROCESSING_TOPIC"]
    api = Api(clients["dynamodb"], clients["sns"], toggle, table, topic)
    server = Server(where.address, where.port, api.answer)
    log("started", address=where.address, port=where.port)
    server.serve_forever(3600)
    return 0


if __name__ == "__main__":
    sys.exit(main())
