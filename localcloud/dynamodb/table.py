# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table that knows its replicas, keeps its indexes in partitions, and never changes an item in place.

moto finds a query's items by walking, sorting and copying the whole table: fine for a test's ten items, half a second
for a day's sales. Here every write passes `_written`, which keeps the indexes, the stream and the replicas up to date;
and because stored items are never modified, reads need no copies and replicas can share them.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import RESULT_SIZE_LIMIT, GlobalSecondaryIndex, SecondaryIndex
from moto.dynamodb.models.table import Table as MotoTable

from localcloud.dynamodb.errors import IndexThrottled
from localcloud.dynamodb.membership import NEVER, Group, Key, Version
from localcloud.dynamodb.partition_meter import PartitionMeter, write_units
from localcloud.dynamodb.stream import Shard
from localcloud.world import WORLD

TTL_HORIZON = 5 * 365 * 24 * 3600
"""Items whose time to live ended longer ago than this are left alone (DynamoDB's protection against bad clocks)."""


class Table(MotoTable):
    """One region's table. `group` is the global table it belongs to, None for a table of one region."""

    def __init__(self, *arguments: Any, **settings: Any):
        super().__init__(*arguments, **settings)
        self.table_id = str(uuid.uuid4())
        self.group: Group | None = None
        # When and where each key was last written, deletes included; kept while the table is replicated.
        self.versions: dict[Key, Version] = {}
        # Index → values of its hash attributes → the items there, by their key.
        self.partitions: dict[str, dict[tuple[DynamoType, ...], dict[Key, Item]]] = {}
        self.meter = PartitionMeter(WORLD.options.index_key_writes)
        self.rebuild_indexes()

    def set_stream_specification(self, streams: dict[str, Any] | None) -> None:
        super().set_stream_specification(streams)
        if self.stream_specification["StreamEnabled"]:
            self.stream_shard = Shard(self.account_id, self)

    # Writing

    def put_item(self, item_attrs: dict[str, Any], *arguments: Any, **settings: Any) -> Item:
        self.check_index_keys(item_attrs)
        key = self.key_of(item_attrs)
        old = self._stored(key) if key else None
        if key and self.global_indexes:
            self.check_index_throughput(old, Item(*key, item_attrs))
        item = super().put_item(item_attrs, *arguments, **settings)
        self._written((item.hash_key, item.range_key), old, item)
        return item

    def delete_item(self, hash_key: DynamoType, range_key: DynamoType | None) -> Item | None:
        self.check_index_throughput(self._stored((hash_key, range_key)), None)
        item = super().delete_item(hash_key, range_key)
        if item is not None:
            self._written((hash_key, range_key), item, None)
        return item

    def replace_item(self, old: Item | None, new: Item) -> None:
        """Store the outcome of an update; `old` is what it was computed from."""
        key = (new.hash_key, new.range_key)
        self.check_index_throughput(old, new)
        self._store(key, new)
        if self.stream_shard is not None:
            self.stream_shard.add(old, new)
        self._written(key, old, new)

    def receive(self, key: Key, item: Item | None, version: Version) -> None:
        """Apply a write made in another region, unless a later one is here already."""
        if version <= self.versions.get(key, NEVER):
            return
        old = self._stored(key)
        self.versions[key] = version
        if item is None and old is None:
            return
        self._store(key, item)
        self._index(key, old, item)
        if self.stream_shard is not None:
            self.stream_shard.add(old, item)

    def expire(self, now: float) -> int:
        """Delete the items whose time to live ended before `now` (seconds since 1970); returns how many."""
        if self.ttl.get("TimeToLiveStatus") != "ENABLED":
            return 0
        name = self.ttl["AttributeName"]
        expired = []
        for item in self.all_stored():
            value = item.attrs.get(name)
            if value is not None and value.type == "N" and now - TTL_HORIZON < float(value.value) < now:
                expired.append(item)
        for item in expired:
            self.delete_item(item.hash_key, item.range_key)
        return len(expired)

    def _written(self, key: Key, old: Item | None, new: Item | None) -> None:
        self._index(key, old, new)
        if self.group is not None:
            self.group.written(self, key, old, new)

    def _store(self, key: Key, item: Item | None) -> None:
        hash_key, range_key = key
        if item is None:
            if range_key is None:
                self.items.pop(hash_key, None)
            else:
                self.items[hash_key].pop(range_key, None)
        elif range_key is None:
            self.items[hash_key] = item  # type: ignore[assignment]
        else:
            self.items[hash_key][range_key] = item

    def _stored(self, key: Key) -> Item | None:
        hash_key, range_key = key
        if range_key is None:
            return self.items.get(hash_key)  # type: ignore[return-value]
        return self.items.get(hash_key, {}).get(range_key)

    def key_of(self, attributes: dict[str, Any]) -> Key | None:
        """The key in an item's attributes, None if it is incomplete (which moto's checks then refuse)."""
        if any(name not in attributes for name in self.table_key_attrs):
            return None
        range_key = DynamoType(attributes[self.range_key_attr]) if self.range_key_attr else None
        return DynamoType(attributes[self.hash_key_attr]), range_key

    def check_index_keys(self, attributes: dict[str, Any]) -> None:
        """Refuse an item whose index key has a type other than the declared one, as DynamoDB does."""
        declared = {a["AttributeName"]: a["AttributeType"] for a in self.attr}
        for index in self.all_indexes():
            for name in index.schema_key_attrs:
                if name in attributes:
                    value = attributes[name]
                    actual = value.type if isinstance(value, DynamoType) else next(iter(value))
                    if actual != declared[name]:
                        raise MockValidationException(
                            "One or more parameter values were invalid: Type mismatch for Index Key "
                            f"{name} Expected: {declared[name]} Actual: {actual} IndexName: {index.name}"
                        )

    def check_index_throughput(self, old: Item | None, new: Item | None) -> None:
        """Refuse a write that a global secondary index cannot follow, as DynamoDB does.

        Raises:
            IndexThrottled: too much is written under one value of the index's hash key.
        """
        for value, units in self._index_writes(old, new).items():
            if not self.meter.has(value, units):
                raise IndexThrottled(f"{self.table_arn}/index/{value[0]}", self.billing_mode == "PAY_PER_REQUEST")

    def _index_writes(self, old: Item | None, new: Item | None) -> dict[tuple[str, tuple[DynamoType, ...]], int]:
        """Index and value of its hash key → the write units that changing `old` into `new` costs there."""
        costs: dict[tuple[str, tuple[DynamoType, ...]], int] = {}
        for index in self.global_indexes:
            for item in (old, new):
                value = self._partition_of(index, item)
                if item is not None and value is not None:
                    costs[index.name, value] = max(costs.get((index.name, value), 0), write_units(item))
        return costs

    # Stores of replicas

    def share_store(self, origin: Table) -> None:
        """Strong consistency: one store, seen from two regions."""
        self.items, self.partitions, self.versions = origin.items, origin.partitions, origin.versions

    def copy_store(self, origin: Table) -> None:
        """A new replica begins with what its source holds; it receives later writes like any other."""
        for item in origin.all_stored():
            key = (item.hash_key, item.range_key)
            self._store(key, item)
            self._index(key, None, item)
        self.meter = PartitionMeter(WORLD.options.index_key_writes)
        self.versions = dict(origin.versions)

    # Indexes

    def rebuild_indexes(self) -> None:
        """Fill the partitions of every index anew: after one was created or deleted."""
        self.partitions.clear()
        self.partitions.update({index.name: {} for index in self.all_indexes()})
        for item in self.all_stored():
            self._index((item.hash_key, item.range_key), None, item)
        self.meter = PartitionMeter(WORLD.options.index_key_writes)  # filling an index anew is nobody's write

    def _index(self, key: Key, old: Item | None, new: Item | None) -> None:
        for value, units in self._index_writes(old, new).items():
            self.meter.take(value, units)
        for index in self.all_indexes():
            partitions = self.partitions[index.name]
            before, after = self._partition_of(index, old), self._partition_of(index, new)
            if before is not None and before != after:
                partitions.get(before, {}).pop(key, None)
            if after is not None:
                partitions.setdefault(after, {})[key] = new  # type: ignore[assignment]

    def _partition_of(self, index: SecondaryIndex, item: Item | None) -> tuple[DynamoType, ...] | None:
        if item is None or any(name not in item.attrs for name in index.schema_key_attrs):
            return None
        return tuple(item.attrs[k["AttributeName"]] for k in index.schema if k["KeyType"] == "HASH")

    def _index_named(self, name: str, consistent_read: bool) -> SecondaryIndex:
        index = self.get_index(name, error_if_not=True)
        if consistent_read and isinstance(index, GlobalSecondaryIndex):
            raise MockValidationException("Consistent reads are not supported on global secondary indexes")
        return index

    # Reading

    def all_stored(self) -> list[Item]:
        """Every item, in no particular order."""
        if not self.has_range_key:
            return list(self.items.values())  # type: ignore[arg-type]
        return [item for group in self.items.values() for item in group.values()]

    def query(
        self,
        hash_key: DynamoType | None,
        range_comparison: str | None,
        range_objs: list[DynamoType],
        limit: int,
        exclusive_start_key: dict[str, Any],
        scan_index_forward: bool,
        projection_expressions: list[list[str]] | None,
        index_name: str | None = None,
        consistent_read: bool = False,
        filter_expression: Any = None,
        hash_key_conditions: list[tuple[str, DynamoType]] | None = None,
        range_key_conditions: list[tuple[str, str, list[DynamoType]]] | None = None,
        **filter_kwargs: Any,
    ) -> tuple[list[Item], int, dict[str, Any] | None]:
        if filter_kwargs or not hash_key_conditions:  # the legacy form
            return super().query(
                hash_key,
                range_comparison,
                range_objs,
                limit,
                exclusive_start_key,
                scan_index_forward,
                projection_expressions,
                index_name,
                consistent_read,
                filter_expression,
                hash_key_conditions,
                range_key_conditions,
                **filter_kwargs,
            )
        wanted = dict(hash_key_conditions)
        if index_name:
            index = self._index_named(index_name, consistent_read)
            schema = index.schema
            names = [k["AttributeName"] for k in schema if k["KeyType"] == "HASH"]
            candidates = list(self.partitions[index_name].get(tuple(wanted[name] for name in names), {}).values())
        else:
            schema = self.schema
            stored = self.items.get(wanted[self.hash_key_attr])
            if stored is None:
                candidates = []
            else:
                candidates = list(stored.values()) if self.has_range_key else [stored]  # type: ignore[list-item]
        for name, comparison, values in range_key_conditions or []:
            candidates = [item for item in candidates if item.attrs[name].compare(comparison, values)]
        order = [k["AttributeName"] for k in schema if k["KeyType"] == "RANGE"]
        order += [name for name in self.table_key_attrs if name not in order]
        candidates.sort(key=lambda item: sort_key(item.attrs, order), reverse=scan_index_forward is False)
        if exclusive_start_key:
            start = sort_key({name: DynamoType(value) for name, value in exclusive_start_key.items()}, order)
            forward = scan_index_forward is not False
            candidates = [
                item
                for item in candidates
                if (sort_key(item.attrs, order) > start if forward else sort_key(item.attrs, order) < start)
            ]
        return self._page(candidates, limit, index_name, filter_expression, projection_expressions)

    def scan(
        self,
        filters: dict[str, Any],
        limit: int,
        exclusive_start_key: dict[str, Any],
        filter_expression: Any = None,
        index_name: str | None = None,
        consistent_read: bool = False,
        projection_expression: list[list[str]] | None = None,
        segments: tuple[None, None] | tuple[int, int] = (None, None),
    ) -> tuple[list[Item], int, dict[str, Any] | None]:
        if filters:  # the legacy form
            return super().scan(
                filters,
                limit,
                exclusive_start_key,
                filter_expression,
                index_name,
                consistent_read,
                projection_expression,
                segments,
            )
        if index_name:
            self._index_named(index_name, consistent_read)
            candidates = [item for part in self.partitions[index_name].values() for item in part.values()]
        else:
            candidates = self.all_stored()
        if segments != (None, None):
            candidates = [item for item in candidates if item.is_within_segment(segments)]
        placed = sorted(((place(item, self.range_key_attr), item) for item in candidates), key=lambda pair: pair[0])
        if exclusive_start_key:
            key = self.key_of(exclusive_start_key)
            if key is None:
                raise MockValidationException("The provided starting key is invalid")
            start = place(Item(*key, exclusive_start_key), self.range_key_attr)
            placed = [pair for pair in placed if pair[0] > start]
        candidates = [item for _, item in placed]
        return self._page(candidates, limit, index_name, filter_expression, projection_expression)

    def _page(
        self,
        candidates: list[Item],
        limit: int | None,
        index_name: str | None,
        filter_expression: Any,
        projection: list[list[str]] | None,
    ) -> tuple[list[Item], int, dict[str, Any] | None]:
        page: list[Item] = []
        size = 0
        last_key = None
        for item in candidates:
            size += item.size()
            if len(page) == limit or (page and size > RESULT_SIZE_LIMIT):
                last_key = self._get_last_evaluated_key(page[-1], index_name)
                break
            page.append(item)
        scanned = len(page)
        if index_name:
            index = self.get_index(index_name)
            page = [index.project(item) for item in page]
        if filter_expression is not None:
            page = [item for item in page if filter_expression.expr(item)]
        if projection:
            page = [item.project(projection) for item in page]
        return page, scanned, last_key

    def all_items(self) -> list[Item]:
        # moto sorts here for its own query and scan; the rest of it needs no order.
        return self.all_stored()

    # Telling

    def describe(self, base_key: str = "TableDescription") -> dict[str, Any]:
        described = super().describe(base_key)
        about = described[base_key]
        about["TableId"] = self.table_id
        for index in about["GlobalSecondaryIndexes"] + about["LocalSecondaryIndexes"]:
            held = sum(len(part) for part in self.partitions.get(index["IndexName"], {}).values())
            index.update(
                IndexArn=f"{self.table_arn}/index/{index['IndexName']}", IndexSizeBytes=100 * held, ItemCount=held
            )
        for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            if not about[name]:
                del about[name]
        if self.group is not None:
            about.update(self.group.describe(self.region_name))
            own = self.group.status(self.region_name)
            if own != "ACTIVE":
                about["TableStatus"] = own
            elif self.group.is_changing():
                about["TableStatus"] = "UPDATING"
        return described


def sort_key(attributes: dict[str, DynamoType], names: list[str]) -> tuple[Any, ...]:
    """What items sort by: the plain values of the named attributes."""
    return tuple(attributes[name].cast_value for name in names)


def place(item: Item, range_attribute: str | None) -> tuple[Any, ...]:
    """Where an item stands in a scan: by its hash key's digest, as in DynamoDB, so that pages survive writes."""
    found = getattr(item, "place", None)
    if found is None:
        text = f"{item.hash_key.type}:{item.hash_key.value}"
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        found = (digest, item.range_key.cast_value) if range_attribute and item.range_key else (digest,)
        item.place = found  # type: ignore[attr-defined]
    return found
