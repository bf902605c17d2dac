# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replaces the tasks of a service instead of rolling them: the old ones have STOPPED before a new one starts.

Percentages alone do not do this. `maximumPercent` counts RUNNING and PENDING tasks, so a task that is STOPPING may
still hold its lock when its successor starts, and rebalancing between zones starts before it stops. So: rebalancing
off, count 0, every task seen STOPPED, the new revision with the count restored. If that one is not healthy in time, the
same way back to the former revision. The circuit breaker may give up, and must not roll back: it would start the former
revision while the failed one is still stopping.

What a run that was killed leaves behind is told by tags of the service, so that any later run can go on from there. Its
worker may outlive it, so nothing is sent any more once the process that started this one is gone.
"""

from __future__ import annotations

import base64
import contextlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..aws.names import to_tag_list
from ..kernel import Cloud, CollectionError, NotReadyInTime
from ..kernel.cloud import BotoCoreError, ClientError
from ..kernel.retrying import make_once
from . import post_mortem, rollout
from .service_tasks import ServiceTasks

MEMORY_TAG = "multiregion.ecs.recreate"
LONGEST_TAG = 256
PAUSE_SECONDS = 0.5
"""Between two looks. Nobody serves meanwhile, so this is much shorter than for other waits."""

HEALTHY_WITHIN_SECONDS = 600
FAILED_TASKS = 2

Arguments = dict[str, Any]
Service = dict[str, Any]


class NotSeen(NotReadyInTime):
    """The last look failed, so nothing is known of what was waited for."""


@dataclass(frozen=True)
class Memory:
    """What a service was before it was stopped: `count` tasks of `revision`, PRIMARY being `deployment`.

    `since` is when it was stopped, in unix seconds. `former` are the other parameters of `UpdateService` that bring
    back what was deployed.
    """

    count: int
    revision: str
    deployment: str
    since: float
    former: Arguments = field(default_factory=dict)

    def as_tag(self, pieces: int = 0) -> str:
        """The value of the first tag, with the number of further ones. Only characters that tags may have.

        Raises:
            CollectionError: the family's name is too long for it.
        """
        text = f"count={self.count} since={self.since:.1f} deployment={self.deployment} revision={self.revision}"
        if pieces:
            text += f" pieces={pieces}"
        if len(text) > LONGEST_TAG:
            raise CollectionError(
                f"The family of {self.revision} has too long a name to be remembered in a tag ({LONGEST_TAG} "
                "characters in all). Give the task definition a shorter family for strategy recreate."
            )
        return text

    def as_tags(self) -> dict[str, str]:
        """All tags: `former`, if there is anything, is in pieces beside the first one."""
        text = json.dumps(self.former, separators=(",", ":")) if self.former else ""
        coded = base64.b64encode(text.encode()).decode()
        starts = range(0, len(coded), LONGEST_TAG)
        pieces = {_piece(number): coded[start : start + LONGEST_TAG] for number, start in enumerate(starts, 1)}
        return {MEMORY_TAG: self.as_tag(len(pieces)), **pieces}

    @classmethod
    def read(cls, tag: str, former: str = "") -> Memory:
        """What a tag says, and what `former_in` found in the others.

        Raises:
            CollectionError: somebody else wrote it.
        """
        try:
            told = dict(part.split("=", 1) for part in tag.split(" "))
            before = json.loads(base64.b64decode(former)) if former else {}
            return cls(int(told["count"]), told["revision"], told["deployment"], float(told["since"]), before)
        except (KeyError, ValueError) as error:
            says = f"{tag!r} and {former!r}" if former else repr(tag)
            raise CollectionError(
                f"The tag {MEMORY_TAG} of the service says {says}, which no run of this module wrote. Remove the tag, "
                "and those whose names begin with it, after looking at the service."
            ) from error


def _piece(number: int) -> str:
    return f"{MEMORY_TAG}.{number}"


def former_in(tags: Mapping[str, str]) -> str:
    """What the tags beside the first one say in all: as many as that one names, since older ones may have stayed."""
    told = dict(part.partition("=")[::2] for part in tags.get(MEMORY_TAG, "").split(" "))
    pieces = int(told["pieces"]) if told.get("pieces", "").isdigit() else 0
    return "".join(tags.get(_piece(number), "") for number in range(1, pieces + 1))


@dataclass(frozen=True)
class Patience:
    """When a new revision counts as failed: after so many seconds, or so many of its tasks that stopped."""

    healthy_within: float = HEALTHY_WITHIN_SECONDS
    failed_tasks: int = FAILED_TASKS


class Recreation:
    """One service on its way from what it runs to what it shall run.

    `send` makes one `UpdateService` with the arguments given, and returns the service; with `once` it does not repeat
    it when the answer is lost.
    """

    def __init__(
        self,
        cloud: Cloud,
        region: str,
        cluster: str,
        service: str,
        arn: str,
        send: Callable[..., Service],
        patience: Patience,
    ) -> None:
        self._cloud, self._region, self._cluster, self._service, self._arn = cloud, region, cluster, service, arn
        self._update, self._patience = send, patience
        self._tasks = ServiceTasks(cloud, region, cluster, service)

    def stop(self, memory: Memory, revision: str, prepare: Arguments, *, remembered: bool) -> Service:
        """Remember what the service was, stop every task, and return the service as it is then.

        `prepare` changes how the service is meanwhile. `remembered` says that an earlier run did so, and may have
        stopped the tasks already.

        Raises:
            CollectionError: ECS would refuse the new revision, so nothing was stopped; or the tasks did not stop in
                time.
        """
        self._must_be_active(revision)
        self._remember(memory)
        try:
            self._scale_to_none(prepare)
        except ClientError:
            if not remembered:
                self._forget_if_untouched(memory)
            raise
        return self._wait_until_stopped()

    def start(self, stopped: Service, deploy: Arguments, count: int) -> str:
        """Deploy what `deploy` says with `count` tasks; returns the deployment's id. `stopped` is the service as is."""
        self._cloud.tell(f"  {self._service} in {self._region}: every task has stopped; starting {count}")
        return self._deploy(stopped, {**deploy, "desiredCount": count})

    def scale(self, prepare: Arguments, count: int, *, stopped: bool) -> Service:
        """Let `count` tasks run of what is deployed already; returns the service. `stopped`: none shall run so far.

        What was asked to stop has stopped before anything is started, and before going to 0 is done.
        """
        if stopped:
            self._wait_until_stopped()
        if count:
            return self._send(**prepare, desiredCount=count)
        service = self._scale_to_none(prepare)
        self._wait_until_stopped()
        return service

    def finish(
        self, memory: Memory, deployment: str, revision: str, count: int, patience: Patience | None = None
    ) -> tuple[Service, float]:
        """Wait until the deployment is finished, with `count` tasks; returns the service and the downtime in seconds.

        Raises:
            DeploymentFailed: it failed, or was not healthy in time.
            CollectionError: when time was up it could not be seen, so it may serve.
        """
        what = f"the deployment of {rollout.revision(revision)} to service {self._service} in {self._region}"
        patience, sent = patience or self._patience, time.monotonic()

        def look() -> Service | None:
            living = self._tasks.living()
            service = rollout.describe(self._cloud, self._region, self._cluster, self._service) or {"status": "MISSING"}
            self._tasks.tell(service, living)
            verdict = rollout.judge(service, deployment, revision, count=count, sent=sent)
            if verdict.state == rollout.FAILED:
                raise rollout.DeploymentFailed(f"{what} failed: {verdict.reason}")
            failed = self._tasks.failed(deployment)
            if len(failed) >= patience.failed_tasks:
                raise rollout.DeploymentFailed(f"{what} failed: {len(failed)} of its tasks stopped")
            return service if verdict.state == rollout.DONE else None

        try:
            service = self._wait(look, patience.healthy_within)
        except NotSeen as error:
            raise CollectionError(
                f"{what} could not be followed to its end, and was left as it is, since it may serve: "
                f"{str(error).rstrip('.')}"
            ) from error
        except NotReadyInTime as error:
            raise rollout.DeploymentFailed(
                f"{what} failed: not healthy within {patience.healthy_within:.0f} s"
            ) from error
        downtime = self._downtime(memory)
        serves = (
            f"serves again after {downtime:.1f} s" if memory.count else f"has {service.get('desiredCount', 0)} tasks"
        )
        self._cloud.tell(f"  {self._service} in {self._region} {serves}")
        return service, downtime

    def go_back(self, memory: Memory, failed: str, why: Exception) -> CollectionError:
        """Bring the former revision back, and return the error that says so, with the reasons of the failure."""
        self._cloud.tell(f"  {why}; going back to {memory.revision}")
        reason = str(why).rstrip(".")
        try:
            self._scale_to_none({})
            stopped = self._wait_until_stopped()
            former = {**memory.former, "taskDefinition": memory.revision, "desiredCount": memory.count}
            back = self._deploy(stopped, former)
            # Whatever happens to its tasks, there is nothing else to go back to.
            patience = Patience(self._cloud.wait_timeout, 1_000_000)
            _service, downtime = self.finish(memory, back, memory.revision, memory.count, patience)
            result = self._forgotten(memory, _back(memory, downtime))
            details = {"downtime_seconds": downtime, "rolled_back_to": memory.revision}
            advice = "deploy a revision that works; the same again stops the service again"
        except (BotoCoreError, ClientError, CollectionError) as error:
            result = (
                f"Going back to {memory.revision} failed too: {str(error).rstrip('.')}. Service {self._service} is "
                "down, or on its way up"
            )
            details = {"rolled_back_to": None}
            advice = "run it again with a revision that works"
        facts = post_mortem.examine(self._cloud, self._region, self._cluster, self._as_seen(), failed)
        facts["unhealthy_targets"] = []  # those of the failed revision are gone
        sentences = [s for s in (reason, result, post_mortem.in_words(facts)) if s]
        return rollout.DeploymentFailed(". ".join(sentences), advice=advice, **facts, **details)

    def _must_be_active(self, revision: str) -> None:
        """Nothing is stopped for a revision that ECS would refuse."""
        client = self._cloud.client("ecs", self._region)
        status = client.describe_task_definition(taskDefinition=revision)["taskDefinition"].get("status", "ACTIVE")
        if status != "ACTIVE":
            raise CollectionError(f"{rollout.revision(revision)} is {status}; ECS deploys only ACTIVE task definitions")

    def _scale_to_none(self, prepare: Arguments) -> Service:
        self._tasks.living()  # from now on their ends are told
        return self._send(**prepare, desiredCount=0)

    def _deploy(self, now: Service, arguments: Arguments) -> str:
        """Start a deployment, and return its id. The same revision again has to be forced."""
        revision = rollout.revision(arguments.get("taskDefinition")) or rollout.revision(now.get("taskDefinition"))
        if revision != rollout.revision(now.get("taskDefinition")) and "capacityProviderStrategy" not in arguments:
            # Repeated after a lost answer it deploys nothing.
            return rollout.primary(self._send(**arguments)).get("id", "")
        # Repeated, this would stop the task that it started, and start another beside it.
        before = rollout.primary(now).get("id")
        forced = {**arguments, "forceNewDeployment": True}
        service = make_once(lambda: self._send(once=True, **forced), lambda: self._begun_after(before))
        return rollout.primary(service).get("id", "")

    def _begun_after(self, before: str | None) -> Service | None:
        """The service with a deployment that ECS began although its answer was lost, if there is one.

        Raises:
            CollectionError: it could not be seen, so that none may be sent again.
        """

        def begun() -> Service | None:
            service = self._as_told()
            return service if rollout.primary(service).get("id", before) != before else None

        try:
            return self._wait(begun, rollout.LAGS_SECONDS)
        except NotSeen as error:
            raise CollectionError(
                f"Whether ECS began a deployment of service {self._service} in {self._region} could not be seen, so "
                f"none was sent again: {str(error).rstrip('.')}. Run it again to go on"
            ) from error
        except NotReadyInTime:
            return None

    def _send(self, **arguments: Any) -> Service:
        self._refuse_without_parent()
        return self._update(**arguments)

    def _wait(self, look: Callable[[], Any], seconds: float) -> Any:
        def look_for_parent() -> Any:
            self._refuse_without_parent()
            return look()

        return wait(look_for_parent, seconds)

    def _refuse_without_parent(self) -> None:
        """Another run may have taken over by now.

        Raises:
            CollectionError: `kill -9` of ansible-playbook left this worker running.
        """
        if not self._cloud.has_parent():
            raise CollectionError(
                f"stopped replacing the tasks of service {self._service} in {self._region}: the run that this process "
                "worked for has ended"
            )

    def _wait_until_stopped(self) -> Service:
        """The service as it is told then.

        Raises:
            CollectionError: its tasks did not stop in time.
        """

        def stopped() -> list[Service]:
            living = self._tasks.living()
            service = self._as_told()
            self._tasks.tell(service, living)
            return [] if living else [service]

        try:
            (service,) = self._wait(stopped, self._cloud.wait_timeout)
            return service
        except NotReadyInTime as error:
            unseen = f" ({error})" if isinstance(error, NotSeen) else ""
            raise CollectionError(
                f"The tasks of service {self._service} in {self._region} were not seen stopped within "
                f"{self._cloud.wait_timeout:.0f} s{unseen}; nothing new was started beside them. Run it again to go on"
            ) from error

    def _as_told(self) -> Service:
        return rollout.describe(self._cloud, self._region, self._cluster, self._service) or {}

    def _as_seen(self) -> Service:
        """As told, or empty if it cannot be asked for."""
        with contextlib.suppress(BotoCoreError, ClientError):
            return self._as_told()
        return {}

    def _downtime(self, memory: Memory) -> float:
        return round(max(0.0, time.time() - memory.since), 1) if memory.count else 0.0

    def _remember(self, memory: Memory) -> None:
        tags = to_tag_list(memory.as_tags(), "key", "value")
        self._refuse_without_parent()
        self._cloud.client("ecs", self._region).tag_resource(resourceArn=self._arn, tags=tags)

    def _forget_if_untouched(self, memory: Memory) -> None:
        """ECS refused to stop the tasks. What cannot be seen to be as it was is remembered."""
        if self._as_seen().get("desiredCount") == memory.count:
            with contextlib.suppress(CollectionError):  # why it refused says more
                self.forget(memory, "nothing was stopped")

    def _forgotten(self, memory: Memory, result: str) -> str:
        """Forget, and return the result with what came of that."""
        try:
            self.forget(memory, result)
        except CollectionError as error:
            return str(error)
        return result

    def forget(self, memory: Memory, result: str) -> None:
        """The service is as it shall be, as `result` says: nothing is left to remember.

        Raises:
            CollectionError: the tags could not be removed.
        """
        self._refuse_without_parent()
        try:
            client = self._cloud.client("ecs", self._region)
            client.untag_resource(resourceArn=self._arn, tagKeys=list(memory.as_tags()))
        except (BotoCoreError, ClientError) as error:
            reason = str(error).rstrip(".")
            raise CollectionError(f"{result}; the service's tag {MEMORY_TAG} could not be removed: {reason}") from error


def _back(memory: Memory, downtime: float) -> str:
    if not memory.count:
        return f"the service is back at 0 tasks of {memory.revision}, as before"
    return f"{memory.revision} is back and serves again, after {downtime:.1f} s without service"


def wait(look: Callable[[], Any], seconds: float) -> Any:
    """Look every `PAUSE_SECONDS` until the answer is true; return it. A look that fails tells nothing: look again.

    Raises:
        NotReadyInTime: after so many seconds.
        NotSeen: after so many seconds, and the last look failed.
    """
    deadline = time.monotonic() + seconds
    while True:
        unseen: Exception | None = None
        try:
            if answer := look():
                return answer
        except (BotoCoreError, ClientError) as error:
            unseen = error
        if time.monotonic() >= deadline:
            raise NotSeen(str(unseen)) if unseen else NotReadyInTime(f"not within {seconds:.0f} s")
        time.sleep(PAUSE_SECONDS)
