# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of a workload, told in one table: a row for each region."""

from __future__ import annotations

from typing import Any

from ..aws.image_names import tell_image
from ..lease import OWED_SITE, messages, owed_by_switches
from ..lease.deployment_plan import is_deployment
from ..lease.deployment_plan import tell_ways as tell_ways_of_deployment
from ..protocol.states import copy_of
from ..retirement.record import tell_given_up
from ..switch.asked import tell_ways
from ..switch.journal import KIND
from .text_table import as_table

HEADER = ("region", "state", "epoch", "services (running/desired)", "healthy targets", "queue", "DLQ")


def status_table(
    regions: list[dict[str, Any]],
    states: dict[str, Any],
    accelerator: dict[str, Any],
    records: dict[str, Any] | None = None,
) -> str:
    """The table that `status.yml` prints.

    `regions` are results of `workload_status_info`, `states` is that of `region_states_info`. `accelerator` is that of
    `accelerator_info` and `records` that of `record_weights_info`: empty or skipped where there is none, and with a
    `msg` where it could not be read.
    """
    by_records = bool(records and not records.get("skipped"))
    told, what, unit = (records or {}, "weight", "") if by_records else (accelerator, "dial", " %")
    shares = {region: f"{share}{unit}" for region, share in (told.get(f"{what}s") or {}).items()}
    unread = "" if f"{what}s" in told or told.get("skipped") else told.get("msg", "")
    nothing = "?" if unread else "-"
    rows = [_row(status, states["regions"].get(status["region"], {}), shares, nothing) for status in regions]
    whose = "weights of the records" if by_records else "traffic dials"
    remarks = _remarks(states) + _lakes(regions) + ([f"The {whose} cannot be read: {unread}"] if unread else [])
    return "\n".join([as_table((*HEADER, what), rows), *remarks])


def _row(status: dict[str, Any], own: dict[str, Any], shares: dict[str, str], nothing: str) -> list[str]:
    region = status["region"]
    share = shares.get(region, nothing)
    place = [region, str(own.get("state") or "?"), str(own.get("epoch") or "?")]
    if not status.get("reachable", True):
        return [*place, f"unreachable: {status.get('why', '')}", "?", "?", "?", share if region in shares else "?"]
    return [
        *place,
        "\n".join(_service(name, service) for name, service in sorted(status["services"].items())) or "-",
        "\n".join(f"{name} {g['healthy']}/{g['total']}" for name, g in sorted(status["target_groups"].items())) or "-",
        _depths(status["queues"].values()),
        _depths(queue["dlq"] for queue in status["queues"].values() if queue.get("dlq")),
        share,
    ]


def _service(name: str, service: dict[str, Any]) -> str:
    if service.get("status") == "MISSING":
        return f"{name}: missing"
    images = ", ".join(map(tell_image, service.get("images") or ["?"]))
    return f"{name} {service['running']}/{service['desired']}, {service['revision']}, {images}"


def _depths(queues: Any) -> str:
    """Messages waiting, and in brackets those being worked on."""
    texts = [f"{q['visible'] + q['delayed']}" + (f" (+{q['in_flight']})" if q["in_flight"] else "") for q in queues]
    return "\n".join(texts) or "-"


def _remarks(states: dict[str, Any]) -> list[str]:
    """Whether every copy of the map says the same, and what is under way, in sentences."""
    return [_agreement(states), *_copies(states), *_lease(states["lease"]), *_given_up(states), *states["trouble"]]


def _given_up(states: dict[str, Any]) -> list[str]:
    """Regions that left the map while they were dead, and whether they are back."""
    return [
        tell_given_up(region, said)
        + ("; it answers." if states["regions"].get(region, {}).get("reachable") else "; it does not answer.")
        for region, said in sorted(states.get("given_up", {}).items())
    ]


def _agreement(states: dict[str, Any]) -> str:
    if states["epoch"] is None:
        silent = [region for region, told in states["regions"].items() if not told["reachable"]]
        return f"No state could be read in {', '.join(silent)}." if silent else "No state has been written yet."
    apart = sorted(region for region, told in states["regions"].items() if not told["agrees"])
    if apart:
        return f"Not every copy of the map agrees with epoch {states['epoch']}: look at {', '.join(apart)}."
    return f"Every copy of the map agrees at epoch {states['epoch']}."


def _copies(states: dict[str, Any]) -> list[str]:
    """The parameters that say something else than the region's state, and how that is mended."""
    return [
        f"The parameter of {region} says {told['parameter'] or 'nothing'}, and the region is {told['state']}. "
        "playbooks/toggle.yml -e target=<a region that is ACTIVE> -e turn=on sets it right."
        for region, told in sorted(states["regions"].items())
        if told["reachable"] and told["state"] and told["parameter"] != copy_of(told["state"])
    ]


def _lease(lease: dict[str, Any]) -> list[str]:
    remarks = []
    if lease["holder"]:
        remarks.append(f"The lease is held by {messages.tell_reported(lease)}.")
    if lease["unfinished"]:
        plan = lease["unfinished"]
        remarks.append(f"A {plan.get('kind', 'change')} is unfinished.{'' if lease['holder'] else _ways(plan)}")
    if lease["owed"]:
        owed = "; ".join(f"{region} ({', '.join(what)})" for region, what in sorted(lease["owed"].items()))
        remarks.append(f"Still owed: {owed}.{_settling(lease['owed'])}")
    return remarks


def _settling(owed: dict[str, list[str]]) -> str:
    """How what regions are owed is settled, in the order in which it should be."""
    told = ""
    if owed_by_switches(owed):
        told += (
            " When the region answers, playbooks/toggle.yml -e target=<a region that is ACTIVE> -e turn=on settles it; "
            "with none ACTIVE, turning one on does."
        )
    if any(OWED_SITE in what for what in owed.values()):
        told += f" What is owed a {OWED_SITE} was left alone by site.yml; one without --limit and dead settles it."
    return told


def _lakes(regions: list[dict[str, Any]]) -> list[str]:
    """The RPO of the lakes: what would be missing in each if another region died now."""
    told = []
    for status in regions:
        for lags in (status.get("lakes") or {}).values():
            for other, seconds in sorted(lags.items()):
                behind = "more than an hour" if seconds is None else f"{seconds} s"
                told.append(f"that of {status['region']} is {behind} behind {other}")
    return [f"The lakes: {'; '.join(told)}."] if told else []


def _ways(plan: dict[str, Any]) -> str:
    """How an unfinished plan that nobody is at is ended."""
    if is_deployment(plan):
        return f" {tell_ways_of_deployment(plan)}."
    return f" {tell_ways(plan)}." if plan.get("kind") == KIND else " site.yml finishes it, and so does any switch."
