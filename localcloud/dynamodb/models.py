# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DynamoDB backend of one region: tables and their settings. Items are in items.py, replicas in replicas.py."""

from __future__ import annotations

from typing import Any

from moto.dynamodb.exceptions import MockValidationException, ResourceInUseException, ResourceNotFoundException
from moto.dynamodb.models import dynamodb_backends

from localcloud.dynamodb.errors import PROTECTED_MESSAGE, refuse_as_moto
from localcloud.dynamodb.global_table import GlobalTable
from localcloud.dynamodb.items import ItemBackend
from localcloud.dynamodb.replicas import ReplicaBackend
from localcloud.dynamodb.table import Table


class DynamoDBBackend(ItemBackend, ReplicaBackend):
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


# moto makes a region's backend at its first use: from here on, ours.
dynamodb_backends.backend = DynamoDBBackend
