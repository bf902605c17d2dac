# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DynamoDB global tables over the real API: replication, last writer wins, strong consistency, and what is refused."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from localcloud import Cloud
from localcloud.dynamodb.stream import KEPT_RECORDS
from tests.support.expectations import LAG, cut, refusal, refused
from tests.support.global_tables import add_replica, create, item, wait_until_replicas_are
from tests.support.waiting import eventually


@pytest.fixture
def pair(cloud: Cloud, name: str) -> tuple[Any, Any, str]:
    """Clients of both regions of a global table with the sales index, and its name."""
    here, there = cloud.client("dynamodb", "sa-east-1"), cloud.client("dynamodb", "us-east-1")
    create(here, name, index=True)
    add_replica(here, name, "us-east-1")
    wait_until_replicas_are(here, name, {"us-east-1": "ACTIVE"})
    return here, there, name


def test_a_replica_is_created_while_the_table_updates(cloud: Cloud, name: str) -> None:
    here, there = cloud.client("dynamodb", "sa-east-1"), cloud.client("dynamodb", "us-east-1")
    create(here, name)
    here.put_item(TableName=name, Item={"id": {"S": "before"}})
    add_replica(here, name, "us-east-1")
    assert here.describe_table(TableName=name)["Table"]["TableStatus"] == "UPDATING"
    assert there.describe_table(TableName=name)["Table"]["TableStatus"] == "CREATING"
    assert refused(item, client=there, table=name, key="before") == "ResourceNotFoundException"
    assert refused(add_replica, client=here, name=name, region="eu-west-1") == "ResourceInUseException"
    wait_until_replicas_are(here, name, {"us-east-1": "ACTIVE"})
    described = here.describe_table(TableName=name)["Table"]
    assert (described["TableStatus"], described["GlobalTableVersion"]) == ("ACTIVE", "2019.11.21")
    assert described["TableId"] != there.describe_table(TableName=name)["Table"]["TableId"]
    assert item(there, name, "before") == {"id": {"S": "before"}}


def test_writes_travel_both_ways_after_the_lag(pair: tuple[Any, Any, str]) -> None:
    here, there, name = pair
    started = time.monotonic()
    here.put_item(TableName=name, Item={"id": {"S": "a"}, "n": {"N": "1"}})
    eventually(lambda: item(there, name, "a") == {"id": {"S": "a"}, "n": {"N": "1"}})
    assert time.monotonic() - started >= LAG
    there.update_item(
        TableName=name,
        Key={"id": {"S": "a"}},
        UpdateExpression="SET n = n + :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    eventually(lambda: (item(here, name, "a") or {}).get("n") == {"N": "2"})
    here.delete_item(TableName=name, Key={"id": {"S": "a"}})
    eventually(lambda: item(there, name, "a") is None)


def test_every_kind_of_write_is_replicated(pair: tuple[Any, Any, str]) -> None:
    here, there, name = pair
    here.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": {"id": {"S": "batch"}}}}]})
    here.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": name, "Item": {"id": {"S": "put"}}}},
            {
                "Update": {
                    "TableName": name,
                    "Key": {"id": {"S": "update"}},
                    "UpdateExpression": "SET v = :v",
                    "ExpressionAttributeValues": {":v": {"S": "x"}},
                }
            },
        ]
    )
    for key in ("batch", "put", "update"):
        eventually(lambda key=key: item(there, name, key) is not None)


def test_the_later_write_wins_everywhere_as_a_whole(cloud: Cloud, pair: tuple[Any, Any, str]) -> None:
    here, there, name = pair
    with cut(cloud):
        here.put_item(TableName=name, Item={"id": {"S": "x"}, "product": {"S": "book"}})
        # The original has not arrived there, so this creates an item of its own: newer, and it wins with what it lacks.
        there.update_item(
            TableName=name,
            Key={"id": {"S": "x"}},
            UpdateExpression="SET done = :t",
            ExpressionAttributeValues={":t": {"BOOL": True}},
        )
    winner = {"id": {"S": "x"}, "done": {"BOOL": True}}
    eventually(lambda: item(here, name, "x") == winner)
    time.sleep(2 * LAG)
    assert item(here, name, "x") == item(there, name, "x") == winner


def test_a_condition_is_no_lock_between_regions(cloud: Cloud, pair: tuple[Any, Any, str]) -> None:
    here, there, name = pair
    with cut(cloud):
        for client, owner in ((here, "here"), (there, "there")):
            client.put_item(
                TableName=name,
                Item={"id": {"S": "lock"}, "owner": {"S": owner}},
                ConditionExpression="attribute_not_exists(id)",
            )
    eventually(lambda: item(here, name, "lock")["owner"] == {"S": "there"})
    time.sleep(2 * LAG)
    assert item(here, name, "lock")["owner"] == item(there, name, "lock")["owner"] == {"S": "there"}


def test_indexes_of_replicas_follow(pair: tuple[Any, Any, str]) -> None:
    here, there, name = pair

    def unprocessed(client: Any, **more: Any) -> list[str]:
        answer = client.query(
            TableName=name,
            IndexName="unprocessed",
            KeyConditionExpression="unprocessed = :u AND #t < :until",
            ExpressionAttributeNames={"#t": "timestamp"},
            ExpressionAttributeValues={":u": {"S": "1"}, ":until": {"N": "100"}},
            **more,
        )
        return [found["id"]["S"] for found in answer["Items"]]

    for number in (9, 10, 200, 1):
        here.put_item(
            TableName=name,
            Item={"id": {"S": f"s{number}"}, "unprocessed": {"S": "1"}, "timestamp": {"N": str(number)}},
        )
    eventually(lambda: unprocessed(there) == ["s1", "s9", "s10"])
    assert unprocessed(there, ScanIndexForward=False, Limit=2) == ["s10", "s9"]
    there.put_item(TableName=name, Item={"id": {"S": "s9"}, "timestamp": {"N": "9"}})  # processed: leaves the index
    assert unprocessed(there) == ["s1", "s10"]
    eventually(lambda: unprocessed(here) == ["s1", "s10"])
    wrong = {"id": {"S": "bad"}, "unprocessed": {"S": "1"}, "timestamp": {"S": "soon"}}
    assert "Type mismatch" in refusal(here.put_item, TableName=name, Item=wrong)


def test_pages_of_a_query_and_a_scan_cover_everything_once(cloud: Cloud, name: str) -> None:
    client = cloud.client("dynamodb")
    create(client, name, index=True)
    for number in range(23):
        value = {"id": {"S": f"{number}"}, "unprocessed": {"S": "1"}, "timestamp": {"N": str(number // 3)}}
        client.put_item(TableName=name, Item=value)
    query = {
        "IndexName": "unprocessed",
        "KeyConditionExpression": "unprocessed = :u",
        "ExpressionAttributeValues": {":u": {"S": "1"}},
    }
    for operation, arguments in (("query", query), ("scan", {})):
        pages = client.get_paginator(operation).paginate(TableName=name, PaginationConfig={"PageSize": 5}, **arguments)
        found = [found["id"]["S"] for page in pages for found in page["Items"]]
        assert sorted(found, key=int) == [str(number) for number in range(23)]


def test_expired_items_go_everywhere(pair: tuple[Any, Any, str]) -> None:
    here, there, name = pair
    here.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    assert there.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["AttributeName"] == "until"
    past, future = str(int(time.time()) - 60), str(int(time.time()) + 600)
    here.put_item(TableName=name, Item={"id": {"S": "old"}, "until": {"N": past}})
    here.put_item(TableName=name, Item={"id": {"S": "new"}, "until": {"N": future}})
    eventually(lambda: item(here, name, "old") is None and item(there, name, "new") is not None)
    eventually(lambda: item(there, name, "old") is None)


def test_replicas_are_refused_for_what_dynamodb_refuses(cloud: Cloud, name: str) -> None:
    client = cloud.client("dynamodb", "sa-east-1")
    create(client, name, StreamSpecification={"StreamEnabled": False})
    assert "NEW_AND_OLD_IMAGES" in refusal(add_replica, client=client, name=name, region="us-east-1")
    provisioned = name + "-provisioned"
    throughput = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    create(client, provisioned, BillingMode="PROVISIONED", ProvisionedThroughput=throughput)
    assert "AutoScaled" in refusal(add_replica, client=client, name=provisioned, region="us-east-1")
    autoscale(cloud, provisioned)
    add_replica(client, provisioned, "us-east-1")
    wait_until_replicas_are(client, provisioned, {"us-east-1": "ACTIVE"})
    copied = cloud.client("application-autoscaling", "us-east-1")
    policies = copied.describe_scaling_policies(ServiceNamespace="dynamodb", ResourceId=f"table/{provisioned}")
    assert [policy["PolicyName"] for policy in policies["ScalingPolicies"]] == ["write"]
    assert "already existed" in refusal(add_replica, client=client, name=provisioned, region="us-east-1")
    assert "local region" in refusal(add_replica, client=client, name=provisioned, region="sa-east-1")
    assert "not supported" in refusal(add_replica, client=client, name=provisioned, region="mars-1")
    mixed = {
        "TableName": provisioned,
        "DeletionProtectionEnabled": True,
        "ReplicaUpdates": [{"Create": {"RegionName": "eu-west-1"}}],
    }
    assert "only operation" in refusal(client.update_table, **mixed)


def autoscale(cloud: Cloud, table: str) -> None:
    scaling = cloud.client("application-autoscaling", "sa-east-1")
    where = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": f"table/{table}",
        "ScalableDimension": "dynamodb:table:WriteCapacityUnits",
    }
    scaling.register_scalable_target(**where, MinCapacity=1, MaxCapacity=10)
    scaling.put_scaling_policy(
        **where,
        PolicyName="write",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 70.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBWriteCapacityUtilization"},
        },
    )


def test_replicas_are_removed_source_region_last(pair: tuple[Any, Any, str]) -> None:
    here, there, name = pair
    remove_source = {"TableName": name, "ReplicaUpdates": [{"Delete": {"RegionName": "sa-east-1"}}]}
    assert "source region" in refusal(there.update_table, **remove_source)
    assert "source region" in refusal(here.delete_table, TableName=name)
    there.update_table(TableName=name, DeletionProtectionEnabled=True)
    remove = {"TableName": name, "ReplicaUpdates": [{"Delete": {"RegionName": "us-east-1"}}]}
    assert "deletion protection" in refusal(here.update_table, **remove)
    there.update_table(TableName=name, DeletionProtectionEnabled=False)
    here.update_table(**remove)
    wait_until_replicas_are(here, name, {"us-east-1": "DELETING"})
    wait_until_replicas_are(here, name, {})
    assert refused(there.describe_table, TableName=name) == "ResourceNotFoundException"
    assert "GlobalTableVersion" not in here.describe_table(TableName=name)["Table"]
    here.delete_table(TableName=name)


def make_strong(client: Any, name: str, replica: str = "us-east-2", witness: str = "us-west-2") -> None:
    client.update_table(
        TableName=name,
        ReplicaUpdates=[{"Create": {"RegionName": replica}}],
        GlobalTableWitnessUpdates=[{"Create": {"RegionName": witness}}],
        MultiRegionConsistency="STRONG",
    )


def test_a_strong_table_is_one_store_with_global_conditions(cloud: Cloud, name: str) -> None:
    one, two = cloud.client("dynamodb", "us-east-1"), cloud.client("dynamodb", "us-east-2")
    create(one, name, StreamSpecification={"StreamEnabled": False})
    make_strong(one, name)
    wait_until_replicas_are(one, name, {"us-east-2": "ACTIVE"})
    witness = [{"RegionName": "us-west-2", "WitnessStatus": "ACTIVE"}]
    eventually(lambda: one.describe_table(TableName=name)["Table"]["GlobalTableWitnesses"] == witness)
    assert one.describe_table(TableName=name)["Table"]["MultiRegionConsistency"] == "STRONG"

    def take(holder: int) -> bool:
        client = (one, two)[holder % 2]
        try:
            client.put_item(
                TableName=name,
                Item={"id": {"S": "lease"}, "holder": {"N": str(holder)}},
                ConditionExpression="attribute_not_exists(id)",
            )
        except client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(16))) == 1
    assert item(one, name, "lease") == item(two, name, "lease")


def test_a_strong_table_is_refused_for_what_dynamodb_refuses(cloud: Cloud, name: str) -> None:
    client = cloud.client("dynamodb", "us-east-1")
    create(client, name)
    assert "exactly three" in refusal(
        client.update_table,
        TableName=name,
        ReplicaUpdates=[{"Create": {"RegionName": "us-east-2"}}],
        MultiRegionConsistency="STRONG",
    )
    assert "region set" in refusal(make_strong, client=client, name=name, witness="eu-west-1")
    client.put_item(TableName=name, Item={"id": {"S": "x"}})
    assert "empty" in refusal(make_strong, client=client, name=name)
    client.delete_item(TableName=name, Key={"id": {"S": "x"}})
    make_strong(client, name)
    wait_until_replicas_are(client, name, {"us-east-2": "ACTIVE"})
    assert "strong" in refusal(add_replica, client=client, name=name, region="us-west-2")
    ttl = {"Enabled": True, "AttributeName": "until"}
    assert "Time to live" in refusal(client.update_time_to_live, TableName=name, TimeToLiveSpecification=ttl)
    put = {"Put": {"TableName": name, "Item": {"id": {"S": "x"}}}}
    assert "Transactions" in refusal(client.transact_write_items, TransactItems=[put])
    leave = {"TableName": name, "ReplicaUpdates": [{"Delete": {"RegionName": "us-east-2"}}]}
    assert "witnesses" in refusal(client.update_table, **leave)
    alone = {"TableName": name, "GlobalTableWitnessUpdates": [{"Delete": {"RegionName": "us-west-2"}}]}
    assert "witness" in refusal(client.update_table, **alone)
    assert "only one table replica" in refusal(client.delete_table, TableName=name)
    client.update_table(**leave, GlobalTableWitnessUpdates=alone["GlobalTableWitnessUpdates"])
    wait_until_replicas_are(client, name, {})
    eventually(lambda: "GlobalTableVersion" not in client.describe_table(TableName=name)["Table"])
    client.delete_table(TableName=name)


def test_items_come_back_as_they_were_put(cloud: Cloud, name: str) -> None:
    client = cloud.client("dynamodb")
    create(client, name)
    put = {
        "id": {"S": "all"},
        "binary": {"B": b"\x00\xff"},
        "binaries": {"BS": [b"\x01", b"\x02"]},
        "number": {"N": "14.00"},
        "numbers": {"NS": ["1", "2"]},
        "list": {"L": [{"S": "a"}, {"M": {"deep": {"B": b"\x03"}}}]},
        "map": {"M": {"flag": {"BOOL": True}, "nothing": {"NULL": True}}},
    }
    client.put_item(TableName=name, Item=put)
    queried = client.query(
        TableName=name, KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": {"S": "all"}}
    )
    batch = client.batch_get_item(RequestItems={name: {"Keys": [{"id": {"S": "all"}}]}})
    scanned = client.scan(TableName=name)["Items"]
    for found in (item(client, name, "all"), queried["Items"][0], batch["Responses"][name][0], scanned[0]):
        found["binaries"]["BS"].sort()
        assert found == put


def test_an_update_that_fails_leaves_nothing_behind(cloud: Cloud, name: str) -> None:
    client = cloud.client("dynamodb")
    create(client, name)
    add = {"UpdateExpression": "SET n = n + :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    assert refused(client.update_item, TableName=name, Key={"id": {"S": "x"}}, **add) == "ValidationException"
    assert item(client, name, "x") is None


def test_a_transaction_is_all_or_nothing(cloud: Cloud, name: str) -> None:
    client = cloud.client("dynamodb")
    create(client, name)
    condition = {"TableName": name, "Key": {"id": {"S": "y"}}, "ConditionExpression": "attribute_exists(id)"}
    items = [{"Put": {"TableName": name, "Item": {"id": {"S": "x"}}}}, {"ConditionCheck": condition}]
    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        client.transact_write_items(TransactItems=items)
    codes = [reason["Code"] for reason in caught.value.response["CancellationReasons"]]
    assert codes == ["None", "ConditionalCheckFailed"]
    assert item(client, name, "x") is None


def test_a_stream_keeps_its_latest_records(cloud: Cloud, pair: tuple[Any, Any, str]) -> None:
    """And forgets the others, as DynamoDB does after a day: a cloud that is up for long does not grow."""
    here, _there, table = pair
    total = 2 * KEPT_RECORDS + 100
    for start in range(0, total, 25):
        put = [{"PutRequest": {"Item": {"id": {"S": str(number)}}}} for number in range(start, start + 25)]
        assert not here.batch_write_item(RequestItems={table: put})["UnprocessedItems"]
    streams = cloud.client("dynamodbstreams", "sa-east-1")
    arn = here.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    begin = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    iterator, read = streams.get_shard_iterator(**begin)["ShardIterator"], []
    while records := (answer := streams.get_records(ShardIterator=iterator))["Records"]:
        read += [int(record["dynamodb"]["Keys"]["id"]["S"]) for record in records]
        iterator = answer["NextShardIterator"]
    assert read == list(range(total - len(read), total)) and KEPT_RECORDS <= len(read) <= 2 * KEPT_RECORDS
