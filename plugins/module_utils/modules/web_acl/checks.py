# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the parameters of `web_acl`. Pure: no call is made."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from ...kernel import is_unknown
from ...resources.ip_set import MOST_ADDRESSES
from .arguments import ACTIONS, ADDRESSES, WINDOWS

NAME = re.compile(r"[A-Za-z0-9_-]{1,114}")
"""The name of a web ACL, which its metric has too; those of its sets of addresses are longer."""

RESERVED = ("All", "Default_Action")
"""Names that a metric cannot have."""

VERSION = re.compile(r"[\w#:.\-/]{1,64}")
RATES = (10, 2_000_000_000)
BODIES = (0, 65536)
"""Bytes of a body that AWS WAF can be made to look at."""

CONFIGURED = frozenset(f"AWSManagedRules{name}RuleSet" for name in ("BotControl", "ATP", "ACFP", "AntiDDoS"))
"""Groups that AWS takes only with settings of their own, and for further fees."""

BALANCER = re.compile(r"arn:aws[a-z-]*:elasticloadbalancing:([a-z0-9-]+):\d{12}:loadbalancer/app/[^/]+/[^/]+")


def problems(params: dict[str, Any]) -> list[str]:
    """Every reason why these parameters cannot be right."""
    found = list(name_problems("name", params["name"]))
    if params["state"] == "present":
        found += settings_problems(params)
        found += _guards(params)
    return found


def name_problems(label: str, name: str) -> Iterator[str]:
    if not NAME.fullmatch(name) or name in RESERVED:
        yield (
            f"{label} is {name!r}; 1 to 114 letters, digits, hyphens and underscores are valid, and not "
            f"{' or '.join(RESERVED)}, which CloudWatch has for AWS WAF itself."
        )


def settings_problems(settings: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """What AWS WAF refuses of what a web ACL does; `prefix` stands before each name."""
    for key in ADDRESSES:
        yield from _addresses(prefix + key, settings[key])
    both = sorted(set(settings[ADDRESSES[0]]) & set(settings[ADDRESSES[1]]))
    if both:
        yield f"{prefix}allowed and {prefix}blocked both have {', '.join(both)}; what is allowed is never blocked."
    largest, rate = settings["largest_body"], settings["rate_limit"]
    if largest is not None and not BODIES[0] <= largest <= BODIES[1]:
        yield f"{prefix}largest_body is {largest}; AWS WAF looks at {BODIES[0]} to {BODIES[1]} bytes of a body."
    if rate is not None:
        if not RATES[0] <= rate["requests"] <= RATES[1]:
            yield f"{prefix}rate_limit.requests is {rate['requests']}; {RATES[0]} to {RATES[1]} are valid."
        if rate["window"] not in WINDOWS:
            yield f"{prefix}rate_limit.window is {rate['window']}; {', '.join(map(str, WINDOWS))} seconds are valid."
    seen: set[str] = set()
    for number, group in enumerate(settings["managed"]):
        yield from _group(f"{prefix}managed[{number}]", group)
        if group["name"] in seen:
            yield f"{prefix}managed[{number}].name is {group['name']} a second time; one group stands in it once."
        seen.add(group["name"])
    if settings["default"] == "block" and not settings["allowed"]:
        yield f"{prefix}default is block and {prefix}allowed is empty, so that nobody would be let through."


def _addresses(label: str, addresses: list[str]) -> Iterator[str]:
    if len(addresses) > MOST_ADDRESSES:
        yield f"{label} has {len(addresses)} ranges; AWS WAF takes {MOST_ADDRESSES} in a set."
    for each in addresses:
        try:
            network = ipaddress.ip_network(each)
        except ValueError as error:
            yield f"{label}: {error}. An address or a range such as 203.0.113.0/24 or 2001:db8::/32 is valid."
            continue
        if network.prefixlen == 0:
            yield f"{label} has {each}, which is everybody; AWS WAF takes no /0. Say it with default."


def _group(label: str, group: dict[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"[\w\-]{1,128}", group["name"]):
        yield f"{label}.name is {group['name']!r}; the name of a group is valid, such as AWSManagedRulesCommonRuleSet."
    if group["vendor"] == "AWS" and group["name"] in CONFIGURED:
        yield (
            f"{label}.name is {group['name']}, which AWS takes only with settings that are not said here, and for "
            "further fees. Make such a web ACL yourself, and name its ARN in edge_api_web_acl."
        )
    if group["version"] is not None and not VERSION.fullmatch(group["version"]):
        yield f"{label}.version is {group['version']!r}; one that AWS tells is valid, such as Version_1.0."
    for rule, action in group["rules"].items():
        if action not in ACTIONS:
            yield f"{label}.rules has {action!r} for {rule}; {', '.join(ACTIONS)} are valid."


def _guards(params: dict[str, Any]) -> Iterator[str]:
    region = params.get("region")
    for name, arn in params["guards"].items():
        told = BALANCER.fullmatch(str(arn))
        if is_unknown(arn):
            continue
        if told is None:
            yield f"guards has {arn!r} for {name}; the ARN of an Application Load Balancer is valid."
        elif region and told[1] != region:
            yield f"guards has {arn}, which is in {told[1]}; a web ACL guards what is in its own region, {region} here."
