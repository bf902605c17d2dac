# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an error of AWS says: whether its endpoint is the trouble, and whether it only says "not so fast"."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import botocore.session
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.retries.standard import ThrottledRetryableChecker

from protocol.service_errors import FAULTS, THROTTLED, error_code, is_ill, is_throttled

SERVICES = (
    *("dynamodb", "ssm", "sns", "sts", "sqs", "ecs", "ecr", "elbv2", "s3", "application-autoscaling", "scheduler"),
    *("service-quotas", "globalaccelerator", "route53", "ec2", "iam", "efs", "acm", "cloudwatch", "logs"),
)


def refusal(code: str, status: int = 400, operation: str = "PutItem") -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)


class Lost(EndpointConnectionError):
    """A kind of its own, of botocore's."""


@pytest.mark.parametrize("error", [refusal("Throttling"), refusal("AWS.SimpleQueueService.SlowDown", 403)])
def test_a_throttled_call_says_so_whatever_the_service(error):
    assert is_throttled(error) and is_ill(error)


@pytest.mark.parametrize(
    "error",
    [
        *(refusal(code) for code in sorted(FAULTS)),
        refusal("SomethingNew", 503),
        refusal("503", 0),
        refusal("404", 404),
        refusal("503", 503, "HeadBucket"),
        refusal(""),
        TimeoutError("no answer"),
        Lost(endpoint_url="https://dynamodb"),
    ],
)
def test_an_endpoint_that_does_not_answer_as_aws_does_is_ill(error):
    assert is_ill(error) and not is_throttled(error)


def test_the_services_own_names_of_their_faults_are_known():
    """Not every model has a status for them, so they are known by name too."""
    session = botocore.session.get_session()
    named = {
        shape.metadata.get("error", {}).get("code") or shape.name
        for service in SERVICES
        for shape in session.get_service_model(service).error_shapes
    }
    told = {name for name in named if re.match(r"Internal|Serv(er|ice)(Exception|Error|Failure|Unavailable)", name)}
    assert len(told) >= 9 and told <= FAULTS | {"InternalStreamingException"}
    assert all(is_ill(refusal(name)) for name in told & FAULTS)


@pytest.mark.parametrize(
    "error",
    [
        *map(refusal, ["ConditionalCheckFailedException", "ReplicatedWriteConflictException"]),
        refusal("404", 404, "HeadBucket"),
        ValueError("ours"),
    ],
)
def test_an_answer_to_the_request_is_none_of_the_endpoints(error):
    assert not is_ill(error) and not is_throttled(error)


def test_what_has_no_response_has_no_code():
    assert error_code(ValueError("ours")) == "" and error_code(refusal("X")) == "X"


def test_botocore_knows_the_same_codes_of_throttling():
    assert THROTTLED - {"Throttled"} <= set(ThrottledRetryableChecker._THROTTLED_ERROR_CODES)


def test_the_protocol_needs_the_standard_library_alone(repository: Path) -> None:
    """Workers carry the folder without the rest of the collection."""
    for file in (repository / "plugins/module_utils/protocol").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                assert node.level == 1, f"{file.name} imports from outside its folder"
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [node.module] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
                assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names, file.name
