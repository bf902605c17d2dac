# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of one region, read side by side, in few calls that wait for nothing and are tried once.

This is read while a region is ill. Parts that fail are told beside those that do not, and a region that does not answer
is told as data.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..deployments.rollout import revision
from ..kernel import Cloud, CollectionError, error_code, is_throttled
from ..kernel.cloud import BotoCoreError, ClientError
from ..protocol.service_errors import is_silent

try:
    from botocore.parsers import ResponseParserError
except ImportError:  # reported by the module, in words, before anything uses it
    ResponseParserError = Exception

THREADS = 16
SERVICES_AT_ONCE = 10
TASKS_AT_ONCE = 100
THROTTLED_PAUSE_FIRST, THROTTLED_PAUSE_LAST = 0.05, 0.4
"""Seconds between two tries of what is throttled."""

SILENT_TRIES, SILENT_SECONDS = 4, 4.0
"""How often in all, and for how long, what got no answer is asked where other questions got one."""

TARGET_STATES = ("healthy", "unhealthy", "initial", "draining")
DEPTHS = {
    "visible": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}

Part = dict[str, Any]
Ask = tuple[str, str]
"""What is asked for: a kind and a name."""


class Region:
    """Reads parts of one region. Each method makes a few calls, one after the other."""

    def __init__(self, cloud: Cloud, timeout: float, name: str | None = None) -> None:
        self.name = name or cloud.region
        self._cloud = cloud
        self._limits = {
            "connect_timeout": timeout,
            "read_timeout": timeout,
            "retries": {"mode": "standard", "total_max_attempts": 1},
        }

    def client(self, service: str) -> Any:
        return self._cloud.client(service, self.name, **self._limits)

    def services(self, cluster: str, names: list[str]) -> Part:
        client = self.client("ecs")
        told: Part = {name: {"cluster": cluster, "status": "MISSING"} for name in names}
        try:
            answer = client.describe_services(cluster=cluster, services=names)
        except ClientError as error:
            if error_code(error) == "ClusterNotFoundException":
                return told
            raise
        for service in answer["services"]:
            if service["status"] != "INACTIVE":  # AWS remembers deleted services for a while
                told[service["serviceName"]] = {"cluster": cluster, **self.service_told(service)}
        return told

    def service_told(self, service: dict[str, Any]) -> Part:
        """What is told of a service, out of an answer of `DescribeServices`."""
        return _service(service)

    def images(self, cluster: str, service: str) -> Part:
        """The images of the tasks that run, and their digests once ECS has resolved them."""
        client = self.client("ecs")
        arns = client.list_tasks(cluster=cluster, serviceName=service, desiredStatus="RUNNING")["taskArns"]
        tasks = client.describe_tasks(cluster=cluster, tasks=arns[:TASKS_AT_ONCE])["tasks"] if arns else []
        containers = [container for task in tasks for container in task.get("containers", [])]
        return {
            "images": sorted({c["image"] for c in containers if c.get("image")}),
            "digests": sorted({c["imageDigest"] for c in containers if c.get("imageDigest")}),
        }

    def defined_images(self, task_definition: str) -> Part:
        """The images that the containers of a task definition name."""
        answer = self.client("ecs").describe_task_definition(taskDefinition=task_definition)
        return {"images": sorted({c["image"] for c in answer["taskDefinition"]["containerDefinitions"]})}

    def target_group(self, name: str) -> Part:
        return counted([health["State"] for health in self.target_health(name)])

    def target_health(self, name: str) -> list[dict[str, Any]]:
        """The `TargetHealth` (state, reason, description) of each target of a group."""
        client = self.client("elbv2")
        arn = client.describe_target_groups(Names=[name])["TargetGroups"][0]["TargetGroupArn"]
        health = client.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return [item["TargetHealth"] for item in health]

    def queue(self, name: str) -> Part:
        depth, redrive = self._depth(name)
        told: Part = {**depth, "dlq": None}
        if redrive:
            dead_letters = json.loads(redrive)["deadLetterTargetArn"].rsplit(":", 1)[-1]
            told["dlq"] = {"name": dead_letters, **self._depth(dead_letters)[0]}
        return told

    def _depth(self, name: str) -> tuple[dict[str, int], str | None]:
        """How many messages a queue holds, and its redrive policy."""
        client = self.client("sqs")
        url = client.get_queue_url(QueueName=name)["QueueUrl"]
        answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=[*DEPTHS.values(), "RedrivePolicy"])
        attributes = answer.get("Attributes", {})
        return {name: int(attributes.get(key, 0)) for name, key in DEPTHS.items()}, attributes.get("RedrivePolicy")

    def table(self, name: str) -> Part:
        table = self.client("dynamodb").describe_table(TableName=name)["Table"]
        replicas = {r["RegionName"]: r.get("ReplicaStatus", "UNKNOWN") for r in table.get("Replicas", [])}
        return {"status": table["TableStatus"], "replicas": replicas}


def _service(service: dict[str, Any]) -> Part:
    events = service.get("events") or []
    return {
        "status": service["status"],
        "desired": service.get("desiredCount", 0),
        "running": service.get("runningCount", 0),
        "pending": service.get("pendingCount", 0),
        "task_definition": service.get("taskDefinition"),
        "revision": revision(service.get("taskDefinition")),
        "images": [],
        "digests": [],
        "deployments": [
            {
                "status": deployment["status"],
                "rollout_state": deployment.get("rolloutState"),
                "revision": revision(deployment.get("taskDefinition")),
                "desired": deployment.get("desiredCount", 0),
                "running": deployment.get("runningCount", 0),
                "failed": deployment.get("failedTasks", 0),
            }
            for deployment in service.get("deployments") or []
        ],
        "last_event": events[0]["message"] if events else "",
    }


def counted(states: list[str]) -> Part:
    counts = {state: states.count(state) for state in TARGET_STATES}
    return {**counts, "other": len(states) - sum(counts.values()), "total": len(states)}


class Reading:
    """Runs reads side by side, and keeps the errors apart from what was read.

    `patience` is for how many seconds a read that is throttled is tried again. With any, what got no answer is asked a
    few times more as long as its region answers other questions: one broken connection is no sign of illness.
    """

    def __init__(self, pool: ThreadPoolExecutor, patience: float = 0) -> None:
        self._pool = pool
        self._patience = patience
        self.errors: dict[str, str] = {}
        self.unreachable: list[str] = []
        self.answered = 0

    def all(self, reads: dict[Ask, Callable[[], Any]]) -> dict[Ask, Any]:
        """The answers of those `reads` that got one, by the same keys."""
        began = time.monotonic()
        told, silent = self._ask(reads)
        for _try in range(SILENT_TRIES - 1 if self._patience else 0):
            if not silent or not self.answered or time.monotonic() - began > SILENT_SECONDS:
                break
            for ask, why in silent.items():
                del self.errors[" ".join(ask)]
                self.unreachable.remove(why)
            more, silent = self._ask({ask: reads[ask] for ask in silent})
            told |= more
        return told

    def _ask(self, reads: dict[Ask, Callable[[], Any]]) -> tuple[dict[Ask, Any], dict[Ask, str]]:
        """(answers, why there is none, of what got none)"""
        futures = {ask: self._pool.submit(self._patiently, read) for ask, read in reads.items()}
        told: dict[Ask, Any] = {}
        silent: dict[Ask, str] = {}
        for ask, future in futures.items():
            name = " ".join(ask)
            try:
                told[ask] = future.result()
                self.answered += 1
            except ClientError as error:
                self.errors[name] = _words(error)
                if is_silent(error):
                    silent[ask] = self.errors[name]
                else:
                    self.answered += 1  # the region answers, though not with what was asked
            except (BotoCoreError, ResponseParserError, CollectionError, OSError) as error:
                self.errors[name] = silent[ask] = " ".join(str(error).split())
        self.unreachable += silent.values()
        return told, silent

    def _patiently(self, read: Callable[[], Any]) -> Any:
        began, pause = time.monotonic(), THROTTLED_PAUSE_FIRST
        while True:
            try:
                return read()
            except ClientError as error:
                if not is_throttled(error) or time.monotonic() + pause - began > self._patience:
                    raise
            time.sleep(pause)
            pause = min(pause * 2, THROTTLED_PAUSE_LAST)


def _words(error: ClientError) -> str:
    return (
        f"{error_code(error)}: {error.response.get('Error', {}).get('Message', '')}"
        if error_code(error)
        else str(error)
    )
