# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains of listeners: an inventory names the domain, and each region's listener gets that region's certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Item = dict[str, Any]

ENCRYPTED = {"application": "HTTPS", "network": "TLS"}


def _served(load_balancers: list[Item]) -> Iterator[tuple[Item, Item]]:
    """Every listener that names a domain, with its load balancer."""
    for balancer in load_balancers:
        for listener in balancer.get("listeners") or []:
            if listener.get("domain"):
                yield balancer, listener


def listener_domains(load_balancers: list[Item]) -> list[Item]:
    """Each domain once, with the hosted zone that a listener names for it: `{name, zone}`."""
    found: dict[str, Item] = {}
    for _balancer, listener in _served(load_balancers):
        name = str(listener["domain"]).lower()
        told = found.setdefault(name, {"name": name, "zone": None})
        told["zone"] = told["zone"] or listener.get("zone")
    return list(found.values())


def with_certificates(load_balancers: list[Item], certificates: Mapping[str, str]) -> list[Item]:
    """The load balancers as their module takes them. `certificates` are those of their region, by domain; none for
    load balancers that are to go."""
    return [
        {**each, "listeners": [_with_certificate(each, listener, certificates) for listener in each["listeners"]]}
        if each.get("listeners")
        else each
        for each in load_balancers
    ]


def _with_certificate(balancer: Item, listener: Item, certificates: Mapping[str, str]) -> Item:
    domain = listener.get("domain")
    if not domain:
        return listener
    kept = {key: value for key, value in listener.items() if key not in ("domain", "zone")}
    return {
        "protocol": ENCRYPTED[balancer.get("type") or "application"],
        **kept,
        "certificate": certificates.get(str(domain).lower()),
    }
