# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of a service's deployments, as ListServiceDeployments and DescribeServiceDeployments tell it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.utilities.utils import get_partition

IN_PROGRESS, SUCCESSFUL, STOPPED = "IN_PROGRESS", "SUCCESSFUL", "STOPPED"
ROLLING_BACK, ROLLED_BACK = "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"
KEPT = 50


@dataclass
class ServiceDeployment:
    """One deployment that somebody asked for; what ECS rolls back to by itself belongs to it.

    deployment: the id that DescribeServices tells.  hooks: the executions of the stage that it is in.
    """

    service: Any
    deployment: str
    sources: list[str]
    arn: str = ""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    finished_at: datetime | None = None
    status: str = IN_PROGRESS
    reason: str = ""
    stage: str = ""
    hooks: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        name = f"{self.service.cluster_name}/{self.service.name}/{secrets.token_urlsafe(15)}"
        self.arn = _arn(self.service, "service-deployment", name)

    def become(self, status: str, reason: str = "") -> None:
        self.status, self.reason = status, reason or self.reason
        if status != ROLLING_BACK:
            self.finished_at = datetime.now(UTC)

    def brief(self) -> dict[str, Any]:
        told = {
            "serviceDeploymentArn": self.arn,
            "serviceArn": self.service.arn,
            "clusterArn": self.service.cluster_arn,
            "createdAt": self.created_at,
            "startedAt": self.created_at,
            "targetServiceRevisionArn": revision_arn(self.service, self.deployment),
            "status": self.status,
        }
        if self.finished_at:
            told["finishedAt"] = self.finished_at
        return {**told, "statusReason": self.reason} if self.reason else told

    def whole(self) -> dict[str, Any]:
        told = self.brief()
        target = told.pop("targetServiceRevisionArn")
        if self.stage:
            told["lifecycleStage"] = self.stage
        return {
            **told,
            "updatedAt": datetime.now(UTC),
            "sourceServiceRevisions": [{"arn": revision_arn(self.service, each)} for each in self.sources],
            "targetServiceRevision": {"arn": target},
            "deploymentConfiguration": self.service.deployment_configuration,
            "lifecycleHookDetails": [each.describe() for each in self.hooks],
        }


def revision_arn(service: Any, deployment: str) -> str:
    """Of the service revision that came with a deployment."""
    number = deployment.rpartition("/")[2]
    return _arn(service, "service-revision", f"{service.cluster_name}/{service.name}/{number}")


def _arn(service: Any, kind: str, name: str) -> str:
    return f"arn:{get_partition(service.region_name)}:ecs:{service.region_name}:{service._account_id}:{kind}/{name}"


def history(service: Any) -> list[ServiceDeployment]:
    """The newest first."""
    if not hasattr(service, "service_deployments"):
        service.service_deployments = []
    return service.service_deployments  # type: ignore[no-any-return]


def begin(service: Any, deployment: str) -> None:
    """Somebody has asked for a deployment, in the place of what was under way."""
    known = history(service)
    for other in known:
        if other.status in (IN_PROGRESS, ROLLING_BACK):
            other.become(STOPPED, "Superseded by another service deployment.")
    sources = [each["id"] for each in service.deployments if each["id"] != deployment]
    known.insert(0, ServiceDeployment(service, deployment, sources))
    service.current_service_deployment = known[0].arn
    del known[KEPT:]


def record_of(service: Any, deployment: str) -> ServiceDeployment | None:
    return next((each for each in history(service) if each.deployment == deployment), None)


def fail(service: Any, deployment: str, reason: str, rolls_back: bool) -> None:
    """ECS has given a deployment up."""
    if record := record_of(service, deployment):
        record.become(ROLLING_BACK if rolls_back else STOPPED, reason)


def complete(service: Any, deployment: str) -> None:
    """A deployment has ended well, or it is what ECS went back to."""
    for each in history(service):
        if each.deployment == deployment and each.status == IN_PROGRESS:
            each.become(SUCCESSFUL)
        elif each.status == ROLLING_BACK:
            each.become(ROLLED_BACK)
