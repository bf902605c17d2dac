# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map: the states of all regions at one epoch, and the item that carries it in each region.

Table `<workload>-state` is a global table (MREC) with one item per region. Each item holds the whole map and is
written only through its own region's endpoint, so last-writer-wins between regions has nothing to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from .encoding import from_attributes, to_attributes
from .errors import MalformedItem, MapConflict, ProtocolError
from .schema import SCHEMA, check_schema
from .states import ACTIVE, HELD, PASSIVE, STATES, copy_of

READER_PREFIX = "reader#"
"""Keys of the items of readers begin with it; see `register`."""


def lease_place(table: str, regions: Iterable[str]) -> str:
    """Name where a lease lives, the same way whatever order its replicas are listed in: `sales-lease@a+b`."""
    return f"{table}@{'+'.join(sorted(regions))}"


@dataclass(frozen=True)
class RegionMap:
    """The states of all regions at one epoch.

    epoch:  1 or more; only grows.
    states: region name → ACTIVE | PASSIVE | HELD. A region absent from it is PASSIVE.
    run_id: the run that was handed this epoch by the lease.
    lease:  the place of that lease, as `lease_place` names it.
    """

    epoch: int
    states: Mapping[str, str]
    run_id: str
    lease: str
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        if not isinstance(self.epoch, int) or isinstance(self.epoch, bool) or self.epoch < 1:
            raise MalformedItem(f"a map's epoch must be a whole number from 1 up, found {self.epoch!r}")
        for region, state in self.states.items():
            if state not in STATES:
                raise MalformedItem(
                    f"epoch {self.epoch}: region {region} has the state {state!r}; valid states are {', '.join(STATES)}"
                )
        object.__setattr__(self, "states", MappingProxyType(dict(sorted(self.states.items()))))

    def state_of(self, region: str) -> str:
        """The state of a region; PASSIVE when the map does not name it."""
        return self.states.get(region, PASSIVE)

    @property
    def regions(self) -> list[str]:
        """Every region that the map names, sorted."""
        return list(self.states)

    def in_state(self, *states: str) -> list[str]:
        """The regions in one of `states`, sorted."""
        return [region for region, state in self.states.items() if state in states]

    @property
    def candidates(self) -> list[str]:
        """The regions among which owners are chosen: ACTIVE and HELD."""
        return self.in_state(ACTIVE, HELD)

    def peers(self, region: str) -> list[str]:
        """The other regions of the map."""
        return [each for each in self.states if each != region]

    def ssm_value(self, region: str) -> str:
        """The derived copy for images that know nothing else."""
        return copy_of(self.state_of(region))

    def to_dict(self) -> dict[str, Any]:
        """The map as plain data, for the lease, a journal or JSON."""
        return {
            "epoch": self.epoch,
            "states": dict(self.states),
            "run_id": self.run_id,
            "lease": self.lease,
            "schema": self.schema,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], what: str = "map") -> RegionMap:
        """Read plain data; `what` names its origin in errors (NewerSchema, MalformedItem)."""
        check_schema(what, data.get("schema"))
        missing = [name for name in ("epoch", "states", "run_id", "lease") if name not in data]
        if missing:
            raise MalformedItem(f"{what}: lacks {', '.join(missing)}; found {', '.join(sorted(data)) or 'nothing'}")
        if not isinstance(data["states"], Mapping):
            raise MalformedItem(f"{what}: states must be a mapping of region to state, found {data['states']!r}")
        return cls(data["epoch"], data["states"], data["run_id"], data["lease"], data["schema"])

    def to_item(self, region: str) -> dict[str, Any]:
        """The plain state item of one region."""
        return {"region": region, **self.to_dict()}

    def to_attributes(self, region: str) -> dict[str, dict[str, Any]]:
        """The state item of one region as DynamoDB's low-level API takes it."""
        return to_attributes(self.to_item(region))


def maps_of(items: Iterable[Mapping[str, Mapping[str, Any]]]) -> dict[str, RegionMap]:
    """Read the items of the state table (low-level, as Scan or Query returns them): region → the map it holds.

    Items of the register are none of these.
    """
    found = {}
    for attributes in items:
        item = from_attributes(attributes)
        region = item.pop("region", "?")
        if region.startswith(READER_PREFIX):
            continue
        found[region] = RegionMap.from_dict(item, f"state item of {region}")
    return found


def highest(maps: Iterable[RegionMap]) -> RegionMap | None:
    """The map with the highest epoch; None without any. MapConflict when two of one epoch differ."""
    best: dict[int, RegionMap] = {}
    for each in maps:
        same = best.setdefault(each.epoch, each)
        if same != each:
            raise MapConflict(
                f"epoch {each.epoch} has two contents: {same.to_dict()} and {each.to_dict()}. "
                "Somebody wrote a state without taking its epoch from the lease; compare both with the lease's map."
            )
    return best[max(best)] if best else None


def state_write(table: str, region: str, new: RegionMap) -> dict[str, Any]:
    """Arguments of PutItem for one region's state item, to be sent through that region's own endpoint.

    The condition is evaluated in that region only (a condition is no lock between replicas of an MREC table), which
    is enough because nobody writes this item anywhere else.
    """
    return {
        "TableName": table,
        "Item": new.to_attributes(region),
        "ConditionExpression": "attribute_not_exists(#region) OR #epoch < :new",
        "ExpressionAttributeNames": {"#region": "region", "#epoch": "epoch"},
        "ExpressionAttributeValues": {":new": {"N": str(new.epoch)}},
    }


def accept_refusal(region: str, found: RegionMap, wanted: RegionMap) -> None:
    """Judge a state write whose condition failed, from the item found there. Returns when it was already written.

    MapConflict: the same epoch holds other content. ProtocolError: the region is already further.
    """
    highest((found, wanted))
    if found.epoch == wanted.epoch:
        return
    if found.epoch < wanted.epoch:
        raise ProtocolError(
            f"{region} refused epoch {wanted.epoch} and then showed only epoch {found.epoch}: read it again, strongly "
            "consistent, through its own endpoint."
        )
    raise ProtocolError(
        f"{region} already holds epoch {found.epoch} of run {found.run_id}, so epoch {wanted.epoch} was not written "
        "there: another run has gone further. Read the states again before deciding."
    )
