# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of a workload, told in one table: a row for each region."""

from __future__ import annotations

from typing import Any

from .tables import as_table

HEADER = ("region", "state", "epoch", "services (running/desired)", "healthy targets", "queue", "DLQ", "dial")


def status_table(regions: list[dict[str, Any]], toggle: dict[str, Any], dials: dict[str, int]) -> str:
    """The table that `status.yml` prints.

    `regions` are results of `workload_status_info`, each with its `region`. `toggle` is the result of `region_toggle`
    in check mode. `dials` maps a region to its traffic dial in percent.
    """
    rows = [_row(status, toggle, dials) for status in regions]
    return as_table(HEADER, rows) + "\n" + _agreement(toggle)


def _row(status: dict[str, Any], toggle: dict[str, Any], dials: dict[str, int]) -> list[str]:
    region = status["region"]
    own = toggle.get("regions", {}).get(region, {}).get("found") or {}
    dial = dials.get(region)
    place = [region, str(own.get("state", "?")), str(own.get("epoch", "?"))]
    if not status.get("reachable", True):
        return [*place, f"unreachable: {status.get('why', '')}", "?", "?", "?", "?" if dial is None else f"{dial} %"]
    return [
        *place,
        "\n".join(_service(name, service) for name, service in sorted(status["services"].items())) or "-",
        "\n".join(f"{name} {g['healthy']}/{g['total']}" for name, g in sorted(status["target_groups"].items())) or "-",
        _depths(status["queues"].values()),
        _depths(queue["dlq"] for queue in status["queues"].values() if queue.get("dlq")),
        "-" if dial is None else f"{dial} %",
    ]


def _service(name: str, service: dict[str, Any]) -> str:
    if service.get("status") == "MISSING":
        return f"{name}: missing"
    images = ", ".join(service.get("images") or ["?"])
    return f"{name} {service['running']}/{service['desired']}, {service['revision']}, {images}"


def _depths(queues: Any) -> str:
    """Messages waiting, and in brackets those being worked on."""
    texts = [f"{q['visible'] + q['delayed']}" + (f" (+{q['in_flight']})" if q["in_flight"] else "") for q in queues]
    return "\n".join(texts) or "-"


def _agreement(toggle: dict[str, Any]) -> str:
    """Whether every copy of the map says the same, in a sentence. What check mode would mend disagrees."""
    if not any(told.get("found") for told in (toggle.get("regions") or {}).values()):
        return "No state has been written yet."
    apart = sorted({change["region"] for change in toggle.get("changes", [])})
    if apart:
        return f"Copies of the map disagree in {', '.join(apart)}. Run site.yml to mend them."
    return f"Every copy of the map agrees at epoch {toggle['epoch']}."
