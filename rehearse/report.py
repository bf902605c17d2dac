# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A drill as plain data: its figures, its gates, and the series that the page draws. Its JSON holds all of it.

Times of series are seconds since the drill began; a second of a series counts what began in it.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from demo.traffic import Request
from rehearse.figures import count, judge

SCHEMA = 1


def build_report(record: Any) -> dict[str, Any]:
    """Everything that is told of a drill's `Record`, ready for JSON and for the page."""
    figures = count(record)
    gates = judge(figures, record.graceful, record.trouble)
    start = record.began
    seconds = int(record.ended - start) + 1
    return {
        "schema": SCHEMA,
        "drill": record.drill,
        "about": record.about,
        "graceful": record.graceful,
        "regions": record.regions,
        "began": start,
        "seconds": round(record.ended - start, 1),
        "passed": all(gate["passed"] for gate in gates),
        "figures": figures,
        "gates": gates,
        "events": [{"at": round(each["at"] - start, 2), "text": each["text"]} for each in record.events],
        "faults": fault_spans(record.samples, start),
        "series": {
            **request_series(record.sales.requests, start, seconds),
            "backlog": backlog_series(record.samples, start),
            "states": state_spans(record.samples, start),
            "dials": dial_spans(record.samples, start),
        },
        "failures": dict(sorted(_causes(record.sales.requests).items(), key=lambda pair: -pair[1])[:10]),
    }


def request_series(requests: Iterable[Request], start: float, seconds: int) -> dict[str, Any]:
    """requests: region → sales acknowledged in each second.  errors: failed requests in each second.
    latency: "median" and "slowest" → milliseconds in each second, None in a second without answers."""
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
            for name, pick in (("median", statistics.median), ("95 of 100", _nearly_all), ("slowest", max))
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
    """What was wrong ("us-east-1", "line a – b") → spans: {"from", "to", "state"}."""

    def wrong(sample: Mapping[str, Any]) -> dict[str, list[str]]:
        faults = sample["faults"]
        found = {region: [fault["state"]] for region, fault in faults["regions"].items()}
        return {**found, **{f"line {one} – {other}": ["cut"] for one, other in faults["links"]}}

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


def _causes(requests: Iterable[Request]) -> dict[str, int]:
    causes: dict[str, int] = defaultdict(int)
    for request in requests:
        if request.failed:
            causes[f"{request.method} {request.error or f'HTTP {request.status}'}"] += 1
    return causes


def _nearly_all(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]
