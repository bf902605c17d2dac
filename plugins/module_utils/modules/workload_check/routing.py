# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about what leads customers to the regions (the variables routing…)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...kernel import CollectionError
from ...services.api_routes import api_routes, lets_through
from ...services.routing import ACCELERATOR, CHOICES, HEALTH_CHECK, HEALTH_GATE, LATENCY, NONE, RECORDS, ROUTE53
from ..api_gateway.arguments import HEALTH_CHECK as OF_HEALTH_CHECK
from ..api_gateway.checks import health_check_problems
from .inventory import listed, number

Item = dict[str, Any]


def routing_findings(params: dict[str, Any]) -> Iterator[str]:
    """About the choice, and what it needs beside it."""
    routing = params["routing"]
    if routing is None:
        return
    choice, check = routing["choice"], routing["health_check"]
    has_api = (params["api"] or {}).get("kind", NONE) != NONE
    if choice not in CHOICES:
        yield f"routing is {choice!r}; valid are {listed(CHOICES)}."
        return
    if routing["records"] not in RECORDS:
        yield f"routing_records is {routing['records']!r}; valid are {listed(RECORDS)}."
    elif routing["records"] == LATENCY and choice != HEALTH_GATE:
        yield (
            f"routing_records is latency, and routing is {choice}: a switch cannot move records that have no weight. "
            "Choose health_gate, by which the readiness of the regions moves the traffic, or weighted."
        )
    if choice == ACCELERATOR and not params["accelerator"]:
        yield "routing is accelerator, and routing_accelerator is missing; give it, or choose another routing."
    if choice in (ROUTE53, HEALTH_GATE) and not has_api:
        yield (
            f"routing is {choice}, and edge_api is none: the records that it is about are those of an API's domain. "
            "Set edge_api to rest or http and edge_api_domain, or choose accelerator."
        )
    if choice in (ACCELERATOR, NONE) and has_api and routing["said"]:
        yield (
            f"routing is {choice}, and edge_api is {params['api']['kind']}: customers come by the records of its "
            "domain. Choose route53 or health_gate, or leave routing out."
        )
    if check is None and choice != HEALTH_GATE:
        return
    if choice in (ACCELERATOR, NONE):
        yield (
            f"routing_health_check is given, and routing is {choice}: only Route 53's records are bound to health "
            "checks. An accelerator takes the health of its load balancers' targets. Leave it out, or choose route53 "
            "or health_gate."
        )
        return
    yield from _check_findings(params, check or {})


def _check_findings(params: dict[str, Any], said: Item) -> Iterator[str]:
    """About the health check that each region's record is bound to."""
    result = ArgumentSpecValidator(OF_HEALTH_CHECK).validate(said)
    if result.error_messages:
        yield from (f"routing_health_check: {message.rstrip('.')}." for message in result.error_messages)
        return
    check = {**HEALTH_CHECK, **result.validated_parameters}
    path = check["path"]
    yield from health_check_problems("routing_health_check", check)
    for balancer in params["load_balancers"] or []:
        for group in balancer.get("target_groups") or []:
            if ((group.get("health_check") or {}).get("path") or "/") == path:
                yield (
                    f"routing_health_check.path is {path!r}, which is the path of the health check of target group "
                    f"{group.get('name')} too: ECS would replace the tasks of a region that is not ACTIVE again and "
                    "again. Give the target group a path that answers in every state, such as /healthcheck."
                )
    yield from _way_findings(params, path)


def _way_findings(params: dict[str, Any], path: str) -> Iterator[str]:
    """About the way of the checkers' requests through the API. What is wrong with the API itself is said elsewhere."""
    api, balancers = params["api"] or {}, params["load_balancers"] or []
    named = {each.get("name"): each for each in balancers}
    name = api.get("load_balancer") or next(iter(named), None)
    if name not in named:
        return
    port = (named[name].get("listeners") or [{}])[0].get("port") if api.get("port") is None else api["port"]
    try:
        keys = api_routes(balancers, params["services"] or [], str(name), number(port))
    except CollectionError:
        return
    if not lets_through(keys, "GET", path):
        yield (
            f"routing_health_check.path is {path!r}, which the API does not let through, so every region would fail "
            f"its health check; it lets through {', '.join(keys)}. Add a rule for the path to the listener, or give "
            "another path."
        )
