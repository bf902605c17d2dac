# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about what guards the edge: the workload's own web ACL, and what an API demands of requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...resources.health_check import INTERVALS
from ...services.routing import HEALTH_GATE
from ..api_gateway.arguments import HTTP, REQUEST, REST
from ..api_gateway.checks import requests_problems
from ..web_acl.arguments import SETTINGS
from ..web_acl.checks import name_problems, settings_problems

Item = dict[str, Any]


def guard_findings(params: dict[str, Any]) -> Iterator[str]:
    """About the web ACL."""
    given, api = params["web_acl"], params["api"] or {"kind": "none", "web_acl": None}
    if given is None:
        return
    checked = ArgumentSpecValidator(SETTINGS).validate(given)
    yield from (f"edge_web_acl: {message.rstrip('.')}." for message in checked.error_messages)
    if not checked.error_messages:
        yield from settings_problems(checked.validated_parameters, "edge_web_acl.")
        yield from _kept_out_checkers(checked.validated_parameters["rate_limit"], api["kind"], params["routing"])
    yield from name_problems("edge_web_acl_name", params["web_acl_name"] or params["workload"])
    if api["web_acl"]:
        yield "edge_web_acl and edge_api_web_acl are both given; one web ACL guards an API. Leave one out."
    if api["kind"] == HTTP:
        yield (
            "edge_web_acl is given, and edge_api is http; AWS WAF guards REST APIs and Application Load Balancers, and "
            "a load balancer behind an HTTP API sees the addresses of the VPC link only. Choose rest or none."
        )
    balancers = params["load_balancers"] or []
    if api["kind"] == "none" and all(each.get("type") == "network" for each in balancers):
        yield "edge_web_acl is given, and there is neither a REST API nor an Application Load Balancer that it guards."


def _kept_out_checkers(rate: Item | None, kind: str, routing: Item | None) -> Iterator[str]:
    """About Route 53's checkers, each of which asks the API from an address of its own."""
    if rate is None or rate["count"] or kind != REST or routing is None:
        return
    check = routing["health_check"]
    if check is None and routing["choice"] != HEALTH_GATE:
        return
    interval = (check or {}).get("interval", INTERVALS[0])
    asked = rate["window"] // (interval if interval in INTERVALS else INTERVALS[0])
    if rate["requests"] <= asked:
        yield (
            f"edge_web_acl.rate_limit.requests is {rate['requests']}, and each of Route 53's health checkers asks "
            f"{asked} times in {rate['window']} seconds, so that they would be kept out, and the region taken for "
            "unhealthy. Allow more than that."
        )


def demand_findings(api: Item, routes: list[str]) -> Iterator[str]:
    """About what the API demands of requests."""
    label = "edge_api_requests"
    messages: list[str] = []
    demands = []
    for number, given in enumerate(api["requests"]):
        checked = ArgumentSpecValidator(REQUEST).validate(given)
        messages += (f"{label}[{number}]: {each.rstrip('.')}." for each in checked.error_messages)
        demands.append(checked.validated_parameters)
    yield from messages or requests_problems(label, api["kind"], demands, routes)
