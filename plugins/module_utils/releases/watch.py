# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is looked at while a region bakes: its services, the tasks that stop, its targets, and CloudWatch alarms."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..deployments import post_mortem, rollout
from ..deployments.service_tasks import ServiceTasks
from ..kernel import Cloud
from ..kernel.cloud import ClientError

ALARM = "ALARM"
REGION = "{region}"
"""Stands in the name of an alarm for the region that is watched."""
ALARMS_AT_ONCE = 100
"""That many names one DescribeAlarms takes, and that many alarms it tells; by default it tells 50."""

FAILURES = ("EssentialContainerExited", "TaskFailedToStart")
"""Stop codes of tasks that failed, and were not told to stop."""


class AlarmState(NamedTuple):
    """What is known of an alarm. `seconds`: how long there must be trouble at least before it goes off."""

    state: str
    why: str
    seconds: int


def alarms_of(region: str, names: Iterable[str]) -> list[str]:
    """The names of a region's alarms, of names that may have `{region}` in them."""
    return [name.replace(REGION, region) for name in names]


def alarm_states(cloud: Cloud, region: str, names: Iterable[str]) -> dict[str, AlarmState]:
    """Alarm → what is known of it. Those that do not exist are left out."""
    names, alarms = list(names), []
    for start in range(0, len(names), ALARMS_AT_ONCE):
        answer = cloud.client("cloudwatch", region).describe_alarms(
            AlarmNames=names[start : start + ALARMS_AT_ONCE],
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            MaxRecords=ALARMS_AT_ONCE,
        )
        alarms += [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
    return {
        each["AlarmName"]: AlarmState(each["StateValue"], each.get("StateReason", ""), _seconds(each))
        for each in alarms
    }


def _seconds(alarm: Mapping[str, Any]) -> int:
    metrics = [each.get("MetricStat", {}) for each in alarm.get("Metrics") or []]
    period = max([alarm.get("Period") or 0, *(each.get("Period", 0) for each in metrics)])
    return int(period * (alarm.get("DatapointsToAlarm") or alarm.get("EvaluationPeriods") or 0))


class Watch:
    """Looks at one region's services again and again. `services`: name → `cluster` and `after`, from the journal."""

    def __init__(
        self, cloud: Cloud, region: str, services: Mapping[str, Mapping[str, Any]], alarms: list[str], failed_tasks: int
    ) -> None:
        self._cloud, self._region, self._services, self._alarms = cloud, region, services, alarms
        self._failed_tasks = failed_tasks
        self._tasks = {name: ServiceTasks(cloud, region, told["cluster"], name) for name, told in services.items()}
        self._known: dict[str, int] = {}
        self._sick: dict[str, set[str]] = {}

    def trouble(self) -> str:
        """Why the region is not well, in words; empty if it is."""
        states = alarm_states(self._cloud, self._region, self._alarms)
        for name, told in sorted(states.items()):
            if told.state == ALARM:
                return f"alarm {name} went off{f': {told.why}' if told.why else ''}"
        for name, service in self._services.items():
            if found := self._of_service(name, service):
                return f"service {name}: {found}"
        return ""

    def _of_service(self, name: str, told: Mapping[str, Any]) -> str:
        service = rollout.describe(self._cloud, self._region, told["cluster"], name)
        if service is None or service["status"] != "ACTIVE":
            return "it has gone"
        primary = rollout.primary(service)
        running = rollout.revision(primary.get("taskDefinition"))
        if running != rollout.revision(told["after"]):
            return f"{running} is deployed instead of {rollout.revision(told['after'])}"
        tasks = self._tasks[name]
        # A task that stops is an event of the service.
        if tasks.tell(service) or name not in self._known:
            with contextlib.suppress(ClientError):  # whoever may not list tasks watches all the same
                tasks.living()
        failed = sum(_has_failed(task) for task in tasks.failed(primary.get("id", "")))
        known = self._known.setdefault(name, failed)
        if failed - known >= self._failed_tasks:
            facts = post_mortem.examine(self._cloud, self._region, told["cluster"], service, primary.get("id", ""))
            return f"{failed - known} of its tasks stopped. {post_mortem.in_words(facts)}"
        with contextlib.suppress(ClientError):
            sick = {each["target"]: each for each in post_mortem.unhealthy_targets(self._cloud, self._region, service)}
            # One look may fall into a moment; a target that stays unhealthy is seen again.
            stays, self._sick[name] = sick.keys() & self._sick.get(name, set()), set(sick)
            for each in sorted(stays):
                return f"target {each} is unhealthy: {sick[each]['description'] or sick[each]['reason']}"
        return ""


def _has_failed(task: Mapping[str, Any]) -> bool:
    return task.get("stopCode") in FAILURES or "failed" in str(task.get("stoppedReason"))


def _is_running(task: Mapping[str, Any], revision: str) -> bool:
    states = {task.get("lastStatus"), task.get("desiredStatus")}
    return states == {"RUNNING"} and rollout.revision(task.get("taskDefinitionArn")) == rollout.revision(revision)


def running_digests(cloud: Cloud, region: str, cluster: str, service: str, revision: str) -> dict[str, set[str]]:
    """Container → the digests that the running tasks of a revision run, those that ECS has resolved.

    ListTasks and DescribeTasks lag behind (ECS API reference), so a task that is told to stop may still be listed.
    """
    arns = cloud.paginate("ecs", "list_tasks", region, cluster=cluster, serviceName=service, desiredStatus="RUNNING")
    client = cloud.client("ecs", region)
    found: dict[str, set[str]] = {}
    for start in range(0, len(arns), post_mortem.DESCRIBE_AT_ONCE):
        some = arns[start : start + post_mortem.DESCRIBE_AT_ONCE]
        tasks = client.describe_tasks(cluster=cluster, tasks=some)["tasks"]
        for task in (each for each in tasks if _is_running(each, revision)):
            for container in task.get("containers", []):
                if container.get("imageDigest"):
                    found.setdefault(container["name"], set()).add(container["imageDigest"])
    return found
