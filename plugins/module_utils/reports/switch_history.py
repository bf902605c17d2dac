# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded switches, told in one table that a person reads after the fact: a row for each."""

from __future__ import annotations

from typing import Any

from .text_table import as_table

HEADER = ("when", "what", "who and why", "steps", "evidence", "outcome")


def switches_table(switches: list[dict[str, Any]]) -> str:
    """The table that `report.yml` prints. `switches` is what `region_switches_info` tells, the oldest first."""
    if not switches:
        return "No switch is recorded."
    return as_table(HEADER, [_row(switch) for switch in switches])


def _row(switch: dict[str, Any]) -> list[str]:
    return [
        f"{switch['began']}\nepoch {switch['base_epoch']} → {switch['epoch']}",
        "\n".join([_asked(switch), *_states(switch["states"])]),
        f"{switch['operator'] or 'somebody'}, {switch['execution']}\n{switch['reason'] or 'no reason given'}",
        "\n".join(f"{each['step']} {each['milliseconds'] / 1000:.1f} s" for each in switch["steps"]),
        "\n".join(_evidence(switch)) or "-",
        "\n".join([switch["outcome"], *_left(switch)]),
    ]


def _asked(switch: dict[str, Any]) -> str:
    asked = switch["asked"]
    if asked.get("target"):
        return f"{asked['target']} {asked['turn']}"
    return f"to {asked.get('to')}" if switch["changes"] else f"to {asked.get('to')}, settling"


def _states(states: dict[str, str]) -> list[str]:
    return [f"{region} {state}" for region, state in sorted(states.items())]


def _evidence(switch: dict[str, Any]) -> list[str]:
    told = []
    rto = switch.get("rto") or {}
    if rto.get("measured_ms") is not None:
        measured, declared = rto["measured_ms"], rto.get("declared_ms")
        kept = "" if declared is None else f" of {declared / 1000:g} s declared"
        missed = ", MISSED" if declared is not None and measured > declared else ""
        told.append(f"RTO {measured / 1000:.1f} s{kept}{missed}")
    if switch.get("controller_ms") is not None:
        told.append(f"controller {switch['controller_ms'] / 1000:.1f} s")
    if fence := switch.get("fence"):
        told.append(f"fence: {fence['kind']} ({fence['why']})")
    for each in switch.get("traffic") or []:
        told.append(f"traffic: {each['way']}, {each['arrived']} after {each['milliseconds'] / 1000:.1f} s")
    published = sum((switch.get("published") or {}).values())
    told.append(f"{published} published again")
    for region, tables in sorted((switch.get("lake") or {}).items()):
        told += [f"lake: {_lake(each)} in {region}" for _table, each in sorted(tables.items())]
    if (cancelled := switch.get("cancelled_and_processed") or {}).get("count"):
        told.append(
            f"{cancelled['count']} cancelled on one side and processed on the other: {', '.join(cancelled['ids'])}"
        )
    proof = switch.get("proof") or {}
    if proof.get("processed_by"):
        told.append(f"proved by {', '.join(proof['processed_by'])}")
    for alarm in switch.get("alarms") or []:
        told.append(f"alarm on: {alarm['name']}")
    if switch.get("skipped"):
        told.append(f"checks skipped: {', '.join(sorted({each['check'] for each in switch['skipped']}))}")
    return told


def _lake(found: dict[str, Any]) -> str:
    """The RPO of the lake: what S3 had not sent when a region was left behind."""
    if not found["put"]:
        return f"all of {found['looked_at']} objects were"
    return f"RPO {found['put']} of {found['looked_at']} objects, {found['behind_seconds']} s, put again"


def _left(switch: dict[str, Any]) -> list[str]:
    left = [f"unfenced: {', '.join(switch['unfenced'])}"] if switch["unfenced"] else []
    return left + [f"{region} owed {', '.join(what)}" for region, what in sorted((switch.get("owed") or {}).items())]
