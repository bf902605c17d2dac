# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each service's throttling answer, read by botocore's own parsers: the code it means is the code an SDK sees."""

from __future__ import annotations

import botocore.session
import pytest
from botocore.parsers import create_parser
from botocore.retries.standard import ThrottledRetryableChecker

from localcloud.http_server import Request
from localcloud.throttling import throttled

SESSION = botocore.session.get_session()

EXPECTED = [
    ("dynamodb", "PutItem", "ProvisionedThroughputExceededException"),
    ("dynamodb", "UpdateTable", "ThrottlingException"),
    ("sqs", "ReceiveMessage", "RequestThrottled"),
    ("sns", "Publish", "Throttling"),
    ("ssm", "GetParameter", "ThrottlingException"),
    ("ecs", "DescribeServices", "ThrottlingException"),
    ("ec2", "DescribeVpcs", "RequestLimitExceeded"),
    ("elbv2", "DescribeLoadBalancers", "Throttling"),
    ("iam", "GetRole", "Throttling"),
    ("sts", "GetCallerIdentity", "Throttling"),
    ("s3", "PutObject", "SlowDown"),
    ("route53", "ListHostedZones", "Throttling"),
    ("efs", "DescribeFileSystems", "ThrottlingException"),
    ("apigateway", "GetRestApis", "TooManyRequestsException"),
    ("globalaccelerator", "ListAccelerators", "ThrottlingException"),
    ("resourcegroupstaggingapi", "GetResources", "ThrottledException"),
    ("application-autoscaling", "DescribeScalableTargets", "ThrottlingException"),
]


@pytest.mark.parametrize(("service", "operation", "code"), EXPECTED)
def test_an_sdk_reads_the_code_and_would_try_again(service: str, operation: str, code: str) -> None:
    model = SESSION.get_service_model(service)
    protocol = model.resolved_protocol
    headers = {}
    if protocol == "json":
        headers = {"x-amz-target": f"{model.metadata['targetPrefix']}.{operation}"}
    elif protocol in ("query", "ec2"):
        headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    answer = throttled(model.signing_name, Request("POST", "/", headers, b""))
    assert answer.status >= 400
    raw = {"status_code": answer.status, "headers": answer.headers, "body": answer.body}
    parsed = create_parser(protocol).parse(raw, model.operation_model(operation).output_shape)
    assert parsed["Error"]["Code"] == code
    assert parsed["Error"]["Message"]
    assert code in ThrottledRetryableChecker._THROTTLED_ERROR_CODES
