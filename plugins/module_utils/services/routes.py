# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes: which requests are a service's, said beside the service, as rules of the listener that gets them.

A rule is what `load_balancer` takes. Routes of several services with the same priority and the same conditions are one
rule, whose requests they share by their weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..kernel.errors import CollectionError

Item = dict[str, Any]

CONDITIONS = ("paths", "hosts", "methods", "headers", "query", "source_cidrs")
WORDS = (*CONDITIONS, "priority", "weight", "listener")
SHIFTING_RULES = ("rule", "test_rule")


@dataclass(frozen=True)
class Route:
    """A route that has its listener. `where` names it in messages; `shifts_to` is the alternate target group, or ""."""

    where: str
    balancer: str
    port: str
    group: str
    given: Item
    shifts_to: str = ""

    @property
    def priority(self) -> str:
        return str(self.given.get("priority"))

    @property
    def conditions(self) -> Item:
        return {key: self.given[key] for key in CONDITIONS if self.given.get(key) is not None}


def with_routes(load_balancers: list[Item], services: list[Item]) -> list[Item]:
    """The load balancers of an inventory, with the routes of the services among the rules of their listeners.

    Raises:
        CollectionError: a route has no listener, or two have one priority.
    """
    routes, wrong = place_routes(load_balancers, services)
    rules, unclear = rules_of(routes)
    if wrong or unclear:
        raise CollectionError(" ".join([*wrong, *unclear]))
    return [
        {**each, "listeners": _listeners(each, rules)} if each.get("listeners") else each for each in load_balancers
    ]


def _listeners(balancer: Item, rules: list[tuple[list[Route], Item]]) -> list[Item]:
    found = []
    for listener in balancer["listeners"]:
        here = (balancer.get("name"), str(listener.get("port")))
        added = [rule for routes, rule in rules if (routes[0].balancer, routes[0].port) == here]
        found.append({**listener, "rules": [*(listener.get("rules") or []), *added]} if added else listener)
    return found


def place_routes(load_balancers: list[Item], services: list[Item]) -> tuple[list[Route], list[str]]:
    """(the routes that have a listener, what is wrong with the others)."""
    routes, wrong = [], []
    for service in services:
        given = service.get("routes")
        if given is None:
            continue
        where = f"services[{service.get('name')}].routes"
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            wrong.append(f"{where} is {given!r}; give a list of routes, such as {{priority: 1, paths: [/sales/*]}}.")
            continue
        for number, route in enumerate(given):
            spot = f"{where}[{number}]"
            unknown = sorted(set(route) - set(WORDS))
            wrong += [f"{spot} has {word}, which no route has; valid are {', '.join(WORDS)}." for word in unknown]
            placed = _place(spot, route, service, load_balancers)
            if isinstance(placed, Route):
                routes.append(placed)
            else:
                wrong.append(placed)
    return routes, wrong


def _place(where: str, route: Item, service: Item, load_balancers: list[Item]) -> Route | str:
    group = service.get("target_group")
    if group is None:
        return f"{where} leads to a service without a target group; give the service target_group and load_balancer."
    behind = [
        balancer
        for balancer in load_balancers
        if service.get("load_balancer") in (None, balancer.get("name"))
        and group in [each.get("name") for each in balancer.get("target_groups") or []]
    ]
    if len(behind) != 1:
        names = ", ".join(str(each.get("name")) for each in load_balancers)
        return (
            f"{where}: no single load balancer has the service's target group {group!r}; there are {names or 'none'}."
        )
    (balancer,) = behind
    if balancer.get("type", "application") != "application":
        return f"{where}: {balancer.get('name')} is a Network Load Balancer, whose listeners have no rules."
    ports = [str(listener.get("port")) for listener in balancer.get("listeners") or []]
    port = str(route.get("listener", ports[0] if len(ports) == 1 else ""))
    if port not in ports:
        asked = f"listener is {route['listener']!r}" if "listener" in route else "listener is missing"
        return f"{where}.{asked}; load balancer {balancer.get('name')} listens on {', '.join(ports) or 'no port'}."
    return Route(where, str(balancer.get("name")), port, group, route, _alternate(service, balancer, port, route))


def _alternate(service: Item, balancer: Item, port: str, route: Item) -> str:
    """The group with which ECS shifts the traffic of this route, if the service's `shift` names it; otherwise ""."""
    shift = service.get("shift") or {}
    place = f"{balancer.get('name')}:{port}/{route.get('priority')}"
    return str(shift.get("alternate") or "") if place in [shift.get(key) for key in SHIFTING_RULES] else ""


def rules_of(routes: list[Route]) -> tuple[list[tuple[list[Route], Item]], list[str]]:
    """(each rule that routes make, with these routes; why others make none)."""
    places: dict[tuple[str, str, str], list[Route]] = {}
    for route in routes:
        places.setdefault((route.balancer, route.port, route.priority), []).append(route)
    rules, wrong = [], []
    for together in places.values():
        unclear = list(_unclear(together))
        wrong += unclear
        if not unclear:
            rules.append((together, rule_of(together)))
    return rules, wrong


def _unclear(routes: list[Route]) -> Iterator[str]:
    """Why routes of one priority are not one rule."""
    first, where = routes[0], " and ".join(route.where for route in routes)
    lacking = [route.where for route in routes if route.given.get("weight") is None]
    if len(routes) > 1:
        if lacking or any(_normal(route) != _normal(first) for route in routes):
            yield (
                f"{where} have priority {first.priority} on one listener ({first.balancer}:{first.port}); give each "
                "route a priority of its own. To share requests, give the same conditions, and each a weight."
            )
        elif len({route.group for route in routes}) < len(routes):
            yield f"{where} share requests, and lead to the same target group; give each service one of its own."
    for route in routes:
        if route.shifts_to and route.given.get("weight") is not None:
            yield f"{route.where} has a weight, and ECS moves the weights of this rule (shift); leave the weight out."


def rule_of(routes: list[Route]) -> Item:
    """The rule that these routes are together."""
    first = routes[0]
    rule = {"priority": first.given.get("priority"), **first.conditions}
    if first.given.get("weight") is not None:
        return {**rule, "weights": {route.group: route.given["weight"] for route in routes}}
    return {**rule, "target_group": first.group, **({"shifts_to": first.shifts_to} if first.shifts_to else {})}


def _normal(route: Route) -> Item:
    """Its conditions, without the order in which they are written."""
    return {key: _sorted(value) for key, value in route.conditions.items()}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _sorted(values) for name, values in value.items()}
    return sorted(str(each) for each in value) if isinstance(value, list) else [str(value)]
