# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Global Accelerator demands of names, port ranges and endpoints."""

from __future__ import annotations

import re
from typing import Any

from localcloud.globalaccelerator.accelerator import Endpoint
from localcloud.globalaccelerator.errors import refusal
from localcloud.globalaccelerator.health import endpoint_health

ENDPOINTS_PER_GROUP = 10


def check_accelerator_name(name: str) -> None:
    """Refuse a name that Global Accelerator does not take.

    Raises:
        ServiceException: it is not 1 to 64 letters, digits, periods and hyphens.
    """
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?", name):
        raise refusal(
            "InvalidArgument",
            f"Accelerator name {name!r}: up to 64 letters, digits, periods and hyphens, not at its ends, are valid",
        )


def check_port_ranges(ranges: list[dict[str, int]], protocol: str, others: Any) -> None:
    """Refuse port ranges that a listener does not take.

    Raises:
        ServiceException: a range is reversed, or overlaps another listener's of the same protocol.
    """
    taken = [r for other in others if other.protocol == protocol for r in other.port_ranges]
    for wanted in ranges:
        if wanted["FromPort"] > wanted["ToPort"]:
            raise refusal("InvalidPortRange", f"Port range {wanted} begins after its end")
        if any(wanted["FromPort"] <= r["ToPort"] and r["FromPort"] <= wanted["ToPort"] for r in taken):
            raise refusal("InvalidPortRange", f"Port range {wanted} overlaps another listener's of this accelerator")


def check_endpoints(endpoints: list[Endpoint], region: str) -> list[Endpoint]:
    """Refuse endpoints that an endpoint group does not take.

    Raises:
        ServiceException: they are too many, repeated, elsewhere, or do not exist.
    """
    identifiers = [endpoint.endpoint_id for endpoint in endpoints]
    if len(identifiers) > ENDPOINTS_PER_GROUP:
        raise refusal("LimitExceeded", f"An endpoint group has at most {ENDPOINTS_PER_GROUP} endpoints")
    if len(set(identifiers)) != len(identifiers):
        raise refusal("InvalidArgument", "An endpoint may appear once in an endpoint group")
    for identifier in identifiers:
        if identifier.startswith("arn:") and identifier.split(":")[3] != region:
            raise refusal(
                "InvalidArgument", f"The endpoint {identifier} is not in the endpoint group's region, {region}"
            )
        if endpoint_health(identifier)[1] == "not found":
            raise refusal("InvalidArgument", f"The endpoint {identifier} does not exist or is not active")
    return endpoints
