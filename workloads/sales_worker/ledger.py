# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known about sales, and what processing one writes: two DynamoDB tables and the lake.

Calls are batched wherever DynamoDB allows it, so that a sale of a full batch costs 2.5 calls: a tenth of a receive, of
a read of all facts, of a DONE, of a sale item and of a delete, and two of its own (a claim is conditional, an object
is an object).
"""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from protocol.claim import Claim, claim_id, claim_reset, claim_returned, claim_write
from protocol.effects import done_item, lake_object
from protocol.encoding import from_attributes, to_attributes
from protocol.sale import Sale, cancelled_id
from sales_common.aws import Aws, Patience
from sales_common.batches import Item, read_items, write_items
from sales_common.settings import WorkerSettings


@dataclass(frozen=True)
class Facts:
    """What the tables say about one sale at one moment; low-level items, None for those that do not exist."""

    sale: Item | None
    cancelled: bool
    done: bool
    claim: Item | None

    @property
    def unprocessed(self) -> bool:
        """The sale's item is here and does not say yet that it was processed."""
        return self.sale is not None and from_attributes(self.sale).get("sale_processed") is not True


class Refused(Exception):
    """The claim's condition failed; `claim` is the one that stands."""

    def __init__(self, claim: Claim | None) -> None:
        super().__init__(f"claimed already: {claim}")
        self.claim = claim


class Ledger:
    """The worker's view of the tables and the lake. botocore's errors pass through.

    idempotency: the name of the table of claims and of DONE.
    """

    def __init__(self, aws: Aws, settings: WorkerSettings, patience: Patience) -> None:
        self._region = settings.region
        self._sales = settings.sales_table
        self.idempotency = settings.idempotency_table
        self._bucket = settings.bucket
        self._claim_seconds = settings.claim_to_effect
        self._dynamodb = aws.client("dynamodb", patience, connections=settings.threads + 1)
        self._s3 = aws.client("s3", patience, connections=settings.threads)
        self._worker = f"{socket.gethostname()}/{os.getpid()}/{os.urandom(3).hex()}"
        self._claims = itertools.count(1)

    def read_facts(self, sale_ids: Iterable[str]) -> dict[str, Facts]:
        """The facts about at most 10 sales, strongly consistent, in one call."""
        wanted = list(dict.fromkeys(sale_ids))
        if not wanted:
            return {}
        claims = {each: claim_id(each, self._region) for each in wanted}
        found = read_items(
            self._dynamodb,
            {
                self._sales: [*wanted, *map(cancelled_id, wanted)],
                self.idempotency: [*wanted, *claims.values()],
            },
        )
        sales, records = found[self._sales], found[self.idempotency]
        return {
            each: Facts(sales.get(each), cancelled_id(each) in sales, each in records, records.get(claims[each]))
            for each in wanted
        }

    def new_claim_name(self) -> str:
        """A name of its own for every claim: who asks again after a lost answer then knows *this* claim."""
        return f"{self._worker}/{next(self._claims)}"

    def claim(self, sale: Sale, worker: str, now: int) -> Claim:
        """Claim a sale for this region under a name of `new_claim_name`, counting the attempt.

        Raises:
            Refused: another worker has it, or it has had all its attempts.
        """
        request = claim_write(self.idempotency, sale.id, self._region, worker, now, self._claim_seconds)
        try:
            answer = self._dynamodb.update_item(**request)
        except self._dynamodb.exceptions.ConditionalCheckFailedException as refusal:
            standing = Claim.from_attributes(refusal.response.get("Item"))
            if standing is None or standing.worker != worker:
                raise Refused(standing) from refusal
            return standing
        return Claim.from_attributes(answer["Attributes"])

    def return_attempt(self, sale: Sale, worker: str) -> None:
        """Take back the attempt of a claim of ours, if it was written at all. botocore's errors pass through."""
        with suppress(self._dynamodb.exceptions.ConditionalCheckFailedException):
            self._dynamodb.update_item(**claim_returned(self.idempotency, sale.id, self._region, worker))

    def forget_claim(self, sale_id: str) -> None:
        """Remove this region's claim, so that a message brought back from the DLQ gets its attempts again."""
        self._dynamodb.delete_item(**claim_reset(self.idempotency, sale_id, self._region))

    def put_in_lake(self, sale: Sale) -> None:
        """Write the lake object; the same key and bytes whoever writes it, however often."""
        target = lake_object(sale)
        self._s3.put_object(Bucket=self._bucket, Key=target.key, Body=target.body, ContentType="application/json")

    def write_done(self, sales: Sequence[Sale], now: int, may_try: Callable[[], bool]) -> set[str]:
        """Write the DONE items; the ids of those left unwritten."""
        items = [to_attributes(done_item(sale, self._region, now)) for sale in sales]
        return write_items(self._dynamodb, self.idempotency, items, may_try)

    def write_processed(self, sales: Sequence[Sale]) -> set[str]:
        """Write the sale items whole, processed; the ids of those left unwritten."""
        return write_items(self._dynamodb, self._sales, [sale.to_attributes(processed=True) for sale in sales])
