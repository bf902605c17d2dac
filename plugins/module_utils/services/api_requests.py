# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a REST API demands of requests before it passes them on, by route: headers, query parameters, and a body's form.

Pure: no call is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .api_routes import EVERYTHING, METHODS, lets_through
from .body_schema import schema_problems

Item = dict[str, Any]

PARAMETER = re.compile(r"[a-zA-Z0-9._$-]+")
BODILESS = ("DELETE", "GET", "HEAD", "OPTIONS")
"""Methods whose requests have no body."""


def requests_by_key(requests: list[Item]) -> dict[str, Item]:
    """By route key, what is demanded there: any of `headers`, `query` (names, sorted) and `body` (a JSON schema)."""
    found = {}
    for request in requests:
        demands = {kind: sorted(request[kind]) for kind in ("headers", "query") if request.get(kind)}
        found[request["route"]] = {**demands, **({"body": request["body"]} if request.get("body") else {})}
    return found


def request_problems(label: str, requests: list[Item], routes: list[str]) -> Iterator[str]:
    """Why these demands cannot be made; `label` says where they stand, `routes` are what the API lets through."""
    seen: set[str] = set()
    for number, request in enumerate(requests):
        place, key = f"{label}[{number}]", request["route"]
        if key in seen:
            yield f"{place}.route is {key!r} a second time; say what is demanded of it in one place."
        seen.add(key)
        yield from _route(f"{place}.route", key, routes)
        if not any(request.get(kind) for kind in ("headers", "query", "body")):
            yield f"{place} demands nothing of {key!r}; headers, query and body are possible."
        for kind in ("headers", "query"):
            names = request.get(kind) or []
            for name in names:
                if not PARAMETER.fullmatch(name):
                    yield f"{place}.{kind} has {name!r}; letters, digits and . _ $ - are valid in a name."
            if len({name.lower() if kind == "headers" else name for name in names}) != len(names):
                yield f"{place}.{kind} has a name twice: {', '.join(names)}."
        if request.get("body"):
            if key.partition(" ")[0] in BODILESS:
                yield f"{place}.body is given for {key!r}, whose requests have none."
            yield from schema_problems(f"{place}.body", request["body"])


def _route(label: str, key: str, routes: list[str]) -> Iterator[str]:
    method, _blank, path = key.partition(" ")
    if method not in METHODS or not path.startswith("/"):
        yield f"{label} is {key!r}; a method ({', '.join(METHODS)}) and a path such as POST /sales is valid."
    elif key not in routes and not ("+}" not in path and lets_through(routes, method, path)):
        shown = ", ".join(each if each != EVERYTHING else "everything" for each in routes)
        yield f"{label} is {key!r}, which the API does not let through. It lets through {shown}."
