# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The register of a region: an item of its own for each task that reads the states there, in the table of the states.

It says that a task may act, how long at the most, and which epoch it has let go up to. Only the task itself writes it,
through its region's endpoint; a peer of the region removes it when the task has vanished. The key is no region's name,
and beside what it tells of the task the item holds the map that the task knows: a reader of an earlier version takes it
for one more item with that map, which is true.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .encoding import from_attributes, to_attributes
from .errors import MalformedItem
from .fence import fence_seconds
from .limits import CLAIM_TO_EFFECT_SECONDS, REGISTRATION_SECONDS, VIEW_TTL_SECONDS
from .region_map import READER_PREFIX, RegionMap
from .schema import check_schema


@dataclass(frozen=True)
class RegisteredReader:
    """One task's item in the register of `region`.

    name:         its own among the readers of the region.  task: the ARN of its ECS task, "" if it knows none.
    counter:      goes up with each writing, so that an item that stays the same is one of a task that has vanished.
    acknowledged: the task has begun nothing under an epoch before this one that has not ended, and never will.
    seen:         the map that it knew when it wrote this.
    ttl, claim_to_effect: seconds; the fence that it lives by.
    told:         table → ids of the items that it wrote there last, when it acknowledged.
    """

    region: str
    name: str
    task: str
    counter: int
    acknowledged: int
    seen: RegionMap
    ttl: float = VIEW_TTL_SECONDS
    claim_to_effect: float = CLAIM_TO_EFFECT_SECONDS
    told: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The item's key in the table of states: `reader#<region>#<name>`."""
        return f"{READER_PREFIX}{self.region}#{self.name}"

    @property
    def fence_seconds(self) -> float:
        """How long after the writing of an epoch it may still act on the one before, at the most."""
        return fence_seconds(self.ttl, self.claim_to_effect)

    def has_let_go(self, epoch: int) -> bool:
        """Whether it acts on nothing before `epoch` any more."""
        return self.acknowledged >= epoch

    def to_attributes(self) -> dict[str, dict[str, Any]]:
        """The item as DynamoDB's low-level API takes it."""
        reader = {
            "schema": 1,
            "task": self.task,
            "counter": self.counter,
            "acknowledged": self.acknowledged,
            "ttl_ms": round(self.ttl * 1000),
            "claim_to_effect_ms": round(self.claim_to_effect * 1000),
            "told": {table: list(ids) for table, ids in self.told.items()},
        }
        return to_attributes({"region": self.key, **self.seen.to_dict(), "reader": reader})

    @classmethod
    def from_attributes(cls, item: Mapping[str, Mapping[str, Any]]) -> RegisteredReader:
        """Read an item. MalformedItem, NewerSchema: it cannot be told whether the task has let go."""
        plain = from_attributes(item)
        region, _hash, name = str(plain.get("region", "")).removeprefix(READER_PREFIX).partition("#")
        reader, what = plain.get("reader"), f"reader {name or '?'} of {region or '?'}"
        if not isinstance(reader, Mapping):
            raise MalformedItem(f"{what}: expected what it tells of itself, found {reader!r}")
        check_schema(what, reader.get("schema"))
        try:
            return cls(
                region,
                name,
                str(reader["task"]),
                int(reader["counter"]),
                int(reader["acknowledged"]),
                RegionMap.from_dict(plain, what),
                reader["ttl_ms"] / 1000,
                reader["claim_to_effect_ms"] / 1000,
                {table: list(ids) for table, ids in reader["told"].items()},
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise MalformedItem(f"{what}: lacks or misspells {error}") from error


def readers_of(items: Iterable[Mapping[str, Mapping[str, Any]]], region: str) -> dict[str, RegisteredReader]:
    """The readers of one region among the items of its own table: name → item. What replicates from others is left out.

    ProtocolError: one of them cannot be read.
    """
    mine = [item for item in items if item.get("region", {}).get("S", "").startswith(f"{READER_PREFIX}{region}#")]
    return {reader.name: reader for reader in map(RegisteredReader.from_attributes, mine)}


def reader_write(table: str, reader: RegisteredReader) -> dict[str, Any]:
    """Arguments of PutItem that register a reader, or tell anew of it; through its own region's endpoint."""
    return {"TableName": table, "Item": reader.to_attributes()}


def reader_removal(table: str, reader: RegisteredReader) -> dict[str, Any]:
    """Arguments of DeleteItem that take a reader out of the register, on condition that it has not written since."""
    return {
        "TableName": table,
        "Key": {"region": {"S": reader.key}},
        "ConditionExpression": "#reader.#counter = :counter",
        "ExpressionAttributeNames": {"#reader": "reader", "#counter": "counter"},
        "ExpressionAttributeValues": {":counter": {"N": str(reader.counter)}},
    }


def seconds_until_vanished(reader: RegisteredReader) -> float:
    """How long an item must stay the same, on its watcher's own clock, before its task surely acts on nothing.

    Its last writing counts for REGISTRATION_SECONDS, and what began by then ends within the fence that it lives by.
    """
    return REGISTRATION_SECONDS + reader.fence_seconds


class VanishedReaders:
    """Watches a register for tasks that have vanished, as a peer of theirs. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._unchanged: dict[str, tuple[int, float]] = {}

    def look(
        self, readers: Mapping[str, RegisteredReader], read_sent: float, answered: float
    ) -> list[RegisteredReader]:
        """Take in a strongly consistent read of the register; the readers that have vanished.

        An item is watched from the answer that first showed it so to the sending of the read that last did.
        """
        before, self._unchanged, vanished = self._unchanged, {}, []
        for name, reader in readers.items():
            counter, since = before.get(name, (reader.counter, answered))
            if counter != reader.counter:
                since = answered
            self._unchanged[name] = reader.counter, since
            if read_sent - since > seconds_until_vanished(reader):
                vanished.append(reader)
        return vanished
