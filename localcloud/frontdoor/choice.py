# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a request goes: APIs, accelerator dials and weights, listener rules, targets; websites by their names.

Pure functions over the routes table.

The table is that of localcloud/runner/routes.py.
"""

from __future__ import annotations

import functools
import ipaddress
import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from localcloud.frontdoor.answers import SILENCE, Answer, refusal, weighted
from localcloud.frontdoor.asked import Asked
from localcloud.frontdoor.gateway import answer_by_health, find_api, find_way
from localcloud.frontdoor.guard import Rates, is_blocked

Table = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """Where a request is carried, and the target group and the Application Load Balancer that have chosen it.

    hops: what the request passes on its way there, the first one first.
    path, host: what it is asked for and by which name, if not for what the customer has asked.
    """

    id: str
    port: int
    served_by: str
    group: str = ""
    balancer: str = ""
    hops: tuple[str, ...] = field(default=(), compare=False)
    path: str | None = None
    host: str | None = None


@dataclass(frozen=True)
class Website:
    """A bucket whose website was asked for, by the name that its region's website endpoint has."""

    bucket: str
    region: str


WEBSITE = re.compile(r"(.+)\.s3-website([-.])([a-z]{2,4}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?")
WEBSITES_WITH_DASH = frozenset(
    [f"ap-{place}" for place in ("northeast-1", "southeast-1", "southeast-2")]
    + ["eu-west-1", "sa-east-1"]
    + [f"us-{place}" for place in ("east-1", "gov-west-1", "west-1", "west-2")]
)
"""The regions whose website endpoint has a dash before its region; that of all others has a dot."""


class Turns:
    """What requests before have left: whose turn it is in each target group (round robin), and who asked how often."""

    def __init__(self) -> None:
        self._counters: dict[str, Iterator[int]] = {}
        self.rates = Rates()

    def next(self, key: str, count: int) -> int:
        return next(self._counters.setdefault(key, itertools.count())) % count


def choose(table: Table, asked: Asked, turns: Turns, chance: random.Random) -> Target | Website | Answer:
    """The target of a request, or the website, or the answer it gets without one."""
    website = find_website(table, asked)
    if website is not None:
        return website
    api = find_api(table, asked.host.lower(), asked.path, chance)
    if isinstance(api, Answer):
        return api if asked.secure else SILENCE
    if api is not None and not asked.secure:
        return SILENCE  # API Gateway listens for HTTPS only
    if api is not None:
        named = ("Route 53",) if asked.host.lower() in table["domains"] else ()
        return after(through_api(table, api, asked, turns, chance), *named, "API Gateway", "VPC link")
    balancer = find_balancer(table, asked, chance)
    if isinstance(balancer, Answer):
        return balancer
    refused = over_tls(table, balancer, asked)
    if refused is not None:
        return refused
    own = table["load_balancers"][balancer]["dns_name"].lower() if balancer in table["load_balancers"] else ""
    accelerated = () if own == asked.host.lower() or not table.get("accelerators") else ("Global Accelerator",)
    return after(through_balancer(table, balancer, asked, turns, chance), *accelerated)


def over_tls(table: Table, arn: str, asked: Asked) -> Answer | None:
    """What a listener answers to TLS that it does not speak, or without the TLS that it does."""
    balancer = table["load_balancers"].get(arn, {"listeners": [], "type": ""})
    listener = next((each for each in balancer["listeners"] if each["port"] == asked.port), None)
    if listener is None or balancer["type"] != "application" or bool(listener.get("names")) is asked.secure:
        return None
    if asked.secure:
        return SILENCE
    return Answer(400, "400 The plain HTTP request was sent to HTTPS port\n")


def after(chosen: Target | Answer, *hops: str) -> Target | Answer:
    """A target that is behind these hops too."""
    return replace(chosen, hops=(*hops, *chosen.hops)) if isinstance(chosen, Target) else chosen


def through_api(table: Table, api: Table, asked: Asked, turns: Turns, chance: random.Random) -> Target | Answer:
    """The target behind an API's VPC link, or what API Gateway answers itself. AWS WAF judges before it does."""
    if api.get("guard") and is_blocked(api["guard"], asked, turns.rates):
        return refusal(403, "Forbidden")
    way = find_way(table, api, asked)
    if isinstance(way, Answer):
        return way
    sent = replace(asked, port=way.port, path=way.path or asked.path, host=way.host or asked.host)
    chosen = through_balancer(table, way.balancer, sent, turns, chance)
    return replace(chosen, path=way.path, host=way.host) if isinstance(chosen, Target) else chosen


def find_website(table: Table, asked: Asked) -> Website | Answer | None:
    """The website that the request's name leads to; None if it is no such name."""
    named = WEBSITE.fullmatch(asked.host.lower())
    if named is None:
        return None
    bucket, mark, region = named.groups()
    if (mark == "-") is not (region in WEBSITES_WITH_DASH):
        return Answer(503, f"No public name {asked.host!r} here: websites of {region} have the other form.\n")
    return SILENCE if region in table.get("dead_regions", ()) else Website(bucket, region)


def find_balancer(table: Table, asked: Asked, chance: random.Random) -> str | Answer:
    """The ARN of the load balancer that the request's name leads to."""
    accelerators, balancers = table.get("accelerators", []), table.get("load_balancers", {})
    name = asked.host.lower()
    if records := table.get("records", {}).get(name):
        name = answer_by_health(records, table.get("unhealthy", []), chance)
    for arn, balancer in balancers.items():
        if balancer["dns_name"].lower() == name:
            return arn
    accelerator = next((each for each in accelerators if each["dns_name"].lower() == name), None)
    if accelerator is None and len(accelerators) == 1:
        accelerator = accelerators[0]
    if accelerator is None:
        if not accelerators and len(balancers) == 1:
            return next(iter(balancers))
        known = [each["dns_name"] for each in [*accelerators, *balancers.values()]]
        return Answer(503, f"No public name {asked.host!r} here. Known: {', '.join(known) or 'none yet'}.\n")
    return through_accelerator(accelerator, asked.port, chance)


def through_accelerator(accelerator: Table, port: int, chance: random.Random) -> str | Answer:
    """The endpoint that an accelerator picks.

    Clients here live nowhere, so that no region is the nearest: the dials share the traffic out. A dial of 0 is not
    "off": when no region with a dial above 0 has a healthy endpoint of some weight, the dials are ignored, and when
    nobody is healthy at all, everybody is asked (Global Accelerator, "How failover works for unhealthy endpoints").
    """
    listeners = [
        listener
        for listener in accelerator["listeners"]
        if any(first <= port <= last for first, last in listener["ports"])
    ]
    if not accelerator["enabled"] or not listeners:
        return Answer(503, f"The accelerator {accelerator['dns_name']} takes no traffic on port {port}.\n")
    groups = [group for listener in listeners for group in listener["groups"] if group["endpoints"]]
    healthy = [group for group in groups if any(e["healthy"] and e["weight"] > 0 for e in group["endpoints"])]
    candidates = (
        [(group, group["dial"]) for group in healthy if group["dial"] > 0]
        or [(group, 1.0) for group in healthy]
        or [(group, group["dial"]) for group in groups if group["dial"] > 0]
        or [(group, 1.0) for group in groups]
    )
    if not candidates:
        return Answer(503, f"The accelerator {accelerator['dns_name']} has no endpoint.\n")
    group = weighted(candidates, chance)
    endpoints = [e for e in group["endpoints"] if e["healthy"]] or group["endpoints"]
    return str(weighted([(e["id"], e["weight"]) for e in endpoints], chance))


def through_balancer(table: Table, arn: str, asked: Asked, turns: Turns, chance: random.Random) -> Target | Answer:
    """The target that a load balancer's listener picks for a request."""
    balancer = table["load_balancers"].get(arn)
    if balancer is None:
        return Answer(503, f"There is no load balancer {arn}.\n")
    if balancer.get("unreachable"):
        return SILENCE
    listener = next((each for each in balancer["listeners"] if each["port"] == asked.port), None)
    if listener is None:
        return Answer(503, f"{balancer['dns_name']} has no listener on port {asked.port}.\n")
    if balancer.get("guard") and is_blocked(balancer["guard"], asked, turns.rates):
        return Answer(403, "403 Forbidden\n")
    rule = next((rule for rule in listener["rules"] if all(holds(c, asked) for c in rule["conditions"])), None)
    if rule is None:
        return Answer(503, f"No rule of {balancer['dns_name']} on port {asked.port} holds for {asked.path}.\n")
    action = rule["actions"][-1]
    if action["Type"] == "fixed-response":
        given = action["FixedResponseConfig"]
        return Answer(int(given["StatusCode"]), given.get("MessageBody", ""), given.get("ContentType") or "text/plain")
    if action["Type"] == "redirect":
        return redirection(action["RedirectConfig"], asked)
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"]}]
    group_arn = weighted([(group["TargetGroupArn"], float(group.get("Weight", 1))) for group in groups], chance)
    group = table["target_groups"].get(group_arn)
    counted = arn if balancer.get("type") == "application" else ""
    nobody = Answer(503, "503 Service Temporarily Unavailable\n", balancer=counted)
    if group is None or not group["targets"]:
        return nobody
    if group["type"] == "alb":
        # A network load balancer in front of an application load balancer: its listener is the target's port.
        behind = group["targets"][0]
        there = through_balancer(table, behind["id"], replace(asked, port=behind["port"]), turns, chance)
        return after(there, "Network Load Balancer")
    # With no healthy target a load balancer fails open: it asks all of them.
    targets = [t for t in group["targets"] if t["state"] == "healthy"] or [
        t for t in group["targets"] if t["state"] != "draining"
    ]
    if not targets:
        return nobody
    target = targets[turns.next(group_arn, len(targets))]
    hop = "Application Load Balancer" if counted else "Network Load Balancer"
    return Target(target["id"], target["port"], target["served_by"], group_arn, counted, (hop,))


def holds(condition: Table, asked: Asked) -> bool:
    """Whether a condition of a rule holds. Paths and methods care about case; hosts, headers and queries do not."""
    name = condition["Field"]
    if name == "path-pattern":
        return any(matches(value, asked.path) for value in values(condition, "PathPatternConfig"))
    if name == "host-header":
        return any(matches(value.lower(), asked.host.lower()) for value in values(condition, "HostHeaderConfig"))
    if name == "http-request-method":
        return asked.method in values(condition, "HttpRequestMethodConfig")
    if name == "http-header":
        wanted = condition["HttpHeaderConfig"]["HttpHeaderName"].lower()
        said = next((value for header, value in asked.headers.items() if header.lower() == wanted), None)
        patterns = values(condition, "HttpHeaderConfig")
        return said is not None and any(matches(value.lower(), said.lower()) for value in patterns)
    if name == "source-ip":
        client = ipaddress.ip_address(asked.client)
        return any(client in ipaddress.ip_network(cidr) for cidr in values(condition, "SourceIpConfig"))
    if name == "query-string":
        return any(_query_holds(pair, asked) for pair in condition["QueryStringConfig"]["Values"])
    return False


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern of ELB's matches: `*` stands for any characters, `?` for one, all else for itself."""
    return _compiled(pattern).fullmatch(text) is not None


def query_matches(pattern: str, text: str) -> bool:
    """The same for a part of the query, where a backslash makes a wildcard an ordinary character."""
    return _compiled(pattern, escapes=True).fullmatch(text) is not None


@functools.lru_cache(1024)
def _compiled(pattern: str, escapes: bool = False) -> re.Pattern[str]:
    wildcards = {"*": ".*", "?": "."}
    parts = re.findall(r"\\[*?]|." if escapes else ".", pattern, re.DOTALL)
    return re.compile("".join(wildcards.get(part) or re.escape(part[-1]) for part in parts), re.DOTALL)


def values(condition: Table, config: str) -> list[str]:
    return list((condition.get(config) or {}).get("Values") or condition.get("Values") or [])


def _query_holds(pair: Table, asked: Asked) -> bool:
    wanted = (pair.get("Key") or "*").lower(), pair["Value"].lower()
    given = parse_qsl(asked.query, keep_blank_values=True)
    return any(
        query_matches(wanted[0], key.lower()) and query_matches(wanted[1], value.lower()) for key, value in given
    )


def redirection(given: Table, asked: Asked) -> Answer:
    """A redirect with the parts of the request put in the places of `#{host}` and its like."""
    parts = {
        "protocol": "https" if asked.secure else "http",
        "host": asked.host,
        "port": str(asked.port),
        "path": asked.path.removeprefix("/"),
        "query": asked.query,
    }

    def fill(name: str, default: str) -> str:
        return re.sub(r"#\{(\w+)\}", lambda place: parts.get(place[1], place[0]), str(given.get(name) or default))

    location = f"{fill('Protocol', '#{protocol}').lower()}://{fill('Host', '#{host}')}:{fill('Port', '#{port}')}"
    location += fill("Path", "/#{path}")
    query = fill("Query", "#{query}")
    return Answer(int(given["StatusCode"].removeprefix("HTTP_")), location=location + (f"?{query}" if query else ""))
