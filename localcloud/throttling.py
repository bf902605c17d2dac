# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How each service says "not so fast", and "not with these credentials": its error code in its protocol's format.

Codes: botocore's service models, and where a model has none (EC2, ELB, IAM, S3) the services' lists of common errors.
Every code is one that SDKs retry.
"""

from __future__ import annotations

import json

from localcloud.http_server import Request, Response

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

XML_SERVICES = frozenset({"sns", "sts", "iam", "elasticloadbalancing", "autoscaling", "route53", "cloudformation"})
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
    return refusal(service, request, code, status, MESSAGES.get(code, MESSAGE))


def closed(service: str, request: Request) -> Response:
    """The answer of a service in a region that the account has not enabled."""
    if service == "ec2":
        words = "AWS was not able to validate the provided access credentials"
        return refusal(service, request, "AuthFailure", 401, words)
    words = "The security token included in the request is invalid."
    if service == "s3":
        return refusal(service, request, "InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist")
    if service in XML_SERVICES or is_form(request):
        return refusal(service, request, "InvalidClientTokenId", 403, words)
    return refusal(service, request, "UnrecognizedClientException", 400, words)


def refusal(service: str, request: Request, code: str, status: int, message: str) -> Response:
    """An error in the format of the service's protocol."""
    if service == "ec2":
        error = f"<Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        return as_xml(status, f"<Response>{error}<RequestID>embedded</RequestID></Response>")
    error = f"<Code>{code}</Code><Message>{message}</Message>"
    if service == "s3":
        return as_xml(status, f"<Error>{error}<RequestId>embedded</RequestId></Error>")
    if service in XML_SERVICES or is_form(request):
        error = f"<Error><Type>Sender</Type>{error}</Error>"
        return as_xml(status, f"<ErrorResponse>{error}<RequestId>embedded</RequestId></ErrorResponse>")
    headers = {"content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code}
    if service == "sqs":
        headers["x-amzn-query-error"] = f"{code};Sender"
    return Response(status, headers, json.dumps({"__type": code, "message": message}).encode())


def code_of(service: str, request: Request) -> tuple[str, int]:
    """(error code, HTTP status)"""
    if service == "dynamodb" and request.headers.get("x-amz-target", "").rpartition(".")[2] in ITEM_CALLS:
        return "ProvisionedThroughputExceededException", 400
    if service in CODES:
        return CODES[service]
    return ("Throttling", 400) if service in XML_SERVICES or is_form(request) else ("ThrottlingException", 400)


def is_form(request: Request) -> bool:
    """Whether it speaks the query protocol."""
    return "x-www-form-urlencoded" in request.headers.get("content-type", "")


def as_xml(status: int, body: str) -> Response:
    return Response(status, {"content-type": "text/xml"}, body.encode())
