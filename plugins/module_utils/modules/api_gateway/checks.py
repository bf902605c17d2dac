# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the parameters of `api_gateway`. Pure: no call is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...aws.names import certificate_problems
from ...kernel import CollectionError, is_unknown
from ...resources.health_check import LONGEST_PATH, MOST_FAILURES
from ...resources.log_group import RETENTION_DAYS
from ...services.api_document import rest_keys
from ...services.api_requests import request_problems, requests_by_key
from ...services.api_routes import EVERYTHING, METHODS, MOST_ROUTES
from ..certificate import domain_problems
from .arguments import HTTP, REST

LONGEST_NAME = 128
SEGMENT = re.compile(r"[\w.~!$&'()*+,;=:@%-]+|\{\w+\}")
LAST_SEGMENT = re.compile(SEGMENT.pattern + r"|\{\w+\+\}|")

LISTENER = re.compile(r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener/(app|net)/.+")
WEB_ACL = re.compile(r"arn:aws[a-z-]*:wafv2:([a-z0-9-]+):\d{12}:regional/webacl/[^/]+/[^/]+")
LONGEST = {HTTP: 30000, REST: 29000}
"""Milliseconds that API Gateway waits for an answer at most, and if nothing is said."""

RANGES = {"rate_limit": (1, 10000), "burst_limit": (1, 5000)}
"""Requests in a second, and at once, until the account's quotas are raised."""

LOGS = "log_retention_in_days"
SETTINGS = ("timeout", *RANGES, LOGS)


def problems(params: dict[str, Any]) -> list[str]:
    """Every reason why these parameters cannot be right."""
    found = []
    if not 1 <= len(params["name"]) <= LONGEST_NAME:
        found.append(f"name has {len(params['name'])} characters; 1 to {LONGEST_NAME} are valid.")
    if params["state"] == "present":
        for check in (_link, _settings, _guard, _routes, _domain):
            found += check(params)
    return found


def _link(params: dict[str, Any]) -> Iterator[str]:
    listener, is_rest = params["listener"], params["type"] == REST
    for key in () if is_rest else ("subnets", "security_groups"):
        if not params[key]:
            yield f"{key} is empty; the VPC link needs one at least, and cannot be given another one later."
    if is_unknown(listener):
        return
    found = LISTENER.fullmatch(listener)
    if found is None:
        yield f"listener is {listener!r}; the ARN of a listener of an Application or Network Load Balancer is valid."
    elif is_rest and found[1] != "net":
        yield (
            f"listener is {listener}, of an Application Load Balancer; the VPC link of a REST API leads to a Network "
            "Load Balancer, which may have this one as its target."
        )


def _settings(params: dict[str, Any]) -> Iterator[str]:
    yield from settings_problems(params["type"], {key: params[key] for key in SETTINGS})
    if not 1 <= params["port"] <= 65535:
        yield f"port is {params['port']}; 1 to 65535 are valid."


def _guard(params: dict[str, Any]) -> Iterator[str]:
    found, region = params["web_acl"], params.get("region")
    yield from web_acl_problems(params["type"], found)
    told = WEB_ACL.fullmatch(found or "")
    if told and region and told[1] != region:
        yield f"web_acl is {found}, which is in {told[1]}; a web ACL guards what is in its own region, {region} here."


def web_acl_problems(kind: str, found: str | None, prefix: str = "") -> Iterator[str]:
    """Why AWS WAF cannot guard an API with this web ACL, whatever its region."""
    if found and kind != REST:
        yield f"{prefix}web_acl is given; AWS WAF guards REST APIs only. Choose one, or leave it out."
    elif found and not is_unknown(found) and not WEB_ACL.fullmatch(found):
        yield f"{prefix}web_acl is {found!r}; the ARN of a regional web ACL of AWS WAF is valid."


def settings_problems(kind: str, settings: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """What API Gateway refuses of limits and logs. `settings` may lack any of SETTINGS, whose names follow `prefix`."""
    ranges = {"timeout": (50, LONGEST[kind]), **RANGES}
    for key, value in settings.items():
        if value is None:
            continue
        if key == LOGS:
            if value not in RETENTION_DAYS:
                name = prefix + (LOGS.removesuffix("_in_days") if prefix else LOGS)
                yield f"{name} is {value}; CloudWatch Logs accepts {', '.join(map(str, RETENTION_DAYS))}."
        elif not ranges[key][0] <= value <= ranges[key][1]:
            yield f"{prefix}{key} is {value:g}; {ranges[key][0]} to {ranges[key][1]} are valid."


def _routes(params: dict[str, Any]) -> Iterator[str]:
    keys = params["routes"]
    if not 1 <= len(keys) <= MOST_ROUTES:
        yield f"routes has {len(keys)} routes; 1 to {MOST_ROUTES} are possible."
    meant: dict[str, str] = {}
    for key in keys:
        yield from _route(key)
        other = meant.setdefault(re.sub(r"\{\w+", "{", key), key)
        if other is not key:
            yield f"routes has {key!r} beside {other!r}; API Gateway takes both for the same path."
    yield from requests_problems("requests", params["type"], params["requests"], keys)
    if params["type"] == REST:
        try:
            rest_keys(keys, requests_by_key(params["requests"]))
        except CollectionError as error:
            yield f"routes: {error.message}"


def requests_problems(label: str, kind: str, requests: list[dict[str, Any]], routes: list[str]) -> Iterator[str]:
    """Why an API of this kind that has these routes cannot demand this of requests."""
    if requests and kind != REST:
        yield f"{label} is given; only REST APIs look at what they pass on. Choose one, or leave it out."
    else:
        yield from request_problems(label, requests, routes)


def _route(key: str) -> Iterator[str]:
    method, _blank, path = key.partition(" ")
    segments = path.split("/")[1:]
    whole = method in METHODS and path.startswith("/")
    fits = all(SEGMENT.fullmatch(each) for each in segments[:-1]) and all(map(LAST_SEGMENT.fullmatch, segments[-1:]))
    if key != EVERYTHING and not (whole and fits):
        yield (
            f"routes has {key!r}; {EVERYTHING}, or a method ({', '.join(METHODS)}) and a path such as "
            "GET /sales/{id} or ANY /sales/{proxy+} is valid."
        )


def _domain(params: dict[str, Any]) -> Iterator[str]:
    domain = params["domain"]
    if domain is None:
        return
    yield from domain_problems("domain.name", domain["name"])
    if not domain["certificate"]:
        yield "domain.certificate is missing; give the ARN of a certificate of this region for the name."
    yield from certificate_problems("domain.certificate", domain["certificate"], params.get("region"))
    yield from health_check_problems("domain.health_check", domain["health_check"])
    if domain["latency"] and domain["health_check"] is None:
        yield "domain.latency is true without domain.health_check, without which nothing leads away from a region."
    if not 0 <= domain["weight"] <= 255:
        yield f"domain.weight is {domain['weight']}; 0 to 255 are valid."


def health_check_problems(label: str, check: dict[str, Any] | None) -> Iterator[str]:
    """What Route 53 refuses of a health check; `label` says where it stands."""
    if check is None:
        return
    path = check["path"]
    if not path.startswith("/") or len(path) > LONGEST_PATH:
        yield f"{label}.path is {path!r}; a path that begins with a slash, of up to {LONGEST_PATH} signs, is valid."
    if not 1 <= check["failure_threshold"] <= MOST_FAILURES:
        yield f"{label}.failure_threshold is {check['failure_threshold']}; 1 to {MOST_FAILURES} are valid."
