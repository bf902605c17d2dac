# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every conditional write of the protocol, on the simulation's table and on moto's: both must judge alike."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Lease
from ansible_collections.multiregion.ecs.plugins.module_utils.lease.rules import swap
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import (
    Claim,
    RegionMap,
    claim_id,
    claim_returned,
    claim_write,
    from_attributes,
    state_write,
)
from tests.unit.protocol.dynamodb import Table

KEYS = {"states": "region", "claims": "id", "leases": "id"}


@pytest.fixture(params=["simulated", "moto"])
def tables(request: pytest.FixtureRequest) -> Any:
    if request.param == "simulated":
        made = {name: Table(key) for name, key in KEYS.items()}
        yield lambda operation, **arguments: getattr(made[arguments["TableName"]], operation)(**arguments)
        return
    with mock_aws():
        client = boto3.client("dynamodb", "sa-east-1")
        for name, key in KEYS.items():
            client.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        yield lambda operation, **arguments: getattr(client, operation)(**arguments)


def refused(tables: Any, operation: str, **arguments: Any) -> dict[str, Any]:
    with pytest.raises(Exception, match="ConditionalCheckFailed|conditional request failed") as error:
        tables(operation, **arguments)
    return error.value.response


def test_a_state_item_only_goes_up(tables):
    def at(epoch: int) -> dict[str, Any]:
        return state_write("states", "sa-east-1", RegionMap(epoch, {"sa-east-1": "ACTIVE"}, "run", "place"))

    tables("put_item", **at(3))
    for epoch in (2, 3):
        refused(tables, "put_item", **at(epoch))
    tables("put_item", **at(4))
    item = tables("get_item", TableName="states", Key={"region": {"S": "sa-east-1"}})["Item"]
    assert from_attributes(item)["epoch"] == 4


def test_a_claim_is_one_workers_until_it_expires_and_four_attempts_are_all(tables):
    def claim(worker: str, now: int) -> dict[str, Any]:
        return claim_write("claims", "a-sale", "sa-east-1", worker, now, seconds=10)

    first = Claim.from_attributes(tables("update_item", **claim("one", 100))["Attributes"])
    assert first == Claim(1, 110, "one")
    told = refused(tables, "update_item", **claim("two", 109))
    assert Claim.from_attributes(told["Item"]) == first
    for attempt, now in enumerate((110, 120, 130), start=2):
        claimed = Claim.from_attributes(tables("update_item", **claim("two", now))["Attributes"])
        assert claimed == Claim(attempt, now + 10, "two")
    refused(tables, "update_item", **claim("two", 1000))


def test_an_attempt_is_taken_back_by_whose_claim_it_is_and_only_once(tables):
    tables("update_item", **claim_write("claims", "spoilt", "sa-east-1", "one", 100, seconds=10))
    refused(tables, "update_item", **claim_returned("claims", "spoilt", "sa-east-1", "two"))
    tables("update_item", **claim_returned("claims", "spoilt", "sa-east-1", "one"))
    refused(tables, "update_item", **claim_returned("claims", "spoilt", "sa-east-1", "one"))
    item = tables("get_item", TableName="claims", Key={"id": {"S": claim_id("spoilt", "sa-east-1")}})["Item"]
    assert Claim.from_attributes(item) == Claim(0, 110, "one")  # nobody else may claim it sooner
    refused(tables, "update_item", **claim_returned("claims", "never claimed", "sa-east-1", "one"))


def test_a_lease_is_replaced_only_in_the_version_that_was_read(tables):
    old, new = Lease(generation=1, heartbeat=4), Lease(generation=1, heartbeat=5)
    refused(tables, "put_item", **swap("leases", old, new))  # there is none yet
    tables("put_item", **swap("leases", None, old))
    refused(tables, "put_item", **swap("leases", None, old))
    tables("put_item", **swap("leases", old, new))
    refused(tables, "put_item", **swap("leases", old, new))
    item = tables("get_item", TableName="leases", Key={"id": {"S": "lease"}})["Item"]
    assert Lease.from_attributes(item) == new
