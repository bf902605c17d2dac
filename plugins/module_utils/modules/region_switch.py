# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moves a workload from one region to another, or turns one region on or off, losing nothing on the way.

docs/protocol.md is what it obeys. The plan's changes are the steps that are left; the lease is held while they run.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, CollectionError, Known
from ..kernel.run import Composition, ModuleDefinition
from ..lease import lease_report, messages
from ..lease.arguments import HOLDING_ARGUMENTS, beating_problems, lease_regions, place_problems
from ..lease.deployment_plan import is_deployment
from ..protocol import ProtocolError
from ..readiness import CHECKS, SPEC, evidence_sentences, spec_problems
from ..services.routing import GATE_FALLBACK, GATE_FIRST, GATE_NONE
from ..switch.journal import LAKE, controller_milliseconds
from ..switch.run import SwitchRun
from ..switch.steps.order import steps_of
from ..switch.traffic_shares import CHECK, TRAFFIC
from ..toggle.arguments import COPY_ARGUMENTS, FENCE_ARGUMENTS, ITEM_ARGUMENTS, REACHABLE, READER_ARGUMENTS
from .shared_arguments.lake import LAKE as LAKES
from .shared_arguments.reconcile import RECONCILE

GATES = (GATE_NONE, GATE_FALLBACK, GATE_FIRST)


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
    if not (params["to"] or params["target"] or params["rollback"]):
        found.append("Nothing is asked for. Add -e to=<region>; for toggle.yml, -e target=<region> -e turn=on or off.")
    if bool(params["target"]) != bool(params["turn"]):
        found.append("target and turn belong together: say -e target=<region> -e turn=on or off.")
    if params["rollback"] and (params["to"] or params["target"]):
        found.append("rollback goes back from whatever is unfinished; leave out to, from and target.")
    if params["to"] and params["to"] == params["from"]:
        found.append(f"from and to are both {params['to']}; name two regions.")
    for name in ("to", "target"):
        if params[name] in params["dead"] and params["turn"] != "off":
            found.append(f"{name} is {params[name]}, which dead names too; a region that is dead cannot take over.")
    known = {*regions, *lease_regions(params)}
    if unknown := sorted(set(params["dead"]) - known):
        found.append(f"dead names {', '.join(unknown)}; the regions are {', '.join(sorted(known))}.")
    if lease_regions(params) and not set(lease_regions(params)) - set(params["dead"]):
        found.append(f"dead names every replica of the lease ({', '.join(lease_regions(params))}); one must answer.")
    if params["reason_required"] and not (params["reason"] or "").strip():
        found.append("reason is missing, and this inventory demands one: say -e 'reason=\"why this is done\"'.")
    if params["fence"] == REACHABLE and params["execution"] == "graceful":
        found.append(
            "fence is reachable, which goes on without a region that does not answer: say -e execution=ungraceful."
        )
    found += place_problems(params)
    found += beating_problems(params)
    if params["proof"] and not (params["accelerator"] or params["public_name"]):
        found.append("proof needs public_name, or accelerator, whose name it then asks.")
    dns = params["dns"] or {}
    if dns.get("gate", GATE_NONE) != GATE_NONE and not (dns["health_check"] and params["public_name"]):
        found.append(f"dns.gate is {dns['gate']}, which needs dns.health_check and public_name, which it then asks.")
    checks = (*CHECKS, CHECK)
    if unknown := sorted(set(params["skip_checks"]) - set(checks)):
        found.append(f"skip_checks names {', '.join(unknown)}; the checks are {', '.join(checks)}.")
    found += spec_problems(params["readiness"])
    if len({each["cluster"] for each in params["drops"]}) > 1:
        found.append("drops names services of several clusters; expected one cluster for the workload.")
    if params["rto"] is not None and params["rto"] <= 0:
        found.append(f"rto is {params['rto']}; expected a number of seconds.")
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    run = SwitchRun(params, cloud, steps_of)
    control = run.control
    try:
        run.plan()
    except ProtocolError as error:
        raise CollectionError(
            f"Workload {params['workload']} was not switched: {error}. Nothing was changed.",
            lease=lease_report(control.lease, control.table.place),
        ) from error
    before = control.lease
    planned = params["planned_epoch"]
    if planned is not None and planned != before.epoch:
        raise CollectionError(
            messages.approval_stale(params["workload"], planned, before.epoch),
            lease=lease_report(before, control.table.place),
        )
    steps = steps_of(run) if control.planned else []

    def outputs(known: Known) -> dict[str, Any]:
        work = control.planned
        return {
            "epoch": work.grant_epoch if work else before.epoch,
            "states": dict(work.states) if work else dict(before.map.states),
            "unfenced": run.journal.get("unfenced", work.unfenced) if work else [],
            "silent": dict(control.unreachable),
            "lease": lease_report(before, control.table.place),
            "resumed": bool(work and work.journal),
            "steps": [
                {"step": each.name, **{key: known.attribute(each, key) for key in ("sentence", "seconds")}}
                for each in steps
            ],
            "owed": {region: list(what) for region, what in (control.lease or before).owed.items()},
            "evidence": run.preparation.evidence,
            "evidence_sentences": _told(run),
            "findings": run.preparation.findings,
            "traffic": run.journal.get(TRAFFIC, []),
            "lake": run.journal.get(LAKE, {}),
            **{key: run.journal.get(key) for key in ("rto", "traffic_at", "taken_at", "fence")},
            "controller_seconds": _seconds(controller_milliseconds(run.journal)),
            **_warnings(run),
        }

    return Composition(steps, outputs, around=run.carrying_out)


def _told(run: SwitchRun) -> list[str]:
    evidence = run.preparation.evidence
    return evidence_sentences(evidence, run.control.told_states()) if evidence else []


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000


def _warnings(run: SwitchRun) -> dict[str, list[str]]:
    told = [f"{region} does not answer: {why}" for region, why in sorted(run.control.unreachable.items())]
    told += [f"{way} may not move: {why}" for way, why in {**run.traffic.silent, **run.traffic.missing}.items()]
    told += [
        f"{region} is in the inventory and not in the recorded map: it takes no part. site.yml adds it."
        for region in sorted(run.control.unrecorded)
    ]
    told += [
        f"{region} is PASSIVE in the recorded map and gone from the inventory: it takes no part."
        for region in sorted(run.control.left_out)
    ]
    if run.control.planned is not None and run.control.planned.aside and not is_deployment(run.control.planned.aside):
        told.append("site.yml had not written its states everywhere: this goes on from them, and what is left is owed.")
    return {"warnings": told} if told else {}


MODULE = ModuleDefinition(
    arguments={
        "regions": {"type": "list", "elements": "str", "required": True},
        "to": {"type": "str"},
        "from": {"type": "str"},
        "target": {"type": "str"},
        "turn": {"type": "str", "choices": ["on", "off"]},
        "execution": {"type": "str", "choices": ["graceful", "ungraceful"], "default": "graceful"},
        "dead": {"type": "list", "elements": "str", "default": []},
        "allow_no_active": {"type": "bool", "default": False},
        "supersede": {"type": "bool", "default": False},
        "planned_epoch": {"type": "int"},
        "may_turn_ungraceful": {"type": "bool", "default": False},
        "on_failure": {"type": "str", "choices": ["stop", "rollback"], "default": "stop"},
        "rollback": {"type": "bool", "default": False},
        "skip_checks": {"type": "list", "elements": "str", "default": []},
        "readiness": {"type": "dict", "options": SPEC},
        "drops": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "cluster": {"type": "str", "required": True},
                "name": {"type": "str", "required": True},
                "min": {"type": "int", "default": 1},
                "max": {"type": "int", "default": 10},
            },
        },
        "schedule_group": {"type": "str"},
        "notify_topic": {"type": "str"},
        "rto": {"type": "float"},
        "reason_required": {"type": "bool", "default": False},
        **HOLDING_ARGUMENTS,
        **ITEM_ARGUMENTS,
        **COPY_ARGUMENTS,
        "accelerator": {"type": "str"},
        "dns": {
            "type": "dict",
            "options": {
                "zone": {"type": "str"},
                "names": {"type": "list", "elements": "str", "required": True},
                "gate": {"type": "str", "choices": list(GATES), "default": GATE_NONE},
                "health_check": {
                    "type": "dict",
                    "options": {
                        "path": {"type": "str", "required": True},
                        "interval": {"type": "int", "required": True},
                        "failure_threshold": {"type": "int", "required": True},
                    },
                },
            },
        },
        "public_name": {"type": "str"},
        "connect_to": {"type": "str"},
        "ca_file": {"type": "path"},
        "reconcile": RECONCILE,
        "lake": LAKES,
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
        **FENCE_ARGUMENTS,
        **READER_ARGUMENTS,
    },
    services=(
        "dynamodb",
        "ssm",
        "sns",
        "sts",
        "sqs",
        "ecs",
        "elbv2",
        "s3",
        "application-autoscaling",
        "scheduler",
        "service-quotas",
        "globalaccelerator",
        "route53",
    ),
    build=build,
    problems=problems,
    rules={
        "mutually_exclusive": [["to", "target"], ["from", "target"]],
    },
)
