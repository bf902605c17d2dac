# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory says about scheduled tasks, in the words of the module `ecs_schedules`, and what their role may do.

A schedule's `task` is a service of the workload, whose network it borrows, or another family of task definitions.
"""

from __future__ import annotations

from typing import Any

from ..aws.names import arn
from .service_names import family_of
from .service_task import containers
from .wiring import Place, environment

Item = dict[str, Any]

PASSED_ON = ("name", "cron", "rate", "at", "timezone", "count")


def task_schedules(schedules: list[Item], place: Place, services: list[Item], network: Item) -> list[Item]:
    """The schedules as the module takes them. `network` is what the layer network published.

    Raises:
        CollectionError: a reference that cannot be followed.
    """
    known = {service["name"]: service for service in services}
    return [_schedule(each, place, known.get(_task(each)[0], {}), network) for each in schedules]


def _task(schedule: Item) -> tuple[str, str]:
    """The service or family that a schedule starts, and `:<revision>` if it names one."""
    name, colon, revision = str(schedule["task"]).partition(":")
    return name, colon + revision


def _schedule(schedule: Item, place: Place, service: Item, network: Item) -> Item:
    made: Item = {key: schedule[key] for key in PASSED_ON if schedule.get(key) is not None}
    name, revision = _task(schedule)
    made["task_definition"] = f"{family_of(place.workload, name) if service else name}{revision}"
    overrides = schedule.get("overrides") or {}
    if overrides:
        first = _first_container(service) if service else name
        listed = [
            {
                **container,
                "name": container.get("name") or first,
                "environment": environment(container.get("environment") or {}, place),
            }
            for container in overrides.get("containers") or []
        ]
        made["overrides"] = {**overrides, "containers": listed}
    groups = schedule.get("security_groups", service.get("security_groups")) or []
    tier = schedule.get("subnets") or service.get("subnets") or "private"
    made["network"] = {
        "subnets": network["subnets"][tier],
        "security_groups": [network["security_groups"][name] for name in groups],
        "assign_public_ip": bool(schedule.get("assign_public_ip", service.get("assign_public_ip", False))),
    }
    if schedule.get("spot"):
        made["capacity_provider_strategy"] = [{"capacity_provider": "FARGATE_SPOT"}]
    elif service.get("capacity_provider_strategy"):
        made["capacity_provider_strategy"] = service["capacity_provider_strategy"]
    else:
        made["launch_type"] = service.get("launch_type") or "FARGATE"
    if service.get("platform_version"):
        made["platform_version"] = service["platform_version"]
    return made


def _first_container(service: Item) -> str:
    essential = [each["name"] for each in containers(service) if each.get("essential", True)]
    return str(essential[0])


def schedule_policies(schedules: list[Item], place: Place, services: list[Item]) -> Item:
    """The inline policy of the role that starts the tasks: these families, and their roles, and no more.

    Of a family that is no service of the workload the roles are not known; a schedule names them in `pass_roles`.
    """
    names = {service["name"] for service in services}
    tasks = {_task(each)[0] for each in schedules}
    families = sorted(family_of(place.workload, task) if task in names else task for task in tasks)
    roles = {
        arn("iam", "", place.account, f"role/{place.workload}-{task}-{kind}-{place.region}", within=place.region)
        for task in tasks
        if task in names
        for kind in ("execution", "task")
    }
    roles |= {role for each in schedules for role in each.get("pass_roles") or []}
    definitions = [place.arn("ecs", f"task-definition/{family}{end}") for family in families for end in ("", ":*")]
    statements: list[Item] = [{"Effect": "Allow", "Action": "ecs:RunTask", "Resource": definitions}]
    if roles:
        passed = {"StringLike": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
        statements.append({"Effect": "Allow", "Action": "iam:PassRole", "Resource": sorted(roles), "Condition": passed})
    return {"run": {"Version": "2012-10-17", "Statement": statements}}
