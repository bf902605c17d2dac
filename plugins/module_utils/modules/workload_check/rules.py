# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the rules of listeners: those that are declared there, and the routes of services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...services.routes import place_routes, rule_of, rules_of
from ..load_balancer.rule_checks import repeated_priorities, rule_problems

Item = dict[str, Any]
Place = tuple[str, str]
"""A load balancer's name and a listener's port."""


def rule_findings(load_balancers: list[Item], services: list[Item]) -> Iterator[str]:
    """About the rules that each listener gets, whoever declares them."""
    groups = {
        str(balancer.get("name")): [str(each.get("name")) for each in balancer.get("target_groups") or []]
        for balancer in load_balancers
    }
    rules: dict[Place, list[tuple[str, Item]]] = {}
    for place, where, rule in _declared(load_balancers):
        if not isinstance(rule, dict):
            yield f"{where} is {rule!r}; give a rule, such as {{priority: 1, paths: [/sales/*], target_group: sales}}."
        else:
            rules.setdefault(place, []).append((where, rule))
    routes, wrong = place_routes(load_balancers, services)
    made, unclear = rules_of(routes)
    yield from (*wrong, *unclear)
    clear = {route.where for together, _rule in made for route in together}
    for route in routes:
        if route.where not in clear:
            yield from (f"{route.where} {text}" for text in rule_problems(rule_of([route]), groups[route.balancer]))
    for together, rule in made:
        where = " and ".join(route.where for route in together)
        rules.setdefault((together[0].balancer, together[0].port), []).append((where, rule))
    for (balancer, port), there in rules.items():
        for where, rule in there:
            yield from (f"{where} {text}" for text in rule_problems(rule, groups[balancer]))
        for priority in repeated_priorities(rule for _where, rule in there):
            who = " and ".join(where for where, rule in there if str(rule.get("priority")) == str(priority))
            yield f"{who} have priority {priority} on one listener ({balancer}:{port}); give each one of its own."


def _declared(load_balancers: list[Item]) -> Iterator[tuple[Place, str, Any]]:
    """Every declared rule of an Application Load Balancer: (its place, what to call it, itself)."""
    for balancer in load_balancers:
        if balancer.get("type", "application") != "application":
            continue
        for listener in balancer.get("listeners") or []:
            place = (str(balancer.get("name")), str(listener.get("port")))
            for number, rule in enumerate(listener.get("rules") or []):
                yield place, f"load_balancers[{place[0]}].listeners[{place[1]}].rules[{number}]", rule
