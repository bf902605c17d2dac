# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a schedule does when its time has come: it runs tasks of ECS with the permissions of its role."""

from __future__ import annotations

import json
import logging
from typing import Any

from moto.ecs.exceptions import ECSException
from moto.ecs.models import ecs_backends

from localcloud.ecs import task_rules
from localcloud.policies import role_may

log = logging.getLogger("localcloud.scheduler")

STARTED_BY = "chronos-schedule/"
"""How `startedBy` of tasks begins that a schedule started."""

PARAMETERS = {
    "TaskCount": "count",
    "LaunchType": "launchType",
    "CapacityProviderStrategy": "capacityProviderStrategy",
    "PlatformVersion": "platformVersion",
    "Group": "group",
    "EnableExecuteCommand": "enableExecuteCommand",
    "PropagateTags": "propagateTags",
}
"""EcsParameters that are parameters of RunTask under another name."""


class Denied(Exception):
    """The role of a schedule may not do what is needed."""


def invoke(account: str, region: str, schedule: Any) -> list[str]:
    """Run the tasks of a schedule; returns their ARNs. What is refused is only in the log, as it is on AWS."""
    target = schedule.target
    if "EcsParameters" not in target:
        log.warning("schedule %s in %s: only ECS is run here, not %s", schedule.name, region, target["Arn"])
        return []
    backend: Any = ecs_backends[account][region]
    try:
        given = run_task_parameters(schedule)
        definition = task_rules.check_run(backend, given)
        _check_role(account, target["RoleArn"], definition)
        tasks, failures = backend.run_tasks(given, definition, "")
    except (ECSException, Denied) as error:
        log.warning("schedule %s in %s was not run: %s", schedule.name, region, error)
        return []
    log.info("schedule %s in %s: %s tasks, failures %s", schedule.name, region, len(tasks), failures)
    return [task.task_arn for task in tasks]


def run_task_parameters(schedule: Any) -> dict[str, Any]:
    """The parameters of RunTask that a schedule's target describes."""
    target = schedule.target
    wanted = target["EcsParameters"]
    given = {
        "cluster": target["Arn"],
        "taskDefinition": wanted["TaskDefinitionArn"],
        "startedBy": f"{STARTED_BY}{schedule.name}".replace(".", "-")[:128],
        **{there: wanted[here] for here, there in PARAMETERS.items() if wanted.get(here) is not None},
    }
    network = (wanted.get("NetworkConfiguration") or {}).get("awsvpcConfiguration")
    if network:
        given["networkConfiguration"] = {
            "awsvpcConfiguration": {f"{name[0].lower()}{name[1:]}": value for name, value in network.items()}
        }
    if target.get("Input"):
        given["overrides"] = json.loads(target["Input"])
    return given


def _check_role(account: str, arn: str, definition: Any) -> None:
    passed = [getattr(definition, name, None) for name in ("task_role_arn", "execution_role_arn")]
    needed = [("ecs:RunTask", definition.arn), *(("iam:PassRole", each) for each in passed if each)]
    for action, resource in needed:
        if not role_may(account, arn, action, resource):
            raise Denied(f"{arn} is not authorized to perform {action} on {resource}")
