# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which task definitions must never run twice at a time, because a container of theirs owns the files of a volume.

Such a container carries a Docker label, which roles/service gives it for `single_writer: true`.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud, CollectionError
from ..services.service_task import SINGLE_WRITER_LABEL
from .rollout import revision

Definition = dict[str, Any]


def single_writers(definition: Definition) -> list[tuple[str, str, str]]:
    """(container, volume, path) of each writable EFS volume in a container that is marked as its only writer.

    `definition` is what `DescribeTaskDefinition` answers.
    """
    shared = {v["name"] for v in definition.get("volumes") or [] if v.get("efsVolumeConfiguration")}
    return [
        (container["name"], mount["sourceVolume"], mount["containerPath"])
        for container in definition.get("containerDefinitions") or []
        if (container.get("dockerLabels") or {}).get(SINGLE_WRITER_LABEL, "").lower() == "true"
        for mount in container.get("mountPoints") or []
        if mount.get("sourceVolume") in shared and not mount.get("readOnly")
    ]


def refuse_rolling(cloud: Cloud, region: str, service: str, task_definition: str) -> None:
    """Refuse to roll a service whose tasks must not meet.

    Raises:
        CollectionError: the task definition has a single writer.
    """
    if writer := _single_writer(cloud, region, task_definition):
        raise CollectionError(
            f"Service {service} in {region} must not be rolled: {writer}. A rolling deployment, and any but recreate, "
            "starts the new task while the old one still runs; both would open the same files, and the new one would "
            f"die at their lock. Use strategy: recreate. {_IF_TWO_MAY}"
        )


def refuse_several(cloud: Cloud, region: str, service: str, task_definition: str, count: int) -> None:
    """Refuse to run so many tasks of a service of which only one may run.

    Raises:
        CollectionError: the task definition has a single writer.
    """
    if writer := _single_writer(cloud, region, task_definition):
        raise CollectionError(
            f"Service {service} in {region} must not run {count} tasks: {writer}. All would open the same files, and "
            f"all but one would die at their lock. Use desired_count: 1. {_IF_TWO_MAY}"
        )


_IF_TWO_MAY = (
    f"If two may write, take the container's mark away (single_writer: false, Docker label {SINGLE_WRITER_LABEL})."
)


def _single_writer(cloud: Cloud, region: str, task_definition: str) -> str:
    """The first one told to a person, or an empty text."""
    answer = cloud.client("ecs", region).describe_task_definition(taskDefinition=task_definition)
    for container, volume, path in single_writers(answer["taskDefinition"]):
        return (
            f"container {container} of {revision(task_definition)} is the single writer of EFS volume {volume} at "
            f"{path}"
        )
    return ""
