# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which requests an API lets through: the rules of the listener behind it, as API Gateway can say them.

API Gateway chooses by method and path alone; whatever else a rule asks for the load balancer still decides.
"""

from __future__ import annotations

import re
from typing import Any

from ..kernel.errors import CollectionError
from .routes import with_routes

Item = dict[str, Any]

EVERYTHING = "$default"
"""The key of the route that takes what no other one does."""

METHODS = ("ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
MOST_ROUTES = 300
"""Routes of an API, until the account's quota is raised."""


def api_routes(load_balancers: list[Item], services: list[Item], name: str, port: int) -> list[str]:
    """The route keys of an API in front of the listener `port` of the load balancer `name`, sorted.

    A Network Load Balancer forwards everything; where it does to an Application Load Balancer, that one's rules decide.

    Raises:
        CollectionError: a route of a service has no listener, or two have one priority; there is no such listener, or
            API Gateway cannot say one of its rules.
    """
    placed = with_routes(load_balancers, services)
    name, port = _behind(placed, name, port)
    ports = {
        str(listener.get("port")): listener
        for balancer in placed
        if balancer.get("name") == name
        for listener in balancer.get("listeners") or []
    }
    if str(port) not in ports:
        there = ", ".join(ports) or "no port, or is none of the load balancers"
        raise CollectionError(
            f"edge_api is to lead to port {port} of the load balancer {name!r}, which listens on {there}."
        )
    listener = ports[str(port)]
    default, keys = listener.get("default") or {}, set()
    if default.get("target_group"):
        keys.add(EVERYTHING)
    for rule in listener.get("rules") or []:
        if rule.get("target_group") or rule.get("weights"):
            keys |= _keys(rule)
    if not keys:
        raise CollectionError(
            f"edge_api leads to port {port} of {name}, where no rule and no default forwards to a target group."
        )
    if len(keys) > MOST_ROUTES:
        raise CollectionError(f"edge_api would have {len(keys)} routes; an API takes {MOST_ROUTES}.")
    return sorted(keys)


def _behind(balancers: list[Item], name: str, port: int) -> tuple[str, int]:
    """The Application Load Balancer and port that a Network Load Balancer forwards to; any other one is itself."""
    found = next((each for each in balancers if each.get("name") == name), {})
    listeners = {str(listener.get("port")): listener for listener in found.get("listeners") or []}
    wanted = (listeners.get(str(port), {}).get("default") or {}).get("target_group")
    for group in found.get("target_groups") or []:
        if group.get("name") == wanted and group.get("target_type") == "alb":
            there = next((each.get("load_balancer") for each in group.get("targets") or []), None)
            if any(each.get("name") == there for each in balancers):
                return str(there), int(group["port"])
    return name, port


def _keys(rule: Item) -> set[str]:
    methods = _listed(rule.get("methods")) or ["ANY"]
    unknown = sorted(set(methods) - set(METHODS))
    if unknown:
        raise CollectionError(
            f"edge_api has the method {', '.join(unknown)} in a rule; API Gateway knows {', '.join(METHODS)}."
        )
    paths = _listed(rule.get("paths"))
    found = {path for pattern in paths for path in as_paths(pattern)} or {"/{proxy+}", "/"}
    if not paths and methods == ["ANY"]:
        return {EVERYTHING}
    return {f"{method} {path}" for method in methods for path in found}


def as_paths(pattern: str) -> list[str]:
    """A path pattern of a listener in the words of API Gateway, such as `/sales/*` as `/sales/{proxy+}`.

    Raises:
        CollectionError: a wildcard is a part of a segment.
    """
    segments = pattern.split("/")[1:]
    named = []
    for number, segment in enumerate(segments, start=1):
        if segment == "*":
            named.append("{proxy+}" if number == len(segments) else f"{{part{number}}}")
        elif set(segment) & set("*?{}"):
            raise CollectionError(
                f"edge_api has the path {pattern!r} in a rule; API Gateway takes an asterisk for a whole segment only, "
                "such as /sales/* or /sales/*/items."
            )
        else:
            named.append(segment)
    path = "/" + "/".join(named)
    # Other than `*` of a listener, {proxy+} stands for one character at least.
    return [path, "/"] if path == "/{proxy+}" else [path]


def lets_through(keys: list[str], method: str, path: str) -> bool:
    """Whether one of these route keys takes a request."""
    for key in keys:
        asked, _blank, pattern = key.partition(" ")
        parts = re.split(r"(\{[^}]+\})", pattern)
        kinds = {True: ".+", False: "[^/]+"}
        named = "".join(kinds[part.endswith("+}")] if part.startswith("{") else re.escape(part) for part in parts)
        if key == EVERYTHING or (asked in (method, "ANY") and re.fullmatch(named, path)):
            return True
    return False


def _listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)] if value else []
