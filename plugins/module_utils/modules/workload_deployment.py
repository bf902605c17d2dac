# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploys new images to the regions of a workload in waves, or returns them to the release before.

docs/deploy.md says what a user sees. The plan's changes are what is left; the lease is held while they are made.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, CollectionError, Known
from ..kernel.run import Composition, ModuleDefinition
from ..lease import lease_report
from ..lease.arguments import HOLDING_ARGUMENTS, beating_problems, place_problems
from ..protocol import ProtocolError
from ..releases.run import DeploymentRun
from ..releases.sentences import plan_sentences
from ..releases.steps.order import steps_of
from ..releases.waves import wave_problems
from ..releases.wishes import wish_problem
from ..services.service_names import repeated_names
from ..taskdef.image_scan import SEVERITIES
from ..toggle.arguments import COPY_ARGUMENTS, ITEM_ARGUMENTS
from ..toggle.judgement import lease_token
from .shared_arguments.before_deploy import BEFORE_DEPLOY_ARGUMENT, job_problems, secrets


def problems(params: dict[str, Any]) -> list[str]:
    found = []
    if params["state"] == "absent":
        found.append("state is absent, and a deployment has nothing to remove; rollback returns to the release before.")
    if not params["regions"]:
        found.append("regions is empty; name every region of the workload.")
    wishes = [(each, image, wish) for each in params["services"] for image, wish in each["images"].items()]
    if params["rollback"] and wishes:
        found.append("rollback returns to the release before, whatever that was; leave images out.")
    if not params["rollback"] and not wishes:
        found.append('Nothing is asked for. Add -e image_tag=<tag>, or -e \'{"images": {"<service>": "<image>"}}\'.')
    for each, container, wish in wishes:
        if problem := wish_problem(str(wish)):
            found.append(f"services: the image of {container} in {each['name']} {problem}.")
    found += repeated_names("services", params["services"])
    for each in params["services"]:
        found += job_problems(f"services[{each['name']}].before_deploy", each["before_deploy"])
    found += wave_problems(params["waves"] or [], params["regions"])
    least_of = {"bake_time": 0, "wave_pause": 0, "scan_timeout": 0, "failed_tasks": 1, "through_wave": 1}
    for name, least in least_of.items():
        if params[name] is not None and params[name] < least:
            found.append(f"{name} is {params[name]}; expected {least} or more.")
    found += _rate_problems(params["error_rate"])
    if not params["wait"]:
        found.append("wait is false; a deployment has to see what comes of each wave. Leave it out.")
    if params["reason_required"] and not (params["reason"] or "").strip():
        found.append("reason is missing, and this inventory demands one: say -e 'reason=\"why this is done\"'.")
    return found + place_problems(params) + beating_problems(params)


def _rate_problems(given: dict[str, Any] | None) -> list[str]:
    if not given:
        return []
    found = []
    if not 0 <= given["most_percent"] < 100:
        found.append(f"error_rate.most_percent is {given['most_percent']:g}; expected 0 or more, and less than 100.")
    for name, least in (("least_requests", 1), ("wait", 0)):
        if given[name] < least:
            found.append(f"error_rate.{name} is {given[name]:g}; expected {least} or more.")
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    run = DeploymentRun(params, cloud, steps_of)
    control = run.control
    try:
        run.plan()
    except ProtocolError as error:
        raise CollectionError(
            f"Nothing was deployed to workload {params['workload']}: {error}. Nothing was changed.",
            lease=lease_report(control.lease, control.table.place),
        ) from error
    before = control.lease
    steps = steps_of(run)
    sentences = plan_sentences(run, before)

    def outputs(known: Known) -> dict[str, Any]:
        journal = run.journal if run.journal else run.found
        return {
            "deployment": journal.get("id"),
            "waves": journal.get("waves", []),
            "regions": {region: _told(each) for region, each in journal.get("regions", {}).items()},
            "steps": journal.get("steps", []),
            "resumed": run.is_resumed,
            "ends": not run.found or run.ends_here,
            "sentences": sentences,
            "lease": {
                **lease_report(before, control.table.place),
                "token": lease_token(before, control.table.place),
            },
        }

    return Composition(steps, outputs, around=run.carrying_out)


def _told(region: dict[str, Any]) -> dict[str, Any]:
    keys = ("before", "after", "images_before", "images", "digests")
    return {
        "phase": region["phase"],
        "services": {name: {key: each[key] for key in keys} for name, each in region["services"].items()},
    }


MODULE = ModuleDefinition(
    arguments={
        "regions": {"type": "list", "elements": "str", "required": True},
        "services": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "cluster": {"type": "str", "required": True},
                "name": {"type": "str", "required": True},
                "images": {"type": "dict", "default": {}},
                "strategy": {
                    "type": "str",
                    "choices": ["rolling", "recreate", "blue_green", "canary", "linear"],
                    "default": "rolling",
                },
                "healthy_within": {"type": "int"},
                "failed_tasks": {"type": "int"},
                "before_deploy": BEFORE_DEPLOY_ARGUMENT,
            },
        },
        "rollback": {"type": "bool", "default": False},
        "waves": {"type": "list", "elements": "list"},
        "wave_pause": {"type": "float", "default": 0.0},
        "through_wave": {"type": "int"},
        "continues": {"type": "str"},
        "bake_time": {"type": "float", "default": 0.0},
        "alarms": {"type": "list", "elements": "str", "default": []},
        "error_rate": {
            "type": "dict",
            "options": {
                "most_percent": {"type": "float", "required": True},
                "least_requests": {"type": "int", "default": 100},
                "wait": {"type": "float", "default": 180.0},
            },
        },
        "failed_tasks": {"type": "int", "default": 1},
        "scan_stops_at": {"type": "str", "choices": list(SEVERITIES)},
        "scan_accepts": {"type": "list", "elements": "str", "default": []},
        "scan_required": {"type": "bool", "default": True},
        "scan_timeout": {"type": "float", "default": 600.0},
        "on_failure": {"type": "str", "choices": ["stop", "rollback"], "default": "stop"},
        # It names a version of the lease, and is no secret.
        "lease_token": {"type": "str", "no_log": False},
        "reason_required": {"type": "bool", "default": False},
        **HOLDING_ARGUMENTS,
        **ITEM_ARGUMENTS,
        **COPY_ARGUMENTS,
    },
    services=("dynamodb", "ecs", "ecr", "elbv2", "cloudwatch", "logs", "ssm"),
    build=build,
    problems=problems,
    secrets=lambda params: {
        value for each in params["services"] or [] for value in secrets(each["before_deploy"] or [])
    },
)
