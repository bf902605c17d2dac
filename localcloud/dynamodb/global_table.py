# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A global table: the replicas of one table name, and how a write in one becomes visible in the others.

Eventually consistent (MREC): every write travels to every other replica, whole, with the time it was made; the later
write wins, deletes included. Strongly consistent (MRSC): the replicas share one store, so there is nothing to send.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from moto.dynamodb.models.dynamo_type import Item

from localcloud.cloudwatch.measures import arrived
from localcloud.dynamodb.membership import Key, Version
from localcloud.dynamodb.rules import check_source_region
from localcloud.dynamodb.table import Table
from localcloud.world import WORLD

EVENTUAL, STRONG = "EVENTUAL", "STRONG"
VERSION = "2019.11.21"

_ticks = itertools.count()


@dataclass
class Replica:
    """One region's part in a global table. A status other than ACTIVE lasts until `settles_at`."""

    region: str
    status: str = "ACTIVE"
    settles_at: float = 0.0
    source: str = ""
    """The region this one was made from, and when (wall clock); empty for the first."""
    made_at: float = 0.0
    settings: dict[str, Any] = field(default_factory=dict)


class GlobalTable:
    """Replicas and witnesses of the tables that share a name."""

    def __init__(self, first: Table, consistency: str = EVENTUAL):
        self.consistency = consistency
        self.tables: dict[str, Table] = {first.region_name: first}
        self.replicas: dict[str, Replica] = {first.region_name: Replica(first.region_name)}
        self.witnesses: dict[str, Replica] = {}
        first.group = self

    @property
    def strong(self) -> bool:
        return self.consistency == STRONG

    @property
    def members(self) -> list[str]:
        """Every region that votes: replicas and witnesses."""
        return [*self.replicas, *self.witnesses]

    def status(self, region: str) -> str:
        """CREATING, ACTIVE or DELETING."""
        replica = self.replicas.get(region) or self.witnesses[region]
        if replica.status == "CREATING" and time.monotonic() >= replica.settles_at:
            replica.status = "ACTIVE"
        return replica.status

    def is_changing(self) -> bool:
        return any(self.status(region) != "ACTIVE" for region in self.members)

    def add_replica(self, table: Table, source: str, settings: dict[str, Any]) -> None:
        """Make `table` a replica, filled from `source`; it is CREATING for `replica_delay` seconds."""
        region = table.region_name
        table.group = self
        origin = self.tables[source]
        if self.strong:
            table.share_store(origin)
        else:
            table.copy_store(origin)
        self.tables[region] = table
        self.replicas[region] = Replica(
            region,
            "CREATING",
            time.monotonic() + WORLD.options.delayed(WORLD.options.replica_delay),
            source,
            time.time(),
            settings,
        )

    def add_witness(self, region: str) -> None:
        self.witnesses[region] = Replica(
            region, "CREATING", time.monotonic() + WORLD.options.delayed(WORLD.options.replica_delay)
        )

    def begin_removal(self, region: str) -> None:
        """Mark a replica or witness DELETING; it no longer receives writes."""
        replica = self.replicas.get(region) or self.witnesses[region]
        replica.status = "DELETING"

    def end_removal(self, region: str) -> None:
        """Forget a replica or witness; the last replica left is a table of one region again."""
        self.witnesses.pop(region, None)
        self.replicas.pop(region, None)
        table = self.tables.pop(region, None)
        if table is not None:
            table.group = None
        if len(self.replicas) == 1 and not self.witnesses:
            for last in self.tables.values():
                last.group = None

    def check_may_leave(self, region: str) -> None:
        """Refuse to remove `region` while DynamoDB holds it as a source.

        Raises:
            Refused: a replica that was made from it in the last 24 hours exists.
        """
        sources = {r.region: (r.source, r.made_at) for r in self.replicas.values() if r.source}
        check_source_region(region, sources, time.time())

    def written(self, table: Table, key: Key, old: Item | None, new: Item | None) -> None:
        """Make a write in `table` known to the other replicas; `new` None is a delete."""
        source = table.region_name
        if self.strong:
            for region, other in self.tables.items():
                if region != source and other.stream_shard is not None:
                    other.stream_shard.add(old, new)
            return
        # Two writes of one clock tick still have an order.
        version = (time.time() + next(_ticks) * 1e-9, source)
        table.versions[key] = version
        for region, other in self.tables.items():
            if region != source and self.replicas[region].status != "DELETING":
                WORLD.links.send(source, region, Arrival(other, key, new, version))

    def describe(self, region: str) -> dict[str, Any]:
        """The members of a table description that only global tables have, as seen from `region`."""
        described: dict[str, Any] = {
            "GlobalTableVersion": VERSION,
            "MultiRegionConsistency": self.consistency,
            "GlobalTableSettingsReplicationMode": "ENABLED_WITH_OVERRIDES",
            "Replicas": [self._describe_replica(other) for other in self.replicas if other != region],
        }
        if self.witnesses:
            described["GlobalTableWitnesses"] = [
                {"RegionName": name, "WitnessStatus": self.status(name)} for name in self.witnesses
            ]
        return described

    def _describe_replica(self, region: str) -> dict[str, Any]:
        table = self.tables[region]
        indexes = [{"IndexName": index.name} for index in table.global_indexes]
        return {
            "RegionName": region,
            "ReplicaStatus": self.status(region),
            "ReplicaArn": table.table_arn,
            "GlobalTableSettingsReplicationMode": "ENABLED_WITH_OVERRIDES",
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
            **self.replicas[region].settings,
        }


@dataclass(slots=True)
class Arrival:
    """A write from another region, waiting to be applied to `table`."""

    table: Table
    key: Key
    item: Item | None
    version: Version

    def __call__(self) -> None:
        self.table.receive(self.key, self.item, self.version)
        made_at, source = self.version
        arrived(self.table.name, source, self.table.region_name, time.time() - made_at)
