# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DynamoDB's requests and answers: moto's, plus replicas, and items that go to the wire without detours."""

from __future__ import annotations

import base64
import json
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionContext, ActionResult
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.responses import DynamoHandler as MotoHandler
from moto.dynamodb.responses import DynamoResult

from localcloud.dynamodb.models import DynamoDBBackend
from localcloud.dynamodb.table import Table

ALONE = {"TableName", "ReplicaUpdates", "MultiRegionConsistency", "GlobalTableWitnessUpdates"}
"""UpdateTable's members beside ReplicaUpdates that may not come with them: replicas change alone."""


class ItemsResult(ActionResult):
    """An answer that holds items, already in DynamoDB's own JSON: written as it is, not shape by shape."""

    def execute_result(self, context: ActionContext) -> TYPE_RESPONSE:
        body = json.dumps(self.result, default=lambda value: base64.b64encode(value).decode())
        return 200, {"Content-Type": "application/x-amz-json-1.0"}, body


class DynamoHandler(MotoHandler):
    """Answers DynamoDB_20120810 targets."""

    @property
    def dynamodb_backend(self) -> DynamoDBBackend:
        return super().dynamodb_backend  # type: ignore[return-value]

    def create_table(self) -> ActionResult:
        super().create_table()
        table = self.dynamodb_backend.tables[self.body["TableName"]]
        if self.body.get("TableClass"):
            table.table_class = self.body["TableClass"]  # type: ignore[attr-defined]
        return self._described(table)

    def describe_table(self) -> ActionResult:
        described = self.dynamodb_backend.describe_table(self.body["TableName"])
        self._add_class(described["Table"])
        return DynamoResult(described)

    def delete_table(self) -> ActionResult:
        described = self.dynamodb_backend.delete_table(self.body["TableName"]).describe()
        described["TableDescription"]["TableStatus"] = "DELETING"
        return DynamoResult(described)

    def update_table(self) -> ActionResult:
        updates = self.body.get("ReplicaUpdates") or []
        witnesses = self.body.get("GlobalTableWitnessUpdates") or []
        if not updates and not witnesses:
            if "MultiRegionConsistency" in self.body:
                raise MockValidationException(
                    "MultiRegionConsistency can only be given together with the ReplicaUpdates that create replicas."
                )
            if set(self.body) <= {"TableName", "AttributeDefinitions"}:
                raise MockValidationException(
                    "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                    "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, DeletionProtectionEnabled, "
                    "OnDemandThroughput, WarmThroughput or TableClass is required"
                )
            super().update_table()
            table = self.dynamodb_backend._table(self.body["TableName"])
            if self.body.get("TableClass"):
                table.table_class = self.body["TableClass"]
            return self._described(table)
        others = set(self.body) - ALONE
        if others:
            raise MockValidationException(
                "One or more parameter values were invalid: ReplicaUpdates must be the only operation in the request; "
                f"it also has {', '.join(sorted(others))}"
            )
        table = self.dynamodb_backend.update_replicas(
            self.body["TableName"], updates, witnesses, self.body.get("MultiRegionConsistency")
        )
        return self._described(table)

    def _described(self, table: Table) -> ActionResult:
        described = table.describe()
        self._add_class(described["TableDescription"])
        return DynamoResult(described)

    def _add_class(self, about: dict[str, Any]) -> None:
        table_class = getattr(self.dynamodb_backend.tables[about["TableName"]], "table_class", None)
        if table_class:
            about["TableClassSummary"] = {"TableClass": table_class}

    def get_item(self) -> ActionResult:
        self._check_readable(self.body["TableName"])
        return ItemsResult(super().get_item().result)

    def batch_get_item(self) -> ActionResult:
        for name in self.body["RequestItems"]:
            self._check_readable(name)
        return ItemsResult(super().batch_get_item().result)

    def query(self) -> ActionResult:
        self._check_readable(self.body["TableName"])
        return ItemsResult(super().query().result)

    def scan(self) -> ActionResult:
        self._check_readable(self.body["TableName"])
        return ItemsResult(super().scan().result)

    def transact_get_items(self) -> ActionResult:
        for item in self.body["TransactItems"]:
            self._check_readable(item["Get"]["TableName"])
        return ItemsResult(super().transact_get_items().result)

    def batch_write_item(self) -> ActionResult:
        if sum(len(requests) for requests in self.body["RequestItems"].values()) > 25:
            raise MockValidationException(
                "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Member must have "
                "length less than or equal to 25"
            )
        asked = sum(len(requests) for requests in self.body["RequestItems"].values())
        with self.dynamodb_backend.setting_aside() as (left, refusals):
            answer = super().batch_write_item().result
        if len(refusals) == asked:
            raise refusals[0]
        return ActionResult({**answer, "UnprocessedItems": left})

    def _check_readable(self, name: str) -> None:
        backend = self.dynamodb_backend
        backend.check_readable(backend.get_table(name))
