# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schedules by which tasks of a workload run in one region: a group of EventBridge Scheduler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..aws.names import arn, resource_tags
from ..kernel import Cloud, Known, Resource
from ..kernel.run import Composition, ModuleDefinition
from ..kernel.values import is_unknown
from ..resources.schedule import Schedule, ScheduleGroup, listed
from ..taskdef.task_overrides import to_aws, without_secrets
from .shared_arguments.capacity_provider_strategy import strategy_problems
from .shared_arguments.task_overrides import (
    OVERRIDES_ARGUMENT,
    override_problems,
    secrets,
)

NAME = re.compile(r"[0-9A-Za-z_.-]{1,64}")
from .shared_arguments.task_placement import PLACEMENT_ARGUMENTS

KINDS = ("cron", "rate", "at")
RATE = re.compile(r"(1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))")
AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
CRON_FIELDS = 6
COUNTS = range(1, 11)


def problems(params: dict[str, Any]) -> list[str]:
    group, schedules = group_of(params), params["schedules"]
    found = [] if NAME.fullmatch(group) else [f"group is {group!r}; up to 64 letters, digits and _ . - are valid."]
    if params["state"] == "absent":
        return found
    names = [each["name"] for each in schedules]
    found += [
        f"schedules has {name!r} {names.count(name)} times." for name in sorted(set(names)) if names.count(name) > 1
    ]
    for name in ("cluster", "role_arn"):
        if schedules and not params[name]:
            found.append(f"{name} is missing; every schedule needs it.")
    for each in schedules:
        found += [f"schedules[{each['name']}]: {problem}" for problem in schedule_problems(each)]
    return found


def schedule_problems(schedule: dict[str, Any]) -> Iterator[str]:
    """What cannot be right about one schedule."""
    if not NAME.fullmatch(schedule["name"]):
        yield "up to 64 letters, digits and _ . - are valid as a name."
    given = [kind for kind in KINDS if schedule[kind]]
    if len(given) != 1:
        yield f"{' and '.join(given) or 'none of cron, rate and at'} is given; give one of cron, rate and at."
    rate, at, cron = schedule["rate"], schedule["at"], schedule["cron"]
    if rate and not RATE.fullmatch(rate):
        yield f"rate is {rate!r}; expected for instance 1 minute, 5 minutes, 2 hours or 1 day."
    if at and not AT.fullmatch(at):
        yield f"at is {at!r}; expected a local time such as 2030-01-31T04:00:00."
    fields = (cron or "").split()
    if cron and (len(fields) != CRON_FIELDS or (fields[2] == "?") == (fields[4] == "?")):
        yield (
            f"cron is {cron!r}; expected six fields (minutes, hours, day of month, month, day of week, year), of which "
            "one of the two days is ?, such as 0 3 * * ? *."
        )
    if schedule["count"] not in COUNTS:
        yield f"count is {schedule['count']}; AWS starts {COUNTS[0]} to {COUNTS[-1]} tasks at once."
    if schedule["launch_type"] and schedule["capacity_provider_strategy"]:
        yield "launch_type and capacity_provider_strategy are both given; AWS accepts one of them."
    yield from strategy_problems("capacity_provider_strategy", schedule["capacity_provider_strategy"])
    yield from override_problems(schedule["overrides"] or {})
    for container in (schedule["overrides"] or {}).get("containers") or []:
        if not container.get("name"):
            yield "overrides.containers has one without a name; a schedule must name its containers."


def group_of(params: dict[str, Any]) -> str:
    return params["group"] or params["workload"]


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    region, name, absent = params["region"], group_of(params), params["state"] == "absent"
    group = ScheduleGroup(
        name,
        region,
        state=params["state"],
        purge_tags=params["purge_tags"],
        **({} if absent else {"tags": resource_tags(params)}),
    )
    wanted = [] if absent else params["schedules"]
    schedules = [_schedule(params, cloud, each, group) for each in wanted]
    names = {each["name"] for each in wanted}
    strays = [
        Schedule(name, each, region, state="absent", needs=[group])
        for each in listed(cloud.client("scheduler", region), name)
        if each not in names
    ]
    resources: list[Resource] = [group, *schedules, *strays]

    def outputs(known: Known) -> dict[str, Any]:
        return {
            "group_arn": known.attribute(group, "arn"),
            "schedules": {
                each.schedule: {name: known.attribute(each, name) for name in ("arn", "enabled", "expression")}
                for each in schedules
            },
        }

    return Composition(resources, outputs)


def _schedule(params: dict[str, Any], cloud: Cloud, given: dict[str, Any], group: ScheduleGroup) -> Schedule:
    region = params["region"]
    kind = next(kind for kind in KINDS if given[kind])

    def in_ecs(what: str, given: str) -> str:
        """An ARN that may have been given by its name alone."""
        if given.startswith("arn:") or is_unknown(given):
            return given
        return arn("ecs", region, cloud.account_id, f"{what}/{given}")

    wanted: dict[str, Any] = {
        "expression": f"{kind}({given[kind]})",
        "timezone": given["timezone"],
        "enabled": params["enabled"],
        "cluster_arn": in_ecs("cluster", params["cluster"]),
        "role_arn": params["role_arn"],
        "task_definition": in_ecs("task-definition", given["task_definition"]),
        "count": given["count"],
        "overrides": to_aws(given["overrides"]),
    }
    # An update replaces all of it, so what is left out is wanted to be absent.
    wanted |= {
        "launch_type": given["launch_type"],
        "capacity_provider_strategy": given["capacity_provider_strategy"] or [],
        "platform_version": given["platform_version"],
        "network": given["network"]
        and {
            "subnets": sorted(given["network"]["subnets"]),
            "security_groups": sorted(given["network"]["security_groups"]),
            "assign_public_ip": given["network"]["assign_public_ip"],
        },
    }
    return Schedule(group.name, given["name"], region, needs=[group], mask=without_secrets, **wanted)


MODULE = ModuleDefinition(
    arguments={
        "group": {"type": "str"},
        "cluster": {"type": "str"},
        "role_arn": {"type": "str"},
        "enabled": {"type": "bool", "default": True},
        "schedules": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str", "required": True},
                "cron": {"type": "str"},
                "rate": {"type": "str"},
                "at": {"type": "str"},
                "timezone": {"type": "str", "default": "UTC"},
                "task_definition": {"type": "str", "required": True},
                "overrides": OVERRIDES_ARGUMENT,
                **PLACEMENT_ARGUMENTS,
            },
        },
    },
    services=("scheduler", "sts"),
    build=build,
    problems=problems,
    secrets=lambda params: {value for each in params["schedules"] or [] for value in secrets(each)},
)
