# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The revision of a service with the wanted images and nothing else changed, and the service moved to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..deployments import rollout
from ..deployments.recreate import FAILED_TASKS, HEALTHY_WITHIN_SECONDS, Patience
from ..kernel import Attributes, Cloud, CollectionError
from ..resources.service import Service
from ..resources.task_definition import TaskDefinition, described, whole
from ..taskdef.canonical import canonical
from .present import handle

RECREATE = "recreate"


def with_images(definition: Mapping[str, Any], images: Mapping[str, str]) -> dict[str, Any]:
    """A definition with these images, by container."""
    containers = [
        {**container, "image": images.get(container["name"], container["image"])}
        for container in definition["containerDefinitions"]
    ]
    return {**definition, "containerDefinitions": containers}


def ensure_revision(
    cloud: Cloud, region: str, now: Attributes, images: Mapping[str, str], candidate: str | None = None
) -> str:
    """The ARN of an active revision that is as `now`, but for these images; registered if there is none.

    `candidate` is one that may be it; the family's latest is looked at too, which a run that was killed may have left.
    """
    wanted = with_images(now["definition"], images)
    if now["status"] == "ACTIVE" and _same(now["definition"], wanted):
        return str(now["task_definition_arn"])
    family = wanted["family"]
    latest = described(cloud, region, family)
    for known in (described(cloud, region, candidate) if candidate else None, latest):
        if known and known["status"] == "ACTIVE" and _same(known["definition"], wanted):
            return str(known["task_definition_arn"])
    whole(now)
    resource = TaskDefinition(family, region, latest=latest, definition=wanted, tags=now["tags"])
    made = resource.create(cloud, {"definition": wanted, "tags": now["tags"]})
    return str(made["task_definition_arn"])


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return canonical(one) == canonical(other)


def revision_to_return_to(cloud: Cloud, region: str, before: str) -> str:
    """The revision that a service ran before, or one like it where somebody has deregistered that."""
    known = described(cloud, region, before)
    if known is None:
        raise CollectionError(f"{rollout.revision(before)} in {region}, to go back to, does not exist any more")
    return ensure_revision(cloud, region, known, {})


def move(cloud: Cloud, region: str, cluster: str, name: str, revision: str, params: Mapping[str, Any]) -> Attributes:
    """Let the service run the revision, and wait until its deployment is finished. `params`: those of the service.

    Raises:
        DeploymentFailed: it failed, or was rolled back; `details` and words say why.
    """
    patience = None
    if params.get("strategy") == RECREATE:
        patience = Patience(
            params.get("healthy_within") or HEALTHY_WITHIN_SECONDS, params.get("failed_tasks") or FAILED_TASKS
        )
    service = handle(cluster, name, region, patience=patience, task_definition=revision, rollout="COMPLETED")
    actual = Service.find(cloud, region, [service], {}).get(service.name)
    if actual is None:
        raise CollectionError(f"Service {service.name} in {region} has gone in the meantime.")
    differences = service.differences(actual, service.wanted)
    return service.update(cloud, actual, service.wanted, differences) if differences else actual


def withdraw(cloud: Cloud, region: str, revision: str | None, now: str) -> None:
    """Deregister a revision that a service has left, if it is still the family's latest.

    The latest active revision is what the next run of site.yml compares with, and what starts where only a family is
    named. `now` is the revision that the service runs.
    """
    if not revision or rollout.revision(revision) == rollout.revision(now):
        return
    family = rollout.revision(revision).rpartition(":")[0]
    latest = described(cloud, region, family)
    if latest and latest["task_definition_arn"] == revision:
        cloud.client("ecs", region).deregister_task_definition(taskDefinition=revision)
        cloud.tell(f"  {rollout.revision(revision)} in {region} is deregistered")
