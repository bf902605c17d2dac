# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with tasks that belong to no service: jobs before a deployment, and schedules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...services.service_task import containers
from ..ecs_schedules import schedule_problems
from ..shared_arguments.before_deploy import job_problems
from .inventory import NOT_NAMED, number, reference_findings, repeated, tier_findings, unknown

Item = dict[str, Any]
Known = dict[str, Any]
"""Kind of thing → its names, or None where they are not known."""

UNKNOWN_TO_SCHEDULES = ("queue", "bucket")
"""References that a schedule cannot make: the layers that tell of these are not read for it."""


def job_findings(services: list[Item], known: Known) -> Iterator[str]:
    """About the jobs that run before services get a new revision. `known` is that of the services."""
    for service in services:
        where = f"services[{service.get('name') or NOT_NAMED}].before_deploy"
        jobs = service.get("before_deploy")
        if jobs is None:
            continue
        if not isinstance(jobs, list) or not all(isinstance(job, dict) for job in jobs):
            yield f"{where} is {jobs!r}; give a list of jobs, each with a name and a command."
            continue
        for index, job in enumerate(jobs):
            if not job.get("name"):
                yield f"{where}[{index}].name is missing; give each job a name."
        named = [job for job in jobs if job.get("name")]
        yield from job_problems(where, named)
        for job in named:
            yield from _container_findings(f"{where}[{job['name']}]", job.get("container"), job, service, known)


def schedule_findings(schedules: list[Item], services: list[Item] | None, known: Known) -> Iterator[str]:
    """About scheduled tasks. `services` is None if they are not told."""
    yield from repeated("schedules", [str(each["name"]) for each in schedules if each.get("name")])
    for schedule in schedules:
        where = f"schedules[{schedule.get('name') or NOT_NAMED}]"
        service = None
        if not schedule.get("task"):
            yield f"{where}.task is missing; give a service, or a family of task definitions."
        elif services is not None:
            family = str(schedule["task"]).partition(":")[0]
            service = next((each for each in services if each.get("name") == family), None)
            if service is None and "pass_roles" not in schedule:
                names = [str(each.get("name")) for each in services]
                for text in unknown(f"{where}.task", family, "service", names):
                    yield f"{text} If it is another family, name its roles in pass_roles, [] for none."
        yield from tier_findings(where, schedule)
        for group in schedule.get("security_groups") or []:
            yield from unknown(f"{where}.security_groups", group, "security group", known.get("security_group"))
        yield from (f"{where}: {text}" for text in schedule_problems(_complete(schedule)))
        for container in _overridden(schedule):
            spot = f"{where}.overrides.containers[{container.get('name') or NOT_NAMED}]"
            yield from _container_findings(spot, container.get("name"), container, service, known)
            for variable, value in (container.get("environment") or {}).items():
                kind = next((each for each in UNKNOWN_TO_SCHEDULES if isinstance(value, dict) and each in value), None)
                if kind:
                    yield f"{spot}.environment.{variable} refers to a {kind}, which a schedule cannot; give text."


def _container_findings(where: str, name: Any, item: Item, service: Item | None, known: Known) -> Iterator[str]:
    """About the container that something is for, and the environment that it gets."""
    if service is not None and name is not None:
        yield from unknown(where, name, "container", [str(each.get("name")) for each in containers(service)])
    for variable, value in (item.get("environment") or {}).items():
        if isinstance(value, dict):
            yield from reference_findings(f"{where}.environment.{variable}", value, known)


def _overridden(schedule: Item) -> list[Item]:
    return [each for each in (schedule.get("overrides") or {}).get("containers") or [] if isinstance(each, dict)]


def _complete(schedule: Item) -> Item:
    """A schedule as the module `ecs_schedules` would get it."""
    texts = {name: None if schedule.get(name) is None else str(schedule[name]) for name in ("cron", "rate", "at")}
    named = [{**each, "name": each.get("name") or str(schedule.get("task"))} for each in _overridden(schedule)]
    return {
        **texts,
        "name": str(schedule.get("name") or ""),
        "count": number(schedule.get("count", 1)),
        "launch_type": None,
        "capacity_provider_strategy": None,
        "overrides": {**(schedule.get("overrides") or {}), "containers": named},
    }
