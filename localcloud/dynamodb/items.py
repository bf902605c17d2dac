# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes that happen whole or not at all: an update or a transaction that fails leaves everything as it was."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from moto.dynamodb.comparisons import create_condition_expression_parser, get_expected, get_filter_expression
from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    ItemSizeTooLarge,
    ItemSizeToUpdateTooLarge,
    MockValidationException,
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models import DynamoDBBackend as MotoBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.dynamodb.parsing.validators import UpdateExpressionValidator

from localcloud.dynamodb.errors import IndexThrottled, InternalServerError, ReplicatedWriteConflict
from localcloud.dynamodb.global_table import GlobalTable
from localcloud.dynamodb.table import Table
from localcloud.world import WORLD


class ItemBackend(MotoBackend):
    """Writes to one region's tables, refused where strong consistency refuses them, or an index cannot follow."""

    _aside: tuple[dict[str, list[dict[str, Any]]], list[IndexThrottled]] | None = None

    def check_writable(self, table: Any) -> None:
        """Strong consistency's two ways to refuse a write: no majority, and now and then a conflict."""
        group: GlobalTable | None = getattr(table, "group", None)
        if group is None or not group.strong:
            return
        self.check_readable(table)
        if WORLD.chance.random() < WORLD.options.mrsc_conflict_share:
            raise ReplicatedWriteConflict()

    def check_readable(self, table: Any) -> None:
        group: GlobalTable | None = getattr(table, "group", None)
        if group is not None and group.strong and not WORLD.links.has_quorum(self.region_name, group.members):
            raise InternalServerError(
                f"Table {table.name} in {self.region_name} cannot reach a majority of its regions"
            )

    def put_item(self, table_name: str, *arguments: Any, **settings: Any) -> Item | None:  # type: ignore[override]
        self.check_writable(self.get_table(table_name))
        try:
            return super().put_item(table_name, *arguments, **settings)
        except IndexThrottled as refusal:
            self._set_aside(refusal, table_name, {"PutRequest": {"Item": arguments[0]}})
            return None

    def delete_item(self, table_name: str, *arguments: Any, **settings: Any) -> Item | None:
        self.check_writable(self.get_table(table_name))
        try:
            return super().delete_item(table_name, *arguments, **settings)
        except IndexThrottled as refusal:
            self._set_aside(refusal, table_name, {"DeleteRequest": {"Key": arguments[0]}})
            return None

    @contextmanager
    def setting_aside(self) -> Iterator[tuple[dict[str, list[dict[str, Any]]], list[IndexThrottled]]]:
        """Set the throttled requests of a batch aside instead of raising: by table, and each refusal."""
        self._aside = {}, []
        try:
            yield self._aside
        finally:
            self._aside = None

    def _set_aside(self, refusal: IndexThrottled, table_name: str, request: dict[str, Any]) -> None:
        if self._aside is None:
            raise refusal
        left, refusals = self._aside
        left.setdefault(table_name, []).append(request)
        refusals.append(refusal)

    def update_item(
        self,
        table_name: str,
        key: dict[str, dict[str, Any]],
        update_expression: str,
        expression_attribute_names: dict[str, Any] | None = None,
        expression_attribute_values: dict[str, Any] | None = None,
        attribute_updates: dict[str, Any] | None = None,
        expected: dict[str, Any] | None = None,
        condition_expression: str | None = None,
        return_values_on_condition_check_failure: str | None = None,
    ) -> Item:
        table = self.get_table(table_name)
        self.check_writable(table)
        hash_key, range_key = self.get_keys_value(table, key)
        current = table.get_item(hash_key, range_key)
        if not get_expected(expected or {}).expr(current):
            raise ConditionalCheckFailed
        self._check_condition(
            current,
            condition_expression,
            expression_attribute_names,
            expression_attribute_values,
            return_values_on_condition_check_failure,
        )
        updated = self._updated(
            table,
            current or Item(hash_key, range_key, key),
            update_expression,
            expression_attribute_names,
            expression_attribute_values,
            attribute_updates,
        )
        table.replace_item(current, updated)
        return updated

    def _updated(
        self,
        table: Table,
        item: Item,
        update_expression: str,
        names: dict[str, Any] | None,
        values: dict[str, Any] | None,
        attribute_updates: dict[str, Any] | None,
    ) -> Item:
        """A copy of `item` with an update applied, or the error that leaves everything as it was."""
        updated = copy.deepcopy(item)
        if attribute_updates:
            updated.validate_no_empty_key_values(attribute_updates, table.attribute_keys)
        if update_expression:
            parsed = UpdateExpressionParser.make(update_expression)
            validated = UpdateExpressionValidator(
                parsed,
                expression_attribute_names=names,
                expression_attribute_values=values,
                item=updated,
                table=table,
            ).validate()
            validated.normalize()
            try:
                UpdateExpressionExecutor(validated, updated, names).execute()
            except ItemSizeTooLarge:
                raise ItemSizeToUpdateTooLarge() from None
        elif attribute_updates:
            updated.update_with_attribute_updates(attribute_updates)
        table.check_index_keys(updated.attrs)
        return updated

    @staticmethod
    def _check_condition(
        current: Item | None,
        expression: str | None,
        names: dict[str, Any] | None,
        values: dict[str, Any] | None,
        return_values: str | None,
    ) -> None:
        if not create_condition_expression_parser(expression, names, values).parse().expr(current):
            if return_values == "ALL_OLD" and current is not None:
                raise ConditionalCheckFailed(item=current.to_json()["Attributes"])
            raise ConditionalCheckFailed

    def transact_write_items(self, transact_items: list[dict[str, Any]]) -> None:
        """All or nothing: every condition and every new item is computed before the first is stored."""
        if len(transact_items) > 100:
            raise TooManyTransactionsException()
        seen: set[tuple[str, DynamoType, DynamoType | None]] = set()
        reasons: list[tuple[Any, Any, Any]] = []
        apply: list[Callable[[], Any]] = []
        for transact_item in transact_items:
            if len(transact_item) > 1:
                raise TransactWriteSingleOpException
            kind, operation = next(iter(transact_item.items()))
            table = self.get_table(operation["TableName"])
            if table.group is not None and table.group.strong:
                raise MockValidationException(
                    "Transactions are not supported on global tables with strong MultiRegionConsistency."
                )
            hash_key, range_key = self.get_keys_value(table, operation["Item" if kind == "Put" else "Key"])
            if (table.name, hash_key, range_key) in seen:
                raise MultipleTransactionsException()
            seen.add((table.name, hash_key, range_key))
            current = table.get_item(hash_key, range_key)
            try:
                act = self._prepare(kind, operation, table, current, hash_key, range_key)
                reasons.append((None, None, None))
                apply.append(act)
            except IndexThrottled as error:
                reasons.append(("ThrottlingError", str(error.message), None))
            except ConditionalCheckFailed as error:
                wanted = operation.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD" and current is not None
                old = current.to_json()["Attributes"] if wanted else None  # type: ignore[union-attr]
                reasons.append(("ConditionalCheckFailed", str(error.message), old))
        if any(code for code, _, _ in reasons):
            raise TransactionCanceledException(reasons)
        for act in apply:
            act()

    def _prepare(
        self,
        kind: str,
        operation: dict[str, Any],
        table: Table,
        current: Item | None,
        hash_key: DynamoType,
        range_key: DynamoType | None,
    ) -> Callable[[], Any]:
        names, values = operation.get("ExpressionAttributeNames"), operation.get("ExpressionAttributeValues")
        condition = get_filter_expression(operation.get("ConditionExpression"), names, values)
        if not condition.expr(current):
            raise ConditionalCheckFailed
        if kind == "Put":
            table.check_index_keys(operation["Item"])
            table.check_index_throughput(current, Item(hash_key, range_key, operation["Item"]))
            return lambda: table.put_item(operation["Item"], overwrite=True)
        if kind == "Delete":
            table.check_index_throughput(current, None)
            return lambda: table.delete_item(hash_key, range_key)
        if kind == "Update":
            expression = re.sub(r"\s*([=\+-])\s*", "\\1", operation["UpdateExpression"])
            before = current or Item(hash_key, range_key, operation["Key"])
            updated = self._updated(table, before, expression, names, values, None)
            table.check_index_throughput(current, updated)
            return lambda: table.replace_item(current, updated)
        return lambda: None  # ConditionCheck
