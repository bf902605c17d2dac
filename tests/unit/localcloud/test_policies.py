# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which queue policies let SNS deliver."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.policies import admits, sns_principal

QUEUE = "arn:aws:sqs:us-east-1:123456789012:sales-queue"
TOPIC = "arn:aws:sns:sa-east-1:123456789012:sales-processing"


def statement(**changes: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": QUEUE,
        "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC}},
    } | changes


def delivers(*statements: dict[str, Any]) -> bool:
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return admits(policy, "sns.amazonaws.com", "sqs:SendMessage", QUEUE, TOPIC)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Action": ["SQS:*"]},
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Condition": None},
        {"Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:sns:*:123456789012:sales-*"}}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}},
        {"Condition": {"ArnEquals": {"aws:SourceArn": ["arn:other", TOPIC]}}},
    ],
)
def test_what_admits(changes: dict[str, Any]) -> None:
    assert delivers(statement(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Deny"},
        {"Action": "sqs:ReceiveMessage"},
        {"Principal": {"Service": "s3.amazonaws.com"}},
        {"Principal": {"AWS": "123456789012"}},
        {"Resource": QUEUE + "-dlq"},
        {"Condition": {"ArnEquals": {"aws:SourceArn": TOPIC + "-other"}}},
        {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
    ],
)
def test_what_does_not(changes: dict[str, Any]) -> None:
    assert not delivers(statement(**changes))


def test_a_deny_wins() -> None:
    assert not delivers(statement(), statement(Effect="Deny", Principal="*"))


def test_no_policy_admits_nobody() -> None:
    assert not admits(None, "sns.amazonaws.com", "sqs:SendMessage", QUEUE, TOPIC)


@pytest.mark.parametrize(
    ("topic", "queue", "principal"),
    [
        ("sa-east-1", "us-east-1", "sns.amazonaws.com"),
        ("sa-east-1", "af-south-1", "sns.af-south-1.amazonaws.com"),
        ("eu-south-1", "us-east-1", "sns.eu-south-1.amazonaws.com"),
        ("eu-south-1", "eu-south-1", "sns.amazonaws.com"),
    ],
)
def test_the_principal_is_regional_where_one_region_is_opt_in(topic: str, queue: str, principal: str) -> None:
    assert sns_principal(topic, queue) == principal
