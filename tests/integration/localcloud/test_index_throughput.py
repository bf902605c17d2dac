# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What DynamoDB does when more is written under one value of an index's hash key than a partition takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud import Cloud
from protocol.attributes import UNPROCESSED, UNPROCESSED_ATTRIBUTE
from protocol.encoding import to_attribute
from protocol.sale import Sale
from protocol.sale_id import new_sale_id
from tests.support.expectations import refused
from tests.support.global_tables import add_replica, create, wait_until_replicas_are

A_SECOND = 50
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    home = tmp_path_factory.mktemp("narrow")
    with Cloud(home, port=0, door_port=0, index_key_writes=A_SECOND, replication_lag=0.1) as running:
        yield running


@pytest.fixture
def here(narrow: Cloud) -> Any:
    return narrow.client("dynamodb", "sa-east-1", config=ONCE)


def put(client: Any, name: str, number: int, **more: Any) -> None:
    item = {"id": {"S": f"s{number}"}, "timestamp": {"N": str(number)}, "unprocessed": {"S": "yes"}, **more}
    client.put_item(TableName=name, Item=item)


def fill(client: Any, name: str) -> ClientError:
    """Write two seconds' worth under one value, so that nothing may be written there for one; the refusal."""
    wide = {"id": {"S": "wide"}, **under("yes", 2 * A_SECOND * 1024)}
    while refused_with(client, name, wide):
        time.sleep(0.1)
    with pytest.raises(ClientError) as refusal:
        put(client, name, 0)
    return refusal.value


def refused_with(client: Any, name: str, item: dict[str, Any]) -> bool:
    try:
        client.put_item(TableName=name, Item=item)
    except ClientError:
        return True
    return False


def under(value: str, size: int = 0) -> dict[str, Any]:
    return {"timestamp": {"N": "1"}, "unprocessed": {"S": value}, "note": {"S": "x" * size}}


def test_a_write_that_its_index_cannot_follow_is_throttled(here: Any) -> None:
    create(here, "hot", index=True)
    began, written = time.monotonic(), 0
    with pytest.raises(ClientError) as refusal:
        for number in range(1000):
            put(here, "hot", number)
            written += 1
    assert A_SECOND <= written <= A_SECOND * (1 + time.monotonic() - began) + 1
    answer = refusal.value.response
    assert answer["Error"]["Code"] == "ThrottlingException", answer
    assert "global secondary indexes" in str(refusal.value)
    assert answer["throttlingReasons"][0]["reason"] == "IndexWriteKeyRangeThroughputExceeded"
    assert "Item" not in here.get_item(TableName="hot", Key={"id": {"S": f"s{written}"}}), "nothing was written"
    fill(here, "hot")
    # What is in no index, or under another value, or is read, is not concerned.
    here.put_item(TableName="hot", Item={"id": {"S": "aside"}})
    here.put_item(TableName="hot", Item={"id": {"S": "elsewhere"}, **under("other")})
    assert here.get_item(TableName="hot", Key={"id": {"S": "aside"}})["Item"]
    # Leaving the index is a write of the index, too.
    fill(here, "hot")
    names = {"#value": "unprocessed"}
    change = {"UpdateExpression": "REMOVE #value", "ExpressionAttributeNames": names, "Key": {"id": {"S": "s0"}}}
    assert refused(here.update_item, TableName="hot", **change) == "ThrottlingException"
    assert refused(here.delete_item, TableName="hot", Key={"id": {"S": "wide"}}) == "ThrottlingException"
    time.sleep(2.1)
    here.update_item(TableName="hot", **change)


def test_provisioned_capacity_has_an_error_of_its_own(here: Any) -> None:
    create(here, "provisioned", index=True)
    capacity = {"ReadCapacityUnits": 100, "WriteCapacityUnits": 4000}
    here.update_table(TableName="provisioned", BillingMode="PROVISIONED", ProvisionedThroughput=capacity)
    assert fill(here, "provisioned").response["Error"]["Code"] == "ProvisionedThroughputExceededException"


def test_a_batch_leaves_what_is_throttled(here: Any) -> None:
    create(here, "batch", index=True)
    fill(here, "batch")
    hot = [{"PutRequest": {"Item": {"id": {"S": f"b{number}"}, **under("yes", 9000)}}} for number in range(3)]
    cool = {"PutRequest": {"Item": {"id": {"S": "cool"}, **under("other")}}}
    left = here.batch_write_item(RequestItems={"batch": [*hot, cool]})["UnprocessedItems"]
    assert left == {"batch": hot}
    assert here.get_item(TableName="batch", Key={"id": {"S": "cool"}})["Item"]
    assert refused(here.batch_write_item, RequestItems=left) == "ThrottlingException"


def test_a_transaction_is_throttled_whole(here: Any) -> None:
    create(here, "whole", index=True)
    fill(here, "whole")
    puts = [{"Put": {"TableName": "whole", "Item": {"id": {"S": "cool"}, **under("other")}}}]
    puts.append({"Put": {"TableName": "whole", "Item": {"id": {"S": "hot"}, **under("yes", 9000)}}})
    with pytest.raises(ClientError) as refusal:
        here.transact_write_items(TransactItems=puts)
    assert [each["Code"] for each in refusal.value.response["CancellationReasons"]] == ["None", "ThrottlingError"]
    assert "Item" not in here.get_item(TableName="whole", Key={"id": {"S": "cool"}})


def test_what_comes_from_another_region_counts(narrow: Cloud, here: Any) -> None:
    create(here, "global", index=True)
    add_replica(here, "global", "us-east-1")
    wait_until_replicas_are(here, "global", {"us-east-1": "ACTIVE"})
    there = narrow.client("dynamodb", "us-east-1", config=ONCE)
    here.put_item(TableName="global", Item={"id": {"S": "wide"}, **under("yes", A_SECOND * 1024 * 5)})
    deadline = time.monotonic() + 10
    while "Item" not in there.get_item(TableName="global", Key={"id": {"S": "wide"}}):
        assert time.monotonic() < deadline, "it comes, whatever the index takes"
    assert (
        refused(there.put_item, TableName="global", Item={"id": {"S": "own"}, **under("yes")}) == "ThrottlingException"
    )


@pytest.mark.parametrize("sharded", [False, True])
def test_sharded_sales_are_not_throttled_where_one_value_is(here: Any, sharded: bool) -> None:
    """A burst of three seconds' worth of one value."""
    table = f"sales-{sharded}".lower()
    create(here, table, index=True)
    left = 0
    for _ in range(6):
        items = [Sale.new(new_sale_id(), "book", 14, "sa-east-1").to_attributes(processed=False) for _ in range(25)]
        if not sharded:
            for item in items:
                item[UNPROCESSED_ATTRIBUTE] = to_attribute(UNPROCESSED)
        requests = [{"PutRequest": {"Item": item}} for item in items]
        try:
            left += len(here.batch_write_item(RequestItems={table: requests})["UnprocessedItems"].get(table, ()))
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ThrottlingException"
            left += len(requests)
    assert bool(left) == (not sharded)
