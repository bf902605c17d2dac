# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded deployments of a workload, the release in force, and a deployment that is unfinished."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, CollectionError, error_code
from ..kernel.cloud import SHORT
from ..kernel.run import ModuleDefinition
from ..lease import Lease, lease_report, messages
from ..lease.arguments import READING_ARGUMENTS, lease_regions, lease_table, place_problems
from ..lease.deployment_plan import ENTRY, RELEASE, is_deployment, tell_ways
from ..protocol import from_attributes
from ..protocol.region_map import lease_place
from ..protocol.schema import check_schema
from ..protocol.service_errors import is_ill
from ..releases.record import images_for


def problems(params: dict[str, Any]) -> list[str]:
    found = place_problems(params)
    if params["last"] is not None and params["last"] < 0:
        found.append(f"last is {params['last']}; it is a number of deployments, 0 or more.")
    return found


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    table = lease_table(params)
    items = _items(table, params, cloud)
    lease = Lease.from_attributes(items.get("lease"))
    release = from_attributes(items[RELEASE]) if RELEASE in items else {}
    if release:
        check_schema(RELEASE, release.get("schema"))
    entries = [from_attributes(item) for name, item in sorted(items.items()) if name.startswith(ENTRY)]
    last = params["last"]
    unfinished = lease if lease and is_deployment(lease.plan) else None
    return {
        "deployments": entries if last is None else entries[-last:] if last else [],
        "release": release.get("regions") or {},
        "images": images_for(release, params["region"]),
        "unfinished": messages.deployment_unfinished(unfinished, tell_ways(unfinished.plan or {}))
        if unfinished
        else "",
        "lease": lease_report(lease, lease_place(table, lease_regions(params))),
    }


def _items(table: str, params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    """The items by identifier, from the first replica that answers. Without the table there are none."""
    silent = []
    for region in lease_regions(params):
        client = cloud.client("dynamodb", region, **SHORT)
        try:
            return _two(client, table) if params["last"] == 0 else _scan(client, table)
        except Exception as error:
            if error_code(error) == "ResourceNotFoundException":
                return {}
            if not is_ill(error):
                raise
            silent.append(f"{region}: {type(error).__name__}: {error}")
    raise CollectionError(f"No replica of the lease table {table} answers, so nothing can be told: {'; '.join(silent)}")


def _two(client: Any, table: str) -> dict[str, Any]:
    """The lease and the release alone."""
    keys = [{"id": {"S": name}} for name in ("lease", RELEASE)]
    asked = {table: {"Keys": keys, "ConsistentRead": True}}
    found: dict[str, Any] = {}
    while asked:  # what was throttled comes back
        answer = client.batch_get_item(RequestItems=asked)
        found |= {item["id"]["S"]: item for item in answer["Responses"].get(table, [])}
        asked = answer.get("UnprocessedKeys") or {}
    return found


def _scan(client: Any, table: str) -> dict[str, Any]:
    asked = {
        "TableName": table,
        "ConsistentRead": True,
        "FilterExpression": "begins_with(#id, :prefix) OR #id = :lease OR #id = :release",
        "ExpressionAttributeNames": {"#id": "id"},
        "ExpressionAttributeValues": {
            ":prefix": {"S": ENTRY},
            ":lease": {"S": "lease"},
            ":release": {"S": RELEASE},
        },
    }
    found: dict[str, Any] = {}
    while True:
        page = client.scan(**asked)
        found |= {item["id"]["S"]: item for item in page["Items"]}
        if not page.get("LastEvaluatedKey"):
            return found
        asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


MODULE = ModuleDefinition(
    arguments={
        **READING_ARGUMENTS,
        "last": {"type": "int"},
    },
    services=("dynamodb",),
    read=read,
    problems=problems,
)
