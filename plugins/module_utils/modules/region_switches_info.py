# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recorded switches of a workload, as its journal beside the lease tells them."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, CollectionError, error_code
from ..kernel.cloud import SHORT
from ..kernel.run import ModuleDefinition
from ..lease.arguments import READING_ARGUMENTS, lease_regions, lease_table, place_problems
from ..protocol import from_attributes
from ..protocol.service_errors import is_ill

PREFIX = "journal#"


def problems(params: dict[str, Any]) -> list[str]:
    found = place_problems(params)
    if params["last"] is not None and params["last"] < 1:
        found.append(f"last is {params['last']}; it is a number of switches, 1 or more.")
    return found


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    table = lease_table(params)
    entries = [from_attributes(item) for item in _items(table, params, cloud)]
    # The identifier holds epoch and generation in fixed width, so its order is that of the switches.
    entries.sort(key=lambda entry: entry["id"])
    return {"switches": entries[-params["last"] :] if params["last"] else entries}


def _items(table: str, params: dict[str, Any], cloud: Cloud) -> list[dict[str, Any]]:
    """The journal's items from the first replica that answers. Without the table there are none."""
    silent = []
    for region in lease_regions(params):
        client = cloud.client("dynamodb", region, **SHORT)
        try:
            return _scan(client, table)
        except Exception as error:
            if error_code(error) == "ResourceNotFoundException":
                return []
            if not is_ill(error):
                raise
            silent.append(f"{region}: {type(error).__name__}: {error}")
    raise CollectionError(f"No replica of the lease table {table} answers, so nothing can be told: {'; '.join(silent)}")


def _scan(client: Any, table: str) -> list[dict[str, Any]]:
    asked = {
        "TableName": table,
        "ConsistentRead": True,
        "FilterExpression": "begins_with(#id, :prefix)",
        "ExpressionAttributeNames": {"#id": "id"},
        "ExpressionAttributeValues": {":prefix": {"S": PREFIX}},
    }
    found: list[dict[str, Any]] = []
    while True:
        page = client.scan(**asked)
        found += page["Items"]
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
