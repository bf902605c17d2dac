# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the listeners that speak TLS: their domains, certificates and policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...aws.names import certificate_problems
from ...services.listener_domains import ENCRYPTED
from ..certificate import domain_problems
from .inventory import NOT_NAMED

Item = dict[str, Any]

POLICY = "ELBSecurityPolicy-"
"""What the names of all TLS policies begin with."""


def certificate_findings(load_balancers: list[Item], regions: list[str]) -> Iterator[str]:
    """About each listener, and about domains that several of them name."""
    zones: dict[str, tuple[str, str]] = {}
    for balancer in load_balancers:
        for listener in balancer.get("listeners") or []:
            where = f"load_balancers[{balancer.get('name') or NOT_NAMED}].listeners[{listener.get('port')}]"
            yield from _listener(where, listener, ENCRYPTED.get(balancer.get("type") or "application"), regions)
            domain, zone = str(listener.get("domain") or "").lower(), listener.get("zone")
            if zone and not domain:
                yield f"{where} has zone {zone!r} and no domain, for which alone a zone is needed."
            elif zone:
                first, before = zones.setdefault(domain, (where, zone))
                if before != zone:
                    yield f"{where} has zone {zone!r} for {domain}, and {first} has {before!r}; give both the same."


def _listener(where: str, listener: Item, encrypted: str | None, regions: list[str]) -> Iterator[str]:
    domain, certificate, protocol = (listener.get(key) for key in ("domain", "certificate", "protocol"))
    if domain:
        yield from domain_problems(f"{where}.domain", str(domain))
        if certificate:
            yield f"{where} has domain and certificate; leave one out: a domain gets certificates of its own."
        if protocol not in (None, encrypted):
            yield f"{where} has domain and protocol {protocol}; a domain is served with {encrypted}."
    elif protocol in ENCRYPTED.values() and not certificate:
        yield f"{where} has protocol {protocol} and no certificate; give it a domain, which gets one in each region."
    for region in regions:
        yield from certificate_problems(f"{where}.certificate", str(certificate or ""), region)
    policy = listener.get("ssl_policy")
    if policy is not None and not str(policy).startswith(POLICY):
        yield f"{where}.ssl_policy is {policy!r}; names such as {POLICY}TLS13-1-2-2021-06 are valid."
