# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replaces the tasks of a service instead of rolling them: the old ones have STOPPED before a new one starts.

Percentages alone do not do this. `maximumPercent` counts RUNNING and PENDING tasks, so a task that is STOPPING may
still hold its lock when its successor starts, and rebalancing between zones starts before it stops. So: rebalancing
off, count 0, every task seen STOPPED, the new revision with the count restored. If that one is not healthy in time, the
same way back to the former revision. The circuit breaker may give up, and must not roll back: it would start the former
revision while the failed one is still stopping.

What a run that was killed leaves behind is told by a tag of the service, so that any later run can go on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import post_mortem, rollout
from .kernel import Cloud, LayerError, NotReadyInTime
from .kernel.cloud import ClientError
from .service_tasks import ServiceTasks

MEMORY_TAG = "multiregion.ecs.recreate"
LONGEST_TAG = 256
PAUSE_SECONDS = 0.5
"""Between two looks. Nobody serves meanwhile, so this is much shorter than for other waits."""

HEALTHY_WITHIN_SECONDS = 300
FAILED_TASKS = 2

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Memory:
    """What a service was before it was stopped: `count` tasks of `revision`, PRIMARY being `deployment`.

    `since` is when it was stopped, in unix seconds.
    """

    count: int
    revision: str
    deployment: str
    since: float

    def as_tag(self) -> str:
        """The value of the tag. Only characters that tags may have.

        Raises:
            LayerError: the family's name is too long for it.
        """
        text = f"count={self.count} since={self.since:.1f} deployment={self.deployment} revision={self.revision}"
        if len(text) > LONGEST_TAG:
            raise LayerError(
                f"The family of {self.revision} has too long a name to be remembered in a tag ({LONGEST_TAG} "
                "characters in all). Give the task definition a shorter family for strategy recreate."
            )
        return text

    @classmethod
    def read(cls, tag: str) -> Memory:
        """What a tag says.

        Raises:
            LayerError: somebody else wrote it.
        """
        try:
            told = dict(part.split("=", 1) for part in tag.split(" "))
            return cls(int(told["count"]), told["revision"], told["deployment"], float(told["since"]))
        except (KeyError, ValueError) as error:
            raise LayerError(
                f"The tag {MEMORY_TAG} of the service says {tag!r}, which no run of this module wrote. Remove the tag "
                "after looking at the service."
            ) from error


@dataclass(frozen=True)
class Patience:
    """When a new revision counts as failed: after so many seconds, or so many of its tasks that stopped."""

    healthy_within: float = HEALTHY_WITHIN_SECONDS
    failed_tasks: int = FAILED_TASKS


class Recreation:
    """One service on its way from what it runs to what it shall run.

    `send` makes one `UpdateService` with the arguments given, and returns the service.
    """

    def __init__(
        self,
        cloud: Cloud,
        region: str,
        cluster: str,
        service: str,
        arn: str,
        send: Callable[..., dict[str, Any]],
        patience: Patience,
    ) -> None:
        self._cloud, self._region, self._cluster, self._service, self._arn = cloud, region, cluster, service, arn
        self._send, self._patience = send, patience
        self._tasks = ServiceTasks(cloud, region, cluster, service)

    def stop(self, memory: Memory, revision: str, prepare: Arguments) -> None:
        """Remember what the service was, and stop every task. `prepare` changes how the service is meanwhile.

        Raises:
            LayerError: ECS would refuse the new revision, so nothing was stopped; or the tasks did not stop in time.
        """
        self._must_be_active(revision)
        self._remember(memory)
        try:
            self._scale_to_none(prepare)
        except ClientError:  # refused as a whole: nothing was stopped
            self.forget()
            raise
        self._wait_until_stopped()

    def start(self, deploy: Arguments, count: int) -> str:
        """Deploy what `deploy` says with `count` tasks; returns the deployment's id."""
        self._cloud.tell(f"  {self._service} in {self._region}: every task has stopped; starting {count}")
        return rollout.primary(self._send(**deploy, desiredCount=count)).get("id", "")

    def resume(self, prepare: Arguments, count: int) -> str:
        """Go on where a run that was killed left a service that runs what it shall, or is about to."""
        self._wait_until_stopped_unless_running()
        started = self._send(**prepare, desiredCount=count)
        return rollout.primary(started).get("id", "")

    def finish(self, memory: Memory, deployment: str, revision: str) -> tuple[dict[str, Any], float]:
        """Wait until the deployment is finished; returns the service and the downtime in seconds.

        Raises:
            DeploymentFailed: it failed, or was not healthy in time.
        """
        what = f"the deployment of {rollout.revision(revision)} to service {self._service} in {self._region}"
        last: dict[str, Any] = {}

        def look() -> dict[str, Any] | None:
            living = self._tasks.living()
            service = rollout.describe(self._cloud, self._region, self._cluster, self._service) or {"status": "MISSING"}
            last["service"] = service
            self._tasks.tell(service, living)
            verdict = rollout.judge(service, deployment, revision)
            if verdict.state == rollout.FAILED:
                raise rollout.DeploymentFailed(f"{what} failed: {verdict.reason}")
            failed = self._tasks.failed(deployment)
            if len(failed) >= self._patience.failed_tasks:
                raise rollout.DeploymentFailed(f"{what} failed: {len(failed)} of its tasks stopped")
            return service if verdict.state == rollout.DONE else None

        try:
            service = wait(look, self._patience.healthy_within)
        except NotReadyInTime as error:
            raise rollout.DeploymentFailed(
                f"{what} failed: not healthy within {self._patience.healthy_within:.0f} s"
            ) from error
        downtime = self._downtime(memory)
        self.forget()
        self._cloud.tell(f"  {self._service} in {self._region} serves again after {downtime:.1f} s")
        return service, downtime

    def go_back(self, memory: Memory, failed: str, undo: Arguments, why: Exception) -> LayerError:
        """Bring the former revision back, and return the error that says so, with the reasons of the failure."""
        self._cloud.tell(f"  {why}; going back to {memory.revision}")
        reason = str(why).rstrip(".")
        try:
            self._scale_to_none({})
            self._wait_until_stopped()
            arguments = {**undo, "taskDefinition": memory.revision, "desiredCount": memory.count}
            started = self._send(**arguments, forceNewDeployment=True)
            back = Recreation(
                self._cloud,
                self._region,
                self._cluster,
                self._service,
                self._arn,
                self._send,
                # Whatever happens to its tasks, there is nothing else to go back to.
                Patience(self._cloud.wait_timeout, 1_000_000),
            )
            back._tasks = self._tasks
            _service, downtime = back.finish(memory, rollout.primary(started).get("id", ""), memory.revision)
            result = f"{memory.revision} is back and serves again, after {downtime:.1f} s without service"
            details = {"downtime_seconds": downtime, "rolled_back_to": memory.revision}
        except (ClientError, LayerError) as error:
            result = (
                f"Going back to {memory.revision} failed too: {str(error).rstrip('.')}. Service {self._service} is "
                "down, or on its way up; run it again with a revision that works"
            )
            details = {"rolled_back_to": None}
        service = rollout.describe(self._cloud, self._region, self._cluster, self._service) or {}
        facts = post_mortem.examine(self._cloud, self._region, self._cluster, service, failed)
        facts["unhealthy_targets"] = []  # those of the failed revision are gone
        sentences = [s for s in (reason, result, post_mortem.in_words(facts)) if s]
        return rollout.DeploymentFailed(". ".join(sentences), **facts, **details)

    def _must_be_active(self, revision: str) -> None:
        """Nothing is stopped for a revision that ECS would refuse."""
        client = self._cloud.client("ecs", self._region)
        status = client.describe_task_definition(taskDefinition=revision)["taskDefinition"].get("status", "ACTIVE")
        if status != "ACTIVE":
            raise LayerError(f"{rollout.revision(revision)} is {status}; ECS deploys only ACTIVE task definitions")

    def _scale_to_none(self, prepare: Arguments) -> None:
        self._tasks.living()  # from now on their ends are told
        self._send(**prepare, desiredCount=0)

    def _wait_until_stopped(self) -> None:
        def stopped() -> bool:
            living = self._tasks.living()
            self._tasks.tell(self._as_told(), living)
            return not living

        try:
            wait(stopped, self._cloud.wait_timeout)
        except NotReadyInTime as error:
            raise LayerError(
                f"The tasks of service {self._service} in {self._region} did not stop within "
                f"{self._cloud.wait_timeout:.0f} s; nothing new was started beside them. Run it again to go on"
            ) from error

    def _wait_until_stopped_unless_running(self) -> None:
        if not self._as_told().get("desiredCount"):
            self._wait_until_stopped()

    def _as_told(self) -> dict[str, Any]:
        return rollout.describe(self._cloud, self._region, self._cluster, self._service) or {}

    def _downtime(self, memory: Memory) -> float:
        return round(max(0.0, time.time() - memory.since), 1) if memory.count else 0.0

    def _remember(self, memory: Memory) -> None:
        tags = [{"key": MEMORY_TAG, "value": memory.as_tag()}]
        self._cloud.client("ecs", self._region).tag_resource(resourceArn=self._arn, tags=tags)

    def forget(self) -> None:
        """The service is as it shall be: nothing is left to remember."""
        self._cloud.client("ecs", self._region).untag_resource(resourceArn=self._arn, tagKeys=[MEMORY_TAG])


def wait(look: Callable[[], Any], seconds: float) -> Any:
    """Look every `PAUSE_SECONDS` until the answer is true; return it.

    Raises:
        NotReadyInTime: after so many seconds.
    """
    deadline = time.monotonic() + seconds
    while not (answer := look()):
        if time.monotonic() >= deadline:
            raise NotReadyInTime(f"not within {seconds:.0f} s")
        time.sleep(PAUSE_SECONDS)
    return answer
