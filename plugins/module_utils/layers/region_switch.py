# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves a workload from one region to another, or turns one region on or off, losing nothing on the way.

docs/protocol.md is what it obeys. The plan's changes are the steps that are left; the lease is held while they run.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, Known, LayerError
from ..protocol import ProtocolError
from ..run import Layer, LayerModule
from ..switch.running import SwitchRun
from ..switch.steps import steps_of
from ..toggle.control import lease_regions, lease_report


def problems(params: dict[str, Any]) -> list[str]:
    found = []
    regions = params["regions"]
    if params["state"] == "absent":
        found.append("state is absent, and a switch has nothing to remove; see module region_toggle.")
    if not regions:
        found.append("regions is empty; name every region of the workload.")
    for name in ("to", "from", "target"):
        if params[name] and params[name] not in regions:
            found.append(f"{name} is {params[name]!r}, which is no region of this workload ({', '.join(regions)}).")
    if params["to"] and params["to"] == params["from"]:
        found.append(f"from and to are both {params['to']}; name two regions.")
    if params["reason_required"] and not (params["reason"] or "").strip():
        found.append("reason is missing, and this inventory demands one: say -e reason='why this is done'.")
    if not lease_regions(params):
        found.append("lease_regions is empty; name the regions in which the lease table has a replica.")
    if params["lease_duration"] <= 0 or not 0 < params["lease_heartbeat"] <= params["lease_duration"] / 2:
        found.append(
            f"lease_heartbeat is {params['lease_heartbeat']} s and lease_duration {params['lease_duration']} s; a "
            "lease must beat at least twice in its duration."
        )
    if params["proof"] and not params["accelerator"]:
        found.append("proof needs accelerator, whose public name it asks.")
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Layer:
    run = SwitchRun(params, cloud)
    try:
        run.plan()
    except ProtocolError as error:
        raise LayerError(
            f"Workload {params['workload']} was not switched: {error}. Nothing was changed.",
            lease=lease_report(run.lease, run.table.place),
        ) from error
    before = run.lease
    steps = steps_of(run) if run.work else []

    def outputs(known: Known) -> dict[str, Any]:
        work = run.work
        return {
            "epoch": work.grant_epoch if work else before.epoch,
            "states": dict(work.states) if work else dict(before.map.states),
            "unfenced": work.unfenced if work else [],
            "silent": dict(run.unreachable),
            "lease": lease_report(before, run.table.place),
            "resumed": bool(work and work.journal),
            "steps": [
                {"step": each.name, **{key: known.attribute(each, key) for key in ("sentence", "seconds")}}
                for each in steps
            ],
            "owed": {region: list(what) for region, what in (run.lease or before).owed.items()},
            **_warnings(run),
        }

    return Layer(steps, outputs, around=lambda: run.holding(run.mend))


def _warnings(run: SwitchRun) -> dict[str, list[str]]:
    told = [f"{region} does not answer: {why}" for region, why in sorted(run.unreachable.items())]
    return {"warnings": told} if told else {}


MODULE = LayerModule(
    arguments={
        "regions": {"type": "list", "elements": "str", "required": True},
        "to": {"type": "str"},
        "from": {"type": "str"},
        "target": {"type": "str"},
        "turn": {"type": "str", "choices": ["on", "off"]},
        "execution": {"type": "str", "choices": ["graceful", "ungraceful"], "default": "graceful"},
        "allow_no_active": {"type": "bool", "default": False},
        "supersede": {"type": "bool", "default": False},
        "operator": {"type": "str"},
        "reason": {"type": "str"},
        "reason_required": {"type": "bool", "default": False},
        "lease_regions": {"type": "list", "elements": "str"},
        "lease_table": {"type": "str"},
        "state_table": {"type": "str"},
        "parameter": {"type": "str"},
        "accelerator": {"type": "str"},
        "connect_to": {"type": "str"},
        "reconcile": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "table": {"type": "str", "required": True},
                "topic": {"type": "str", "required": True},
                "index": {"type": "str", "default": "unprocessed"},
                "hash_attribute": {"type": "str", "default": "unprocessed"},
                "hash_value": {"type": "str", "default": "yes"},
                "range_attribute": {"type": "str", "default": "timestamp"},
                "done_attribute": {"type": "str", "default": "sale_processed"},
                "minimum_age": {"type": "float", "default": 10.0},
                "timeout": {"type": "float", "default": 600.0},
            },
        },
        "proof": {
            "type": "dict",
            "options": {
                "path": {"type": "str", "required": True},
                "body": {"type": "raw", "required": True},
                "table": {"type": "str", "required": True},
                "id": {"type": "str", "default": "id"},
                "done_attribute": {"type": "str", "default": "sale_processed"},
                "claims": {"type": "str"},
                "timeout": {"type": "float", "default": 60.0},
            },
        },
        "view_ttl": {"type": "float", "default": 10.0},
        "claim_to_effect": {"type": "float", "default": 20.0},
        "lease_duration": {"type": "float", "default": 12.0},
        "lease_heartbeat": {"type": "float", "default": 3.0},
    },
    services=("dynamodb", "ssm", "sns", "sts", "globalaccelerator"),
    build=build,
    problems=problems,
    rules={
        "mutually_exclusive": [["to", "target"], ["from", "target"]],
        "required_one_of": [["to", "target"]],
        "required_together": [["target", "turn"]],
    },
)
