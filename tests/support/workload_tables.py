# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the sales workload in moto, to look at and to tamper with."""

from __future__ import annotations

from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import from_attributes
from tests.support.aws_clients import aws_client

REGIONS = {"sa-east-1": "ACTIVE", "us-east-1": "PASSIVE"}


def make_indexed_table(client: Any, name: str, index: str) -> None:
    """Make a table of sales with its index of those that nobody has processed."""
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "unprocessed", "AttributeType": "S"},
            {"AttributeName": "timestamp", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": "unprocessed", "KeyType": "HASH"},
                    {"AttributeName": "timestamp", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )


class Workload:
    """What a test looks at and tampers with, in moto."""

    def client(self, service: str, region: str) -> Any:
        return aws_client(service, region)

    def make_table(self, name: str, key: str, region: str) -> None:
        self.client("dynamodb", region).create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def state_item(self, region: str) -> dict[str, Any] | None:
        client = self.client("dynamodb", region)
        return client.get_item(TableName="sales-state", Key={"region": {"S": region}}).get("Item")

    def lease_item(self) -> dict[str, Any] | None:
        client = self.client("dynamodb", "us-east-2")
        return client.get_item(TableName="sales-lease", Key={"id": {"S": "lease"}}).get("Item")

    def lease(self) -> dict[str, Any]:
        """The lease as it is kept, with Python's values."""
        item = self.lease_item()
        assert item, "there is no lease"
        return from_attributes(item)

    def states(self) -> dict[str, str]:
        """The states that the lease says."""
        return dict(self.lease()["map"]["states"])

    def journal(self) -> list[dict[str, Any]]:
        """The switches that were recorded beside the lease, oldest first."""
        found = self.client("dynamodb", "us-east-2").scan(TableName="sales-lease")["Items"]
        return [from_attributes(item) for item in found if item["id"]["S"].startswith("journal#")]

    def parameter(self, region: str, value: str | None = None) -> str:
        client = self.client("ssm", region)
        if value is not None:
            client.put_parameter(Name="/sales/region/state", Value=value, Overwrite=True, Type="String")
        return client.get_parameter(Name="/sales/region/state")["Parameter"]["Value"]
