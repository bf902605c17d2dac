# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the parameters of `load_balancer`. Pure: no call is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...aws.names import certificate_problems
from ...kernel import is_unknown
from .arguments import PROTOCOLS, default_protocol
from .rule_checks import action_problems, repeated_priorities, rule_problems

NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?")

ENCRYPTED = ("HTTPS", "TLS")

RANGES = {
    "interval": (5, 300),
    "timeout": (2, 120),
    "healthy_threshold": (2, 10),
    "unhealthy_threshold": (2, 10),
}

CODES = re.compile(r"\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*")
VALID_CODES = {"application": (200, 499), "network": (200, 599), "GRPC": (0, 99)}
"""What a health check may take for success, by the type of the load balancer; GRPC has codes of its own."""


def problems(params: dict[str, Any]) -> list[str]:
    """Every reason why these parameters cannot be right."""
    found = name_problems("name", params["name"])
    if params["state"] == "present":
        for check in (_balancer, _target_groups, _listeners):
            found += check(params)
    return found


def name_problems(what: str, name: str) -> list[str]:
    """Why Elastic Load Balancing would refuse this name of a load balancer or target group."""
    if NAME.fullmatch(name) and not name.startswith("internal-"):
        return []
    length = f" ({len(name)} characters)" if len(name) > 32 else ""
    return [
        f"{what} is {name!r}{length}; at most 32 letters, digits and hyphens are valid, no hyphen at either end, "
        "not beginning with internal-."
    ]


def _balancer(params: dict[str, Any]) -> Iterator[str]:
    application = params["type"] == "application"
    subnets = params["subnets"] or []
    known = [subnet for subnet in subnets if not is_unknown(subnet)]
    if len(subnets) < (2 if application else 1):
        need = "an Application Load Balancer needs two, in different Availability Zones" if application else "give one"
        yield f"subnets is {subnets}; {need}."
    if len(set(known)) < len(known):
        yield f"subnets is {subnets}; each must be named once."
    if application and not params["security_groups"]:
        yield "security_groups is empty; an Application Load Balancer would get the default one of the VPC."
    if params["target_groups"] and not params["vpc_id"]:
        yield "vpc_id is required for target_groups."
    timeout = params["idle_timeout"]
    if timeout is not None and not (application and 1 <= timeout <= 4000):
        yield f"idle_timeout is {timeout}; 1 to 4000 are valid, for an Application Load Balancer."


def _target_groups(params: dict[str, Any]) -> Iterator[str]:
    groups = params["target_groups"]
    for name in sorted({g["name"] for g in groups if [h["name"] for h in groups].count(g["name"]) > 1}):
        yield f"target_groups has {name} twice."
    for group in groups:
        where = f"target_groups: {group['name']}"
        yield from name_problems("target_groups: a name", group["name"])
        protocol = group["protocol"] or default_protocol(params)
        if protocol not in PROTOCOLS[params["type"]]:
            yield f"{where} has protocol {protocol}; valid are {', '.join(PROTOCOLS[params['type']])}."
        if group["target_type"] == "alb" and protocol != "TCP":
            yield f"{where} has target_type alb, which takes protocol TCP of a Network Load Balancer."
        yield from (f"{where}: targets {text}" for text in _targets(group))
        if group["protocol_version"] and params["type"] == "network":
            yield f"{where} has protocol_version {group['protocol_version']}; only HTTP and HTTPS have one."
        if not 1 <= group["port"] <= 65535:
            yield f"{where} has port {group['port']}; 1 to 65535 are valid."
        delay, stickiness = group["deregistration_delay"], group["stickiness_seconds"]
        if delay is not None and not 0 <= delay <= 3600:
            yield f"{where} has deregistration_delay {delay}; 0 to 3600 seconds are valid."
        if stickiness is not None and not 0 <= stickiness <= 604800:
            yield f"{where} has stickiness_seconds {stickiness}; 0 to 604800 are valid."
        if stickiness and params["type"] == "network":
            yield f"{where} has stickiness_seconds {stickiness}; a Network Load Balancer sets no cookies."
        check, codes = group["health_check"] or {}, "GRPC" if group["protocol_version"] == "GRPC" else params["type"]
        yield from (f"{where}: health_check {text}" for text in _health_check(check, protocol, codes))


def _targets(group: dict[str, Any]) -> Iterator[str]:
    targets, is_alb = group["targets"] or [], group["target_type"] == "alb"
    if is_alb and len(targets) > 1:
        yield f"has {len(targets)} targets; a target group of type alb takes one Application Load Balancer."
    for target in targets:
        if bool(target["id"]) == bool(target["load_balancer"]):
            yield f"has {target}; each needs either an id, or the name of a load_balancer."
        elif target["load_balancer"] and not is_alb:
            yield f"has load balancer {target['load_balancer']}, and target_type is {group['target_type']}; use alb."
        if is_alb and target["port"] not in (None, group["port"]):
            yield f"has port {target['port']}; a target group of type alb has one port, which is {group['port']}."


def _health_check(check: dict[str, Any], protocol: str, codes: str) -> Iterator[str]:
    for key, (least, most) in RANGES.items():
        value = check.get(key)
        if value is not None and not least <= value <= most:
            yield f"has {key} {value}; {least} to {most} are valid."
    interval, timeout = check.get("interval"), check.get("timeout")
    if interval is not None and timeout is not None and timeout >= interval:
        yield f"has timeout {timeout}, which must be less than its interval {interval}."
    path, port, matcher = check.get("path"), check.get("port"), check.get("matcher")
    if path is not None and not path.startswith("/"):
        yield f"has path {path!r}, which must begin with a slash."
    if path is not None and check.get("protocol") == "TCP":
        yield f"has path {path!r} and protocol TCP, which knows no paths."
    if check.get("protocol") == "TCP" and protocol in PROTOCOLS["application"]:
        yield "has protocol TCP, which targets that speak HTTP cannot have."
    if port is not None and port != "traffic-port" and not (port.isdigit() and 1 <= int(port) <= 65535):
        yield f"has port {port!r}; a port or traffic-port is valid."
    if matcher is not None:
        yield from _matcher(matcher, codes)


def _matcher(matcher: str, codes: str) -> Iterator[str]:
    least, most = VALID_CODES[codes]
    parts = [[int(code) for code in part.split("-")] for part in matcher.split(",")] if CODES.fullmatch(matcher) else []
    if not parts or not all(least <= part[0] <= part[-1] <= most for part in parts):
        example = "12, 0-99 or 0,12" if codes == "GRPC" else "200, 200-299 or 200,204"
        what = "codes of GRPC" if codes == "GRPC" else "statuses"
        yield f"has matcher {matcher!r}; {what} such as {example} are valid, from {least} to {most}."


def _listeners(params: dict[str, Any]) -> Iterator[str]:
    ports = [listener["port"] for listener in params["listeners"]]
    groups = [group["name"] for group in params["target_groups"]]
    for port in sorted({port for port in ports if ports.count(port) > 1}):
        yield f"listeners has port {port} twice."
    for listener in params["listeners"]:
        where = f"listeners: port {listener['port']}"
        protocol = listener["protocol"] or default_protocol(params)
        if not 1 <= listener["port"] <= 65535:
            yield f"{where}: 1 to 65535 are valid."
        if protocol not in PROTOCOLS[params["type"]]:
            yield f"{where} has protocol {protocol}; valid are {', '.join(PROTOCOLS[params['type']])}."
        if (protocol in ENCRYPTED) != bool(listener["certificate"]):
            yield f"{where} has protocol {protocol} and certificate {listener['certificate']}; one needs the other."
        yield from certificate_problems(f"{where}: certificate", listener["certificate"], params.get("region"))
        yield from (f"{where}: default {text}" for text in action_problems(listener["default"], groups))
        if params["type"] == "network" and (listener["rules"] or not listener["default"].get("target_group")):
            yield f"{where}: a Network Load Balancer only forwards, to one target group, and has no rules."
        for priority in repeated_priorities(listener["rules"]):
            yield f"{where} has two rules with priority {priority}."
        for rule in listener["rules"]:
            yield from (f"{where}: rule {rule['priority']} {text}" for text in rule_problems(rule, groups))
