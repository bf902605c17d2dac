# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the parameters of `accelerator`. Pure: no call is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...kernel import is_unknown
from ...resources.accelerator_listener import as_port_range
from ..shared_arguments.dead import dead_problems

NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?")
PORTS = re.compile(r"\d{1,5}(-\d{1,5})?")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def problems(params: dict[str, Any]) -> list[str]:
    """Every reason why these parameters cannot be right."""
    return list(_problems(params))


def _problems(params: dict[str, Any]) -> Iterator[str]:
    if not NAME.fullmatch(params["name"]):
        yield (
            f"name is {params['name']!r}; at most 64 letters, digits, dots and hyphens are valid, the first and last a "
            "letter or digit."
        )
    yield from dead_problems(params, [group["region"] for group in params["endpoint_groups"] or []])
    if params["state"] == "absent":
        return
    for key in ("listeners", "endpoint_groups"):
        if not params[key]:
            yield f"{key} is required with state=present, with at least one."
    taken: list[tuple[str, int, int, str]] = []
    for listener in params["listeners"] or []:
        for ports in listener["ports"]:
            numbers = as_port_range(ports) if PORTS.fullmatch(ports) else {"FromPort": 0, "ToPort": 0}
            first, last = numbers["FromPort"], numbers["ToPort"]
            if not 1 <= first <= last <= 65535:
                yield f"listeners has the ports {ports!r}; a port such as 80 or a range such as 8000-8010 is valid."
                continue
            for protocol, start, end, other in taken:
                if protocol == listener["protocol"] and first <= end and start <= last:
                    yield f"listeners has the ports {other} and {ports}, which overlap."
            taken.append((listener["protocol"], first, last, ports))
    regions = [group["region"] for group in params["endpoint_groups"] or []]
    for region in sorted({region for region in regions if regions.count(region) > 1}):
        yield f"endpoint_groups has {region} twice; a listener has one group for each region."
    for group in params["endpoint_groups"] or []:
        yield from (f"endpoint_groups: {group['region']} {text}" for text in _group_problems(group))


def _group_problems(group: dict[str, Any]) -> Iterator[str]:
    if not REGION.fullmatch(group["region"]):
        yield "is not the name of a region, such as sa-east-1."
    if not 0 <= group["dial"] <= 100:
        yield f"has dial {group['dial']}; 0 to 100 are valid."
    check = group["health_check"] or {}
    if check.get("threshold") is not None and not 1 <= check["threshold"] <= 10:
        yield f"has a health check with threshold {check['threshold']}; 1 to 10 are valid."
    if check.get("port") is not None and not 1 <= check["port"] <= 65535:
        yield f"has a health check with port {check['port']}; 1 to 65535 are valid."
    if check.get("path") is not None and not check["path"].startswith("/"):
        yield f"has a health check with path {check['path']!r}, which must begin with a slash."
    if check.get("path") is not None and check.get("protocol") == "TCP":
        yield f"has a health check with path {check['path']!r} and protocol TCP, which knows no paths."
    names = [endpoint["id"] or endpoint["load_balancer"] for endpoint in group["endpoints"]]
    for name, endpoint in zip(names, group["endpoints"], strict=True):
        if not 0 <= endpoint["weight"] <= 255:
            yield f"has {name} with weight {endpoint['weight']}; 0 to 255 are valid."
    known = [name for name in names if not is_unknown(name)]
    if len(set(known)) < len(known):
        yield f"has the endpoints {names}; each must be named once."
