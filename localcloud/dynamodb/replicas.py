# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the replicas and witnesses of a table come, change and go: ReplicaUpdates, carried out across regions."""

from __future__ import annotations

import copy
from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend as MotoBackend
from moto.dynamodb.models import dynamodb_backends

from localcloud.dynamodb.errors import PROTECTED_MESSAGE, refuse_as_moto
from localcloud.dynamodb.global_table import EVENTUAL, STRONG, GlobalTable
from localcloud.dynamodb.rules import ReplicaChange, TableFacts, check_replica_change
from localcloud.dynamodb.table import Table
from localcloud.world import WORLD


class ReplicaBackend(MotoBackend):
    """One region's part. Replicas of a global table are ordinary tables of their own regions' backends."""

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

        WORLD.links.after(WORLD.options.delayed(WORLD.options.replica_delay), finish)

    def _backend(self, region: str) -> ReplicaBackend:
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

    def _table(self, name: str) -> Any:
        """A table in whatever state: get_table finds only those whose data may be used."""
        return super().get_table(name)


def replica_settings(action: dict[str, Any]) -> dict[str, Any]:
    """The settings of one replica that a Create or Update action may carry."""
    kept = ("KMSMasterKeyId", "ProvisionedThroughputOverride", "OnDemandThroughputOverride")
    settings = {name: action[name] for name in kept if name in action}
    if "TableClassOverride" in action:
        settings["ReplicaTableClassSummary"] = {"TableClass": action["TableClassOverride"]}
    return settings
