# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DynamoDB backend of one region: moto's, with global tables, and with writes that happen whole or not at all."""

from __future__ import annotations

import copy
import re
import threading
import time
from collections.abc import Callable
from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.comparisons import create_condition_expression_parser, get_expected, get_filter_expression
from moto.dynamodb.exceptions import (
    ERROR_TYPE_PREFIX,
    ConditionalCheckFailed,
    ItemSizeTooLarge,
    ItemSizeToUpdateTooLarge,
    MockValidationException,
    MultipleTransactionsException,
    ResourceInUseException,
    ResourceNotFoundException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models import DynamoDBBackend as MotoBackend
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.dynamodb.parsing.validators import UpdateExpressionValidator

from localcloud.dynamodb.global_table import EVENTUAL, STRONG, GlobalTable
from localcloud.dynamodb.rules import Refused, ReplicaChange, TableFacts, check_replica_change
from localcloud.dynamodb.table import Table
from localcloud.lock import LOCK
from localcloud.world import WORLD

#: Expired items go this long after their time, as on AWS later than promised rather than sooner.
EXPIRY_DELAY = 5.0
EXPIRY_PERIOD = 2.0
PROTECTED_MESSAGE = (
    "Cannot delete table {name} in region {region} because it has deletion protection enabled. Disable deletion "
    "protection first."
)


class ReplicatedWriteConflict(JsonRESTError):
    """Another region is writing the same item of a strongly consistent table at this moment."""

    def __init__(self) -> None:
        super().__init__(
            ERROR_TYPE_PREFIX + "ReplicatedWriteConflictException",
            "One or more items in this request are being modified by a request in another Region.",
        )


class InternalServerError(JsonRESTError):
    """What a replica of a strongly consistent table answers when it cannot reach a majority."""

    code = 500

    def __init__(self, message: str) -> None:
        super().__init__(ERROR_TYPE_PREFIX + "InternalServerError", message)


class DynamoDBBackend(MotoBackend):
    """Tables of one region. Replicas of a global table are ordinary tables of their own regions' backends."""

    def create_table(self, name: str, **settings: Any) -> Table:  # type: ignore[override]
        if name in self.tables:
            raise ResourceInUseException(f"Table already exists: {name}")
        table = Table(name, account_id=self.account_id, region=self.region_name, **settings)
        self.tables[name] = table
        return table

    def delete_table(self, name: str) -> Any:
        table = self._table(name)
        group = table.group
        if group is None:
            return super().delete_table(name)
        if table.deletion_protection_enabled:
            raise MockValidationException(PROTECTED_MESSAGE.format(name=table.name, region=self.region_name))
        if group.status(self.region_name) != "ACTIVE":
            raise ResourceInUseException(
                f"Attempt to change a resource which is still in use: Table: {table.name} is being used."
            )
        if group.strong:
            raise MockValidationException(
                "Deletion of only one table replica is not supported for global tables with MultiRegionConsistency "
                "set to STRONG."
            )
        refuse_as_moto(group.check_may_leave, self.region_name)
        self._remove_replica(group, self.region_name)
        return table

    def get_table(self, table_name: str) -> Any:
        """A table whose data may be used: the replica being created answers DescribeTable and nothing else."""
        table = super().get_table(table_name)
        group = getattr(table, "group", None)
        if group is not None and group.status(self.region_name) == "CREATING":
            raise ResourceNotFoundException()
        return table

    def _table(self, name: str) -> Any:
        return super().get_table(name)

    def describe_table(self, name: str) -> dict[str, Any]:
        try:
            return self._table(name).describe(base_key="Table")
        except ResourceNotFoundException:
            raise ResourceNotFoundException(table_name=name) from None

    def tag_resource(self, arn: str, tags: dict[str, str]) -> None:
        table = self._table(arn)
        merged = {tag["Key"]: tag["Value"] for tag in table.tags} | tags
        table.tags = [{"Key": key, "Value": value} for key, value in merged.items()]

    # Settings

    def update_table(
        self,
        name: str,
        attr_definitions: list[dict[str, str]],
        global_index: list[dict[str, Any]],
        throughput: dict[str, Any],
        billing_mode: str,
        stream_spec: dict[str, Any],
        deletion_protection_enabled: bool | None,
        warm_throughput: dict[str, Any] | None,
    ) -> Table:
        table = self._table(name)
        group: GlobalTable | None = getattr(table, "group", None)
        if group is not None and group.is_changing():
            raise ResourceInUseException(
                f"Attempt to change a resource which is still in use: Table {table.name} has a replica that is being "
                "created or deleted"
            )
        if stream_spec:
            self._update_stream(table, stream_spec)
        members = list(group.tables.values()) if group else [table]
        for member in members:
            # Keys, indexes, billing mode and write capacity are settings of the whole group; the rest is regional.
            if attr_definitions:
                member.attr = attr_definitions
            if global_index:
                self._update_indexes(member, global_index)
            if billing_mode:
                member.billing_mode = billing_mode
                if billing_mode == "PAY_PER_REQUEST":
                    member.throughput = {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
            if throughput:
                member.throughput = {"NumberOfDecreasesToday": 0, **throughput}
        if deletion_protection_enabled in {True, False}:
            table.deletion_protection_enabled = deletion_protection_enabled
        if warm_throughput:
            table.warm_throughput = {**warm_throughput, "Status": "ACTIVE"}
        return table

    def _update_indexes(self, table: Table, updates: list[dict[str, Any]]) -> None:
        names = {index.name for index in table.global_indexes}
        for update in updates:
            for action, value in update.items():
                exists = value["IndexName"] in names
                if action == "Create" and exists:
                    raise MockValidationException(
                        "One or more parameter values were invalid: Attempting to create an index which already "
                        f"exists: {value['IndexName']}"
                    )
                if action != "Create" and not exists:
                    raise ResourceNotFoundException(
                        f"Requested resource not found: the table {table.name} has no index {value['IndexName']}"
                    )
        self.update_table_global_indexes(table, updates)
        table.rebuild_indexes()

    def _update_stream(self, table: Table, wanted: dict[str, Any]) -> None:
        if wanted.get("StreamEnabled"):
            self.update_table_streams(table, wanted)
            return
        if table.group is not None and not table.group.strong:
            raise MockValidationException("Disabling Stream is not allowed for a Global Table replica.")
        if not table.latest_stream_label:
            raise MockValidationException(f"Table has no stream to disable: TableName: {table.name}")
        table.stream_specification = {"StreamEnabled": False}
        table.latest_stream_label = None
        table.stream_shard = None

    def update_time_to_live(self, table_name: str, ttl_spec: dict[str, Any]) -> None:
        table = self.get_table(table_name)
        group: GlobalTable | None = getattr(table, "group", None)
        if group is not None and group.strong:
            raise MockValidationException(
                "Time to live is not supported for global tables with strong MultiRegionConsistency."
            )
        enabled = table.ttl["TimeToLiveStatus"] == "ENABLED"
        if enabled and ttl_spec["AttributeName"] != table.ttl["AttributeName"]:
            raise MockValidationException(
                "TimeToLive is active on a different AttributeName: current AttributeName is "
                + table.ttl["AttributeName"]
            )
        if enabled == ttl_spec["Enabled"]:
            raise MockValidationException(f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
        status = "ENABLED" if ttl_spec["Enabled"] else "DISABLED"
        for member in group.tables.values() if group else [table]:
            member.ttl = {"TimeToLiveStatus": status, "AttributeName": ttl_spec["AttributeName"]}
            if status == "DISABLED":
                del member.ttl["AttributeName"]

    # Replicas

    def update_replicas(
        self,
        name: str,
        updates: list[dict[str, Any]],
        witnesses: list[dict[str, Any]],
        consistency: str | None,
    ) -> Table:
        """Add, change or remove replicas and witnesses of a table.

        Raises:
            MockValidationException, ResourceInUseException: for what DynamoDB refuses (see rules.py).
        """
        table = self._table(name)
        change = refuse_as_moto(ReplicaChange.parse, updates, witnesses, consistency)
        refuse_as_moto(check_replica_change, self._facts(table), change, dynamodb_backends[self.account_id].regions)
        group: GlobalTable | None = table.group
        for region in change.delete:
            if group.tables[region].deletion_protection_enabled:  # type: ignore[union-attr]
                raise MockValidationException(PROTECTED_MESSAGE.format(name=table.name, region=region))
            if not group.strong:  # type: ignore[union-attr]
                refuse_as_moto(group.check_may_leave, region)  # type: ignore[union-attr]
        if change.create:
            group = group or GlobalTable(table, STRONG if change.strong else EVENTUAL)
            settings = {u["Create"]["RegionName"]: replica_settings(u["Create"]) for u in updates}
            for region in change.create:
                group.add_replica(self._backend(region)._add_copy(table), self.region_name, settings[region])
                self._copy_scaling(table, region)
            for region in change.create_witness:
                group.add_witness(region)
        for update in updates:
            if "Update" in update:
                group.replicas[update["Update"]["RegionName"]].settings.update(replica_settings(update["Update"]))  # type: ignore[union-attr]
        for region in change.delete + change.delete_witness:
            self._remove_replica(group, region)  # type: ignore[arg-type]
        return table

    def _add_copy(self, source: Table) -> Table:
        """An empty table in this region like `source` in another. Tags, backups and protection are regional."""
        stream = source.stream_specification if source.stream_specification["StreamEnabled"] else None  # type: ignore[index]
        table = Table(
            source.name,
            account_id=self.account_id,
            region=self.region_name,
            schema=copy.deepcopy(source.schema),
            attr=copy.deepcopy(source.attr),
            throughput=None,
            billing_mode=source.billing_mode,
            streams=copy.deepcopy(stream),
            sse_specification=copy.deepcopy(source.sse_specification),
            tags=[],
        )
        table.throughput = copy.deepcopy(source.throughput)
        table.indexes = copy.deepcopy(source.indexes)
        table.global_indexes = copy.deepcopy(source.global_indexes)
        table.ttl = copy.deepcopy(source.ttl)
        table.rebuild_indexes()
        self.tables[source.name] = table
        return table

    def _copy_scaling(self, table: Table, region: str) -> None:
        """DynamoDB copies the scaling of writes to each replica it makes, and leaves it there when that goes."""
        resources = [f"table/{table.name}", *(f"table/{table.name}/index/{i.name}" for i in table.global_indexes)]
        scaling: Any = applicationautoscaling_backends[self.account_id]
        scaling[self.region_name].copy_to(scaling[region], resources, ":WriteCapacityUnits")

    def _remove_replica(self, group: GlobalTable, region: str) -> None:
        group.begin_removal(region)
        table = group.tables.get(region)
        backend = self._backend(region)

        def finish() -> None:
            group.end_removal(region)
            if table is not None and backend.tables.get(table.name) is table:
                del backend.tables[table.name]

        WORLD.links.after(WORLD.options.replica_delay, finish)

    def _backend(self, region: str) -> DynamoDBBackend:
        return dynamodb_backends[self.account_id][region]  # type: ignore[return-value]

    def _facts(self, table: Table) -> TableFacts:
        group = table.group
        stream = table.stream_specification or {}
        taken = {r for r, backend in dynamodb_backends[self.account_id].items() if table.name in backend.tables}
        return TableFacts(
            name=table.name,
            region=self.region_name,
            replicas={region: group.status(region) for region in group.replicas} if group else {},
            witnesses=tuple(group.witnesses) if group else (),
            strong=group.strong if group else False,
            is_empty=not table.all_stored(),
            stream_view=stream.get("StreamViewType") if stream.get("StreamEnabled") else None,
            on_demand=table.billing_mode == "PAY_PER_REQUEST",
            write_autoscaled=self._is_write_autoscaled(f"table/{table.name}", "table"),
            indexes_write_autoscaled=all(
                self._is_write_autoscaled(f"table/{table.name}/index/{index.name}", "index")
                for index in table.global_indexes
            ),
            has_ttl=table.ttl["TimeToLiveStatus"] == "ENABLED",
            has_local_indexes=bool(table.indexes),
            taken_regions=frozenset(taken - {self.region_name}),
        )

    def _is_write_autoscaled(self, resource: str, kind: str) -> bool:
        """A scalable target alone is not enough: DynamoDB wants a policy on it too."""
        scaling = applicationautoscaling_backends[self.account_id][self.region_name]
        dimension = f"dynamodb:{kind}:WriteCapacityUnits"
        return resource in scaling.targets.get(dimension, {}) and any(
            policy.resource_id == resource and policy.scalable_dimension == dimension
            for policy in scaling.policies.values()
        )

    # Items

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

    def put_item(self, table_name: str, *arguments: Any, **settings: Any) -> Item:
        self.check_writable(self.get_table(table_name))
        return super().put_item(table_name, *arguments, **settings)

    def delete_item(self, table_name: str, *arguments: Any, **settings: Any) -> Item | None:
        self.check_writable(self.get_table(table_name))
        return super().delete_item(table_name, *arguments, **settings)

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
            return lambda: table.put_item(operation["Item"], overwrite=True)
        if kind == "Delete":
            return lambda: table.delete_item(hash_key, range_key)
        if kind == "Update":
            expression = re.sub(r"\s*([=\+-])\s*", "\\1", operation["UpdateExpression"])
            before = current or Item(hash_key, range_key, operation["Key"])
            updated = self._updated(table, before, expression, names, values, None)
            return lambda: table.replace_item(current, updated)
        return lambda: None  # ConditionCheck


def replica_settings(action: dict[str, Any]) -> dict[str, Any]:
    """The settings of one replica that a Create or Update action may carry."""
    kept = ("KMSMasterKeyId", "ProvisionedThroughputOverride", "OnDemandThroughputOverride")
    settings = {name: action[name] for name in kept if name in action}
    if "TableClassOverride" in action:
        settings["ReplicaTableClassSummary"] = {"TableClass": action["TableClassOverride"]}
    return settings


def refuse_as_moto(check: Callable[..., Any], *arguments: Any) -> Any:
    """Run a pure rule and turn its refusal into the exception moto's response classes know."""
    try:
        return check(*arguments)
    except Refused as refusal:
        if refusal.code == "ResourceInUseException":
            raise ResourceInUseException(refusal.message) from None
        raise MockValidationException(refusal.message) from None


def start_expiry() -> None:
    """Delete expired items in the background, region by region; replication carries the deletes like any other."""

    def expire_for_ever() -> None:
        while True:
            time.sleep(EXPIRY_PERIOD)
            with LOCK:
                for _, region, backend in dynamodb_backends.iter_backends():
                    if WORLD.faults.is_dead(region):
                        continue  # what a dead region holds is frozen
                    for table in list(backend.tables.values()):
                        if isinstance(table, Table):
                            table.expire(time.time() - EXPIRY_DELAY)

    threading.Thread(target=expire_for_ever, name="expiry", daemon=True).start()


# moto makes a region's backend at its first use: from here on, ours.
dynamodb_backends.backend = DynamoDBBackend
