# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lake in moto in the region that takes over, with what another one had done and S3 had not sent."""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import (
    Sale,
    cancelled_item,
    done_item,
    new_sale_id,
    to_attributes,
)
from tests.support.aws_clients import ACCOUNT
from tests.support.switching import A, B
from tests.support.workload_tables import Workload

LAKE = [{"table": "sales", "done_table": "sales-idempotency", "bucket": "sales-lake-{account}-{region}"}]
BUCKET = f"sales-lake-{ACCOUNT}-{B}"


class Lake:
    """The bucket of the region that takes over, and both tables there."""

    def __init__(self, workload: Workload) -> None:
        self.now = int(time.time())  # all is told from one moment, however long a test takes
        self.s3, self.dynamodb = workload.client("s3", B), workload.client("dynamodb", B)
        self._make_table_of_dones(workload.client("dynamodb", A))  # which stays empty: nothing replicates here
        self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        workload.make_table("sales", "id", B)
        self._make_table_of_dones(self.dynamodb)

    @staticmethod
    def _make_table_of_dones(dynamodb: Any) -> None:
        dynamodb.create_table(
            TableName="sales-idempotency",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "done_in", "AttributeType": "S"},
                {"AttributeName": "done_at", "AttributeType": "N"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "done",
                    "KeySchema": [
                        {"AttributeName": "done_in", "KeyType": "HASH"},
                        {"AttributeName": "done_at", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )

    def done(self, region: str = A, ago: int = 60, sent: bool = False, known: bool = True) -> Sale:
        """A sale that a region did so many seconds ago. sent: whether S3 brought its object."""
        sale = Sale.new(new_sale_id(), "book", 14, region)
        item = done_item(sale, region, self.now - ago)
        self.dynamodb.put_item(TableName="sales-idempotency", Item=to_attributes(item))
        if known:
            self.dynamodb.put_item(TableName="sales", Item=sale.to_attributes(processed=True))
        if sent:
            self.s3.put_object(Bucket=BUCKET, Key=sale.lake_key, Body=sale.lake_bytes)
        return sale

    def cancel(self, sale: Sale, processed: bool = False) -> None:
        item = cancelled_item(sale.id, self.now, processed)
        self.dynamodb.put_item(TableName="sales", Item=to_attributes(item))

    def objects(self) -> dict[str, list[bytes]]:
        """Key → the content of each of its versions."""
        found: dict[str, list[bytes]] = {}
        for version in self.s3.list_object_versions(Bucket=BUCKET).get("Versions", []):
            place: dict[str, Any] = {"Bucket": BUCKET, "Key": version["Key"], "VersionId": version["VersionId"]}
            found.setdefault(version["Key"], []).append(self.s3.get_object(**place)["Body"].read())
        return found
