# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lease where it lives: the few calls that turn the pure `rules` into items of a DynamoDB table.

Either replica's endpoint will do (an MRSC table answers alike in both); if none answers, nothing is changed. One that
did not answer is asked last from then on: waiting for it at every call would take longer than the lease lasts. The
clients are given, with their own short timeouts; nothing here knows boto3 beyond the shape of its errors.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ..protocol.encoding import from_attributes, to_attribute, to_attributes
from ..protocol.region_map import lease_place
from ..protocol.service_errors import error_code, is_ill
from . import messages, rules
from .errors import LeaseHeld, LeaseLost, LeaseUnreachable
from .item import LEASE_ID, Lease

CONFLICT_RETRIES = 5
ROUNDS = 2
"""How often each of several replicas is asked: one is dead and the other's answer is lost. Their clients try once."""


class LeaseTable:
    """The lease of one workload.

    clients: region → low-level DynamoDB client, one for each replica of the table (one for a single-region table).
    clock, sleep: replaced in tests.  dead: regions that are not asked.
    """

    def __init__(
        self,
        table: str,
        clients: Mapping[str, Any],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        *,
        dead: Collection[str] = (),
    ) -> None:
        self.table = table
        self.clients = dict(clients)
        self._order = [region for region in self.clients if region not in dead]
        self.place = lease_place(table, self.clients)
        self.clock = clock
        self.sleep = sleep

    def read(self) -> Lease | None:
        """The lease as it is now (strongly consistent); None when there is no item. LeaseUnreachable."""
        answer = self.call("get_item", TableName=self.table, Key={"id": to_attribute(LEASE_ID)}, ConsistentRead=True)
        return Lease.from_attributes(answer.get("Item"))

    def swap(self, found: Lease | None, new: Lease) -> bool:
        """Write `new` in the place of exactly `found`; False if that is not there. LeaseHeld, LeaseUnreachable."""
        try:
            self.call("put_item", **rules.swap(self.table, found, new))
        except Exception as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            # It may be this very write, applied before its first answer was lost.
            found_now = self.read()
            return found_now is not None and found_now.to_item() == new.to_item()
        return True

    def keep(self, identifier: str, entry: Mapping[str, Any]) -> None:
        """Keep a plain record beside the lease, once: an entry of that identifier stays as it was first written."""
        try:
            self.call(
                "put_item",
                TableName=self.table,
                Item=to_attributes({**entry, "id": identifier}),
                ConditionExpression="attribute_not_exists(#id)",
                ExpressionAttributeNames={"#id": "id"},
            )
        except Exception as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise

    def look_up(self, identifier: str) -> dict[str, Any] | None:
        """A plain entry beside the lease, strongly consistent; None when there is none. LeaseUnreachable."""
        answer = self.call("get_item", TableName=self.table, Key={"id": to_attribute(identifier)}, ConsistentRead=True)
        return from_attributes(answer["Item"]) if answer.get("Item") else None

    def get(self, *identifiers: str) -> list[dict[str, Any]]:
        """These items as DynamoDB returns them, strongly consistent, in one call; absent ones left out."""
        keys = [{"id": to_attribute(each)} for each in identifiers]
        asked = {self.table: {"Keys": keys, "ConsistentRead": True}}
        found: list[dict[str, Any]] = []
        while asked:  # what was throttled comes back
            answer = self.call("batch_get_item", RequestItems=asked)
            found += answer["Responses"].get(self.table, [])
            asked = answer.get("UnprocessedKeys") or {}
        return found

    def scan(self, prefix: str, *identifiers: str) -> list[dict[str, Any]]:
        """All items whose identifier begins so or is one of these, as DynamoDB returns them, strongly consistent."""
        values = {
            ":prefix": to_attribute(prefix),
            **{f":{n}": to_attribute(each) for n, each in enumerate(identifiers)},
        }
        condition = ["begins_with(#id, :prefix)", *(f"#id = :{n}" for n in range(len(identifiers)))]
        asked: dict[str, Any] = {
            "TableName": self.table,
            "ConsistentRead": True,
            "FilterExpression": " OR ".join(condition),
            "ExpressionAttributeNames": {"#id": "id"},
            "ExpressionAttributeValues": values,
        }
        found: list[dict[str, Any]] = []
        while True:
            page = self.call("scan", **asked)
            found += page["Items"]
            if not page.get("LastEvaluatedKey"):
                return found
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def put(self, identifier: str, entry: Mapping[str, Any]) -> None:
        """Write a plain entry beside the lease, in the place of one of that identifier. LeaseUnreachable."""
        self.call("put_item", TableName=self.table, Item=to_attributes({**entry, "id": identifier}))

    def remove(self, identifier: str) -> None:
        """Remove a plain entry beside the lease; one that is gone is no error. LeaseUnreachable."""
        self.call("delete_item", TableName=self.table, Key={"id": to_attribute(identifier)})

    def delete(self, found: Lease) -> None:
        """Remove the lease item, for a workload that is being destroyed. LeaseLost when it is not as found."""
        condition = rules.swap(self.table, found, found)
        del condition["Item"]
        try:
            self.call("delete_item", Key={"id": to_attribute(LEASE_ID)}, **condition)
        except Exception as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            if self.read() is not None:
                raise LeaseLost(messages.changed_at_removal(self.place)) from error

    def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Call the first endpoint that answers. LeaseUnreachable: none does.

        A write may be made twice, the answer of the first one being lost: each must be such that this does no harm.
        ReplicatedWriteConflictException (another region writes the item at this moment) is retried a few times.
        """
        for attempt in range(CONFLICT_RETRIES + 1):
            try:
                return self._call_once(operation, arguments)
            except Exception as error:
                if error_code(error) != "ReplicatedWriteConflictException":
                    raise
            self.sleep(random.uniform(0.02, 0.08) * 2**attempt)
        raise LeaseHeld(messages.contended(self.place))

    def _call_once(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        failures = {}
        for region in self._order * (ROUNDS if len(self._order) > 1 else 1):
            try:
                return getattr(self.clients[region], operation)(**arguments)
            except Exception as error:
                if not is_ill(error):
                    raise
                failures[region] = f"{region}: {type(error).__name__}: {error}"
                # A new list, since the thread that beats may be copying the old one.
                self._order = [*(each for each in self._order if each != region), region]
        raise LeaseUnreachable(f"no endpoint of the lease {self.place} answers ({'; '.join(failures.values())})")
