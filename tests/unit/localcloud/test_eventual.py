# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose request a thing is hidden from: of its region, where a name is one of a region, and of who would use it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.eventual import Eventual
from localcloud.http_server import Request, Response

ARN = "arn:aws:ecs:sa-east-1:123456789012:service/sales/api"
SCALED = "service/sales/api"


def request(service: str, operation: str, region: str = "sa-east-1", /, **members: Any) -> Request:
    scope = f"AKIA/20260101/{region}/{service}/aws4_request"
    headers = {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0", "x-amz-target": f"X.{operation}"}
    return Request("POST", "/", headers, json.dumps(members).encode())


@pytest.fixture
def eventual() -> Eventual:
    """A service was just made in sa-east-1."""
    made = Eventual(3600, 1, lambda _request: Response(200, {}, json.dumps({"service": {"serviceArn": ARN}}).encode()))
    made.answer(request("ecs", "CreateService", serviceName="api", cluster="sales"))
    return made


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (request("application-autoscaling", "RegisterScalableTarget", ResourceId=SCALED), 400),
        (request("application-autoscaling", "RegisterScalableTarget", "us-east-1", ResourceId=SCALED), 200),
        (request("application-autoscaling", "DescribeScalableTargets", ResourceIds=[SCALED]), 200),
        (request("ecs", "UpdateService", service="api", cluster="sales"), 400),
        (request("ecs", "UpdateService", service="api", cluster="arn:aws:ecs:x:1:cluster/sales"), 400),
        (request("ecs", "UpdateService", service="api", cluster="stock"), 200),
        (request("ecs", "UpdateService", "us-east-1", service="api", cluster="sales"), 200),
        (request("ecs", "CreateService", serviceName="api", cluster="sales"), 200),
        (request("sqs", "SendMessage", MessageBody="api"), 200),
    ],
)
def test_who_does_not_see_it(eventual: Eventual, asked: Request, status: int) -> None:
    answer = eventual.answer(asked)
    assert isinstance(answer, Response) and answer.status == status
    eventual.settle()
    answer = eventual.answer(asked)
    assert isinstance(answer, Response) and answer.status == 200
