# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which endpoint an error came from: its service and its region, noted on the error while its call is under way.

botocore's errors know a URL at most, which behind a proxy or in a private network is the same for all regions.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ..protocol.service_errors import is_silent

GLOBAL_SERVICES = frozenset({"cloudfront", "globalaccelerator", "iam", "route53"})
"""Those with one endpoint for all regions: that it does not answer says nothing of the region of its client."""

NOTE = "multiregion_endpoint"
"""Where an error, or the response that becomes one, keeps the service and the region."""


def watch(client: Any, service: str, retries: str) -> None:
    """Have every error of a client name its endpoint. retries: the event at which botocore shows each answer."""
    place = (service, "" if service in GLOBAL_SERVICES else str(client.meta.region_name))
    client.meta.events.register_first(retries, partial(_note, place))


def _note(place: tuple[str, str], response: Any = None, caught_exception: Any = None, **_others: Any) -> None:
    if caught_exception is not None:
        setattr(caught_exception, NOTE, place)
    elif response:
        response[1].setdefault("ResponseMetadata", {})[NOTE] = place


def endpoint_of(error: BaseException) -> tuple[str, str] | None:
    """The service and the region, which is empty of a global service, that an error came from; None if nobody knows."""
    response = getattr(error, "response", None)
    noted = response.get("ResponseMetadata", {}).get(NOTE) if isinstance(response, dict) else None
    return getattr(error, NOTE, noted)


def tell(error: BaseException) -> str:
    """An error in words, with the endpoint that it came from."""
    service, region = endpoint_of(error) or ("", "")
    where = f"{service} in {region}" if region else service
    return f"{where}: {error}" if where else str(error)


def unreachable(error: BaseException | None) -> dict[str, str]:
    """As data, which endpoint was silent, if that is what an error is about, or what it came from; else nothing."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:  # an error that is raised again may be its own cause
        seen.append(error)
        noted = endpoint_of(error)
        if noted is not None and is_silent(error):
            service, region = noted
            return {"unreachable_service": service, **({"unreachable_region": region} if region else {})}
        error = error.__cause__
    return {}
