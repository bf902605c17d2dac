# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What DynamoDB demands before it changes the replicas of a table (global tables version 2019.11.21).

Pure functions over plain facts; each raises Refused with the service's error code and an equivalent message.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

REGION_SETS = (
    frozenset({"us-east-1", "us-east-2", "us-west-2"}),
    frozenset({"eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"}),
    frozenset({"ap-northeast-1", "ap-northeast-2", "ap-northeast-3"}),
)
"""Regions among which a strongly consistent (MRSC) global table may live; a table never crosses sets."""

SOURCE_REGION_HOLD = 24 * 3600
"""A region that others were replicated from keeps its replica this long (seconds) while one of them exists."""

SOURCE_REGION_MESSAGE = (
    "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the table "
    "in the last 24 hours."
)


class Refused(Exception):
    """DynamoDB's answer to a request that breaks one of its rules."""

    def __init__(self, message: str, code: str = "ValidationException"):
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class TableFacts:
    """What the rules need to know of a table, as seen in the region the request arrived at."""

    name: str
    region: str
    replicas: dict[str, str] = field(default_factory=dict)
    """Region → status of every replica, this region's included; empty for a table of one region."""
    witnesses: tuple[str, ...] = ()
    strong: bool = False
    is_empty: bool = True
    stream_view: str | None = None
    on_demand: bool = True
    write_autoscaled: bool = False
    """Whether a scalable target and a policy cover the write capacity (of the table and of every index)."""
    indexes_write_autoscaled: bool = True
    has_ttl: bool = False
    has_local_indexes: bool = False
    taken_regions: frozenset[str] = frozenset()
    """Regions in which a table of this name exists already."""


@dataclass
class ReplicaChange:
    """A parsed request: regions to create and delete as replicas and witnesses."""

    create: list[str] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)
    update: list[str] = field(default_factory=list)
    create_witness: list[str] = field(default_factory=list)
    delete_witness: list[str] = field(default_factory=list)
    strong: bool = False

    @classmethod
    def parse(
        cls, updates: list[dict[str, Any]], witnesses: list[dict[str, Any]], consistency: str | None
    ) -> ReplicaChange:
        """Read UpdateTable's ReplicaUpdates, GlobalTableWitnessUpdates and MultiRegionConsistency."""
        change = cls(strong=consistency == "STRONG")
        for update in updates:
            if not update:
                raise Refused("There are no actions specified in the Replica Update Action of the request.")
            for action, value in update.items():
                regions = getattr(change, action.lower())
                if value["RegionName"] not in regions:
                    regions.append(value["RegionName"])
        for update in witnesses:
            for action, value in update.items():
                getattr(change, f"{action.lower()}_witness").append(value["RegionName"])
        if bool(change.create) + bool(change.delete) + bool(change.update) > 1:
            raise Refused("Update table operation with more than one type of replica actions not allowed.")
        if consistency is not None and (change.delete or change.update or change.delete_witness):
            raise Refused(
                "Only Replica Create actions are supported when MultiRegionConsistency parameter is provided."
            )
        if change.create_witness and not change.strong:
            raise Refused(
                "MultiRegionConsistency must be set as STRONG when GlobalTableWitnessUpdates parameter is present."
            )
        return change


def check_replica_change(table: TableFacts, change: ReplicaChange, known_regions: Iterable[str]) -> None:
    """Refuse what DynamoDB refuses about `change`.

    Raises:
        Refused: with ValidationException, or ResourceInUseException while a replica is being created or deleted.
    """
    busy = [region for region, status in table.replicas.items() if status in ("CREATING", "DELETING", "UPDATING")]
    if busy:
        raise Refused(
            f"Attempt to change a resource which is still in use: Table {table.name} has a replica in "
            f"{', '.join(sorted(busy))} that is {table.replicas[busy[0]]}",
            "ResourceInUseException",
        )
    known = set(known_regions)
    for region in change.create + change.create_witness:
        if region not in known:
            raise Refused(f"Region {region} is not supported. Global tables are supported in {sorted(known)}")
    if table.region in change.create + change.delete:
        raise Refused("Cannot add or delete the local region through ReplicaUpdates.")
    if change.create or change.create_witness:
        _check_create(table, change)
    if change.delete or change.delete_witness:
        _check_delete(table, change)
    if change.update:
        _check_members(table, change.update)


def _check_create(table: TableFacts, change: ReplicaChange) -> None:
    if change.strong and table.replicas:
        raise Refused("MultiRegionConsistency parameter is unsupported on existing global table.")
    if table.strong:
        raise Refused("Cannot add replicas to a global table with strong MultiRegionConsistency.")
    if not change.strong and len(change.create) > 1:
        raise Refused("Update table operation with more than one create or delete replica actions not allowed.")
    taken = [region for region in change.create if region in table.replicas or region in table.taken_regions]
    if taken:
        raise Refused(
            f"Failed to create a the new replica of table with name: '{table.name}' because one or more replicas "
            "already existed as tables."
        )
    if not (table.on_demand or table.write_autoscaled):
        raise Refused("Table write capacity should either be Pay-Per-Request or AutoScaled.")
    if not (table.on_demand or table.indexes_write_autoscaled):
        raise Refused("GSI write capacity should either be Pay-Per-Request or AutoScaled.")
    if change.strong:
        _check_strong(table, change)
    elif table.stream_view != "NEW_AND_OLD_IMAGES":
        raise Refused(
            "One or more parameter values were invalid: the stream of a global table must be enabled with "
            f"NEW_AND_OLD_IMAGES: table {table.name} in {table.region} has {table.stream_view or 'no stream'}"
        )


def _check_strong(table: TableFacts, change: ReplicaChange) -> None:
    members = [table.region, *change.create, *change.create_witness]
    if len(change.create_witness) > 1 or len(members) != 3 or len(set(members)) != 3:
        raise Refused(
            "Unsupported replica count: a global table with strong MultiRegionConsistency has exactly three regions, "
            f"three replicas or two replicas and a witness, all named in one request; named here: {', '.join(members)}"
        )
    if not any(set(members) <= region_set for region_set in REGION_SETS):
        raise Refused(
            f"Unsupported Region(s) specified: {', '.join(members)} do not belong to one region set of strong "
            f"MultiRegionConsistency: {'; '.join(', '.join(sorted(s)) for s in REGION_SETS)}"
        )
    if not table.is_empty:
        raise Refused("Table must be empty to become a global table with strong MultiRegionConsistency.")
    if table.has_ttl:
        raise Refused("Time to live is not supported for global tables with strong MultiRegionConsistency.")
    if table.has_local_indexes:
        raise Refused("Local secondary indexes are not supported for global tables with strong MultiRegionConsistency.")


def _check_delete(table: TableFacts, change: ReplicaChange) -> None:
    _check_members(table, change.delete)
    foreign = [region for region in change.delete_witness if region not in table.witnesses]
    if foreign:
        raise Refused(
            "Update global table operation failed because one or more witnesses were not part of the global table. "
            f"Please retry the request without these witnesses: {foreign}"
        )
    if not table.strong:
        if len(change.delete) > 1:
            raise Refused("Update table operation with more than one create or delete replica actions not allowed.")
        return
    # An MRSC table goes back to one region in a single request; anything in between has no quorum.
    others = set(table.replicas) - {table.region}
    if set(change.delete) != others:
        raise Refused(
            "Deletion of only one table replica is not supported for global tables with MultiRegionConsistency set to "
            "STRONG."
            if change.delete
            else "A witness cannot be deleted without the replicas of the other regions."
        )
    if set(change.delete_witness) != set(table.witnesses):
        raise Refused("Update table delete operation does not include all witnesses.")


def _check_members(table: TableFacts, regions: list[str]) -> None:
    foreign = [region for region in regions if region not in table.replicas]
    if foreign:
        raise Refused(
            "Update global table operation failed because one or more replicas were not part of the global table. "
            f"Please retry the request without these replicas: {foreign}"
        )


def check_source_region(region: str, sources: dict[str, tuple[str, float]], now: float) -> None:
    """Refuse to remove `region` while a replica made from it in the last 24 hours exists.

    `sources`: replica region → (region it was made from, when), for every replica that exists.
    """
    if any(source == region and now - made < SOURCE_REGION_HOLD for source, made in sources.values()):
        raise Refused(SOURCE_REGION_MESSAGE)
