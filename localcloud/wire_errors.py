# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An error in the wire format of the service that says it, so that an SDK reads the code that is meant."""

from __future__ import annotations

import json

from localcloud.http_server import Request, Response

XML_SERVICES = frozenset({"sns", "sts", "iam", "elasticloadbalancing", "autoscaling", "route53", "cloudformation"})

SQS_CODES = {"QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue"}
"""Codes that SQS spells otherwise for clients that knew its former protocol."""


def error_response(service: str, request: Request, code: str, message: str, status: int = 400) -> Response:
    """The answer of a service (signing name) to `request` that says `code`."""
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
        headers["x-amzn-query-error"] = f"{SQS_CODES.get(code, code)};Sender"
    return Response(status, headers, json.dumps({"__type": code, "message": message}).encode())


def is_form(request: Request) -> bool:
    """Whether it speaks the query protocol."""
    return "x-www-form-urlencoded" in request.headers.get("content-type", "")


def as_xml(status: int, body: str) -> Response:
    return Response(status, {"content-type": "text/xml"}, body.encode())
