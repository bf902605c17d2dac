# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks as targets: where a service's tasks are registered, and how long it takes until nobody asks a leaving one."""

from __future__ import annotations

from typing import Any

from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends

from localcloud.runner import health
from localcloud.runner.backend import EcsBackend, tell
from localcloud.runner.shifting import group_arn, side_of
from localcloud.runner.task import Task
from localcloud.world import WORLD

NOTICE = 0.4
"""Seconds until the front door has heard that a target is leaving, and has sent what it had already chosen it for. A
load balancer of AWS's knows at once, so it holds even for a target group without a deregistration delay."""


def service_of(task: Task) -> Any:
    """The service a task belongs to, or None."""
    if not task.group.startswith("service:"):
        return None
    backend: EcsBackend = ecs_backends[task._account][task.region_name]  # type: ignore[assignment]
    return backend.services.get(f"{task.cluster_name}:{task.group.removeprefix('service:')}")


def groups_of(service: Any, deployment: str) -> list[tuple[Any, int]]:
    """(target group, container port) for each load balancer of a deployment's tasks whose group still exists."""
    groups = elbv2_backends[service._account_id][service.region_name].target_groups
    side = side_of(service, deployment)
    wanted = [(groups.get(group_arn(each, side)), each["containerPort"]) for each in service.load_balancers or []]
    return [(group, port) for group, port in wanted if group is not None]


def register(task: Task) -> None:
    """Make a task that has started a target of its service's groups."""
    service = service_of(task)
    if service is None or not task.is_live:
        return
    for group, port in groups_of(service, task.started_by):
        group.register([{"Id": task.address, "Port": port}])
        tell(service, f"registered 1 targets in (target-group {group.arn})")


def deregister(task: Task) -> float:
    """Take a task out of its service's groups; returns the seconds until nobody asks it any more."""
    service = service_of(task)
    groups = groups_of(service, task.started_by) if service else []
    registered = [group for group, _port in groups if task.address in group.targets]
    for group in registered:
        group.deregister([{"Id": task.address}])
        tell(service, f"deregistered 1 targets in (target-group {group.arn})")
    return max([WORLD.options.delayed(NOTICE), *map(health.delay_of, registered)]) if registered else 0.0
