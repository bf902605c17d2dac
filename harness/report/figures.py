# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of a scene, as docs/protocol.md defines them. Pure functions.

Everything is counted from the outside: by the client, in the tables, in the lake. Of the journal only its times are
believed, since nobody else knows when a lease was taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from harness.evidence import LAKE_KEY
from harness.scene import Record
from harness.traffic import Request

ACTIVE, PASSIVE = "ACTIVE", "PASSIVE"

UP_TO_TRAFFIC = ("preflight", "schedules_off", "drain", "hold", "shift", "grant", "start", "traffic")
"""Steps from the lease to the last traffic write, without the fence."""
STEP_LINE = re.compile(r"^(?P<step>[a-z_]+): (?P<sentence>.*) \((?P<seconds>[\d.]+) s\)$")

Switch = Mapping[str, Any]


def controller_seconds(journal: Mapping[str, Any]) -> float | None:
    """Lease taken → last traffic write, less the fence; None for a switch that changed no state.

    From the journal's own times where it has them, else the sum of its steps' durations up to the traffic.
    """
    if not journal.get("changes"):
        return None
    if journal.get("controller_ms") is not None:
        return round(journal["controller_ms"] / 1000, 3)
    return round(sum(each["milliseconds"] for each in journal["steps"] if each["step"] in UP_TO_TRAFFIC) / 1000, 3)


def steps_of(switch: Switch) -> list[dict[str, Any]]:
    """Each step of a switch: step, sentence, began and ended (unix seconds).

    The journal's `at` where it has it; else the moment at which the playbook told the step, less its duration.
    """
    journal = switch["journal"] or {"steps": []}
    told, durations, sentences = {}, {}, {}
    for at, line in switch["lines"]:
        match = STEP_LINE.match(line)
        if match:
            step = match["step"]
            told[step], durations[step], sentences[step] = at, float(match["seconds"]), match["sentence"]
    steps, last = [], switch["began"]
    for each in journal["steps"]:
        seconds = each["milliseconds"] / 1000
        if each.get("at"):
            began = each["at"] / 1000
        else:
            began = max(told[each["step"]] - seconds, last) if each["step"] in told else last
        last = began + seconds
        steps.append({"step": each["step"], "sentence": each["sentence"], "began": began, "ended": last})
    # The entry is written in the last step, so it cannot tell of that one.
    known = {each["step"] for each in steps}
    for step, at in told.items():
        if step not in known:
            seconds, sentence = durations[step], sentences[step]
            steps.append({"step": step, "sentence": sentence, "began": at - seconds, "ended": at})
    return steps


def rpo_sales(
    grants: Iterable[Mapping[str, Any]], requests: Iterable[Request], journal: Mapping[str, Any]
) -> int | None:
    """How many sales were acknowledged before the grant, and not visible in the region that takes over.

    In the worst of the regions that take over: any sale for one that becomes ACTIVE, and those that a losing region
    acknowledged for one that stays so. None when nothing is taken over: a region that is turned on beside others takes
    nothing away from them.  grants: as the sampler saw them.
    """
    losing = {region for region, state in journal["changes"].items() if state == PASSIVE}
    if not losing:
        return None
    acknowledged = [request for request in requests if request.acknowledged]
    missing = [
        len(
            {
                each.id
                for each in acknowledged
                if each.ended <= grant["at"] and (grant["region"] in journal["changes"] or each.region in losing)
            }.difference(grant["visible"])
        )
        for grant in grants
        if grant["epoch"] == journal["epoch"]
    ]
    return max(missing, default=None)


def catch_up_seconds(
    grants: Iterable[Mapping[str, Any]],
    requests: Iterable[Request],
    processed: Mapping[str, Sequence[tuple[float, str]]],
    journal: Mapping[str, Any],
) -> float | None:
    """From the grant until every sale that the region that takes over knew by then was processed; None without one."""
    first: dict[str, float] = {}
    for times in processed.values():
        for at, sale in times:
            first[sale] = min(at, first.get(sale, at))
    acknowledged = {each.id for each in requests if each.acknowledged}
    waited = [
        first[sale] - grant["at"]
        for grant in grants
        if grant["epoch"] == journal["epoch"] and grant["region"] in journal["changes"]
        for sale in acknowledged.intersection(grant["visible"])
        if sale in first
    ]
    return round(max(0.0, *waited), 2) if waited else None


def lake_rpo_sales(journal: Mapping[str, Any]) -> int | None:
    """How many objects a lake lacked of a region that was left behind, and were put again; None if none was."""
    counts = [each["put"] for tables in (journal.get("lake") or {}).values() for each in tables.values()]
    return max(counts, default=None)


def processed_at(objects: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[float, str]]]:
    """Region → (unix seconds, sale id) of each time that it put a sale into its bucket, in order."""
    found: dict[str, list[tuple[float, str]]] = {}
    for each in objects:
        named = LAKE_KEY.match(each["key"])
        if named and not each["replica"]:
            found.setdefault(each["region"], []).append((each["written"], named["id"]))
    return {region: sorted(times) for region, times in found.items()}


def rto_seconds(switch: Switch, processed: Mapping[str, Sequence[tuple[float, str]]]) -> float | None:
    """Last sale processed by the old region → first processed by the new; None unless the work moved between two."""
    changes = (switch["journal"] or {}).get("changes") or {}
    gaining = [region for region, state in changes.items() if state == ACTIVE]
    losing = [region for region, state in changes.items() if state == PASSIVE]
    if not gaining or not losing:
        return None
    first = min((at for r in gaining for at, _ in processed.get(r, ()) if at > switch["began"]), default=None)
    if first is None:
        return None
    last = max((at for r in losing for at, _ in processed.get(r, ()) if at < first), default=None)
    return None if last is None else round(first - last, 2)


def first_sale_seconds(
    grants: Iterable[Mapping[str, Any]],
    journal: Mapping[str, Any],
    processed: Mapping[str, Sequence[tuple[float, str]]],
) -> float | None:
    """The grant → the first sale processed where the work goes on; None unless the work moved.

    In the worst of the regions that take over.  grants: as the sampler saw them.
    """
    if PASSIVE not in journal["changes"].values():
        return None
    waited = []
    for grant in grants:
        if grant["epoch"] == journal["epoch"] and journal["changes"].get(grant["region"]) == ACTIVE:
            afterwards = [at for at, _ in processed.get(grant["region"], ()) if at >= grant["at"]]
            if afterwards:
                waited.append(round(min(afterwards) - grant["at"], 2))
    return max(waited, default=None)


def longest_gap(processed: Mapping[str, Sequence[tuple[float, str]]], began: float, ended: float) -> float:
    """The longest time in which no region processed any sale."""
    times = sorted(at for each in processed.values() for at, _ in each if began <= at <= ended)
    marks = [began, *times, ended]
    return round(max(b - a for a, b in zip(marks, marks[1:], strict=False)), 2)


def count(record: Record) -> dict[str, Any]:
    """All figures of a `Record`. Of several switches the worst counts; each has its own in `switches`."""
    sales, evidence = record.sales, record.evidence
    times = processed_at(record.objects)
    switches = [_of_switch(switch, record, times) for switch in record.switches]
    posts = [request for request in sales.requests if request.method == "POST"]
    began, ended = (posts[0].began, posts[-1].ended) if posts else (record.began, record.ended)
    return {
        "posted": sales.posted,
        "processed": len(evidence.processed) if evidence else None,
        "lake_in_both_regions": len(evidence.in_every_lake) if evidence else None,
        "lost": len(evidence.lost) if evidence else None,
        "duplicated": len(evidence.duplicated) if evidence else None,
        "wrong_content": len(evidence.wrong_content) if evidence else None,
        "processed_twice": len(evidence.processed_twice) if evidence else None,
        "failed_requests": sum(request.failed for request in sales.requests),
        "rpo_sales": _worst(switches, "rpo_sales"),
        "lake_rpo_sales": _worst(switches, "lake_rpo_sales"),
        "catch_up_seconds": _worst(switches, "catch_up_seconds"),
        "rto_seconds": _worst(switches, "rto_seconds"),
        "first_sale_seconds": _median(switches, "first_sale_seconds"),
        "controller_seconds": _worst(switches, "controller_seconds"),
        "longest_gap_seconds": longest_gap(times, began, ended),
        "sales_per_second": round(len(posts) / max(ended - began, 0.001), 1),
        "aws_calls": sum(switch["aws_calls"] for switch in switches),
        "quiet_seconds": record.quiet_seconds,
        "switches": switches,
    }


def _of_switch(switch: Switch, record: Record, times: Mapping[str, Sequence[tuple[float, str]]]) -> dict[str, Any]:
    journal = switch["journal"]
    figures: dict[str, Any] = {
        "name": switch["name"],
        "execution": journal["execution"] if journal else "graceful",
        "began": switch["began"],
        "ended": switch["ended"],
        "aws_calls": switch["calls"],
        "states": journal["states"] if journal else None,
        "epoch": journal["epoch"] if journal else None,
        "outcome": journal["outcome"] if journal else "nothing to do",
        "alarms": (journal or {}).get("alarms") or [],
        "traffic": (journal or {}).get("traffic") or [],
        "fence": (journal or {}).get("fence"),
        "controller_seconds": controller_seconds(journal) if journal else None,
        "rpo_sales": rpo_sales(record.grants, record.sales.requests, journal) if journal else None,
        "rto_seconds": rto_seconds(switch, times),
        "lake_rpo_sales": lake_rpo_sales(journal) if journal else None,
        "catch_up_seconds": catch_up_seconds(record.grants, record.sales.requests, times, journal) if journal else None,
        "first_sale_seconds": first_sale_seconds(record.grants, journal, times) if journal else None,
    }
    figures["steps"] = [{**step, "seconds": round(step["ended"] - step["began"], 3)} for step in steps_of(switch)]
    return figures


def _median(switches: Iterable[Mapping[str, Any]], name: str) -> float | None:
    found = [switch[name] for switch in switches if switch[name] is not None]
    return round(median(found), 2) if found else None


def _worst(switches: Iterable[Mapping[str, Any]], name: str) -> Any:
    return max((switch[name] for switch in switches if switch[name] is not None), default=None)
