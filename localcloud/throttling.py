# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each service says "not so fast", and "not with these credentials": its own error code.

Codes: botocore's service models, and where a model has none (EC2, ELB, IAM, S3) the services' lists of common errors.
Every code is one that SDKs retry.
"""

from __future__ import annotations

from localcloud.http_server import Request, Response
from localcloud.wire_errors import XML_SERVICES, error_response, is_form

CODES = {
    "ec2": ("RequestLimitExceeded", 503),
    "s3": ("SlowDown", 503),
    "sqs": ("RequestThrottled", 403),
    "tagging": ("ThrottledException", 400),
    "apigateway": ("TooManyRequestsException", 429),
    "lambda": ("TooManyRequestsException", 429),
    "elasticfilesystem": ("ThrottlingException", 429),
    "servicediscovery": ("RequestLimitExceeded", 429),
}
"""Signing name → (code, status); all others of a JSON protocol say ThrottlingException, all others of XML Throttling.
"""

ITEM_CALLS = frozenset(
    {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"}
    | {"BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"}
)
"""What reads and writes items is throttled by capacity; the rest of DynamoDB's calls by rate."""

MESSAGE = "Rate exceeded"
MESSAGES = {
    "SlowDown": "Please reduce your request rate.",
    "ProvisionedThroughputExceededException": "The level of configured provisioned throughput for the table was "
    "exceeded. Consider increasing your provisioning level with the UpdateTable API.",
    "RequestLimitExceeded": "Request limit exceeded.",
}
"""S3's and DynamoDB's own words."""


def throttled(service: str, request: Request) -> Response:
    """The answer of a service that is asked too much."""
    code, status = code_of(service, request)
    return error_response(service, request, code, MESSAGES.get(code, MESSAGE), status)


def closed(service: str, request: Request) -> Response:
    """The answer of a service in a region that the account has not enabled."""
    words = "The security token included in the request is invalid."
    if service == "ec2":
        words = "AWS was not able to validate the provided access credentials"
        return error_response(service, request, "AuthFailure", words, 401)
    if service == "s3":
        words = "The AWS Access Key Id you provided does not exist"
        return error_response(service, request, "InvalidAccessKeyId", words, 403)
    if service in XML_SERVICES or is_form(request):
        return error_response(service, request, "InvalidClientTokenId", words, 403)
    return error_response(service, request, "UnrecognizedClientException", words, 400)


def code_of(service: str, request: Request) -> tuple[str, int]:
    """(error code, HTTP status)"""
    if service == "dynamodb" and request.headers.get("x-amz-target", "").rpartition(".")[2] in ITEM_CALLS:
        return "ProvisionedThroughputExceededException", 400
    if service in CODES:
        return CODES[service]
    return ("Throttling", 400) if service in XML_SERVICES or is_form(request) else ("ThrottlingException", 400)
