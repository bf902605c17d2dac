# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a deployment failed: stopped tasks, the last lines of their logs, unhealthy targets, the service's events.

Gathered only after a failure. What cannot be read is left out, because it must not hide the failure itself.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from ..kernel import Cloud
from ..kernel.cloud import BotoCoreError, ClientError
from . import task_logs

DESCRIBE_AT_ONCE = 100
TASKS_TOLD = 10
EVENTS_TOLD = 10
LOG_LINES_TOLD = 10
SCALED_AWAY = "Scaling activity initiated by"
TROUBLE = re.compile(r"failed to launch|unable to|\(error ")
"""What ECS's events of a service say when it cannot do something."""

LOG_LINES_IN_WORDS = 5
LOG_LINE_LENGTH = 1000
LOG_PATIENCE_SECONDS = 5.0
LOG_POLL_SECONDS = 0.5

Facts = dict[str, Any]


def examine(cloud: Cloud, region: str, cluster: str, service: Facts, deployment_id: str) -> Facts:
    """`{stopped_tasks, log_lines, unhealthy_targets, events}` of a deployment, as plain data."""
    name = service.get("serviceName")
    stopped = _or_empty(lambda: stopped_tasks(cloud, region, cluster, name, deployment_id)) if name else []
    return {
        "stopped_tasks": stopped,
        "log_lines": _or_empty(lambda: last_log_lines(cloud, region, _most_telling(stopped))) if stopped else {},
        "unhealthy_targets": _or_empty(lambda: unhealthy_targets(cloud, region, service)),
        "events": [event["message"] for event in (service.get("events") or [])[:EVENTS_TOLD]],
    }


def _most_telling(stopped: list[Facts]) -> Facts:
    """The latest task with a container that failed, rather than one that was told to stop."""
    return next((task for task in stopped if _failed(task)), stopped[0])


def _failed(task: Facts) -> set[str]:
    return {container["name"] for container in task["containers"] if container["exit_code"]}


def _or_empty(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (BotoCoreError, ClientError):
        return []


def stopped_tasks(cloud: Cloud, region: str, cluster: str, service: str, deployment_id: str) -> list[Facts]:
    """Why the tasks of a deployment stopped, the latest first. ECS remembers them for an hour."""
    client = cloud.client("ecs", region)
    # In no order, and those of other deployments among them: the latest may be on any page.
    arns = cloud.paginate("ecs", "list_tasks", region, cluster=cluster, serviceName=service, desiredStatus="STOPPED")
    mine = []
    for start in range(0, len(arns), DESCRIBE_AT_ONCE):
        tasks = client.describe_tasks(cluster=cluster, tasks=arns[start : start + DESCRIBE_AT_ONCE])["tasks"]
        mine += [task for task in tasks if task.get("startedBy") == deployment_id]
    # One that was scaled away did not fail, whatever its containers exited with.
    mine = [task for task in mine if not str(task.get("stoppedReason")).startswith(SCALED_AWAY)] or mine
    mine.sort(key=lambda task: str(task.get("stoppedAt", "")), reverse=True)
    return [
        {
            "task": task["taskArn"].rsplit("/", 1)[-1],
            "task_definition": task.get("taskDefinitionArn"),
            "stop_code": task.get("stopCode"),
            "stopped_reason": task.get("stoppedReason"),
            "containers": [
                {"name": c["name"], "exit_code": c.get("exitCode"), "reason": c.get("reason")}
                for c in task.get("containers", [])
            ],
        }
        for task in mine[:TASKS_TOLD]
    ]


def last_log_lines(cloud: Cloud, region: str, task: Facts, patience: float | None = None) -> dict[str, list[str]]:
    """The last lines that each container of a stopped task wrote with awslogs, by container.

    What a container wrote arrives some seconds after its end: those that failed are waited for, `patience` seconds (5
    unless told).
    """
    described = cloud.client("ecs", region).describe_task_definition(taskDefinition=task["task_definition"])
    logged = task_logs.logged(described["taskDefinition"])
    failed = _failed(task) & logged.keys()
    told: dict[str, list[str]] = {}
    deadline = time.monotonic() + (LOG_PATIENCE_SECONDS if patience is None else patience)
    while True:
        for name, options in logged.items():
            told[name] = _or_empty(
                lambda o=options, n=name: task_logs.tail(cloud, region, o, n, task["task"], LOG_LINES_TOLD)
            )
        if all(told[name] for name in failed) or time.monotonic() > deadline:
            return {name: lines for name, lines in told.items() if lines}
        time.sleep(LOG_POLL_SECONDS)


def unhealthy_targets(cloud: Cloud, region: str, service: Facts) -> list[Facts]:
    """The targets of the service that its load balancers do not take, and why."""
    told = []
    for balancer in service.get("loadBalancers") or []:
        if not balancer.get("targetGroupArn"):
            continue
        health = cloud.client("elbv2", region).describe_target_health(TargetGroupArn=balancer["targetGroupArn"])
        for item in health["TargetHealthDescriptions"]:
            state = item["TargetHealth"]
            if state["State"] == "unhealthy":
                told.append(
                    {
                        "target": f"{item['Target']['Id']}:{item['Target'].get('Port', '')}",
                        "reason": state.get("Reason"),
                        "description": state.get("Description"),
                    }
                )
    return told


def in_words(facts: Facts) -> str:
    """The facts as sentences for an error message, the same reasons counted together."""
    parts = []
    reasons = Counter(_of_task(task) for task in facts["stopped_tasks"])
    if reasons:
        parts.append("stopped tasks: " + "; ".join(f"{count} × {reason}" for reason, count in reasons.most_common()))
    failed = {name for task in facts["stopped_tasks"] for name in _failed(task)}
    for container, lines in dict(facts["log_lines"] or {}).items():
        if container in failed:
            parts.append(f"last lines of {container}: {' | '.join(map(_short, lines[-LOG_LINES_IN_WORDS:]))}")
        else:
            parts.append(f"last line of {container}: {_short(lines[-1])}")
    targets = Counter(target["description"] or target["reason"] for target in facts["unhealthy_targets"])
    if targets:
        parts.append("unhealthy targets: " + "; ".join(f"{count} × {why}" for why, count in targets.most_common()))
    if not reasons and facts["events"]:
        # A task that could not even be launched leaves nothing but an event.
        last = next((text for text in facts["events"] if TROUBLE.search(text)), facts["events"][0])
        parts.append(f"last event: {last}")
    return ". ".join(part.rstrip(".") for part in parts)


def _short(line: str) -> str:
    """A log line as a message can bear it: an event of CloudWatch Logs may have a megabyte."""
    return line if len(line) <= LOG_LINE_LENGTH else f"{line[:LOG_LINE_LENGTH]}…"


def _of_task(task: Facts) -> str:
    reason = task["stopped_reason"] or "no reason given"
    ends = []
    for container in task["containers"]:
        words = [container["name"]]
        if container["exit_code"]:
            words.append(f"exited with {container['exit_code']}")
        if container["reason"] and container["reason"] != reason:
            words.append(f"said {container['reason']}")
        if len(words) > 1:
            ends.append(" ".join(words))
    return reason + (f" ({', '.join(ends)})" if ends else "")
