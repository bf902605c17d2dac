# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Global tables: what is refused before any call, and what DynamoDB's descriptions mean. Replicas themselves need the
embedded cloud: tests/integration/data/."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.aws.regions import (
    STRONG_REGION_SETS,
    region_problems,
    strong_set_problems,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.global_table import MODULE
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.global_table.checks import problems
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.table_calls import members
from tests.support.aws_clients import aws_client
from tests.support.aws_clients import one_session as one_session
from tests.support.modules import checked

ONE = {"workload": "sales", "region": "sa-east-1", "name": "sales", "hash_key": "id"}
TWO = {**ONE, "regions": ["sa-east-1", "us-east-1"]}
STRONG = {**ONE, "regions": ["us-east-1", "us-east-2"], "witness": "us-west-2", "consistency": "strong"}
THREE = {**STRONG, "regions": ["us-east-1", "us-east-2", "us-west-2"], "witness": None}


@pytest.mark.parametrize("params", [ONE, TWO, STRONG, THREE, {**ONE, "consistency": "strong"}])
def test_sound_parameters_have_no_problems(params: dict[str, Any]) -> None:
    assert problems(checked(MODULE, **params)) == []


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({**TWO, "regions": ["sa-east-1", "us-eats-1"]}, "'us-eats-1', which is not an AWS region. Did you mean"),
        ({**TWO, "regions": ["sa-east-1", "sa-east-1"]}, "name each region once"),
        ({**TWO, "witness": "us-west-2"}, "only a table with consistency strong has one"),
        ({**TWO, "stream": "KEYS_ONLY"}, "replicas need NEW_AND_OLD_IMAGES"),
        ({**STRONG, "witness": None}, "exactly three different regions"),
        ({**STRONG, "regions": ["sa-east-1", "us-east-1"]}, "us-east-1, us-east-2, us-west-2"),
        ({**STRONG, "witness": "us-east-1"}, "exactly three different regions"),
        ({**STRONG, "stream": "NEW_AND_OLD_IMAGES"}, "does not synchronise streams"),
        ({**STRONG, "ttl_attribute": "expires_at"}, "expires no items"),
        ({**THREE, "ttl_attribute": "expires_at"}, "expires no items"),
        ({**TWO, "dead": ["us-east-1", "sa-east-1"]}, "dead names every region (sa-east-1, us-east-1)"),
        ({**TWO, "dead": ["us-east-1"], "state": "absent"}, "what is there could not be removed"),
        ({**ONE, "attributes": {"id": "UUID"}}, "attributes.id is 'UUID'"),
        ({**ONE, "attributes": {"product": "S"}}, "product, which is no key"),
        ({**ONE, "name": "a b"}, "name is 'a b'"),
        ({**ONE, "capacity": {"write_min": 10, "write_max": 5}}, "capacity.write_min is 10"),
        ({**ONE, "capacity": {"target": 95}}, "accepts 20 to 90"),
        ({**TWO, "encryption": "customer_managed", "kms_keys": {"sa-east-1": "k"}}, "no key for us-east-1"),
        ({**ONE, "indexes": [{"name": "by_x", "hash_key": "x", "projection": "INCLUDE"}]}, "the two go together"),
    ],
)
def test_problems_name_what_is_wrong(params: dict[str, Any], expected: str) -> None:
    assert any(expected in problem for problem in problems(checked(MODULE, **params)))


ALL_STRONG = sorted({region for members_ in STRONG_REGION_SETS for region in members_} | {"sa-east-1"})


@given(st.lists(st.sampled_from(ALL_STRONG), max_size=4))
def test_a_strong_set_is_three_regions_of_one_set(regions: list[str]) -> None:
    together = any(all(region in members_ for region in regions) for members_ in STRONG_REGION_SETS)
    sound = len(regions) == len(set(regions)) == 3 and together
    assert (strong_set_problems("regions", regions) == []) is sound


@pytest.mark.parametrize("region", [*ALL_STRONG, "cn-north-1", "us-gov-west-1"])
def test_every_region_we_name_exists(region: str) -> None:
    assert region_problems("region", region) == []


def test_members_are_the_other_replicas_that_stay() -> None:
    description = {
        "TableArn": "arn:aws:dynamodb:sa-east-1:123456789012:table/sales",
        "Replicas": [
            {"RegionName": "sa-east-1", "ReplicaStatus": "ACTIVE"},
            {"RegionName": "us-east-1", "ReplicaStatus": "CREATING"},
            {"RegionName": "eu-west-1", "ReplicaStatus": "DELETING"},
        ],
    }
    assert members(description) == {"us-east-1": "CREATING"}
    assert members(None) == {}


INDEX = {"name": "unprocessed", "hash_key": "unprocessed", "range_key": "timestamp"}


def test_a_table_of_one_region_is_an_ordinary_table(converge: Any) -> None:
    made = converge(MODULE, **ONE, indexes=[INDEX], attributes={"timestamp": "N"}, ttl_attribute="expires_at")
    assert made["table"]["regions"] == {
        "sa-east-1": {"arn": made["table"]["arn"], "status": "ACTIVE", "stream_arn": None}
    }
    table = aws_client("dynamodb", "sa-east-1").describe_table(TableName="sales")["Table"]
    assert table["DeletionProtectionEnabled"]
    assert {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]} == {
        "id": "S",
        "unprocessed": "S",
        "timestamp": "N",
    }


def test_indexes_come_and_go_one_at_a_time(converge: Any) -> None:
    converge(MODULE, **ONE, indexes=[INDEX, {"name": "by_day", "hash_key": "day"}], attributes={"timestamp": "N"})
    others = [{"name": "by_week", "hash_key": "week"}, {"name": "by_month", "hash_key": "month"}]
    (change,) = converge(MODULE, **ONE, indexes=others)["changes"]
    assert sorted(change["before"]["indexes"]) == ["by_day", "unprocessed"]
    assert sorted(change["after"]["indexes"]) == ["by_month", "by_week"]


def test_what_dynamodb_cannot_change_is_an_error_not_a_new_table(converge: Any) -> None:
    converge(MODULE, **ONE, indexes=[INDEX], ttl_attribute="expires_at")
    for change, expected in [
        ({"hash_key": "sale"}, "hash_key is 'id', wanted 'sale'"),
        ({"indexes": [{**INDEX, "projection": "KEYS_ONLY"}]}, "Index unprocessed of table sales"),
        ({"indexes": [INDEX], "ttl_attribute": "gone_at"}, "wait an hour"),
    ]:
        with pytest.raises(CollectionError, match=expected):
            run(MODULE, checked(MODULE, **{**ONE, **change}), check_mode=True)


def test_a_protected_table_stays_unless_told(converge: Any) -> None:
    converge(MODULE, **ONE)
    for check_mode in (True, False):
        with pytest.raises(CollectionError, match=r"protected from deletion in sa-east-1.*delete_data"):
            run(MODULE, checked(MODULE, **ONE, state="absent"), check_mode=check_mode)
    converge(MODULE, **ONE, state="absent", delete_data=True)
    assert aws_client("dynamodb", "sa-east-1").list_tables()["TableNames"] == []


def test_provisioned_capacity_scales_by_itself(converge: Any) -> None:
    provisioned = {**ONE, "billing_mode": "PROVISIONED", "indexes": [INDEX]}
    converge(MODULE, **provisioned, capacity={"write_max": 40})
    scaling = aws_client("application-autoscaling", "sa-east-1")

    def bounds() -> dict[str, int]:
        listed = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
        return {f"{t['ResourceId']} {t['ScalableDimension'].split(':')[-1]}": t["MaxCapacity"] for t in listed}

    assert bounds() == {
        "table/sales ReadCapacityUnits": 100,
        "table/sales WriteCapacityUnits": 40,
        "table/sales/index/unprocessed ReadCapacityUnits": 100,
        "table/sales/index/unprocessed WriteCapacityUnits": 40,
    }
    converge(MODULE, **{**provisioned, "indexes": []}, capacity={"write_max": 50})
    assert bounds() == {"table/sales ReadCapacityUnits": 100, "table/sales WriteCapacityUnits": 50}
    converge(MODULE, **ONE)
    assert bounds() == {}
