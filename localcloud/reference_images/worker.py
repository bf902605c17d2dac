# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m localcloud.reference_images.worker`: the reference worker.

It reads the state, waits up to 20 s for messages, and only then judges them by that state: what it receives while the
region is not ACTIVE it "dry-runs", and deletes. Otherwise it looks the sale up in the idempotency table, marks its
item, puts the message as it came into the lake under today's date, and then writes the idempotency item. No write has
a condition, so two workers with two copies of one message can both do all of it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud.reference_images.process import Server, log, make_clients, parse_address
from localcloud.reference_images.toggle import ACTIVE, Toggle

FAILED = (BotoCoreError, ClientError)
THREADS = 2
BATCH_MESSAGES, POLL_SECONDS = 10, 20
PAUSE_SECONDS = 1.0
"""After an error. The image does not wait at all; a laptop is spared that."""


class SaleNotFound(Exception):
    """The region's replica does not have the sale's item, or has it no more. The message comes back later."""


class Worker:
    """Deals with messages. `names` has `queue`, `sales`, `idempotency` and `bucket`."""

    def __init__(
        self,
        clients: dict[str, Any],
        toggle: Toggle,
        names: dict[str, str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sqs, self._dynamodb, self._s3 = (clients[each] for each in ("sqs", "dynamodb", "s3"))
        self._toggle, self._names, self._now = toggle, names, now

    def turn(self) -> None:
        """One look at the state, one long poll, and what came of it. Errors of the first two pass through."""
        state = self._toggle.state()
        answer = self._sqs.receive_message(
            QueueUrl=self._names["queue"], MaxNumberOfMessages=BATCH_MESSAGES, WaitTimeSeconds=POLL_SECONDS
        )
        for message in answer.get("Messages", []):
            try:
                if state == ACTIVE:
                    self._process(message["Body"])
                else:
                    log("dry_run", message=message["MessageId"], state=state)
                self._sqs.delete_message(QueueUrl=self._names["queue"], ReceiptHandle=message["ReceiptHandle"])
            except (*FAILED, SaleNotFound, ValueError, KeyError, TypeError) as error:
                log("message_failed", message=message["MessageId"], error=error)

    def _process(self, body: str) -> None:
        sale_id = json.loads(body)["id"]
        if self._item("idempotency", sale_id):
            log("already_processed", sale=sale_id)
            return
        if not self._item("sales", sale_id):
            raise SaleNotFound(sale_id)
        self._dynamodb.update_item(
            TableName=self._names["sales"],
            Key={"id": {"S": sale_id}},
            UpdateExpression="SET sale_processed = :yes",
            ExpressionAttributeValues={":yes": {"BOOL": True}},
        )
        key = f"sales/{self._now():%Y%m%d}/{sale_id}.json"
        self._s3.put_object(Bucket=self._names["bucket"], Key=key, Body=body.encode())
        self._dynamodb.put_item(TableName=self._names["idempotency"], Item={"id": {"S": sale_id}})
        log("sale_processed", sale=sale_id, key=key)

    def _item(self, table: str, sale_id: str) -> dict[str, Any] | None:
        return self._dynamodb.get_item(TableName=self._names[table], Key={"id": {"S": sale_id}}).get("Item")


def consume(worker: Worker) -> None:
    while True:
        try:
            worker.turn()
        except FAILED as error:
            log("not_received", error=error)
            time.sleep(PAUSE_SECONDS)


def main() -> int:
    """Work for ever; 1 if the state cannot be read at the start."""
    where = parse_address("python -m localcloud.reference_images.worker")
    clients = make_clients("dynamodb", "s3", "sqs", "ssm")
    toggle = Toggle(clients["ssm"], os.environ["SSM_PARAMETER_STORE_STATE"])
    names = {
        "queue": os.environ["SQS_SALES_QUEUE"],
        "sales": os.environ["DYNAMO_SALES_TABLE"],
        "idempotency": os.environ["DYNAMO_SALES_IDEMPOTENCY_TABLE"],
        "bucket": os.environ["S3_SALES_BUCKET"],
    }
    try:
        state = toggle.state()
    except FAILED as error:
        log("not_started", error=error)
        return 1
    worker = Worker(clients, toggle, names)
    for _ in range(THREADS):
        threading.Thread(target=consume, args=(worker,), daemon=True).start()
    server = Server(where.address, where.port, lambda method, path, body: _tell_health(path))
    log("started", address=where.address, port=where.port, state=state)
    server.serve_forever(3600)
    return 0


def _tell_health(path: str) -> tuple[int, Any]:
    return (200, {"status": "ok"}) if path == "/healthcheck" else (404, {"error": "not found"})


if __name__ == "__main__":
    sys.exit(main())
