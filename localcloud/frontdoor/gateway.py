# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a request to an API of API Gateway goes: the record, the API, its route or method, and the listener behind.

Pure functions over the routes table, whose `apis`, `domains` and `records` are those of
localcloud/apigatewayv2/serving.py.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from localcloud.frontdoor.answers import SILENCE, Answer, refusal, weighted
from localcloud.frontdoor.asked import Asked
from localcloud.frontdoor.request_check import refused

Table = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """The load balancer (ARN) and port that an API sends a request to; with which path and Host, if with others."""

    balancer: str
    port: int
    path: str | None = None
    host: str | None = None


def find_api(table: Table, host: str, path: str, chance: random.Random) -> Table | Answer | None:
    """The API, of a REST API the stage, that a name leads to; None if it is no name of API Gateway's.

    A REST API's own name is followed by a stage.
    """
    named = [api for api in table.get("apis", []) if host in api["names"]]
    for api in named:
        if "stage" not in api or f"{path}/".startswith(f"/{api['stage']}/"):
            return SILENCE if api["unreachable"] else api
    if named:
        return SILENCE if named[0]["unreachable"] else refusal(403, "Forbidden")
    if host not in table.get("domains", []):
        return None
    records = table["records"].get(host)
    if not records:
        return Answer(503, f"No record leads to {host!r}: its hosted zone has none.\n")
    target = answer_by_health(records, table.get("unhealthy", []), chance)
    api = next((each for each in table["apis"] if each["domains"].get(host) == target), None)
    if api is None:
        return refusal(403, "Forbidden")  # a domain that nothing is mapped to
    return SILENCE if api["unreachable"] else api


def answer_by_health(records: list[Table], unhealthy: list[str], chance: random.Random) -> str:
    """Where Route 53's answer leads: one of the healthy records, by weight.

    Records of weight 0 count only when no other one is healthy, and when none is, all do. See "How Amazon Route 53
    chooses records when health checking is configured".
    """
    healthy = [each for each in records if each["health_check"] not in unhealthy] or records
    shares = [(each["target"], float(1 if each["weight"] is None else each["weight"])) for each in healthy]
    return str(weighted(shares, chance))


def find_way(table: Table, api: Table, asked: Asked) -> Way | Answer:
    """Where an API sends a request to."""
    if "stage" in api:
        own = f"/{api['stage']}" if asked.host.lower() in api["names"] else ""
        return find_way_of_rest(table, api, asked, asked.path.removeprefix(own))
    route = find_route(api["routes"], asked.method, asked.path)
    if route is None:
        return refusal(404, "Not Found")
    integration = api["integrations"].get(route["integration"])
    if integration is None or not integration["available"]:
        return refusal(503, "Service Unavailable")
    for arn, balancer in table["load_balancers"].items():
        for listener in balancer["listeners"]:
            if listener.get("arn") == integration["listener"]:
                return Way(arn, listener["port"])
    return refusal(503, "Service Unavailable")


def find_way_of_rest(table: Table, api: Table, asked: Asked, path: str) -> Way | Answer:
    """Where a REST API sends a request to: the resource is chosen by the path alone, and then its method."""
    path = path or "/"
    paths = [each for each in {told["path"] for told in api["methods"]} if _compiled(each).fullmatch(path)]
    chosen = max(paths, key=_rank_of_resource, default=None)
    methods = {told["method"]: told for told in api["methods"] if told["path"] == chosen}
    told = methods.get(asked.method) or methods.get("ANY")
    if chosen is None or told is None:
        return refusal(403, "Missing Authentication Token")
    wrong = refused(told.get("demands"), asked)
    if wrong is not None:
        return wrong
    link = api["links"].get(told["link"])
    if link is None or not link["available"] or link["balancer"] not in table["load_balancers"]:
        return refusal(500, "Internal server error")
    names = re.findall(r"\{([^}+]+)\+?\}", chosen)
    found = _compiled(chosen, grouped=True).fullmatch(path)
    given = dict(zip(names, found.groups() if found else (), strict=True))
    scheme, _colon, rest = told["uri"].partition("://")
    address, slash, after = rest.partition("/")
    host, _colon, port = address.partition(":")
    filled = re.sub(r"\{([^}]+)\}", lambda place: given.get(place[1], place[0]), slash + after)
    return Way(link["balancer"], int(port or {"http": 80, "https": 443}[scheme]), filled or "/", host)


def _rank_of_resource(path: str) -> list[int]:
    """What is more specific ranks higher: in each place what is written out, then a variable, then a greedy one."""
    return [0 if part.endswith("+}") else 1 if part.startswith("{") else 2 for part in path.split("/")[1:]]


def find_route(routes: list[Table], method: str, path: str) -> Table | None:
    """The most specific route that fits: a full match before a greedy one, a method before ANY, then $default.

    See "Route API requests" in API Gateway's guide to HTTP APIs.
    """
    fitting = []
    for route in routes:
        asked, _blank, pattern = route["key"].partition(" ")
        if pattern and asked in (method, "ANY") and _compiled(pattern).fullmatch(path):
            fitting.append((_rank(pattern), asked == method, route))
    if fitting:
        return max(fitting, key=lambda each: each[:2])[2]
    return next((route for route in routes if route["key"] == "$default"), None)


def _rank(pattern: str) -> tuple[Any, ...]:
    """What is more specific ranks higher: no greedy part, then the longer path, then what is written out."""
    segments = pattern.split("/")
    return ("+}" not in pattern, len(segments), [not each.startswith("{") for each in segments])


@lru_cache(1024)
def _compiled(pattern: str, grouped: bool = False) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", pattern)
    kinds = {True: "(.+)", False: "([^/]+)"} if grouped else {True: ".+", False: "[^/]+"}
    return re.compile("".join(kinds[p.endswith("+}")] if p.startswith("{") else re.escape(p) for p in parts), re.DOTALL)
