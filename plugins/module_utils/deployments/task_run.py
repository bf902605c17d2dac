# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that belong to no service, from PROVISIONING to STOPPED: watched, stopped, and told of as plain data."""

from __future__ import annotations

import time
from typing import Any

from ..kernel import Cloud, CollectionError
from .service_tasks import STATES, in_words
from .task_logs import TaskLogs

RUNNING, STOPPED = "RUNNING", "STOPPED"
_RANKS = {state: rank for rank, state in enumerate((*STATES, STOPPED))}

QUIET_SECONDS = 1.0
"""The lines of a container that ended arrive a moment later: so long none may have come."""
FIRST_LINE_SECONDS = 5.0
"""How long a job that failed without a line is given to write one."""
LOG_POLL_SECONDS = 0.3

INTERFACE = "networkInterfaceId"

STOPPED_AS_ASKED = "Stopped by ecs_run_task, because keep is false"
STOPPED_AS_ABSENT = "Stopped by ecs_run_task, because state is absent"

Facts = dict[str, Any]
Task = dict[str, Any]


class TaskFailed(CollectionError):
    """A task ended with another exit code than 0, or was ended. `details` has `exit_code`."""


class TaskRun:
    """The tasks of one RunTask, by ARN. `counted` is the container whose exit code is that of the task."""

    def __init__(
        self, cloud: Cloud, region: str, cluster: str, definition: dict[str, Any], counted: str | None, lines: int
    ) -> None:
        self._cloud, self._region, self._cluster = cloud, region, cluster
        self.counted = counted or essential(definition)
        self._logs = TaskLogs(cloud, region, definition, lines)
        self._told: dict[str, str] = {}
        self._asks_public = False
        self._public: dict[str, str | None] = {}

    def wait_for(self, arns: list[str], status: str, timeout: float | None = None) -> list[Facts]:
        """Watch until all tasks have come so far, telling each state and each line.

        Raises:
            NotReadyInTime: they have not within `timeout` seconds (default: the run's `wait_timeout`).
        """
        tasks: list[Task] = []

        def come_so_far() -> bool:
            tasks[:] = self._described(arns)
            self._learn_addresses(tasks)
            for task in tasks:
                self._tell(task)
            self._logs.read(tasks)
            return len(tasks) == len(arns) and all(has_reached(task["lastStatus"], status) for task in tasks)

        several = f"{len(arns)} tasks" if len(arns) > 1 else "the task"
        self._cloud.wait_until(f"{several} in {self._region} to be {status}", come_so_far, timeout=timeout)
        self._read_to_the_end(tasks)
        return [self._fact(task, self._logs.last(short(task))) for task in tasks]

    def look(self, tasks: list[Task]) -> list[Facts]:
        """Tasks as they are, with their last lines."""
        self._learn_addresses(tasks)
        return [self._fact(task, self._logs.tails(short(task))) for task in tasks]

    def stop(self, arns: list[str], reason: str) -> None:
        """Ask the tasks to stop; one that has already, or is gone, stays so."""
        client = self._cloud.client("ecs", self._region)
        for arn in arns:
            client.stop_task(cluster=self._cluster, task=arn, reason=reason)

    def _described(self, arns: list[str]) -> list[Task]:
        client = self._cloud.client("ecs", self._region)
        answer = client.describe_tasks(cluster=self._cluster, tasks=arns)
        # What was started a moment ago may still be MISSING.
        return sorted(answer["tasks"], key=lambda task: arns.index(task["taskArn"]))

    def _tell(self, task: Task) -> None:
        arn, state = task["taskArn"], task["lastStatus"]
        if self._told.get(arn) == state:
            return
        self._told[arn] = state
        if state == STOPPED:
            self._cloud.tell(f"  {in_words(task)}")
            return
        where = f" at {self.addresses(task)}" if state == RUNNING and private_address(task) else ""
        self._cloud.tell(f"  task {short(task)} in {self._region}: {state}{where}")

    def addresses(self, task: Task) -> str:
        """`10.0.1.2`, or `10.0.1.2, public 54.1.2.3`."""
        public = self._public_address(task)
        return f"{private_address(task)}, public {public}" if public else private_address(task) or ""

    def expect_public_addresses(self) -> None:
        """From now on running tasks are looked up in EC2, which alone knows their public addresses."""
        self._asks_public = True

    def _learn_addresses(self, tasks: list[Task]) -> None:
        running = [_detail(task, INTERFACE) for task in tasks if task["lastStatus"] == RUNNING]
        unknown = [interface for interface in running if interface and interface not in self._public]
        if not self._asks_public or not unknown:
            return
        client = self._cloud.client("ec2", self._region)
        answer = client.describe_network_interfaces(Filters=[{"Name": "network-interface-id", "Values": unknown}])
        self._public |= {
            each["NetworkInterfaceId"]: (each.get("Association") or {}).get("PublicIp")
            for each in answer["NetworkInterfaces"]
        }

    def _public_address(self, task: Task) -> str | None:
        """The public address of a running task; one that has stopped has none any more."""
        return self._public.get(_detail(task, INTERFACE) or "") if task["lastStatus"] == RUNNING else None

    def _read_to_the_end(self, tasks: list[Task]) -> None:
        """Read what ended tasks wrote last: until nothing has come for a moment."""
        ended = [task for task in tasks if task["lastStatus"] == STOPPED]
        start = quiet_since = time.monotonic()
        while ended:
            now = time.monotonic()
            if self._logs.read(tasks):
                quiet_since = now
            silent = [t for t in ended if exit_code(t, self.counted) and not self._logs.last(short(t))]
            if now - quiet_since >= QUIET_SECONDS and (not silent or now - start >= FIRST_LINE_SECONDS):
                return
            time.sleep(LOG_POLL_SECONDS)

    def _fact(self, task: Task, lines: dict[str, list[str]]) -> Facts:
        return {
            "task": short(task),
            "task_arn": task["taskArn"],
            "task_definition_arn": task["taskDefinitionArn"],
            "last_status": task["lastStatus"],
            "private_address": private_address(task),
            "public_address": self._public_address(task),
            "exit_code": exit_code(task, self.counted),
            "exit_codes": {c["name"]: c.get("exitCode") for c in task.get("containers") or []},
            "reasons": {c["name"]: c["reason"] for c in task.get("containers") or [] if c.get("reason")},
            "stop_code": task.get("stopCode"),
            "stopped_reason": task.get("stoppedReason"),
            "log_lines": lines,
        }


def essential(definition: dict[str, Any]) -> str:
    """The name of the first essential container of a definition."""
    containers = definition["containerDefinitions"]
    return next((c["name"] for c in containers if c.get("essential", True)), containers[0]["name"])


def has_reached(state: str, wanted: str) -> bool:
    """Whether a task in `state` is or has been `wanted`. A state that nobody knows is none yet."""
    return _RANKS.get(state, -1) >= _RANKS[wanted]


def reached(states: list[str]) -> str:
    """RUNNING or STOPPED if all have come so far, otherwise the state of the one that is furthest behind."""
    for state in (STOPPED, RUNNING):
        if all(has_reached(each, state) for each in states):
            return state
    return min(states, key=lambda each: _RANKS.get(each, -1))


def short(task: Task) -> str:
    """The id of a task."""
    return task["taskArn"].rsplit("/", 1)[-1]


def exit_code(task: Task, counted: str) -> int | None:
    """With which code the container that counts has ended; None if it has not, or never began."""
    return next((c.get("exitCode") for c in task.get("containers") or [] if c["name"] == counted), None)


def private_address(task: Task) -> str | None:
    return _detail(task, "privateIPv4Address")


def _detail(task: Task, name: str) -> str | None:
    details = [each for attachment in task.get("attachments") or [] for each in attachment.get("details") or []]
    return next((each["value"] for each in details if each["name"] == name), None)


def has_failed(fact: Facts) -> bool:
    """Whether a task ended, and neither well nor because this module was asked to end it."""
    if fact["last_status"] != STOPPED or fact["stopped_reason"] in (STOPPED_AS_ASKED, STOPPED_AS_ABSENT):
        return False
    return fact["exit_code"] != 0


def overall_exit_code(facts: list[Facts]) -> int | None:
    """The first exit code that is not 0; 0 if all are; None if a task has none."""
    codes = [fact["exit_code"] for fact in facts]
    return next((code for code in codes if code), None if None in codes or not codes else 0)


def failure_of(facts: list[Facts], counted: str) -> TaskFailed | None:
    """Why those of these tasks that failed did; None if none has."""
    failed = [fact for fact in facts if has_failed(fact)]
    if not failed:
        return None
    told = "; ".join(failure_in_words(fact, counted) for fact in failed)
    return TaskFailed(told, exit_code=overall_exit_code(failed))


def failure_in_words(fact: Facts, counted: str, most_lines: int = 5) -> str:
    """Why a task failed, with the last lines of the container that counts."""
    code = fact["exit_code"]
    ended = f"{counted} exited with {code}" if code is not None else f"{counted} has no exit code"
    reason = fact["reasons"].get(counted) or fact["stopped_reason"] or "no reason given"
    lines = fact["log_lines"].get(counted, [])[-most_lines:]
    told = f"task {fact['task']}: {ended} ({reason.rstrip('.')})"
    return f"{told}. Last lines of {counted}: {' | '.join(lines)}" if lines else f"{told}. It wrote no line"
