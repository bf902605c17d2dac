# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which revisions of a family are in use, and which may therefore not be cleaned away."""

from __future__ import annotations

from typing import Any

from ..aws.names import from_tag_list
from ..deployments.recreate import MEMORY_TAG, Memory
from ..deployments.rollout import revision
from ..kernel import Cloud, CollectionError

DESCRIBE_SERVICES, DESCRIBE_TASKS = 10, 100
"""As many are described at once."""


def in_use(cloud: Cloud, region: str, family: str) -> set[str]:
    """The revisions (`family:number`) that a service (any of its deployments) or a task of `family` uses, everywhere.

    A service whose tasks are being replaced also uses the revision that it goes back to when that fails.

    Raises:
        CollectionError: which one that is cannot be read.
    """
    used: set[str] = set()
    client = cloud.client("ecs", region)
    for cluster in cloud.paginate("ecs", "list_clusters", region):
        for arns in _batches(cloud.paginate("ecs", "list_services", region, cluster=cluster), DESCRIBE_SERVICES):
            for service in client.describe_services(cluster=cluster, services=arns, include=["TAGS"])["services"]:
                used |= _of_service(service)
        for arns in _batches(
            cloud.paginate("ecs", "list_tasks", region, cluster=cluster, family=family), DESCRIBE_TASKS
        ):
            for task in client.describe_tasks(cluster=cluster, tasks=arns)["tasks"]:
                if task.get("lastStatus") != "STOPPED":
                    used.add(revision(task["taskDefinitionArn"]))
    return used


def _of_service(service: dict[str, Any]) -> set[str]:
    holders = [service, *service.get("deployments", []), *service.get("taskSets", [])]
    used = {revision(holder["taskDefinition"]) for holder in holders if holder.get("taskDefinition")}
    memory = from_tag_list(service.get("tags"), "key", "value").get(MEMORY_TAG)
    if memory is None:
        return used
    try:
        return used | {Memory.read(memory).revision}
    except CollectionError as error:
        raise CollectionError(
            f"What service {service['serviceArn']} goes back to is not known, so no revision is removed. {error}"
        ) from error


def _batches(items: list[str], size: int) -> list[list[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
