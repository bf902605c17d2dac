# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lock that keeps two runs from building one workload at the same time.

Most resources have a name that AWS keeps unique; a VPC, an address or a route table has not, and two runs side by side
would make each of them twice.

The lock is in the table of the lease and is asked for as the lease is: through the replica that answers.
"""

from __future__ import annotations

import time
from typing import Any

from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource, absent_is_none, error_code
from ..kernel.cloud import ClientError
from ..kernel.controller import Controller
from ..lease import LeaseTable, LeaseUnreachable

ITEM = "run"
KEY = {"id": {"S": ITEM}}
SCHEMA = 1


class RunLock(Resource):
    """Wanted: `holder` (a run id), `operator`. One item of the lease's table; taken and left conditionally.

    `take_over` takes it from a run that holds it. A holder that was a process of this machine and is gone needs no
    such permission.
    """

    kind = "run_lock"

    def __init__(
        self, name: str, region: str, *, table: LeaseTable, take_over: bool, holder: str, **options: Any
    ) -> None:
        super().__init__(name, region, holder=holder, **options)
        self.table = table
        self.take_over = take_over
        self.holder = holder

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[RunLock], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for lock in resources:
            item = lock._read()
            # A lock that another run holds is not this one's to remove.
            if item and (lock.state == "present" or item["holder"] == lock.holder):
                actual[lock.name] = item
        return actual

    def _read(self) -> Attributes | None:
        with absent_is_none("ResourceNotFoundException"):
            return self._item()
        return None

    def _item(self) -> Attributes | None:
        item = self._call("get_item", Key=KEY, ConsistentRead=True).get("Item")
        return item and {name: value.get("S") or value.get("N") for name, value in item.items()}

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            return self.table.call(operation, TableName=self.table.table, **arguments)
        except LeaseUnreachable as error:
            raise CollectionError(f"The lock of workload {self.name} cannot be asked for: {error}") from error

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        return self._write(wanted, "attribute_not_exists(id)", {})

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if "holder" not in differences:
            return actual
        held_by = actual["holder"]
        other = Controller.parse(held_by)
        if not self.take_over and not (other and other.is_gone()):
            raise CollectionError(self._held(actual))
        return self._write(wanted, "holder = :old", {":old": {"S": held_by}})

    def _write(self, wanted: Attributes, condition: str, values: dict[str, Any]) -> Attributes:
        item = {
            **KEY,
            "schema": {"N": str(SCHEMA)},
            "holder": {"S": self.holder},
            "operator": {"S": wanted["operator"] or "-"},
            "since": {"S": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())},
        }
        options = {"ExpressionAttributeValues": values} if values else {}
        try:
            self._call("put_item", Item=item, ConditionExpression=condition, **options)
        except Exception as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            found = self._read() or {}
            # It may be this very write, made before its first answer was lost.
            if found.get("holder") != self.holder:
                raise CollectionError(self._held(found)) from error
        return {"holder": self.holder, "operator": wanted["operator"], "since": item["since"]["S"]}

    def check(self) -> None:
        """See that this run still holds it, as far as anybody answers.

        Raises:
            CollectionError: another run has it now, or somebody removed it.
        """
        try:
            item = self._item()
        except (CollectionError, ClientError):
            return  # no region of it answers, or the run itself has removed the table
        if item is None:
            raise CollectionError(
                f"this run no longer holds the lock of workload {self.name}: it was taken over and released again",
                advice="look at what the other run did, then run this again",
            )
        if item["holder"] != self.holder:
            raise CollectionError(
                f"another run has taken over the lock of workload {self.name}: {_who(item)}",
                advice="wait until the other run has ended, then run this again",
            )

    def _held(self, item: Attributes) -> str:
        return (
            f"Another run is building workload {self.name}: {_who(item)}. This run changed nothing. Wait until the "
            "other one has ended. If it is dead and ran on another machine, in another container, or before this "
            "machine was started, add -e take_over=true"
        )

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        """Only another holder makes a difference; who the operator is does not."""
        return {} if actual["holder"] == wanted["holder"] else {"holder": (actual["holder"], wanted["holder"])}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("ConditionalCheckFailedException", "ResourceNotFoundException"):
            self._call(
                "delete_item",
                Key=KEY,
                ConditionExpression="holder = :mine",
                ExpressionAttributeValues={":mine": {"S": self.holder}},
            )


def _who(item: Attributes) -> str:
    return f"{item.get('operator', '?')}, process {item.get('holder', '?')}, since {item.get('since', '?')}"
