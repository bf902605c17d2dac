# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The automatic scaling of a service: what cannot be right about it, and the resources it is made of."""

from __future__ import annotations

from typing import Any

from ...kernel import KNOWN_AFTER_APPLY, Resource
from ...kernel.values import is_unknown
from ...resources.service import Service
from ...resources.service_scaling import METRICS, QUEUE, ScalableTarget, ScalingPolicy, ScalingSchedules


def count_problems(params: dict[str, Any]) -> list[str]:
    count, scaling = params["desired_count"], params["scaling"]
    if count is not None and count < 0:
        return [f"desired_count is {count}; expected 0 or more."]
    if scaling is None:
        return []
    found = []
    least, most = scaling["min"], scaling["max"]
    if not 0 <= least <= most:
        found.append(f"scaling.min is {least} and scaling.max is {most}; expected 0 ≤ min ≤ max.")
    elif count is not None and not least <= count <= most:
        found.append(f"desired_count is {count}, outside of scaling.min {least} and scaling.max {most}.")
    if scaling["queue"] and scaling["queue"]["messages_per_task"] <= 0:
        found.append(
            f"scaling.queue.messages_per_task is {scaling['queue']['messages_per_task']}; expected more than 0."
        )
    names = [item["name"] for item in scaling["schedules"]]
    for name in sorted({name for name in names if names.count(name) > 1}):
        found.append(f"scaling.schedules: {name} is there twice; AWS keeps one of each name.")
    for item in scaling["schedules"]:
        if not item["schedule"].startswith(("cron(", "rate(", "at(")):
            found.append(
                f"scaling.schedules: {item['name']} is at {item['schedule']!r}; expected cron(…), rate(…) or at(…)."
            )
        if not 0 <= item["min"] <= item["max"]:
            found.append(
                f"scaling.schedules: {item['name']} has min {item['min']} and max {item['max']}; "
                "expected 0 ≤ min ≤ max."
            )
    for name in ("cpu", "memory"):
        if scaling[name] is not None and not 0 < scaling[name] <= 100:
            found.append(f"scaling.{name} is {scaling[name]}; expected a percentage above 0, up to 100.")
    if scaling["requests"] is not None:
        if scaling["requests"] <= 0:
            found.append(f"scaling.requests is {scaling['requests']}; expected more than 0 requests per target.")
        if not scaling["load_balancer_arn"] or not params["load_balancers"]:
            found.append("scaling.requests needs scaling.load_balancer_arn and load_balancers, whose requests count.")
    return found


def resource_label(load_balancer_arn: str, target_group_arn: str) -> str:
    """How Application Auto Scaling names a target group behind a load balancer: the last parts of both ARNs."""
    if is_unknown([load_balancer_arn, target_group_arn]):
        return KNOWN_AFTER_APPLY
    balancer = load_balancer_arn.split(":loadbalancer/", 1)[-1]
    group = target_group_arn.rsplit(":", 1)[-1]
    return f"{balancer}/{group}"


def scaling_range(scaling: dict[str, Any]) -> tuple[int, int]:
    """The lowest and the highest count that automatic scaling may set, whatever schedule is in force."""
    limits = [scaling, *_in_force(scaling)]
    return min(item["min"] for item in limits), max(item["max"] for item in limits)


def _in_force(scaling: dict[str, Any]) -> list[dict[str, Any]]:
    """The schedules that may set limits."""
    return [] if scaling["suspend_schedules"] else scaling["schedules"]


def scaling_resources(service: Service, scaling: dict[str, Any] | None, params: dict[str, Any]) -> list[Resource]:
    """The scalable target and a policy for each metric; what is not wanted is removed, policies first."""
    schedules, limits, in_force = [], {}, []
    if scaling:
        schedules, in_force = scaling["schedules"], _in_force(scaling)
        limits = {"min": scaling["min"], "max": scaling["max"], "suspended": scaling["suspend_schedules"]}
    target = ScalableTarget(
        service.name,
        service.region,
        needs=[service],
        state="present" if scaling else "absent",
        scheduled=frozenset((item["min"], item["max"]) for item in in_force),
        **limits,
    )
    planned = ScalingSchedules(
        service.name,
        service.region,
        needs=[target],
        state="present" if schedules else "absent",
        **({"schedules": schedules} if schedules else {}),
    )
    resources: list[Resource] = [target, planned]
    for metric in METRICS:
        wanted: dict[str, Any] = {}
        if scaling and scaling[metric] is not None:
            wanted = {name: scaling[name] for name in ("scale_in_cooldown", "scale_out_cooldown")}
            if metric == QUEUE:
                wanted.update(target=float(scaling[QUEUE]["messages_per_task"]), queue=scaling[QUEUE]["name"])
            else:
                wanted["target"] = float(scaling[metric])
            if metric == "requests":
                group = params["load_balancers"][0]["target_group_arn"]
                wanted["resource_label"] = resource_label(scaling["load_balancer_arn"], group)
        state = "present" if wanted else "absent"
        resources.append(ScalingPolicy(service, metric, service.region, needs=[target], state=state, **wanted))
    return resources
