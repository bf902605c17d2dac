# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call needs of the role of the task that makes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.services.wiring import Place, statements
from localcloud import task_calls
from localcloud.http_server import Request
from localcloud.task_calls import JUDGED

ACCOUNT = "123456789012"
PLACE = f"sa-east-1:{ACCOUNT}"

Asked = Callable[[str, dict[str, Any]], str]


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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    """Whether a task may make a call of DynamoDB whose role has what `{toggle: state, access: register}` gives."""
    toggle = {"parameter": "/sales/region/state", "state_table": "sales-state"}
    place = Place(region="sa-east-1", account=ACCOUNT, workload="sales", regions=("sa-east-1",), toggle=toggle)
    policy = {"Version": "2012-10-17", "Statement": statements({"toggle": "state", "access": "register"}, place)}
    with mock_aws():
        iam, dynamodb = boto3.client("iam"), boto3.client("dynamodb", "sa-east-1")
        role = iam.create_role(RoleName="task", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        iam.put_role_policy(RoleName="task", PolicyName="uses", PolicyDocument=json.dumps(policy))
        dynamodb.create_table(
            TableName="sales-state",
            KeySchema=[{"AttributeName": "region", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "region", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        session = SimpleNamespace(account=ACCOUNT, role=role, task_id="task")
        monkeypatch.setattr(task_calls, "session_of", lambda _key: session)

        def ask(operation: str, given: dict[str, Any]) -> str:
            target = {"x-amz-target": f"DynamoDB_20120810.{operation}"}
            request = Request("POST", "/", target, json.dumps(given).encode(), {})
            refused = task_calls.denial(request, "key", "dynamodb", "sa-east-1")
            return refused[1] if refused else ""

        yield ask


@pytest.mark.parametrize(
    ("operation", "given", "said"),
    [
        ("PutItem", {"Item": {"region": {"S": "reader#sa-east-1#1"}}}, ""),
        ("DeleteItem", {"Key": {"region": {"S": "reader#sa-east-1#1"}}}, ""),
        ("PutItem", {"Item": {"region": {"S": "sa-east-1"}}}, "AccessDeniedException"),
        ("DeleteItem", {"Key": {"region": {"S": "us-east-1"}}}, "AccessDeniedException"),
        ("UpdateItem", {"Key": {"region": {"S": "reader#sa-east-1#1"}}}, "AccessDeniedException"),
        ("Scan", {}, ""),
    ],
)
def test_who_registers_may_not_write_the_states(asked: Asked, operation: str, given: Any, said: str) -> None:
    assert asked(operation, {"TableName": "sales-state", **given}) == said


def test_all_items_of_a_transaction_are_looked_at(asked: Asked) -> None:
    mine, another = ({"region": {"S": key}} for key in ("reader#sa-east-1#1", "sa-east-1"))
    puts = [{"Put": {"TableName": "sales-state", "Item": item}} for item in (mine, another)]
    assert asked("TransactWriteItems", {"TransactItems": puts[:1]}) == ""
    assert asked("TransactWriteItems", {"TransactItems": puts}) == "AccessDeniedException"
    assert asked("BatchGetItem", {"RequestItems": {"sales-state": {"Keys": [another]}}}) == ""
