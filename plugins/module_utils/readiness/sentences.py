# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evidence told to a person before a switch: a line for each region, and one for the replication lag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .images import in_words
from .judge import has_fallback
from .quotas import TITLES
from .troubles import entry_trouble


def evidence_sentences(
    evidence: Mapping[str, Any], states: Mapping[str, Any], lag: Mapping[str, float | None] | None = None
) -> list[str]:
    """The evidence, a line for each region.

    states: region → `{"state", "epoch"}` (as `region_states_info` tells it under `regions`), or the state alone.
    lag:    seconds measured to each target; None for one whose marker did not arrive.
    """
    lines = [_region(region, told, states.get(region)) for region, told in evidence.items()]
    if lag:
        told = ", ".join(
            f"{seconds:.2f} s to {region}" if seconds is not None else f"no marker arrived in {region}"
            for region, seconds in lag.items()
        )
        lines.append(f"replication lag, measured: {told}")
    return lines


def alarms_on(evidence: Mapping[str, Any]) -> list[dict[str, str]]:
    """The alarms that were on in the regions that answered: `{"region", "name", "since", "reason"}` each."""
    return [
        {"region": region, "name": name, "since": alarm["since"], "reason": alarm["reason"]}
        for region, told in evidence.items()
        if told["reachable"]
        for name, alarm in sorted({**told["alarms"], **told["alarms_on"]}.items())
        if alarm.get("state") == "ALARM"
    ]


def _region(region: str, told: Mapping[str, Any], state: Any) -> str:
    name = f"{region} {_state(state)}"
    if not told["reachable"]:
        return f"{name}: does not answer: {told['why']}"
    parts = [_service(service, of) for service, of in told["services"].items()]
    parts += [_group(group, of) for group, of in told["target_groups"].items()]
    parts += [_queue(queue, of) for queue, of in told["queues"].items()]
    for kind in ("topic", "table", "bucket"):
        absent = {each: of for each, of in told[f"{kind}s"].items() if not of.get("exists")}
        parts += [f"{kind} {of.get('name', each)} {entry_trouble(of)}" for each, of in absent.items()]
    parts += [_quota(title, told["quotas"][kind]) for kind, title in TITLES.items() if kind in told["quotas"]]
    loud = [alarm["name"] for alarm in alarms_on({region: told})]
    parts += [f"alarms on: {', '.join(loud)}"] if loud else []
    return f"{name}: {'; '.join(parts) or 'nothing was asked'}"


def _state(state: Any) -> str:
    if isinstance(state, Mapping):
        epoch = state.get("epoch")
        return f"{state.get('state') or '(no state)'}" + ("" if epoch is None else f" at epoch {epoch}")
    return str(state or "(no state)")


def _service(name: str, service: Mapping[str, Any]) -> str:
    if "desired" not in service:
        return f"{name} {entry_trouble(service)}"
    starting = f" (+{service['pending']} starting)" if service["pending"] else ""
    notes = []
    if len(service["deployments"]) > 1:
        notes.append("being deployed")
    if has_fallback(service):
        notes.append("Fargate and Spot")
    told = f" ({', '.join(notes)})" if notes else ""
    images = f" of {in_words(service['digests'])}" if service["digests"] else ""
    return f"{service['revision']} runs {service['running']}/{service['desired']}{starting}{images}{told}"


def _group(name: str, group: Mapping[str, Any]) -> str:
    if "healthy" not in group:
        return f"target group {name} {entry_trouble(group)}"
    return f"{group['healthy']}/{group['total']} targets of {name} healthy"


def _queue(name: str, queue: Mapping[str, Any]) -> str:
    if not queue.get("exists"):
        return f"queue {name} {entry_trouble(queue)}"
    dlq = f", {_depth(queue['dlq'])} in its DLQ" if queue["dlq"] else ""
    return f"{_depth(queue)} waiting in {name}{dlq}"


def _quota(title: str, quota: Mapping[str, Any] | None) -> str:
    if quota is None:
        return f"quota of {title} not known"
    used = "" if quota["used"] is None else f", {quota['used']:g} in use"
    return f"quota of {quota['limit']:g} {title}{used}"


def _depth(queue: Mapping[str, Any]) -> str:
    working = f" (+{queue['in_flight']} being worked on)" if queue["in_flight"] else ""
    return f"{queue['visible'] + queue['delayed']}{working}"
