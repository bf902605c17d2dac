# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Route 53's servers answer: the records of the public zone that is nearest to a name."""

from __future__ import annotations

from typing import Any

from moto.route53.models import route53_backends


def records_of(account: str, name: str) -> list[Any]:
    """The record sets of a name in the public hosted zone that answers for it."""
    wanted = name.lower().rstrip(".")
    zones = [
        zone
        for zone in route53_backends[account]["aws"].zones.values()
        if not zone.private_zone and f".{wanted}".endswith("." + zone.name.lower().rstrip("."))
    ]
    longest = max((len(zone.name) for zone in zones), default=0)
    return [
        record
        for zone in zones
        if len(zone.name) == longest
        for record in zone.rrsets
        if record.name.lower().rstrip(".") == wanted
    ]


def values_of(account: str, name: str, kind: str) -> list[str]:
    """The values of a name's records of one type."""
    return [str(value) for record in records_of(account, name) if record.type == kind for value in record.records or []]
