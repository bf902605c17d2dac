# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a workload is doing in one region, read side by side and told as data even if the region does not answer.

This is read while a region is ill: nothing waits longer than the time limit, and nothing is tried twice. Parts that
fail are told beside those that do not.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..kernel import Cloud, LayerError, error_code
from ..kernel.cloud import BotoCoreError, ClientError
from ..rollout import revision
from ..run import LayerModule

try:
    from botocore.parsers import ResponseParserError
except ImportError:  # reported by the module, in words, before anything uses it
    ResponseParserError = Exception

THREADS = 16
SERVICES_AT_ONCE = 10
TASKS_AT_ONCE = 100
SERVER_FAULT = 500
"""HTTP statuses from here on say that the service is ill, not that the question was wrong."""

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

    def __init__(self, cloud: Cloud, timeout: float) -> None:
        self._cloud = cloud
        self._limits = {
            "connect_timeout": timeout,
            "read_timeout": timeout,
            "retries": {"mode": "standard", "total_max_attempts": 1},
        }

    def client(self, service: str) -> Any:
        return self._cloud.client(service, **self._limits)

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
                told[service["serviceName"]] = {"cluster": cluster, **_service(service)}
        return told

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
        client = self.client("elbv2")
        arn = client.describe_target_groups(Names=[name])["TargetGroups"][0]["TargetGroupArn"]
        health = client.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return _health([item["TargetHealth"]["State"] for item in health])

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


def _health(states: list[str]) -> Part:
    counts = {state: states.count(state) for state in TARGET_STATES}
    return {**counts, "other": len(states) - sum(counts.values()), "total": len(states)}


class Reading:
    """Runs reads side by side, and keeps the errors apart from what was read."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self.errors: dict[str, str] = {}
        self.unreachable: list[str] = []
        self.answered = 0

    def all(self, reads: dict[Ask, Callable[[], Any]]) -> dict[Ask, Any]:
        """The answers of those `reads` that got one, by the same keys."""
        futures = {ask: self._pool.submit(read) for ask, read in reads.items()}
        told = {}
        for ask, future in futures.items():
            name = " ".join(ask)
            try:
                told[ask] = future.result()
                self.answered += 1
            except ClientError as error:
                self.errors[name] = _words(error)
                if _is_ill(error):
                    self.unreachable.append(self.errors[name])
                else:
                    self.answered += 1  # the region answers, though not with what was asked
            except (BotoCoreError, ResponseParserError, LayerError, OSError) as error:
                self.errors[name] = " ".join(str(error).split())
                self.unreachable.append(self.errors[name])
        return told


def _words(error: ClientError) -> str:
    return (
        f"{error_code(error)}: {error.response.get('Error', {}).get('Message', '')}"
        if error_code(error)
        else str(error)
    )


def _is_ill(error: ClientError) -> bool:
    """True for a server's fault, and for an answer that is not AWS's: it has no code, or the HTTP status for one."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = error_code(error)
    return status >= SERVER_FAULT or not code or code.isdigit()


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    region = Region(cloud, params["timeout"])
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        reading = Reading(pool)
        told = _read(region, params, reading)
    reachable = bool(reading.answered) or not reading.unreachable
    return {
        "region": params["region"],
        "reachable": reachable,
        "why": "" if reachable else reading.unreachable[0],
        "errors": reading.errors,
        **told,
    }


def _read(region: Region, params: dict[str, Any], reading: Reading) -> dict[str, Any]:
    reads: dict[Ask, Callable[[], Any]] = {}
    clusters: dict[str, list[str]] = defaultdict(list)
    for service in params["services"]:
        clusters[service["cluster"]].append(service["name"])
        reads["tasks of", service["name"]] = lambda s=service: region.images(s["cluster"], s["name"])
    for cluster, names in clusters.items():
        for start in range(0, len(names), SERVICES_AT_ONCE):
            some = names[start : start + SERVICES_AT_ONCE]
            reads["services", ", ".join(some)] = lambda c=cluster, n=some: region.services(c, n)
    for kind, parameter, read_one in (
        ("target group", "target_groups", region.target_group),
        ("queue", "queues", region.queue),
        ("table", "tables", region.table),
    ):
        for name in params[parameter]:
            reads[kind, name] = lambda r=read_one, n=name: r(n)
    told = reading.all(reads)

    services: Part = {}
    for kind, name in told:
        if kind == "services":
            services.update(told[kind, name])
    for name, service in services.items():
        if service["status"] == "MISSING":
            reading.errors.pop(f"tasks of {name}", None)  # that a missing service has no tasks is no news
        else:
            service.update(told.get(("tasks of", name), {}))
    # No task runs to tell its image: ask what it would be.
    idle = {name: service["task_definition"] for name, service in services.items() if service.get("images") == []}
    defined = reading.all({("image of", n): lambda t=arn: region.defined_images(t) for n, arn in idle.items()})
    for (_kind, name), images in defined.items():
        services[name].update(images)
    return {
        "services": services,
        "target_groups": _of_kind(told, "target group"),
        "queues": _of_kind(told, "queue"),
        "tables": _of_kind(told, "table"),
    }


def _of_kind(told: dict[Ask, Any], wanted: str) -> Part:
    return {name: answer for (kind, name), answer in told.items() if kind == wanted}


def problems(params: dict[str, Any]) -> list[str]:
    found = []
    names = [service["name"] for service in params["services"]]
    for name in sorted({name for name in names if names.count(name) > 1}):
        found.append(f"services has {name!r} more than once; what is told is told by name.")
    if params["timeout"] < 1:
        found.append(f"timeout is {params['timeout']}; expected at least 1 second.")
    return found


MODULE = LayerModule(
    arguments={
        "services": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "cluster": {"type": "str", "required": True},
                "name": {"type": "str", "required": True},
            },
        },
        "target_groups": {"type": "list", "elements": "str", "default": []},
        "queues": {"type": "list", "elements": "str", "default": []},
        "tables": {"type": "list", "elements": "str", "default": []},
        "timeout": {"type": "int", "default": 3},
    },
    services=("ecs", "elbv2", "sqs", "dynamodb"),
    read=read,
    problems=problems,
)
