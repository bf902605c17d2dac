# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Health checks of Route 53: what may be asked for, and what its checkers have seen. The front door does the checking.

moto makes two of what was asked for twice, takes any numbers, and says that every check succeeds.
"""

from __future__ import annotations

import datetime
from typing import Any

from moto.route53.exceptions import Route53ClientError
from moto.route53.models import HealthCheck, route53_backends

from localcloud.world import WORLD

CHECKERS = (
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "sa-east-1",
)
"""The regions of Route 53's checkers, which are asked what they see."""

WEB = ("HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH")
KINDS = (*WEB, "TCP", "CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL")
INTERVALS = (10, 30)
LONGEST_REFERENCE = 64


class InvalidHealthCheck(Route53ClientError):
    """What was asked for cannot be."""

    def __init__(self, message: str):
        super().__init__("InvalidInput", message)


class HealthCheckAlreadyExists(Route53ClientError):
    """The caller's reference was used before, for another health check or for one that is gone."""

    def __init__(self, reference: str):
        super().__init__(
            "HealthCheckAlreadyExists",
            f"A health check has already been created with the specified caller reference: {reference}",
        )


class HealthCheckVersionMismatch(Route53ClientError):
    """Somebody changed it in between."""

    def __init__(self) -> None:
        super().__init__("HealthCheckVersionMismatch", "The value of HealthCheckVersion in the request doesn't match")


class Check(HealthCheck):
    """A health check. observed: what its checkers saw last, as the front door told it: `status` and `at` (unix)."""

    def __init__(self, identifier: str, reference: str, given: dict[str, Any]) -> None:
        super().__init__(identifier, reference, given)
        if self.type_.startswith("HTTPS") and not given.get("port"):
            self.port = 443
        self.asked = dict(given)
        self.observed: dict[str, Any] | None = None

    def observations(self) -> list[dict[str, Any]]:
        """What GetHealthCheckStatus tells: nothing, until something was seen."""
        if self.observed is None:
            return []
        at = datetime.datetime.fromtimestamp(self.observed["at"], datetime.UTC)
        report = {"Status": self.observed["status"], "CheckedTime": at}
        return [
            {"Region": region, "IPAddress": f"192.0.2.{number}", "StatusReport": report}
            for number, region in enumerate(CHECKERS, 1)
        ]


def check_request(reference: str, given: dict[str, Any]) -> None:
    """Refuse what CreateHealthCheck refuses.

    Raises:
        InvalidHealthCheck: with what is wrong.
    """
    kind = given["type"]
    if not 1 <= len(reference) <= LONGEST_REFERENCE:
        raise InvalidHealthCheck(f"CallerReference must have 1 to {LONGEST_REFERENCE} characters")
    if kind not in KINDS:
        raise InvalidHealthCheck(f"Type {kind!r} is none of {', '.join(KINDS)}")
    if kind not in (*WEB, "TCP"):
        return
    if not (given.get("ip_address") or given.get("fqdn")):
        raise InvalidHealthCheck("Either IPAddress or FullyQualifiedDomainName must be specified")
    if (given.get("request_interval") or 30) not in INTERVALS:
        raise InvalidHealthCheck("RequestInterval must be 10 or 30")
    if kind.endswith("STR_MATCH") is not bool(given.get("search_string")):
        raise InvalidHealthCheck("SearchString goes with the types whose name ends in STR_MATCH, and they need it")
    if kind == "TCP" and given.get("resource_path"):
        raise InvalidHealthCheck("ResourcePath cannot be specified for type TCP")
    check_numbers(given)


def check_numbers(given: dict[str, Any]) -> None:
    """Refuse numbers that are out of range. InvalidHealthCheck."""
    for key, told, most in (("failure_threshold", "FailureThreshold", 10), ("port", "Port", 65535)):
        if given.get(key) is not None and not 1 <= int(given[key]) <= most:
            raise InvalidHealthCheck(f"{told} must be 1 to {most}")


def observe(seen: dict[str, dict[str, Any]]) -> None:
    """Take in what the front door saw, by id. The lock is held."""
    for check in _checks():
        if check.id in seen:
            check.observed = seen[check.id]


def table() -> list[dict[str, Any]]:
    """The checks that are to be made, for the front door. The lock is held."""
    cap = WORLD.options.delayed(WORLD.options.dns_check_interval)
    return [
        {
            "id": each.id,
            "type": each.type_,
            "address": each.ip_address,
            "host": each.fqdn,
            "port": int(each.port),
            "path": each.resource_path or "/",
            "search": each.search_string or "",
            "sni": each.enable_sni,
            "interval": min(float(each.request_interval), cap),
            "threshold": int(each.failure_threshold),
            "inverted": each.inverted,
        }
        for each in _checks()
        if each.type_ in (*WEB, "TCP") and not each.disabled
    ]


def _checks() -> list[Any]:
    return [
        check
        for account in list(route53_backends.values())
        for backend in list(account.values())
        for check in list(backend.health_checks.values())
    ]
