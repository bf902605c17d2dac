# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What does not go with a network mode, and ports that cannot be mapped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..kernel.values import is_unknown
from .canonical import network_mode
from .model import called

PORTS = (1, 65535)
MOST_RANGES = 100
_RANGE = re.compile(r"(\d{1,5})-(\d{1,5})")

ONLY_IN_BRIDGE = ("links",)
NOT_IN_AWSVPC = ("hostname", "extraHosts")
"""ECS: "hostname is not supported on container when networkMode=awsvpc"; the others say so in its reference."""

Definition = dict[str, Any]


def networking_problems(definition: Definition) -> Iterator[str]:
    """Of the task and its containers; a network mode that is not known yet is not judged."""
    if is_unknown(definition.get("networkMode") or ""):
        return
    mode = network_mode(definition)
    if not definition.get("networkMode") and "MANAGED_INSTANCES" in (definition.get("requiresCompatibilities") or []):
        yield "network_mode is missing; tasks on Managed Instances need awsvpc or host."
    taken: Counter[tuple[Any, Any]] = Counter()
    for container in definition.get("containerDefinitions") or []:
        where = called(container)
        for name in ONLY_IN_BRIDGE:
            if container.get(name) and mode != "bridge":
                yield f"{where}: {name} is given with network_mode {mode}; only bridge has it."
        for name in NOT_IN_AWSVPC:
            if container.get(name) and mode == "awsvpc":
                yield f"{where}: {name} is given with network_mode awsvpc, which does not have it. Leave it out."
        mappings = container.get("portMappings") or []
        if mappings and mode == "none":
            yield f"{where}: portMappings are given with network_mode none, which has no ports. Leave them out."
        if sum("containerPortRange" in port for port in mappings) > MOST_RANGES:
            yield f"{where}: portMappings has more than {MOST_RANGES} ranges; AWS accepts {MOST_RANGES}."
        for port in mappings:
            yield from (f"{where}: {told}" for told in _of_port(port, mode))
            number = port.get("hostPort") or (port.get("containerPort") if mode in ("awsvpc", "host") else None)
            if number:
                taken[(number, port.get("protocol", "tcp"))] += 1
    for (number, protocol), count in taken.items():
        if count > 1 and not is_unknown([number, protocol]):
            yield f"port {number}/{protocol} is mapped {count} times; containers of one task share the host's ports."


def _of_port(port: Definition, mode: str) -> Iterator[str]:
    host, inside, span = port.get("hostPort"), port.get("containerPort"), port.get("containerPortRange")
    if is_unknown([host, inside, span]):
        return
    if mode in ("awsvpc", "host") and host and inside and host != inside:
        yield (
            f"hostPort is {host} for containerPort {inside}; with network_mode {mode} they are the same. "
            "Leave hostPort out."
        )
    if not inside and not span:
        yield "a port mapping needs containerPort."
    if inside and not PORTS[0] <= inside <= PORTS[1]:
        yield f"containerPort is {inside}; ports are {PORTS[0]} to {PORTS[1]}."
    if host is not None and host != inside and not 0 <= host <= PORTS[1]:
        yield f"hostPort is {host}; ports are {PORTS[0]} to {PORTS[1]}, and 0 is any."
    if span:
        yield from _of_range(port, span, mode)


def _of_range(port: Definition, span: str, mode: str) -> Iterator[str]:
    if mode not in ("bridge", "awsvpc"):
        yield f"containerPortRange is given with network_mode {mode}; only bridge and awsvpc have it."
    given = [name for name in ("containerPort", "hostPort") if port.get(name)]
    if given:
        yield f"{' and '.join(given)} is given with containerPortRange {span!r}; AWS accepts one of them."
    match = _RANGE.fullmatch(span)
    if not match or not PORTS[0] <= int(match[1]) < int(match[2]) <= PORTS[1]:
        yield f"containerPortRange is {span!r}; expected two ports such as 8000-8010, the lower one first."
