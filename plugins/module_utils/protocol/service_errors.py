# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an error of an AWS service says: its code, whether the service throttles, whether its endpoint is ill.

For modules and workers alike, so it knows botocore's errors by their shape only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

SERVER_FAULT = 500  # HTTP statuses from here up are the server's fault

THROTTLED = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""How the services say "not so fast": a region that says so answers."""

FAULTS = frozenset(
    {
        "InternalError",
        "InternalErrorException",
        "InternalException",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "InternalServiceError",
        "InternalServiceErrorException",
        "InternalServiceException",
        "InternalServiceFault",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServerException",
        "ServiceException",
        "ServiceFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Unavailable",
    }
)
"""How they say that the trouble is theirs. Not every service's model promises a status of 5xx with it."""


def error_code(error: BaseException) -> str:
    """The code of a botocore `ClientError` (such as `ResourceNotFoundException`), or an empty string."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, Mapping) else ""


def says_throttled(code: str) -> bool:
    """Whether a code says "not so fast". SQS puts a prefix before it."""
    return code.rsplit(".", 1)[-1] in THROTTLED


def is_throttled(error: BaseException) -> bool:
    """Whether a service said "not so fast"."""
    return says_throttled(error_code(error))


def is_ill(error: BaseException) -> bool:
    """Whether the endpoint, not the request, is the trouble, so that another endpoint or another time may do better.

    It did not answer (time-outs, resets, names, TLS, whoever gives out credentials), its answer was none of AWS's, it
    tells of a fault of its own, by name or by status, or it throttles: botocore's own attempts are spent by then.
    Whoever takes "throttled" for an answer asks `is_silent`.
    """
    code = error_code(error)
    if code:
        return code in FAULTS or says_throttled(code) or _status(error) >= SERVER_FAULT or _is_bare(error, code)
    kinds = type(error).__mro__
    if any(kind.__name__ == "ParamValidationError" for kind in kinds):  # refused here, before it was sent
        return False
    return isinstance(error, OSError) or any(kind.__module__.startswith(("botocore", "urllib3")) for kind in kinds)


def is_silent(error: BaseException) -> bool:
    """Whether an endpoint is ill, and not only busy: who throttles has answered."""
    return is_ill(error) and not is_throttled(error)


def readable(response_dict: dict[str, Any], **_others: Any) -> None:
    """Empty the body of a server's fault that no parser can read: a handler of botocore's event `before-parse`.

    Proxies and front ends answer with their own HTML. botocore knows only some of it, raises ResponseParserError for
    the rest, which is no error of its own, and does not try the call again. Of an empty body it tells the status.
    """
    if response_dict["status_code"] >= SERVER_FAULT and isinstance(body := response_dict.get("body"), bytes):
        try:
            ElementTree.fromstring(body)
        except ElementTree.ParseError:
            if not body.lstrip().startswith(b"{"):
                response_dict["body"] = b""


def _is_bare(error: BaseException, code: str) -> bool:
    """Whether an answer has no code of AWS's, but its HTTP status for one: it came from whatever stands before AWS.

    Answers to the method HEAD have no body, and so no code, whoever answers.
    """
    asked = str(getattr(error, "operation_name", ""))
    return code.isdecimal() and (int(code) >= SERVER_FAULT or not asked.startswith("Head"))


def _status(error: BaseException) -> int:
    response = getattr(error, "response", None) or {}
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) or 0)
