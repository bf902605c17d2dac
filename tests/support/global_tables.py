# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Global tables of an embedded cloud: made, replicated, read."""

from __future__ import annotations

from typing import Any

from tests.support.waiting import eventually

ON_DEMAND = {"BillingMode": "PAY_PER_REQUEST"}
STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}
INDEX = {
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "unprocessed",
            "KeySchema": [
                {"AttributeName": "unprocessed", "KeyType": "HASH"},
                {"AttributeName": "timestamp", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ]
}


def create(client: Any, name: str, index: bool = False, **settings: Any) -> None:
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    if index:
        attributes += [
            {"AttributeName": "unprocessed", "AttributeType": "S"},
            {"AttributeName": "timestamp", "AttributeType": "N"},
        ]
        settings |= INDEX
    client.create_table(
        TableName=name,
        AttributeDefinitions=attributes,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        **({**ON_DEMAND, **STREAM} | settings),
    )


def add_replica(client: Any, name: str, region: str) -> Any:
    return client.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": region}}])


def wait_until_replicas_are(client: Any, name: str, wanted: dict[str, str]) -> None:
    def check() -> bool:
        table = client.describe_table(TableName=name)["Table"]
        return {r["RegionName"]: r["ReplicaStatus"] for r in table.get("Replicas", [])} == wanted

    eventually(check)


def item(client: Any, table: str, key: str) -> Any:
    return client.get_item(TableName=table, Key={"id": {"S": key}}, ConsistentRead=True).get("Item")
