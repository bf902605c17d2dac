# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the API in front of a load balancer (the variables edge_api…)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...kernel import CollectionError
from ...services.api_document import rest_keys
from ...services.api_routes import api_routes
from ..api_gateway.arguments import HTTP, REST
from ..api_gateway.checks import SETTINGS, settings_problems, web_acl_problems
from ..certificate import domain_problems
from .guards import demand_findings
from .inventory import TIERS, listed, number, unknown

Item = dict[str, Any]

KINDS = (HTTP, REST)


def api_findings(params: dict[str, Any], known: dict[str, list[str] | None]) -> Iterator[str]:
    """About the API: its domain, and the listener and the network that it leads into."""
    api, balancers = params["api"], params["load_balancers"] or []
    if api is None or api["kind"] == "none":
        return
    if api["kind"] not in KINDS:
        yield f"edge_api is {api['kind']!r}; valid are none, {listed(KINDS)}."
    else:
        yield from settings_problems(api["kind"], {key: api[key] for key in SETTINGS}, "edge_api_")
        yield from web_acl_problems(api["kind"], api["web_acl"], "edge_api_")
    if api["domain"] is None:
        yield "edge_api_domain is missing; an API is served under a domain of yours, such as api.example.com."
    else:
        yield from domain_problems("edge_api_domain", api["domain"])
    if api["subnets"] is not None:
        yield from unknown("edge_api_subnets", api["subnets"], "tier of subnets", TIERS)
    if api["kind"] == HTTP and not api["security_groups"]:
        yield "edge_api_security_groups is empty; the VPC link needs one that the load balancer's lets in."
    for name in api["security_groups"]:
        yield from unknown("edge_api_security_groups", name, "security group", known["security_group"])
    names = [str(each.get("name")) for each in balancers]
    name = api["load_balancer"] or next(iter(names), None)
    if name not in names:
        yield from unknown("edge_api_load_balancer", name, "load balancer", names)
        return
    balancer = balancers[names.index(name)]
    if api["kind"] == REST:
        yield from _reached_by_rest(balancer, balancers)
    listeners = balancer.get("listeners") or [{}]
    port = listeners[0].get("port") if api["port"] is None else api["port"]
    try:
        keys = api_routes(balancers, params["services"] or [], name, number(port))
        wrong = list(demand_findings(api, keys))
        yield from wrong
        if api["kind"] == REST:
            rest_keys(keys, () if wrong else [each["route"] for each in api["requests"]])
    except CollectionError as error:
        yield error.message


def _reached_by_rest(balancer: Item, balancers: list[Item]) -> Iterator[str]:
    """About the load balancer that the VPC link of a REST API leads to."""
    name, kind = balancer.get("name"), balancer.get("type") or "application"
    if kind != "network":
        there = [str(each.get("name")) for each in balancers if each.get("type") == "network"]
        yield (
            f"edge_api is rest, and edge_api_load_balancer is {name!r}, an Application Load Balancer; the VPC link of "
            f"a REST API leads to a Network Load Balancer. Those in edge_load_balancers: {', '.join(there) or 'none'}. "
            f"Add one with a target group of target_type alb that has {name!r} as its target and name it, or choose "
            "edge_api http, whose link reaches an Application Load Balancer."
        )
    elif balancer.get("security_groups"):
        # AWS holds their rules against what comes through a VPC link, whose addresses are none of the network's.
        yield (
            f"edge_api is rest, and its load balancer {name!r} has security_groups, whose rules would keep out what "
            "comes by the VPC link. Leave them out; those of the load balancer or the targets behind it decide."
        )
