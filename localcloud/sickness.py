# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a region says that answers, but ill: the service's own fault, or a bare 5xx of whatever stands before it.

Codes: botocore's service models, and where a model has none the services' lists of common errors. A front end or a
proxy knows no service: its body is XML, HTML, a text, or nothing, and an SDK then has only the HTTP status to go by.
"""

from __future__ import annotations

import http
from random import Random

from localcloud.http_server import Request, Response
from localcloud.wire_errors import error_response

CODES = {
    "dynamodb": "InternalServerError",
    "ssm": "InternalServerError",
    "ecs": "ServerException",
    "sns": "InternalError",
    "s3": "InternalError",
    "ec2": "InternalError",
    "globalaccelerator": "InternalServiceErrorException",
    "application-autoscaling": "InternalServiceException",
    "servicequotas": "ServiceException",
    "scheduler": "InternalServerException",
    "ecr": "ServerException",
    "elasticfilesystem": "InternalServerError",
    "acm": "InternalFailure",
}
"""Signing name → the code of its own fault, which comes with the status 500; all others say InternalFailure."""

OWN = 500
BARE = (502, 503, 504)
"""Statuses of front ends. One that waited in vain for the service (504) does not know whether it did what was asked."""

HTML = (
    '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head><title>{status} {phrase}</title></head>\n'
    "<body><center><h1>{status} {phrase}</h1></center><hr>\n</body></html>\n"
)
XML = '<?xml version="1.0"?>\n<{phrase}Exception/>\n'

FORMS = ("own", "xml", "html", "text", "nothing")
"""What the body may be."""


def draw(chance: Random) -> tuple[str, int, bool]:
    """The form and the status of an answer, and whether what was asked for is carried out all the same."""
    form = chance.choice(FORMS)
    status = OWN if form == "own" else chance.choice(BARE)
    return form, status, status in (OWN, 504) and chance.random() < 0.5


def ill(service: str, request: Request, form: str, status: int) -> Response:
    """The answer of a service (signing name), or of what stands before it, that has a trouble of its own."""
    if form == "own":
        code = CODES.get(service, "InternalFailure")
        return error_response(service, request, code, "An internal error occurred. Try again later.", status)
    phrase = http.HTTPStatus(status).phrase
    if form == "html":
        return Response(status, {"content-type": "text/html"}, HTML.format(status=status, phrase=phrase).encode())
    if form == "xml":
        return Response(status, {"content-type": "text/xml"}, XML.format(phrase=phrase.replace(" ", "")).encode())
    return Response(status, {"content-type": "text/plain"}, phrase.encode() if form == "text" else b"")
