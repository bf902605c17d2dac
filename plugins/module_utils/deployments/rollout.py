# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a deployment of an ECS service is finished, when it has failed, and why.

A deployment is finished when it is the PRIMARY one, its rollout is COMPLETED, no other deployment is left and as many
tasks run as shall; the number of running tasks alone is not enough, because tasks of the old revision count too. A
deployment that ECS rolled back looks finished as well, so the deployment that was started is followed by its id.

ECS's answers lag behind: for some seconds after `UpdateService`, `DescribeServices` may tell of the service as it was
before. Nothing is concluded from such an answer.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import Any

from ..kernel import Cloud, CollectionError, NotReadyInTime, absent_is_none
from ..kernel.cloud import ClientError
from . import post_mortem
from .lifecycle import Stages
from .service_tasks import ServiceTasks

DONE, WAITING, FAILED = "done", "waiting", "failed"
STUCK = "unable to stop or start tasks during a deployment because of the service deployment configuration"
"""What ECS says where waiting does not help ("Service event messages")."""

LAGS_SECONDS = 30
"""An answer given so long after a change is not older than the change."""

Service = dict[str, Any]


class DeploymentFailed(CollectionError):
    """ECS gave up on a deployment, or rolled it back. `details` are what `post_mortem.examine` found."""


@dataclass(frozen=True)
class Verdict:
    """How a deployment stands, and why."""

    state: str
    reason: str = ""


def primary(service: Service) -> dict[str, Any]:
    """The deployment that ECS is moving to, or has moved to; empty if the service has none."""
    return next((d for d in service.get("deployments") or [] if d["status"] == "PRIMARY"), {})


def revision(task_definition: str | None) -> str:
    """`family:revision` of a task definition's ARN."""
    return (task_definition or "").rsplit("/", 1)[-1]


def judge(
    service: Service,
    deployment_id: str,
    task_definition: str,
    *,
    count: int | None = None,
    sent: float | None = None,
) -> Verdict:
    """How the deployment `deployment_id` of `task_definition` stands in an answer of `DescribeServices`.

    `count` is the desired count that ECS was told, and `sent` the time (`time.monotonic()`) of that. An answer without
    the deployment, or with another count, counts as an older one for LAGS_SECONDS from then on; without `sent`, always.
    """
    deployments = service.get("deployments") or []
    ours = next((d for d in deployments if d["id"] == deployment_id), None)
    now = primary(service)
    if ours is not None and ours.get("rolloutState") == "FAILED":
        reason = (ours.get("rolloutStateReason") or "ECS gave up on it").rstrip(".")
        if now.get("id") != deployment_id:
            reason += f"; ECS went back to {revision(now.get('taskDefinition'))}"
        return Verdict(FAILED, reason)
    older = _older(service, deployment_id, count)
    if older and (sent is None or time.monotonic() - sent < LAGS_SECONDS):
        return Verdict(WAITING, f"{older}; {_progress(service)}")
    if service.get("status") != "ACTIVE":
        return Verdict(FAILED, f"the service is {service.get('status')}")
    told = _told_failed(service, deployment_id)
    if told and now.get("id") != deployment_id:
        # Rolled back between two looks, to what may be the same task definition.
        return Verdict(FAILED, f"{told}; ECS went back to {revision(now.get('taskDefinition'))}")
    if now.get("id") != deployment_id and revision(now.get("taskDefinition")) != revision(task_definition):
        reason = now.get("rolloutStateReason") or "another deployment took its place"
        return Verdict(FAILED, f"{revision(now.get('taskDefinition'))} is deployed instead: {reason}")
    finished = now.get("rolloutState", "COMPLETED") == "COMPLETED" and len(deployments) == 1
    if finished and service.get("runningCount") == service.get("desiredCount"):
        return Verdict(DONE)
    stuck = _told_stuck(service, ours) if ours is not None else ""
    if stuck:
        return Verdict(FAILED, f"{stuck}. {_progress(service)}")
    return Verdict(WAITING, _progress(service))


def _older(service: Service, deployment_id: str, count: int | None) -> str:
    """What an answer lacks of the change that was sent, if anything."""
    ids = [d["id"] for d in service.get("deployments") or []]
    if deployment_id not in ids and not any(deployment_id in message for message in _messages(service)):
        return f"ECS does not tell of deployment {deployment_id} yet"
    if count is not None and service.get("desiredCount") != count:
        return f"ECS tells a desired count of {service.get('desiredCount')}, expected {count}"
    return ""


def _messages(service: Service) -> list[str]:
    return [event["message"] for event in service.get("events") or []]


def _told_failed(service: Service, deployment_id: str) -> str:
    """The event that says that a deployment failed, if there is one; the deployment itself is soon forgotten."""
    return next((m.rstrip(".") for m in _messages(service) if deployment_id in m and "deployment failed" in m), "")


def _told_stuck(service: Service, deployment: dict[str, Any]) -> str:
    """The event that says that a deployment's percentages admit no step, if there is one since it began."""
    began = deployment.get("createdAt")
    for event in service.get("events") or []:
        if STUCK in event["message"] and began is not None and event.get("createdAt", began) >= began:
            return str(event["message"]).rstrip(".")
    return ""


def _progress(service: Service) -> str:
    return ", ".join(
        f"{revision(d.get('taskDefinition'))} {d.get('runningCount', 0)} of {d.get('desiredCount', 0)} running"
        f" ({d['status']}, {d.get('rolloutState', 'no rollout state')})"
        for d in service.get("deployments") or []
    )


def describe(cloud: Cloud, region: str, cluster: str, name: str) -> Service | None:
    """What `DescribeServices` says of one service, or None. An INACTIVE one is returned while AWS remembers it."""
    with absent_is_none("ClusterNotFoundException", "ServiceNotFoundException"):
        answer = cloud.client("ecs", region).describe_services(cluster=cluster, services=[name], include=["TAGS"])
        return next(iter(answer["services"]), None)
    return None


def wait_until_finished(
    cloud: Cloud,
    region: str,
    cluster: str,
    name: str,
    deployment_id: str,
    task_definition: str,
    count: int | None = None,
) -> Service:
    """Wait for a deployment that was just sent, and return the service. `count` is the desired count sent with it.

    Raises:
        DeploymentFailed: it failed, was rolled back, or was not finished within the run's `wait_timeout`.
    """
    last: dict[str, Any] = {}
    sent = time.monotonic()
    tasks = ServiceTasks(cloud, region, cluster, name)
    stages = Stages(cloud, region, name)

    def look() -> Service | None:
        service = describe(cloud, region, cluster, name) or {"status": "MISSING"}
        # A task that stops is an event of the service, so its reason need not be looked for each time.
        if tasks.tell(service):
            with contextlib.suppress(ClientError):  # whoever may not list tasks waits all the same
                tasks.living()
        stages.tell(service)
        last.update(service=service, verdict=judge(service, deployment_id, task_definition, count=count, sent=sent))
        return service if last["verdict"].state != WAITING else None

    what = f"the deployment of {revision(task_definition)} to service {name} in {region}"
    try:
        service = cloud.wait_until(what, look)
    except NotReadyInTime as error:
        raise _failure(
            cloud, region, cluster, last["service"], deployment_id, f"{error} {last['verdict'].reason}"
        ) from error
    if last["verdict"].state == FAILED:
        hooks = stages.failed()
        reason = f"{last['verdict'].reason}{f' ({hooks})' if hooks else ''}"
        raise _failure(cloud, region, cluster, service, deployment_id, f"{what} failed: {reason}")
    return service


def _failure(
    cloud: Cloud, region: str, cluster: str, service: Service, deployment_id: str, message: str
) -> DeploymentFailed:
    facts = post_mortem.examine(cloud, region, cluster, service, deployment_id)
    sentences = [sentence for sentence in (message.rstrip("."), post_mortem.in_words(facts)) if sentence]
    return DeploymentFailed(". ".join(sentences), **facts)
