# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table, its replicas and their scaling as resources, and what is returned."""

from __future__ import annotations

from typing import Any

from ...aws.names import arn, resource_tags
from ...kernel import Cloud, CollectionError, Known, Resource
from ...kernel.run import Composition
from ...resources.table import NO_STREAM, Table
from ...resources.table_calls import describe, members
from ...resources.table_replica import Replica, StrongGroup, replica_arn
from ...resources.table_scaling import TableScaling, targets
from .arguments import REPLICATED_STREAM


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    regions = params["regions"] or [cloud.region]
    dead = set(params["dead"])
    source, description = _where_it_is(cloud, params["name"], [region for region in regions if region not in dead])
    present = params["state"] == "present"
    others = [region for region in regions if region != source] if present else []
    strays = [region for region in members(description) if region not in others and region not in dead]
    if not params["delete_data"]:
        _refuse_protected(cloud, params["name"], source, description, strays, whole=not present)
    strong = _is_strong(params, description, others)
    if present and strong and strays:
        raise CollectionError(
            f"Table {params['name']} is strongly consistent and has a replica in {', '.join(strays)}, which regions "
            "does not name. Such a table cannot lose a single replica: name it, or remove the table (state: absent)."
        )
    maker = _Maker(params, cloud, source, description, strong, others)
    return maker.composition([region for region in others if region not in dead], strays)


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
        raise CollectionError(
            f"Table {name} is protected from deletion in {', '.join(protected)}, and would be removed there. Give "
            "delete_data: true to remove it with its data, or name the region in regions to keep it."
        )


def _is_strong(params: dict[str, Any], description: dict[str, Any] | None, others: list[str]) -> bool:
    """Whether the replicas are, or are to be, strongly consistent."""
    if members(description):
        actual = (description or {}).get("MultiRegionConsistency", "EVENTUAL") == "STRONG"
        wanted = params["consistency"] == "strong"
        if others and actual != wanted:
            raise CollectionError(
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
        self.others = others
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

    def composition(self, others: list[str], strays: list[str]) -> Composition:
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
                replicas=sorted(self.others),
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

        return Composition(resources, outputs)

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
            "tags": resource_tags(self.params, region),
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
