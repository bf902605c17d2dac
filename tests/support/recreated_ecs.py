# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS in memory with tasks that take their time to stop, revisions that are bad, and runs that are killed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ReadTimeoutError

from tests.support.fake_ecs import ACCOUNT, FakeEcs, refusal
from tests.support.services import TWO, update

RECREATE = {"strategy": "recreate", "desired_count": 1}

WRONG = {"subnets": ["subnet-a", "subnet-b"], "security_groups": ["sg-wrong"]}
"""A network in which nothing works."""

LOOKS_TO_STOP = 5


class Killed(BaseException):
    """The run ended here, as by kill -9."""


class RecreatedEcs(FakeEcs):
    """Tasks go on one step at each look at them. `bad` maps a task definition to crashes or hangs."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: dict[str, str] = {}
        self.inactive: set[str] = set()
        self.definitions: dict[str, Any] = {}
        self.tasks: dict[str, dict[str, Any]] = {}
        self.writes = 0
        self.killed_at: tuple[int, bool] | None = None
        """(number of the write, whether AWS still carries it out)"""
        self.refused: dict[str, Callable[[], bool]] = {}
        """Operations, and whether AWS refuses each now."""
        self.loses: Callable[[dict[str, Any]], bool] = lambda request: False
        """Whether the answer to this `UpdateService` is lost."""
        self.repeats = True
        """Whether the last client that was made repeats a request whose answer was lost."""
        self.most_at_once = 0
        self._task_ids = itertools.count(1)

    def alive(self) -> list[dict[str, Any]]:
        return [task for task in self.tasks.values() if task["lastStatus"] != "STOPPED"]

    def tags(self) -> dict[str, str]:
        return {tag["key"]: tag["value"] for tag in self.services["api"].get("tags", [])}

    def _admit(self, operation: str) -> None:
        if self.refused.get(operation, lambda: False)():
            raise refusal("ThrottlingException", "Rate exceeded", operation)

    def _written(self, write: Any, **request: Any) -> Any:
        dies = self.killed_at is not None and self.writes == self.killed_at[0]
        self.writes += 1
        if dies and not self.killed_at[1]:  # type: ignore[index]
            raise Killed
        answer = write(**request)
        if dies:
            raise Killed
        return answer

    def create_service(self, **request: Any) -> Any:
        return self._written(super().create_service, **request)

    def client(self, service: str, region: str | None = None, **config: Any) -> RecreatedEcs:
        self.repeats = config.get("retries", {}).get("max_attempts", 6) > 0
        return self

    def update_service(self, **request: Any) -> Any:
        self._admit("update_service")
        answer = self._written(super().update_service, **request)
        if not self.loses(request):
            return answer
        for _round in range(3):  # until it is known
            self._step(self.services["api"])
        if not self.repeats:
            raise ReadTimeoutError(endpoint_url="https://ecs")
        return self._written(super().update_service, **request)

    def tag_resource(self, **request: Any) -> None:
        self._written(self._tag, **request)

    def untag_resource(self, **request: Any) -> None:
        self._admit("untag_resource")
        self._written(self._untag, **request)

    def _tag(self, resourceArn: str, tags: list[dict[str, str]]) -> None:
        kept = {**self.tags(), **{tag["key"]: tag["value"] for tag in tags}}
        self.services["api"]["tags"] = [{"key": key, "value": value} for key, value in kept.items()]

    def _untag(self, resourceArn: str, tagKeys: list[str]) -> None:
        left = [tag for tag in self.services["api"]["tags"] if tag["key"] not in tagKeys]
        self.services["api"]["tags"] = left

    def _step(self, service: dict[str, Any]) -> None:
        """One round of the scheduler: percentages 0 and 100, so a stopping task makes room at once."""
        now = service["deployments"][0]
        self._stop_further()
        if service["status"] != "ACTIVE":
            running = [task for task in self.alive() if task["desiredStatus"] == "RUNNING"]
            for task in running:
                task["desiredStatus"] = "STOPPED"
            service["status"] = "DRAINING" if running else "INACTIVE"
            return
        for task in self.alive():
            if task["desiredStatus"] == "STOPPED":
                continue
            if self.bad.get(task["taskDefinitionArn"]) == "crashes":
                task.update(
                    lastStatus="STOPPED",
                    desiredStatus="STOPPED",
                    stopCode="EssentialContainerExited",
                    stoppedReason="Essential container in task exited",
                    containers=[{"name": "api", "exitCode": 3}],
                )
            else:
                task["lastStatus"] = "RUNNING"
        wanted = [task for task in self.alive() if task["desiredStatus"] == "RUNNING"]
        keep = [task for task in wanted if task["startedBy"] == now["id"]][: service["desiredCount"]]
        for task in wanted:
            if task not in keep:
                task.update(desiredStatus="STOPPED", stoppedReason="Scaling activity initiated by (deployment 1)")
        for _number in range(service["desiredCount"] - len(keep)):
            keep.append(self._start(service, now))
        # Who still stops counts as well: two of them at once is what must not happen.
        self.most_at_once = max(self.most_at_once, len(self.alive()))
        running = [task for task in keep if task["lastStatus"] == "RUNNING"]
        service["runningCount"] = len(running)
        hangs = self.bad.get(now["taskDefinition"]) == "hangs"
        if len(running) == service["desiredCount"] and not (hangs and running):
            others = [task for task in self.alive() if task["startedBy"] != now["id"]]
            if not others:
                now["rolloutState"] = "COMPLETED"
                service["deployments"] = [now]

    def _stop_further(self) -> None:
        for task in self.alive():
            if task["desiredStatus"] == "STOPPED":
                task["looks"] += 1
                if task["looks"] >= LOOKS_TO_STOP:
                    task["lastStatus"] = "STOPPED"

    def _start(self, service: dict[str, Any], deployment: dict[str, Any]) -> dict[str, Any]:
        arn = f"{ACCOUNT}:task/sales/{next(self._task_ids)}"
        self.tasks[arn] = {
            "taskArn": arn,
            "taskDefinitionArn": service["taskDefinition"],
            "startedBy": deployment["id"],
            "group": "service:api",
            "lastStatus": "PENDING",
            "desiredStatus": "RUNNING",
            "containers": [],
            "looks": 0,
        }
        return self.tasks[arn]

    def list_tasks(
        self, cluster: str, desiredStatus: str, serviceName: str | None = None, family: str | None = None
    ) -> dict[str, Any]:
        self._admit("list_tasks")
        if serviceName is None:
            of = [arn for arn, task in self.tasks.items() if f"/{family}:" in task["taskDefinitionArn"]]
            return {"taskArns": [arn for arn in of if self.tasks[arn]["desiredStatus"] == desiredStatus]}
        status = self.services[serviceName]["status"]
        if status == "INACTIVE":
            raise refusal("ServiceNotFoundException", "Service not found.", "ListTasks")
        if status == "ACTIVE" and desiredStatus == "RUNNING":
            self._step(self.services[serviceName])
        return {"taskArns": [arn for arn, task in self.tasks.items() if task["desiredStatus"] == desiredStatus]}

    def describe_tasks(self, cluster: str, tasks: list[str]) -> dict[str, Any]:
        if self.services["api"]["status"] == "INACTIVE":
            self._stop_further()
        return {"tasks": [dict(self.tasks[arn]) for arn in tasks]}

    def describe_task_definition(self, taskDefinition: str) -> dict[str, Any]:
        self.calls["describe_task_definition"] += 1
        plain = super().describe_task_definition(taskDefinition)["taskDefinition"]
        told = self.definitions.get(taskDefinition, plain)
        return {"taskDefinition": {**told, "status": "INACTIVE" if taskDefinition in self.inactive else "ACTIVE"}}


def recreated(cloud: RecreatedEcs, definition: str = TWO, **given: Any) -> dict[str, Any]:
    return update(cloud, **{**RECREATE, "task_definition": definition, **given})


def serving(cloud: RecreatedEcs) -> list[str]:
    return [task["taskDefinitionArn"] for task in cloud.alive()]
