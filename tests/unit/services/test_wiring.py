# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service says it uses becomes its environment and its policy, and nothing more."""

from __future__ import annotations

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import KNOWN_AFTER_APPLY, CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wiring import Place, environment, policies

PLACE = Place(
    workload="sales",
    region="sa-east-1",
    regions=("sa-east-1", "us-east-1"),
    account="123456789012",
    queues={"sales-queue": "https://sqs.sa-east-1.amazonaws.com/123456789012/sales-queue"},
    buckets={"lake": "sales-lake-123456789012-sa-east-1"},
    dead_letters={"sales-queue": "arn:aws:sqs:sa-east-1:123456789012:given-up"},
    load_balancers={"sales": "sales-1.sa-east-1.elb.amazonaws.com"},
    toggle={"parameter": "/sales/region/state", "state_table": "sales-state"},
)


def test_references_become_names_arns_and_urls() -> None:
    assert environment(
        {
            "AWS_REGION": {"region": "name"},
            "PEERS": {"region": "peers"},
            "TOPIC": {"topic": "sales-processing"},
            "QUEUE": {"queue": "sales-queue"},
            "TABLE": {"table": "sales"},
            "BUCKET": {"bucket": "lake"},
            "EDGE": {"load_balancer": "sales"},
            "STATE": {"toggle": "parameter"},
            "PLAIN": 30,
            "FLAG": True,
        },
        PLACE,
    ) == {
        "AWS_REGION": "sa-east-1",
        "PEERS": "us-east-1",
        "TOPIC": "arn:aws:sns:sa-east-1:123456789012:sales-processing",
        "QUEUE": "https://sqs.sa-east-1.amazonaws.com/123456789012/sales-queue",
        "TABLE": "sales",
        "BUCKET": "sales-lake-123456789012-sa-east-1",
        "EDGE": "sales-1.sa-east-1.elb.amazonaws.com",
        "STATE": "/sales/region/state",
        "PLAIN": "30",
        "FLAG": "true",
    }


def test_a_url_that_does_not_exist_yet_passes_through() -> None:
    place = Place("sales", "sa-east-1", ("sa-east-1",), "1", queues={"q": KNOWN_AFTER_APPLY})
    assert environment({"QUEUE": {"queue": "q"}}, place) == {"QUEUE": KNOWN_AFTER_APPLY}


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"Q": {"queue": "nope"}}, "no queue called 'nope'.*sales-queue"),
        ({"Q": {"cue": "sales-queue"}}, "Environment variable Q.*Expected text, or one of"),
        ({"Q": {"queue": "a", "table": "b"}}, "Environment variable Q"),
    ],
)
def test_a_reference_that_leads_nowhere_is_an_error_in_words(wanted: dict, words: str) -> None:
    with pytest.raises(CollectionError, match=words):
        environment(wanted, PLACE)


def test_a_policy_names_exact_resources_and_never_everything() -> None:
    document = policies(
        [
            {"topic": "sales-processing", "access": "publish"},
            {"queue": "sales-queue", "access": "consume"},
            {"table": "sales", "access": "read"},
            {"bucket": "lake", "access": "write"},
            {"toggle": "state", "access": "read"},
        ],
        PLACE,
    )["uses"]
    resources = [r for s in document["Statement"] for r in s["Resource"]]
    actions = {a for s in document["Statement"] for a in s["Action"]}
    assert "*" not in resources and not any(a.endswith(":*") for a in actions)
    assert "arn:aws:dynamodb:us-east-1:123456789012:table/sales-state" in resources, "joining reads the peers' items"
    assert "arn:aws:dynamodb:sa-east-1:123456789012:table/sales/index/*" in resources
    assert "arn:aws:sqs:sa-east-1:123456789012:given-up" in resources, "the inventory names the dead-letter queue"
    assert "sqs:SendMessage" in actions and "dynamodb:DeleteTable" not in actions


@pytest.mark.parametrize(
    ("use", "actions", "resources"),
    [
        (
            {"table": "sales", "access": ["PutItem"]},
            ["dynamodb:PutItem"],
            ["dynamodb:sa-east-1:123456789012:table/sales"],
        ),
        (
            {"table": "sales", "access": ["Query", "GetItem"]},
            ["dynamodb:GetItem", "dynamodb:Query"],
            [f"dynamodb:sa-east-1:123456789012:table/sales{rest}" for rest in ("", "/index/*")],
        ),
        ({"bucket": "lake", "access": ["PutObject"]}, ["s3:PutObject"], ["s3:::sales-lake-123456789012-sa-east-1/*"]),
        ({"bucket": "lake", "access": ["ListBucket"]}, ["s3:ListBucket"], ["s3:::sales-lake-123456789012-sa-east-1"]),
    ],
)
def test_an_access_may_be_the_actions_that_are_called(use: dict, actions: list[str], resources: list[str]) -> None:
    [statement] = policies([use], PLACE)["uses"]["Statement"]
    assert statement["Action"] == actions
    assert statement["Resource"] == [f"arn:aws:{each}" for each in resources]


@pytest.mark.parametrize("access", [[], ["*"], ["DeleteTable"], ["PutItem", "dynamodb:PutItem"]])
def test_actions_that_no_access_has_are_refused(access: list[str]) -> None:
    with pytest.raises(CollectionError, match="list of actions of table: BatchGetItem"):
        policies([{"table": "sales", "access": access}], PLACE)


def test_reading_does_not_allow_writing() -> None:
    document = policies([{"table": "sales"}], PLACE)["uses"]
    assert all("Put" not in a and "Write" not in a for a in document["Statement"][0]["Action"])


def test_an_unknown_access_lists_the_known_ones() -> None:
    with pytest.raises(CollectionError, match="cannot use.*publish"):
        policies([{"topic": "sales-processing", "access": "shout"}], PLACE)


def test_nothing_used_is_no_policy() -> None:
    assert policies([], PLACE) == {}
