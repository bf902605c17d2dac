# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DynamoDB table and its replicas, managed from one region.

One description of the table, read first, tells the region it is managed from and the replicas that are no longer asked
for. The rules of global tables that decide the order of things are in the resources.
"""

from __future__ import annotations

import re
from typing import Any

from ..aws.names import arn, layer_tags
from ..aws.regions import region_problems, strong_set_problems
from ..kernel import Cloud, Known, LayerError, Resource
from ..kernel.run import Layer, LayerModule
from ..resources.table import NO_STREAM, Table
from ..resources.table_calls import describe, members
from ..resources.table_replica import Replica, StrongGroup, replica_arn
from ..resources.table_scaling import TableScaling, targets

NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
REPLICATED_STREAM = "NEW_AND_OLD_IMAGES"


def definition_problems(variable: str, table: dict[str, Any]) -> list[str]:
    """What cannot be right about a table's name, keys and indexes, wherever its replicas are."""
    found = []
    indexes = table.get("indexes") or []
    for where, thing in [(variable, table), *((f"{variable}.indexes", index) for index in indexes)]:
        if not NAME.fullmatch(str(thing.get("name") or "")):
            found.append(
                f"{where}.name is {thing.get('name')!r}; DynamoDB takes 3 to 255 letters, digits, underscores, hyphens "
                "and dots."
            )
        if not thing.get("hash_key"):
            found.append(f"{where}.hash_key is missing; give the name of the partition key.")
    for index in indexes:
        if bool(index.get("include")) != (index.get("projection") == "INCLUDE"):
            found.append(
                f"{variable}.indexes[{index.get('name')}]: projection is {index.get('projection', 'ALL')} and include "
                f"is {index.get('include') or []}; the two go together."
            )
    used = {thing.get(key) for thing in [table, *indexes] for key in ("hash_key", "range_key")} - {None}
    for name, kind in (table.get("attributes") or {}).items():
        if kind not in ("S", "N", "B"):
            found.append(f"{variable}.attributes.{name} is {kind!r}; a key is S (string), N (number) or B (binary).")
        if name not in used:
            found.append(
                f"{variable}.attributes has {name}, which is no key. List only keys: {', '.join(sorted(used))}."
            )
    return found


def problems(params: dict[str, Any]) -> list[str]:
    regions = params["regions"] or []
    found = [problem for region in regions for problem in region_problems("regions", region)]
    if len(set(regions)) != len(regions):
        found.append(f"regions is {', '.join(regions)}; name each region once.")
    if params["state"] == "absent":
        return found
    found += definition_problems(f"table {params['name']}", params)
    found += _consistency_problems(params, regions) + _capacity_problems(params)
    if params["encryption"] == "customer_managed":
        for region in regions or [params["region"]]:
            if region not in params["kms_keys"]:
                found.append(f"kms_keys has no key for {region}; with customer_managed each region needs its own.")
    return found


def _consistency_problems(params: dict[str, Any], regions: list[str]) -> list[str]:
    witness, replicated = params["witness"], len(regions) > 1
    if params["consistency"] == "strong" and (replicated or witness):
        found = strong_set_problems("regions and witness", [*regions, witness] if witness else regions)
        if params["ttl_attribute"]:
            found.append(
                f"ttl_attribute is {params['ttl_attribute']}; a table with strong consistency (MRSC) expires no items."
            )
        return found
    found = []
    if witness:
        found.append(f"witness is {witness}; only a table with consistency strong has one.")
    if replicated and params["stream"] not in (None, REPLICATED_STREAM):
        found.append(f"stream is {params['stream']}; replicas need {REPLICATED_STREAM}.")
    return found


def _capacity_problems(params: dict[str, Any]) -> list[str]:
    capacity, found = params["capacity"], []
    for unit in ("read", "write"):
        least, most = capacity[f"{unit}_min"], capacity[f"{unit}_max"]
        if not 1 <= least <= most:
            found.append(f"capacity.{unit}_min is {least} and {unit}_max is {most}; 1 <= min <= max is needed.")
    if not 20 <= capacity["target"] <= 90:
        found.append(f"capacity.target is {capacity['target']} percent; auto-scaling accepts 20 to 90.")
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Layer:
    regions = params["regions"] or [cloud.region]
    source, description = _where_it_is(cloud, params["name"], regions)
    present = params["state"] == "present"
    others = [region for region in regions if region != source] if present else []
    strays = [region for region in members(description) if region not in others]
    if not params["delete_data"]:
        _refuse_protected(cloud, params["name"], source, description, strays, whole=not present)
    strong = _is_strong(params, description, others)
    if present and strong and strays:
        raise LayerError(
            f"Table {params['name']} is strongly consistent and has a replica in {', '.join(strays)}, which regions "
            "does not name. Such a table cannot lose a single replica: name it, or remove the table (state: absent)."
        )
    maker = _Maker(params, cloud, source, description, strong, others)
    return maker.layer(others, strays)


def _where_it_is(cloud: Cloud, name: str, regions: list[str]) -> tuple[str, dict[str, Any] | None]:
    """The first of `regions` that has the table, and its description; the very first if none has."""
    for region in regions:
        description = describe(cloud, region, name)
        if description is not None:
            return region, description
    return regions[0], None


def _refuse_protected(
    cloud: Cloud, name: str, source: str, description: dict[str, Any] | None, strays: list[str], *, whole: bool
) -> None:
    """Raise if what is to go is protected from deletion; in check mode too, for the run could not do it."""
    protected = [source] if whole and (description or {}).get("DeletionProtectionEnabled") else []
    protected += [r for r in strays if (describe(cloud, r, name) or {}).get("DeletionProtectionEnabled")]
    if protected:
        raise LayerError(
            f"Table {name} is protected from deletion in {', '.join(protected)}, and would be removed there. Give "
            "delete_data: true to remove it with its data, or name the region in regions to keep it."
        )


def _is_strong(params: dict[str, Any], description: dict[str, Any] | None, others: list[str]) -> bool:
    """Whether the replicas are, or are to be, strongly consistent."""
    if members(description):
        actual = (description or {}).get("MultiRegionConsistency", "EVENTUAL") == "STRONG"
        wanted = params["consistency"] == "strong"
        if others and actual != wanted:
            raise LayerError(
                f"Table {params['name']} is a global table with {'strong' if actual else 'eventual'} consistency, "
                f"wanted {params['consistency']}. DynamoDB cannot change that: remove the table first (state: absent)."
            )
        return actual
    return params["consistency"] == "strong" and bool(others)


class _Maker:
    """Turns parameters into the resources of one table."""

    def __init__(
        self,
        params: dict[str, Any],
        cloud: Cloud,
        source: str,
        description: dict[str, Any] | None,
        strong: bool,
        others: list[str],
    ) -> None:
        self.params = params
        self.source = source
        self.description = description
        self.strong = strong
        self.present = params["state"] == "present"
        self.stream = REPLICATED_STREAM if others and not strong else params["stream"]
        if description is not None:
            self.arn = description["TableArn"]
        elif self.present:
            account = cloud.client("sts", source).get_caller_identity()["Account"]
            self.arn = arn("dynamodb", source, account, f"table/{params['name']}")
        else:
            self.arn = None
        was = ((description or {}).get("BillingModeSummary") or {}).get("BillingMode")
        was_provisioned = description is not None and was != "PAY_PER_REQUEST"
        self.scales = self.present and params["billing_mode"] == "PROVISIONED"
        self.may_have_scaled = self.scales or was_provisioned

    def layer(self, others: list[str], strays: list[str]) -> Layer:
        name = self.params["name"]
        table = self._table(strays)
        resources: list[Resource] = [table, *self._scaling(self.source, table)]
        last: Resource = resources[-1]
        if self.strong:
            last = StrongGroup(
                name,
                self.source,
                state=self.params["state"],
                needs=[last],
                description=self.description,
                kms_keys=self.params["kms_keys"],
                replicas=sorted(others),
                witness=self.params["witness"],
                status="ACTIVE",
            )
            resources.append(last)
        replicas = {self.source: table}
        for region in [*others, *strays]:
            replica = self._replica(region, "present" if region in others else "absent", last)
            scaling = self._scaling(region, replica)
            resources += [replica, *scaling]
            replicas[region] = replica
            if not self.strong:
                last = resources[-1]  # one at a time
        kept = {region: resource for region, resource in replicas.items() if resource.state == "present"}

        def outputs(known: Known) -> dict[str, Any]:
            told = ("arn", "status", "stream_arn")
            return {
                "table": {
                    "name": name,
                    "arn": self.arn,
                    "source_region": self.source,
                    "consistency": "strong" if self.strong else "eventual",
                    "witness": self.params["witness"],
                    "regions": {
                        region: {key: known.attribute(resource, key) for key in told}
                        for region, resource in kept.items()
                    },
                }
            }

        return Layer(resources, outputs)

    def _table(self, strays: list[str]) -> Table:
        params = self.params
        types = params["attributes"]
        optional: dict[str, Any] = {}
        # While a replica is still to be removed, DynamoDB does not let go of the stream.
        if self.stream is not None and not (strays and self.stream != REPLICATED_STREAM):
            optional["stream"] = self.stream
        return Table(
            params["name"],
            self.source,
            state=params["state"],
            purge_tags=params["purge_tags"],
            arn=self.arn,
            description=self.description,
            capacity=params["capacity"],
            **_keys(params, types),
            indexes={
                index["name"]: {
                    **_keys(index, types),
                    "projection": index["projection"],
                    "include": sorted(index["include"]),
                }
                for index in params["indexes"]
            },
            billing_mode=params["billing_mode"],
            encryption={"type": params["encryption"], "kms_key_id": self._key(self.source)},
            ttl_attribute=params["ttl_attribute"],
            **self._regional(self.source),
            **optional,
        )

    def _replica(self, region: str, state: str, after: Resource) -> Replica:
        return Replica(
            self.params["name"],
            region,
            state=state,
            needs=[after],
            purge_tags=self.params["purge_tags"],
            source=self.source,
            description=self.description,
            arn=replica_arn(self.arn, region),
            strong=self.strong,
            streams=(self.stream or NO_STREAM) != NO_STREAM,
            kms_key_id=self._key(region),
            **self._regional(region),
        )

    def _regional(self, region: str) -> dict[str, Any]:
        return {
            "point_in_time_recovery": self.params["point_in_time_recovery"],
            "deletion_protection": self.params["deletion_protection"],
            "status": "ACTIVE",
            "tags": layer_tags(self.params, region),
        }

    def _key(self, region: str) -> str | None:
        return self.params["kms_keys"].get(region) if self.params["encryption"] == "customer_managed" else None

    def _scaling(self, region: str, of: Resource) -> list[TableScaling]:
        if not self.may_have_scaled:
            return []
        indexes = [index["name"] for index in self.params["indexes"]]
        return [
            TableScaling(
                self.params["name"],
                region,
                state="present" if self.scales and of.state == "present" else "absent",
                needs=[of],
                targets=targets(self.params["name"], indexes, self.params["capacity"]),
            )
        ]


def _keys(thing: dict[str, Any], types: dict[str, str]) -> dict[str, Any]:
    names = [name for name in (thing["hash_key"], thing["range_key"]) if name]
    return {
        "hash_key": thing["hash_key"],
        "range_key": thing["range_key"],
        "key_types": {name: types.get(name, "S") for name in names},
    }


MODULE = LayerModule(
    arguments={
        "name": {"type": "str", "required": True},
        "regions": {"type": "list", "elements": "str"},
        "hash_key": {"type": "str", "no_log": False},
        "range_key": {"type": "str", "no_log": False},
        "attributes": {"type": "dict", "default": {}},
        "indexes": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str", "required": True},
                "hash_key": {"type": "str", "required": True, "no_log": False},
                "range_key": {"type": "str", "no_log": False},
                "projection": {"type": "str", "choices": ["ALL", "KEYS_ONLY", "INCLUDE"], "default": "ALL"},
                "include": {"type": "list", "elements": "str", "default": []},
            },
        },
        "billing_mode": {"type": "str", "choices": ["PAY_PER_REQUEST", "PROVISIONED"], "default": "PAY_PER_REQUEST"},
        "capacity": {
            "type": "dict",
            "apply_defaults": True,
            "options": {
                "read_min": {"type": "int", "default": 5},
                "read_max": {"type": "int", "default": 100},
                "write_min": {"type": "int", "default": 5},
                "write_max": {"type": "int", "default": 100},
                "target": {"type": "int", "default": 70},
            },
        },
        "consistency": {"type": "str", "choices": ["eventual", "strong"], "default": "eventual"},
        "witness": {"type": "str"},
        "stream": {"type": "str", "choices": ["none", "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]},
        "ttl_attribute": {"type": "str"},
        "point_in_time_recovery": {"type": "bool", "default": True},
        "deletion_protection": {"type": "bool", "default": True},
        "encryption": {
            "type": "str",
            "choices": ["aws_owned", "aws_managed", "customer_managed"],
            "default": "aws_owned",
        },
        "kms_keys": {"type": "dict", "default": {}, "no_log": False},
        "delete_data": {"type": "bool", "default": False},
    },
    services=("dynamodb", "application-autoscaling", "kms", "sts"),
    build=build,
    problems=problems,
    rules={"required_if": [("state", "present", ["hash_key"])]},
)
