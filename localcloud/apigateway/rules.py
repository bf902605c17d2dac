# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What API Gateway demands of the VPC links, documents, deployments and logs of REST APIs."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from moto.apigateway.exceptions import ApiGatewayException, BadRequestException
from moto.elbv2.models import elbv2_backends
from moto.iam.models import iam_backends

ANY_METHOD = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
METHODS = {"delete", "get", "head", "options", "patch", "post", "put"}
PART = re.compile(r"[a-zA-Z0-9._:-]+|\{[a-zA-Z0-9._-]+\+?\}")
LOGGING_SERVICE = "apigateway.amazonaws.com"

PACES = {
    "CreateRestApi": 3.0,
    "CreateDeployment": 5.0,
    "PutRestApi": 1.0,
    "DeleteRestApi": 30.0,
    "UpdateAccount": 20.0,
}
"""Seconds that AWS lets pass between two of an account in a region. Here they pass SHORTENED times as fast."""

SHORTENED = 100


class TooManyRequests(ApiGatewayException):
    """Another one came too soon."""

    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Too Many Requests")


def check_target(account: str, region: str, targets: list[str]) -> None:
    """Refuse what is not one Network Load Balancer of the region."""
    if len(targets) != 1:
        raise BadRequestException("More than one target arn specified for vpc link.")
    balancer = elbv2_backends[account][region].load_balancers.get(targets[0])
    if balancer is None or balancer.type != "network":
        raise BadRequestException(f"Failed to find the network load balancer with ARN {targets[0]}.")


def check_path(path: str, others: set[str]) -> None:
    """Refuse parts of a path that are none, and a second variable beside one of the paths that there are."""
    segments = path.split("/")[1:] if path != "/" else []
    for number, segment in enumerate(segments):
        if not path.startswith("/") or not PART.fullmatch(segment):
            raise BadRequestException(
                f"Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at "
                f"the beginning and the end: {path}"
            )
        if segment.endswith("+}") and number < len(segments) - 1:
            raise BadRequestException(f"A greedy path variable has to be the last part: {path}")
        for other in (each.split("/")[1:] for each in others) if segment.startswith("{") else ():
            beside = other[number] if other[:number] == segments[:number] and len(other) > number else segment
            if beside.startswith("{") and beside != segment:
                raise BadRequestException(
                    f"A sibling ({beside}) of this resource already has a variable path part -- only one unique "
                    "variable path part is allowed"
                )


def check_operation(path: str, method: str, operation: dict[str, Any], links: dict[str, Any]) -> None:
    """Refuse a method that there is not, and an integration that could not be asked."""
    if method not in METHODS | {ANY_METHOD}:
        raise BadRequestException(f"Invalid HTTP method {method} for {path}")
    told = operation.get(INTEGRATION)
    if told is None:
        return
    declared = {each["name"] for each in operation.get("parameters", []) if each.get("in") == "path"}
    for source in (told.get("requestParameters") or {}).values():
        kind, _dot, name = source.rpartition(".")
        if kind == "method.request.path" and name not in declared:
            raise BadRequestException(f"Invalid mapping expression parameter specified: {source}")
    if told.get("connectionType") == "VPC_LINK":
        if told.get("connectionId") not in links:
            raise BadRequestException(f"Vpc link {told.get('connectionId')} does not exist")
        if links[told["connectionId"]].status != "AVAILABLE":
            raise BadRequestException("Invalid VPC link: it is not AVAILABLE")
    address = urlsplit(told.get("uri") or "")
    if told["type"].upper() in ("HTTP", "HTTP_PROXY") and not (
        address.scheme in ("http", "https") and "." in (address.hostname or "")
    ):
        raise BadRequestException(f"Invalid HTTP endpoint specified for URI: {told.get('uri')}")
    if not 50 <= int(told.get("timeoutInMillis") or 29000) <= 29000:
        raise BadRequestException("Timeout should be between 50 ms and 29000 ms")


def check_complete(api: Any) -> None:
    """Refuse to deploy an API without a method, or with one that leads nowhere."""
    methods = [method for resource in api.resources.values() for method in resource.resource_methods.values()]
    if not methods:
        raise BadRequestException("The REST API doesn't contain any methods")
    if any(method.method_integration is None for method in methods):
        raise BadRequestException("No integration defined for method")


def check_log_role(account: str, arn: str) -> None:
    """Refuse a role that is not there, or that API Gateway may not assume."""
    roles = iam_backends[account]["aws"].roles.values()
    role = next((each for each in roles if each.arn == arn), None)
    if role is None or LOGGING_SERVICE not in str(role.assume_role_policy_document):
        raise BadRequestException("The role ARN does not have required permissions set to API Gateway")


def check_logs(account: Any, destination: str, format_: str) -> None:
    """Refuse an access log that API Gateway could not write."""
    if not account.cloudwatch_role_arn:
        raise BadRequestException("CloudWatch Logs role ARN must be set in account settings to enable logging")
    if destination.endswith(":*") or not destination.startswith("arn:"):
        raise BadRequestException(f"Invalid ARN specified in the request: {destination}")
    if "$context.requestId" not in format_ and "$context.extendedRequestId" not in format_:
        raise BadRequestException("Invalid access log format: it has to contain $context.requestId")
