# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks of one service as they come and go, and what whoever waits is told of it.

A task that is asked to stop leaves the counts of its service at once, and still runs for as long as its containers take
to end. Only `lastStatus: STOPPED` says that it has let go of its files.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud
from .post_mortem import SCALED_AWAY

DESCRIBE_AT_ONCE = 100
STATES = ("PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING")

Task = dict[str, Any]


class ServiceTasks:
    """Looks at the tasks of a service. What had stopped before the first look is known, and not told."""

    def __init__(self, cloud: Cloud, region: str, cluster: str, service: str) -> None:
        self._cloud, self._region, self._cluster, self._service = cloud, region, cluster, service
        self.stopped: dict[str, Task] = {}
        """The tasks that stopped, by ARN."""
        self._seen: set[str] = set()
        self._events: set[str] | None = None
        self._counts = ""
        self._looked = False

    def living(self) -> list[Task]:
        """The tasks that have not stopped yet, those among them that were asked to."""
        # Listings lag behind: what was seen alive is asked for by its ARN until it is known to have stopped.
        return self._look(self._listed("RUNNING") | self._listed("STOPPED") | self._seen)

    def remaining(self) -> list[Task]:
        """Those seen alive that have not stopped yet. ECS lists no tasks of a service that is gone."""
        return self._look(self._seen)

    def _look(self, known: set[str]) -> list[Task]:
        arns = sorted(known - self.stopped.keys())
        tasks = [task for start in range(0, len(arns), DESCRIBE_AT_ONCE) for task in self._described(arns, start)]
        alive = []
        for task in tasks:
            if task["lastStatus"] != "STOPPED":
                alive.append(task)
                continue
            self.stopped[task["taskArn"]] = task
            if self._looked:
                self._cloud.tell(f"  {in_words(task)}")
        self._seen = {task["taskArn"] for task in alive}
        self._looked = True
        return alive

    def seek(self, family: str) -> None:
        """Know the tasks of a service that is gone, which ECS lists by the family of their revision only."""
        arns = sorted(self._list(family=family, desiredStatus="STOPPED"))
        tasks = [task for start in range(0, len(arns), DESCRIBE_AT_ONCE) for task in self._described(arns, start)]
        group = f"service:{self._service}"
        self._seen |= {t["taskArn"] for t in tasks if t.get("group") == group and t["lastStatus"] != "STOPPED"}

    def _listed(self, status: str) -> set[str]:
        return self._list(serviceName=self._service, desiredStatus=status)

    def _list(self, **which: str) -> set[str]:
        return set(self._cloud.paginate("ecs", "list_tasks", self._region, cluster=self._cluster, **which))

    def _described(self, arns: list[str], start: int) -> list[Task]:
        client = self._cloud.client("ecs", self._region)
        return client.describe_tasks(cluster=self._cluster, tasks=arns[start : start + DESCRIBE_AT_ONCE])["tasks"]

    def failed(self, deployment_id: str) -> list[Task]:
        """The tasks of a deployment that stopped, but for those that were scaled away."""
        return [
            task
            for task in self.stopped.values()
            if task.get("startedBy") == deployment_id and not str(task.get("stoppedReason")).startswith(SCALED_AWAY)
        ]

    def tell(self, service: dict[str, Any], living: list[Task] | None = None) -> bool:
        """Tell what is new in an answer of `DescribeServices`; returns whether it has new events."""
        events = {event["id"]: event["message"] for event in reversed(service.get("events") or []) if "id" in event}
        new = [] if self._events is None else [text for key, text in events.items() if key not in self._events]
        self._events = events.keys() | (self._events or set())
        for text in new:
            self._cloud.tell(f"  {text}")
        counts = count(living) if living is not None else told_counts(service)
        if counts != self._counts:
            self._counts = counts
            self._cloud.tell(f"  {self._service} in {self._region}: {counts}")
        return bool(new)


def count(tasks: list[Task]) -> str:
    """`1 PENDING, 2 RUNNING`, in the order in which a task goes through its states."""
    told = [task["lastStatus"] for task in tasks]
    known = [*STATES, *sorted(set(told) - set(STATES))]
    return ", ".join(f"{told.count(state)} {state}" for state in known if state in told) or "no tasks"


def told_counts(service: dict[str, Any]) -> str:
    """`running` and `pending` tasks of each deployment, as the service itself counts them."""
    return "; ".join(
        f"{(d.get('taskDefinition') or '').rsplit('/', 1)[-1]} ({d['status']}) {d.get('runningCount', 0)} running, "
        f"{d.get('pendingCount', 0)} pending of {d.get('desiredCount', 0)}"
        for d in service.get("deployments") or []
    )


def in_words(task: Task) -> str:
    """Why a task stopped, with the exit codes of its containers."""
    ends = [f"{c['name']} exited with {c['exitCode']}" for c in task.get("containers", []) if c.get("exitCode")]
    reason = (task.get("stoppedReason") or "no reason given").rstrip(".")
    told = f"task {task['taskArn'].rsplit('/', 1)[-1]} stopped: {reason}"
    return f"{told} ({', '.join(ends)})" if ends else told
