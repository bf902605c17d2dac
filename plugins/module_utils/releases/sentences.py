# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A planned deployment, told to the person who is to approve it: what changes, in which region, in which order."""

from __future__ import annotations

from typing import Any

from ..aws.image_names import tell_image
from ..deployments import rollout
from ..lease import Lease, lease_report, messages
from ..lease.deployment_plan import DONE, RETURNED, tell, tell_images
from ..taskdef.images import ecr_image
from .run import DeploymentRun
from .scans import new_images, scan_sentences

LATE_SECONDS = 180
"""How late a metric may reach CloudWatch: of a load balancer one to three minutes."""


def plan_sentences(run: DeploymentRun, lease: Lease | None) -> list[str]:
    """The plan, a line for each thing that somebody who approves it should know."""
    told = []
    if lease is not None and lease.holder:
        told.append(messages.plan_will_be_refused(lease_report(lease, run.control.table.place)))
    found = run.found
    if not found:
        return [*told, "Nothing to do: every region runs that already, and nothing is unfinished."]
    if run.is_resumed:
        told.append(f"Goes on with {tell(found)}, begun {found['began']} by {found['operator'] or 'somebody'}.")
    if run.goes_back:
        back = [region for region in found["returns"] if found["regions"][region]["phase"] != RETURNED]
        told += [f"{region}: back to {_befores(run, region)}" for region in back]
        told += [
            f"{region}: does not answer, and stays as it is; once it does, site.yml gives it the release in force"
            for region in found.get("left", [])
        ]
        return told
    now = run.waves_now()
    for number, wave in now:
        for region in wave:
            state = run.control.lease.map.state_of(region) if run.control.lease and run.control.lease.map else ""
            told.append(f"wave {number}: {region}{f' ({state})' if state else ''}")
            told += [f"  {line}" for line in _services(run, region)]
    params = run.params
    told.append(_conduct(params))
    if run.slow_alarms:
        longest = max(run.slow_alarms.values())
        told.append(
            f"{len(run.slow_alarms)} of these alarms go off only after {longest} s of trouble, and CloudWatch hears of "
            f"it minutes late; with -e bake_time={longest + LATE_SECONDS} they count"
        )
    if run.rule is not None and not run.asked.rollback:
        gets = [image for region in run.left() for image in new_images(found["regions"][region]["services"])]
        elsewhere = [image for image in gets if not ecr_image(image)]
        told += scan_sentences(run.scans, elsewhere, run.rule, params["scan_timeout"])
    unchanged = [region for region, each in found["regions"].items() if each["phase"] == DONE]
    if unchanged:
        told.append(f"done already: {', '.join(unchanged)}")
    return told


def _services(run: DeploymentRun, region: str) -> list[str]:
    lines = []
    for name, each in run.found["regions"][region]["services"].items():
        present = run.present[region][name]
        for container, image in each["images"].items():
            label = name if container == name else f"{name}/{container}"
            now = present.images[container]
            count = f"{present.service['desired_count']} tasks"
            told = tell_images(run.found, name, {container: image})
            change = f"{tell_image(now)} → {told}" if now != image else f"{told}, as it is"
            lines.append(f"{label}: {change} ({rollout.revision(present.revision)}, {count})")
        if jobs := run.jobs.get((region, name)):
            lines.append(f"{name}: before that, with the new revision: {', '.join(job['name'] for job in jobs)}")
    return lines


def _befores(run: DeploymentRun, region: str) -> str:
    services = run.found["regions"][region]["services"].values()
    return ", ".join(sorted(rollout.revision(each["before"]) for each in services))


def _conduct(params: dict[str, Any]) -> str:
    alarms = f" with the alarms {', '.join(params['alarms'])}" if params["alarms"] else ""
    if params["error_rate"]:
        alarms += f", and at most {params['error_rate']['most_percent']:g} % of its requests may fail"
    pause = f", {params['wave_pause']:g} s between waves" if params["wave_pause"] else ""
    whole = "every region goes back" if params["on_failure"] == "rollback" else "that region goes back, the rest stays"
    return f"each region is watched for {params['bake_time']:g} s{alarms}{pause}; if a wave fails, {whole}"
