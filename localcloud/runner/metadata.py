# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task metadata endpoint, version 4: what a task can ask about itself.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
"""

from __future__ import annotations

from typing import Any

from localcloud.runner.container import Container
from localcloud.runner.scheduler import backends
from localcloud.runner.task import Task


def metadata(path: str) -> dict[str, Any] | None:
    """The answer to `<task id>-<number of the container>` or that and `/task`; None if there is no such container."""
    key, _slash, what = path.strip("/").partition("/")
    identifier, _dash, number = key.partition("-")
    task = next((t for backend in backends() for t in backend.all_tasks() if t.id == identifier), None)
    if task is None or what not in ("", "task") or key not in [container.key for container in task.containers]:
        return None
    containers = [_container(task, container) for container in task.containers]
    if not what:
        return containers[int(number)]
    family, _colon, revision = task.task_definition_arn.rpartition("/")[2].rpartition(":")
    return {
        "Cluster": task.cluster_arn,
        "TaskARN": task.task_arn,
        "Family": family,
        "Revision": revision,
        "DesiredStatus": task.desired_status,
        "KnownStatus": task.last_status,
        "AvailabilityZone": task.availability_zone,
        "LaunchType": task.launch_type,
        "Containers": containers,
    }


def _container(task: Task, container: Container) -> dict[str, Any]:
    return {
        "DockerId": container.runtime_id,
        "Name": container.name,
        "Image": container.image,
        "Labels": {"com.amazonaws.ecs.task-arn": task.task_arn, "com.amazonaws.ecs.container-name": container.name},
        "DesiredStatus": task.desired_status,
        "KnownStatus": container.last_status,
        "Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": [task.address]}],
    }
