# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call needs of the role of the task that makes it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.http_server import Request
from localcloud.task_calls import JUDGED

PLACE = "sa-east-1:123456789012"


def needs(service: str, target: str, given: dict[str, Any]) -> list[tuple[str, str]]:
    request = Request("POST", "/", {"x-amz-target": target}, json.dumps(given).encode(), {})
    return list(JUDGED[service](request, PLACE))


@pytest.mark.parametrize(
    ("service", "target", "given", "action", "resources"),
    [
        ("dynamodb", "D.PutItem", {"TableName": "t"}, "dynamodb:PutItem", ["table/t"]),
        (
            "dynamodb",
            "D.BatchGetItem",
            {"RequestItems": {"a": {}, "b": {}}},
            "dynamodb:BatchGetItem",
            ["table/a", "table/b"],
        ),
        ("dynamodb", "D.Query", {"TableName": "t", "IndexName": "i"}, "dynamodb:Query", ["table/t/index/i"]),
        (
            "dynamodb",
            "D.TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "t"}}]},
            "dynamodb:PutItem",
            ["table/t"],
        ),
        ("dynamodb", "D.ListTables", {}, "", []),
        ("sqs", "AmazonSQS.DeleteMessageBatch", {"QueueUrl": "http://x/1/q"}, "sqs:DeleteMessage", ["q"]),
        ("sqs", "AmazonSQS.GetQueueUrl", {"QueueName": "q"}, "sqs:GetQueueUrl", ["q"]),
        (
            "ssm",
            "AmazonSSM.GetParameters",
            {"Names": ["/a/b", "c"]},
            "ssm:GetParameters",
            ["parameter/a/b", "parameter/c"],
        ),
    ],
)
def test_calls_with_json(service: str, target: str, given: Any, action: str, resources: list[str]) -> None:
    assert needs(service, target, given) == [(action, f"arn:aws:{service}:{PLACE}:{each}") for each in resources]


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("PUT", "/lake/a/b", [("s3:PutObject", "arn:aws:s3:::lake/a/b")]),
        ("HEAD", "/lake/a", [("s3:GetObject", "arn:aws:s3:::lake/a")]),
        ("GET", "/lake", [("s3:ListBucket", "arn:aws:s3:::lake")]),
        ("GET", "/", []),
    ],
)
def test_calls_of_s3(method: str, path: str, needed: list[tuple[str, str]]) -> None:
    assert list(JUDGED["s3"](Request(method, path, {}, b"", {}), PLACE)) == needed


def test_a_publication_needs_its_topic() -> None:
    topic = f"arn:aws:sns:{PLACE}:sales"
    body = f"Action=PublishBatch&TopicArn={topic.replace(':', '%3A')}".encode()
    assert list(JUDGED["sns"](Request("POST", "/", {}, body, {}), PLACE)) == [("sns:Publish", topic)]
