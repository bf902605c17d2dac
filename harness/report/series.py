# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened in each second, and from when to when something was so: what the charts draw. Pure functions.

Times are seconds since the record began; a second counts what began in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from harness.report.response_times import PICKS
from harness.traffic import Request


def request_series(requests: Iterable[Request], start: float, seconds: int) -> dict[str, Any]:
    """requests: region → sales acknowledged in each second.  errors: failed requests in each second.
    latency: name → response time in milliseconds in each second, None in a second without answers."""
    by_region: dict[str, list[int]] = {}
    errors = [0] * seconds
    times: dict[int, list[float]] = defaultdict(list)
    for request in requests:
        at = int(request.began - start)
        if not 0 <= at < seconds:
            continue
        if request.failed:
            errors[at] += 1
        elif request.method == "POST":
            by_region.setdefault(request.region, [0] * seconds)[at] += 1
            times[at].append(request.seconds * 1000)
    return {
        "requests": dict(sorted(by_region.items())),
        "errors": errors,
        "latency": {
            name: [round(pick(times[at]), 1) if times.get(at) else None for at in range(seconds)]
            for name, pick in PICKS.items()
        },
    }


def backlog_series(samples: Iterable[Mapping[str, Any]], start: float) -> dict[str, dict[str, list[float]]]:
    """Queue → {"at", "messages"}; queues that never held anything are left out."""
    found: dict[str, dict[str, list[float]]] = {}
    for sample in samples:
        for queue, messages in sample["backlog"].items():
            series = found.setdefault(queue, {"at": [], "messages": []})
            series["at"].append(round(sample["at"] - start, 1))
            series["messages"].append(messages)
    return {queue: series for queue, series in sorted(found.items()) if any(series["messages"])}


def state_spans(samples: Iterable[Mapping[str, Any]], start: float) -> dict[str, list[dict[str, Any]]]:
    """Reader → the spans in which it saw one state at one epoch: {"from", "to", "state", "epoch"}. A reader that does
    not answer (a task of a dead region) has a hole there."""
    return _spans(samples, start, lambda sample: sample["readers"], ("state", "epoch"))


def dial_spans(samples: Iterable[Mapping[str, Any]], start: float) -> dict[str, list[dict[str, Any]]]:
    """Region → the spans of one traffic dial: {"from", "to", "percent"}."""
    return _spans(samples, start, lambda sample: {r: [d] for r, d in sample["dials"].items()}, ("percent",))


def fault_spans(samples: Iterable[Mapping[str, Any]], start: float) -> dict[str, list[dict[str, Any]]]:
    """What was wrong ("us-east-1", "link a – b") → spans: {"from", "to", "state"}."""

    def wrong(sample: Mapping[str, Any]) -> dict[str, list[str]]:
        faults = sample["faults"]
        found = {region: [fault["state"]] for region, fault in faults["regions"].items()}
        found |= {f"{each['service']} of {each['region']}": [each["state"]] for each in faults["services"]}
        return {**found, **{f"link {one} – {other}": ["cut"] for one, other in faults["links"]}}

    return _spans(samples, start, wrong, ("state",))


def _spans(samples: Iterable[Mapping[str, Any]], start: float, read: Any, names: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, list[dict[str, Any]]] = {}
    before: dict[str, float] = {}
    last = None
    for sample in samples:
        at = round(sample["at"] - start, 1)
        for name, values in read(sample).items():
            spans = found.setdefault(name, [])
            told = dict(zip(names, values, strict=True))
            seen_before = bool(spans) and before.get(name) == last
            if seen_before:
                spans[-1]["to"] = at
            if not seen_before or any(spans[-1][key] != value for key, value in told.items()):
                spans.append({"from": at, "to": at, **told})
            before[name] = at
        last = at
    return dict(sorted(found.items()))
