# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A DynamoDB table in the region that it is managed from. Its replicas are resources of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import to_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource, absent_is_none
from ..kernel.cloud import ClientError
from ..protocol.service_errors import error_code
from .same_thing import key_as_wanted
from .table_calls import (
    BUSY,
    GONE,
    change,
    lift_protection,
    read_regional,
    set_regional,
    tags_of,
    wait_until_gone,
    wait_until_settled,
)

NO_STREAM = "none"


def key_schema(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    """The keys of a table or an index as DynamoDB takes them."""
    schema = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return [*schema, {"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else schema


class Table(Resource):
    """Wanted: `hash_key`, `range_key`, `key_types` (of the table's keys), `indexes` (by name: `hash_key`, `range_key`,
    `key_types`, `projection`, `include`), `billing_mode`, `encryption` (`{"type", "kms_key_id"}`), `ttl_attribute`,
    `stream` (only if it is to be managed), `point_in_time_recovery`, `deletion_protection`, `status`, `tags`.

    `capacity` are the least read and write units that a provisioned table starts with. Gives `arn`, known beforehand,
    and `stream_arn`. `description` is what `DescribeTable` told a moment ago.
    """

    kind = "dynamodb_table"
    shown_late: ClassVar[bool | None] = False  # `find` looks at what the module has read; making it reads it again
    fixed: ClassVar[frozenset[str]] = frozenset({"hash_key", "range_key", "key_types"})

    def __init__(
        self,
        name: str,
        region: str,
        *,
        arn: str | None,
        description: dict[str, Any] | None,
        capacity: dict[str, int] | None = None,
        **others: Any,
    ) -> None:
        super().__init__(name, region, **others)
        self.arn = arn
        self.description = description
        self.capacity = capacity

    def foretold(self) -> Attributes:
        sure = {"arn": self.arn}
        if self.wanted.get("stream", NO_STREAM) == NO_STREAM:
            sure["stream_arn"] = None
        return sure

    def renewed_by(self, differences: dict[str, Difference]) -> frozenset[str]:
        return frozenset({"stream_arn"} if "stream" in differences else ())

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        found = super().differences(actual, wanted)
        if "ttl_attribute" in found and all(found["ttl_attribute"]):
            before, after = found["ttl_attribute"]
            raise CollectionError(
                f"Table {self.name} in {self.region} expires items by {before}, wanted by {after}. DynamoDB cannot go "
                "from one to the other: leave out ttl_attribute, wait an hour, then give the new one."
            )
        for index in (actual.get("indexes") or {}).keys() & wanted["indexes"].keys():
            before, after = actual["indexes"][index], wanted["indexes"][index]
            if before != after:
                raise CollectionError(
                    f"Index {index} of table {self.name} in {self.region} is {before}, wanted {after}. DynamoDB cannot "
                    "change an index: ask for one of another name, then remove this one."
                )
        return found

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Table], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for table in resources:
            if table.description is not None and table.description["TableStatus"] != "DELETING":
                actual[table.name] = table.read(cloud, table.description)
        return actual

    def read(self, cloud: Cloud, description: dict[str, Any]) -> Attributes:
        """The actual attributes, given a fresh description."""
        if self.state == "absent":
            return {
                "arn": description["TableArn"],
                "tags": tags_of(cloud, self.region, description["TableArn"]),
                "deletion_protection": bool(description.get("DeletionProtectionEnabled")),
            }
        actual = {**read_regional(cloud, self.region, description), **_definition(description)}
        actual["encryption"] = self._encryption(cloud, description)
        if description["TableStatus"] != "CREATING":
            client = cloud.client("dynamodb", self.region)
            ttl = client.describe_time_to_live(TableName=self.name)["TimeToLiveDescription"]
            on = ttl.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
            actual["ttl_attribute"] = ttl.get("AttributeName") if on else None
        return actual

    def _encryption(self, cloud: Cloud, description: dict[str, Any]) -> dict[str, Any]:
        sse = description.get("SSEDescription") or {}
        if sse.get("Status") not in ("ENABLED", "ENABLING", "UPDATING"):
            return {"type": "aws_owned", "kms_key_id": None}
        key = sse.get("KMSMasterKeyArn")
        if (self.wanted.get("encryption") or {}).get("type") == "aws_managed":
            # Whether this key is the one that AWS manages for DynamoDB, only KMS knows.
            with absent_is_none("NotFoundException"):
                managed = cloud.client("kms", self.region).describe_key(KeyId="alias/aws/dynamodb")
                if managed["KeyMetadata"]["Arn"] == key:
                    return {"type": "aws_managed", "kms_key_id": None}
        wanted = (self.wanted.get("encryption") or {}).get("kms_key_id")
        return {"type": "customer_managed", "kms_key_id": key_as_wanted(cloud, self.region, key, wanted)}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("dynamodb", self.region)
        if self.description is not None:  # its namesake is on its way out
            wait_until_gone(cloud, self.region, self.name)
        optional: dict[str, Any] = {}
        if wanted["indexes"]:
            optional["GlobalSecondaryIndexes"] = [
                self._index(name, index, wanted) for name, index in wanted["indexes"].items()
            ]
        if wanted["billing_mode"] == "PROVISIONED":
            optional["ProvisionedThroughput"] = self._throughput()
        if wanted.get("stream", NO_STREAM) != NO_STREAM:
            optional["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": wanted["stream"]}
        try:
            client.create_table(
                TableName=self.name,
                KeySchema=key_schema(wanted["hash_key"], wanted["range_key"]),
                AttributeDefinitions=_attribute_definitions(wanted),
                BillingMode=wanted["billing_mode"],
                SSESpecification=_sse(wanted["encryption"]),
                DeletionProtectionEnabled=wanted["deletion_protection"],
                Tags=to_tag_list(wanted["tags"]),
                **optional,
            )
        except ClientError as error:
            if error_code(error) != BUSY:  # it exists: an answer was lost
                raise
        return self._finish(cloud, wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self._finish(cloud, wanted)

    def _finish(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        """Bring a table that exists to what is wanted, one change at a time, as DynamoDB asks."""
        actual = self.read(cloud, wait_until_settled(cloud, self.region, self.name))
        differences = self.differences(actual, wanted)
        if not differences:
            return actual
        if "billing_mode" in differences:
            self._set_billing_mode(cloud, wanted)
        if "stream" in differences:
            self._set_stream(cloud, actual, wanted["stream"])
        if "encryption" in differences:
            change(cloud, self.region, self.name, SSESpecification=_sse(wanted["encryption"]))
        if "indexes" in differences:
            self._set_indexes(cloud, actual["indexes"], wanted)
        if "ttl_attribute" in differences:
            self._set_ttl(cloud, actual["ttl_attribute"], wanted["ttl_attribute"])
        set_regional(cloud, self.region, self.name, actual["arn"], wanted, differences)
        return self.read(cloud, wait_until_settled(cloud, self.region, self.name))

    def _set_billing_mode(self, cloud: Cloud, wanted: Attributes) -> None:
        optional: dict[str, Any] = {}
        if wanted["billing_mode"] == "PROVISIONED":
            optional["ProvisionedThroughput"] = self._throughput()
            if wanted["indexes"]:
                optional["GlobalSecondaryIndexUpdates"] = [
                    {"Update": {"IndexName": name, "ProvisionedThroughput": self._throughput()}}
                    for name in wanted["indexes"]
                ]
        change(cloud, self.region, self.name, BillingMode=wanted["billing_mode"], **optional)

    def _set_stream(self, cloud: Cloud, actual: Attributes, view: str) -> None:
        # A stream's view cannot be changed: the old stream ends, another begins.
        if actual["stream"] != NO_STREAM:
            change(cloud, self.region, self.name, StreamSpecification={"StreamEnabled": False})
        if view != NO_STREAM:
            change(cloud, self.region, self.name, StreamSpecification={"StreamEnabled": True, "StreamViewType": view})

    def _set_indexes(self, cloud: Cloud, actual: dict[str, Any], wanted: Attributes) -> None:
        # One at a time: DynamoDB makes or removes one index per call.
        for name in sorted(actual.keys() - wanted["indexes"].keys()):
            change(cloud, self.region, self.name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": name}}])
        for name in sorted(wanted["indexes"].keys() - actual.keys()):
            change(
                cloud,
                self.region,
                self.name,
                AttributeDefinitions=_attribute_definitions(wanted),
                GlobalSecondaryIndexUpdates=[{"Create": self._index(name, wanted["indexes"][name], wanted)}],
            )

    def _set_ttl(self, cloud: Cloud, before: str | None, after: str | None) -> None:
        cloud.client("dynamodb", self.region).update_time_to_live(
            TableName=self.name,
            TimeToLiveSpecification={"Enabled": after is not None, "AttributeName": after or before},
        )

    def _index(self, name: str, index: dict[str, Any], wanted: Attributes) -> dict[str, Any]:
        projection: dict[str, Any] = {"ProjectionType": index["projection"]}
        if index["include"]:
            projection["NonKeyAttributes"] = index["include"]
        made = {
            "IndexName": name,
            "KeySchema": key_schema(index["hash_key"], index["range_key"]),
            "Projection": projection,
        }
        if wanted["billing_mode"] == "PROVISIONED":
            made["ProvisionedThroughput"] = self._throughput()
        return made

    def _throughput(self) -> dict[str, int]:
        return {"ReadCapacityUnits": self.capacity["read_min"], "WriteCapacityUnits": self.capacity["write_min"]}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        # The module has refused before if a protected table may not be removed.
        with absent_is_none(GONE):
            lift_protection(cloud, self.region, self.name, actual)
            client = cloud.client("dynamodb", self.region)

            def accepted() -> bool:
                try:
                    client.delete_table(TableName=self.name)
                except ClientError as error:
                    if error_code(error) == BUSY:
                        return False
                    raise
                return True

            cloud.wait_until(f"table {self.name} in {self.region} to accept its deletion", accepted)
            wait_until_gone(cloud, self.region, self.name)


def _attribute_definitions(wanted: Attributes) -> list[dict[str, str]]:
    """The types of all key attributes; those of an index that is to go are left out."""
    types = dict(wanted["key_types"])
    for index in wanted["indexes"].values():
        types.update(index["key_types"])
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in sorted(types.items())]


def _sse(encryption: dict[str, Any]) -> dict[str, Any]:
    if encryption["type"] == "aws_owned":
        return {"Enabled": False}
    key = {"KMSMasterKeyId": encryption["kms_key_id"]} if encryption["kms_key_id"] else {}
    return {"Enabled": True, "SSEType": "KMS", **key}


def _definition(description: dict[str, Any]) -> Attributes:
    """The parts of `DescribeTable` that all replicas share, in the words of wanted attributes."""
    types = {item["AttributeName"]: item["AttributeType"] for item in description["AttributeDefinitions"]}
    stream = description.get("StreamSpecification") or {}
    return {
        **_keys(description["KeySchema"], types),
        "indexes": {
            index["IndexName"]: {
                **_keys(index["KeySchema"], types),
                "projection": index["Projection"]["ProjectionType"],
                "include": sorted(index["Projection"].get("NonKeyAttributes") or []),
            }
            for index in description.get("GlobalSecondaryIndexes") or []
            if index.get("IndexStatus") != "DELETING"
        },
        # DynamoDB tells no billing mode of a table that never had another than the provisioned one.
        "billing_mode": (description.get("BillingModeSummary") or {}).get("BillingMode") or "PROVISIONED",
        "stream": stream.get("StreamViewType", NO_STREAM) if stream.get("StreamEnabled") else NO_STREAM,
    }


def _keys(schema: list[dict[str, str]], types: dict[str, str]) -> Attributes:
    by_kind = {key["KeyType"]: key["AttributeName"] for key in schema}
    return {
        "hash_key": by_kind["HASH"],
        "range_key": by_kind.get("RANGE"),
        "key_types": {key["AttributeName"]: types[key["AttributeName"]] for key in schema},
    }
