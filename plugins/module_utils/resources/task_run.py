# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that are run once under a name of their own, and found again by it.

ECS has no names for tasks. A run's `startedBy` and its client token are made of its `run_id`, so whoever runs it again,
also after the first was killed, watches the tasks that are there. ECS remembers stopped tasks for an hour.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from ..aws.names import from_tag_list, to_tag_list
from ..deployments import task_run
from ..deployments.task_run import RUNNING, STOPPED, STOPPED_AS_ABSENT, STOPPED_AS_ASKED, TaskRun
from ..kernel import (
    Attributes,
    Cloud,
    CollectionError,
    Difference,
    NotReadyInTime,
    Resource,
    absent_is_none,
    error_code,
)
from ..kernel.cloud import ClientError
from ..kernel.values import is_unknown
from .assuming import until_assumable

RUN_TAG, REQUEST_TAG, ATTEMPT_TAG = "run", "run-request", "run-attempt"
"""Tags of a run's tasks: its id, what was asked for, and how often it had been tried."""

GONE = ("ClusterNotFoundException", "InvalidParameterException")
"""A task or its cluster is not there any more."""

Task = dict[str, Any]


@dataclass(frozen=True)
class Manner:
    """How a run is run, apart from what RunTask is told.

    `until` is RUNNING or STOPPED. Without `keep` the tasks are stopped then, and also when they are waited for in vain.
    `retry_failed`: a run that failed is tried again. `counted`: the container whose exit code counts, the first
    essential one unless given. `lines`: how many last lines of each container are returned. `timeout`: in seconds, for
    each wait; the run's own unless given.
    """

    until: str
    keep: bool
    retry_failed: bool
    counted: str | None
    lines: int
    timeout: float | None = None


class RunOfTasks(Resource):
    """Wanted: `task_definition`, `count`, `overrides`, `network`, `tags` and further attributes of TO_AWS; `reaches`
    (RUNNING or STOPPED), if it is waited for. `request` tells runs of one id apart that ask for other things; it is
    empty where the id itself does.

    Gives `tasks` (see TaskRun), `exit_code` and `counted`.
    """

    kind = "ecs_task_run"
    owned: ClassVar[bool] = False
    renewed: ClassVar[frozenset[str]] = frozenset({"tasks", "exit_code", "counted"})

    def __init__(
        self,
        run_id: str | None,
        region: str,
        *,
        cluster: str,
        request: str,
        manner: Manner,
        mask: Callable[[Attributes], Attributes],
        **wanted: Any,
    ) -> None:
        super().__init__(run_id or f"{_base_name(wanted.get('task_definition'))} (once)", region, **wanted)
        self.run_id = run_id
        self.cluster = cluster
        self.request = request
        self.manner = manner
        self.mask = mask
        self.attempt = 1
        self.acted = False

    @property
    def started_by(self) -> str:
        """At most 128 letters, digits, hyphens, slashes and underscores."""
        return started_by(self.cluster, self.run_id or uuid.uuid4().hex)

    @property
    def token(self) -> str:
        """The same for every attempt at the same run, so that ECS starts its tasks once."""
        named = f"{self.cluster}|{self.run_id}|{self.attempt}" if self.run_id else uuid.uuid4().hex
        return hashlib.sha256(named.encode()).hexdigest()

    def shown(self, attributes: Attributes) -> Attributes:
        return self.mask(attributes)

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        """Tasks that exist are only waited for: what was asked for stands."""
        now, then = actual["reaches"], wanted.get("reaches")
        return {"reaches": (now, then)} if then and not task_run.has_reached(now, then) else {}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[RunOfTasks], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        known = {run.name: run._find(cloud) for run in resources}
        return {name: attributes for name, attributes in known.items() if attributes is not None}

    def _find(self, cloud: Cloud) -> Attributes | None:
        if self.run_id is None or is_unknown(self.run_id) or is_unknown(self.cluster):
            return None
        tasks = self._latest(self._tasks(cloud))
        if self.state == "absent":
            tasks = [task for task in tasks if task["lastStatus"] != STOPPED]
            return {"tasks": [task_run.short(task) for task in tasks]} if tasks else None
        if not tasks:
            return None
        if all(task.get("stoppedReason") == STOPPED_AS_ABSENT for task in tasks):
            self.attempt += 1
            return None
        watched = self._watched(cloud, tasks[0]["taskDefinitionArn"])
        facts = watched.look(tasks)
        if self.manner.retry_failed and any(map(task_run.has_failed, facts)) and _have_stopped(facts):
            self.attempt += 1
            return None
        self._refuse_another(tasks)
        return self._attributes(watched, facts)

    def _tasks(self, cloud: Cloud) -> list[Task]:
        which = {"cluster": self.cluster, "startedBy": self.started_by}
        with absent_is_none("ClusterNotFoundException"):
            arns = [
                arn
                for status in (RUNNING, STOPPED)
                for arn in cloud.paginate("ecs", "list_tasks", self.region, **which, desiredStatus=status)
            ]
            if arns:
                client = cloud.client("ecs", self.region)
                # Of so many attempts that more are listed, the hundred that are listed first are enough.
                return client.describe_tasks(cluster=self.cluster, tasks=arns[:100], include=["TAGS"])["tasks"]
        return []

    def _latest(self, tasks: list[Task]) -> list[Task]:
        """The tasks of the latest attempt, in one order."""
        attempts = {task["taskArn"]: int(_tags(task).get(ATTEMPT_TAG, "1")) for task in tasks}
        self.attempt = max(attempts.values(), default=1)
        return sorted((t for t in tasks if attempts[t["taskArn"]] == self.attempt), key=lambda task: task["taskArn"])

    def _refuse_another(self, tasks: list[Task]) -> None:
        before = _tags(tasks[0]).get(REQUEST_TAG)
        if before and self.request and before != self.request:
            raise CollectionError(
                f"run_id {self.run_id} in {self.region} is that of a run with other parameters, whose task "
                f"{task_run.short(tasks[0])} of {_base_name(tasks[0]['taskDefinitionArn'])} is "
                f"{tasks[0]['lastStatus']}. Give another run_id, or the same parameters."
            )

    def _watched(self, cloud: Cloud, definition: str) -> TaskRun:
        client = cloud.client("ecs", self.region)
        described = client.describe_task_definition(taskDefinition=definition)["taskDefinition"]
        watched = TaskRun(cloud, self.region, self.cluster, described, self.manner.counted, self.manner.lines)
        if (self.wanted.get("network") or {}).get("assign_public_ip"):
            watched.expect_public_addresses()
        return watched

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        self.acted = True
        client = cloud.client("ecs", self.region)
        watched = self._watched(cloud, wanted["task_definition"])
        arguments = {
            **_arguments(wanted, watched.counted),
            "cluster": self.cluster,
            "startedBy": self.started_by,
            "clientToken": self.token,
            "tags": to_tag_list({**wanted["tags"], **self._own_tags()}, "key", "value"),
        }
        try:
            answer = until_assumable(cloud, lambda: client.run_task(**arguments))
        except ClientError as error:
            if error_code(error) != "ConflictException":
                raise
            raise CollectionError(
                f"run_id {self.run_id} in {self.region} is that of a run with other parameters: {error}",
                advice="give another run_id, or the same parameters",
            ) from error
        arns = [task["taskArn"] for task in answer["tasks"]]
        if answer["failures"]:
            raise _no_place(answer["failures"], arns, wanted["count"])
        cloud.tell(f"  starts {len(arns)} × {_base_name(answer['tasks'][0]['taskDefinitionArn'])} in {self.region}")
        return self._followed(cloud, watched, arns, wanted) if "reaches" in wanted else self._told(watched, answer)

    def _own_tags(self) -> dict[str, str]:
        if self.run_id is None:
            return {}
        return {RUN_TAG: self.run_id, REQUEST_TAG: self.request, ATTEMPT_TAG: str(self.attempt)}

    def _told(self, watched: TaskRun, answer: dict[str, Any]) -> Attributes:
        return self._attributes(watched, watched.look(answer["tasks"]))

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.acted = True
        tasks = actual["tasks"]
        watched = self._watched(cloud, tasks[0]["task_definition_arn"])
        return self._followed(cloud, watched, [task["task_arn"] for task in tasks], wanted)

    def _followed(self, cloud: Cloud, watched: TaskRun, arns: list[str], wanted: Attributes) -> Attributes:
        try:
            facts = watched.wait_for(arns, self.manner.until, self.manner.timeout)
        except NotReadyInTime as error:
            advice = "the tasks go on, and the same run_id finds them"
            if not self.manner.keep:
                watched.stop(arns, STOPPED_AS_ASKED)
                advice = "the tasks were asked to stop, because keep is false"
            raise CollectionError(error.message, advice=advice) from error
        if not self.manner.keep and not _have_stopped(facts):
            watched.stop(arns, STOPPED_AS_ASKED)
            facts = watched.wait_for(arns, STOPPED, self.manner.timeout)
        return self._attributes(watched, facts)

    def _attributes(self, watched: TaskRun, facts: list[dict[str, Any]]) -> Attributes:
        return {
            "reaches": task_run.reached([fact["last_status"] for fact in facts]),
            "tasks": facts,
            "exit_code": task_run.overall_exit_code(facts),
            "counted": watched.counted,
        }

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("ecs", self.region)
        for task in actual["tasks"]:
            with absent_is_none(*GONE):
                client.stop_task(cluster=self.cluster, task=task, reason=STOPPED_AS_ABSENT)

        def stopped() -> bool:
            with absent_is_none(*GONE):
                tasks = client.describe_tasks(cluster=self.cluster, tasks=actual["tasks"])["tasks"]
                return all(task["lastStatus"] == STOPPED for task in tasks)
            return True

        if cloud.wait:
            cloud.wait_until(f"the tasks of run {self.run_id} in {self.region} to be STOPPED", stopped)


def lent_by(service: Attributes) -> Attributes:
    """What a service lends to a task beside it: its network, and on what it runs. `service`: as `Service` is found."""
    lent = {name: service[name] for name in ("network", "capacity_provider_strategy", "launch_type") if service[name]}
    version = service["platform_version"]
    return {**lent, **({"platform_version": version} if version and version != "LATEST" else {})}


def started_by(cluster: str, run_id: str) -> str:
    """What a run's tasks are found by: its id as far as AWS takes it, and a part that is only its own."""
    readable = re.sub(r"[^A-Za-z0-9_/-]+", "-", run_id)[:80]
    own = hashlib.sha256(f"{cluster}|{run_id}".encode()).hexdigest()[:16]
    return f"run/{readable}/{own}"


def request_of(asked: dict[str, Any]) -> str:
    """A short name of what is asked for, the same for the same parameters."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _tags(task: Task) -> dict[str, str]:
    return from_tag_list(task.get("tags"), "key", "value")


def _base_name(definition: Any) -> str:
    return str(definition or "task").rsplit("/", 1)[-1]


def _have_stopped(facts: list[dict[str, Any]]) -> bool:
    return all(fact["last_status"] == STOPPED for fact in facts)


def _no_place(failures: list[dict[str, str]], arns: list[str], count: int) -> CollectionError:
    reasons = "; ".join(
        f"{failure.get('reason', 'no reason given')}"
        + (f" on {_base_name(failure['arn'])}" if failure.get("arn") else "")
        + (f" ({failure['detail']})" if failure.get("detail") else "")
        for failure in failures
    )
    started = ", ".join(map(_base_name, arns)) or "none"
    return CollectionError(
        f"ECS found a place for {len(arns)} of {count} tasks: {reasons}. Started: {started}",
        advice="run it again when there is room, or choose another launch type, size or strategy",
        failures=failures,
    )


def _network(network: dict[str, Any]) -> dict[str, Any]:
    return {
        "awsvpcConfiguration": {
            "subnets": network["subnets"],
            "securityGroups": network["security_groups"],
            "assignPublicIp": "ENABLED" if network["assign_public_ip"] else "DISABLED",
        }
    }


def _strategy(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"capacityProvider": item["capacity_provider"], "weight": item["weight"], "base": item["base"]}
        for item in items
    ]


TO_AWS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "task_definition": ("taskDefinition", str),
    "count": ("count", int),
    "network": ("networkConfiguration", _network),
    "launch_type": ("launchType", str),
    "capacity_provider_strategy": ("capacityProviderStrategy", _strategy),
    "platform_version": ("platformVersion", str),
    "group": ("group", str),
    "enable_execute_command": ("enableExecuteCommand", bool),
    "propagate_tags": ("propagateTags", str),
}
"""Attributes, and the parameters of RunTask that they are."""


def _arguments(wanted: Attributes, counted: str) -> dict[str, Any]:
    """The parameters of RunTask. A container override without a name is that of the container that counts."""
    arguments = {TO_AWS[name][0]: TO_AWS[name][1](value) for name, value in wanted.items() if name in TO_AWS}
    overrides = wanted.get("overrides")
    if overrides:
        containers = [{"name": counted, **each} for each in overrides.get("containerOverrides") or []]
        arguments["overrides"] = {**overrides, **({"containerOverrides": containers} if containers else {})}
    return arguments
