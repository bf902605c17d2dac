# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS measures of queues, target groups, services and replicas once a minute: here, of those that there are.

Namespaces, names and dimensions are AWS's. There is a point only where AWS tells one: of a service only while Container
Insights is on for its cluster, of the oldest message only if there is one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, defaultdict
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends
from moto.sqs.models import sqs_backends

from localcloud.lock import LOCK
from localcloud.options import ACCOUNT_ID
from localcloud.sqs.models import Queue
from localcloud.world import WORLD

log = logging.getLogger("localcloud.cloudwatch")

LONGEST_DELAY = 0.5
"""How long after a period, at most, alarms are judged (seconds): by then the front door has told its points."""

POISON_RECEIVES = 3
"""A message that was received that often no longer counts for the age of the oldest (SQS Developer Guide)."""

_lags: dict[tuple[str, str, str], list[float]] = defaultdict(list)
"""Milliseconds that writes have taken, by source region, table and receiving region, since they were last told."""


def arrived(table: str, source: str, target: str, seconds: float) -> None:
    """A write of a global table has become visible in another region. The lock is held."""
    _lags[source, table, target].append(seconds * 1000)


def start_measuring() -> None:
    """Measure, and judge alarms, after each period, until the process ends."""
    threading.Thread(target=_measure_for_ever, name="metrics", daemon=True).start()


def _measure_for_ever() -> None:
    length = WORLD.options.metric_seconds
    while True:
        time.sleep(length - time.time() % length + min(LONGEST_DELAY, length / 2))
        now = time.time()
        try:
            with LOCK:
                measure(now // length * length - length)
                for backend in list(cloudwatch_backends[ACCOUNT_ID].values()):
                    if not WORLD.faults.is_dead(backend.region_name):
                        backend.evaluate(now)  # type: ignore[attr-defined]
        except Exception:
            # A round that fails must not end the world: the next one starts from what is.
            log.exception("the metrics could not be taken")


def measure(at: float) -> None:
    """Put a point for the period that began `at` (unix seconds) of everything that is measured. The lock is held."""
    for source, measured in ((sqs_backends, _queues), (elbv2_backends, _groups), (ecs_backends, _services)):
        for backend in list(source[ACCOUNT_ID].values()):
            if not WORLD.faults.is_dead(backend.region_name):
                measured(backend, _Writer(backend.region_name, at))
    for (region, table, target), milliseconds in _lags.items():
        place = {"TableName": table, "ReceivingRegion": target}
        _Writer(region, at).put("AWS/DynamoDB", "ReplicationLatency", place, "Milliseconds", *milliseconds)
    _lags.clear()


class _Writer:
    """Where the points of one region and one period go."""

    def __init__(self, region: str, at: float) -> None:
        self.region, self.at = region, at

    def put(self, namespace: str, name: str, dimensions: dict[str, str], unit: str, *values: float) -> None:
        backend: Any = cloudwatch_backends[ACCOUNT_ID][self.region]
        backend.note(namespace, name, dimensions, values, unit, self.at)


def _queues(backend: Any, writer: _Writer) -> None:
    for name, queue in backend.queues.items():
        dimensions = {"QueueName": name}
        for metric, count in (
            ("Visible", queue.approximate_number_of_messages),
            ("NotVisible", queue.approximate_number_of_messages_not_visible),
            ("Delayed", queue.approximate_number_of_messages_delayed),
        ):
            writer.put("AWS/SQS", f"ApproximateNumberOfMessages{metric}", dimensions, "Count", count)
        if isinstance(queue, Queue):
            sent = [m.sent_timestamp for m in queue.alive.values() if m.approximate_receive_count < POISON_RECEIVES]
            if sent:
                age = max(0, int(writer.at + WORLD.options.metric_seconds - min(sent) / 1000))
                writer.put("AWS/SQS", "ApproximateAgeOfOldestMessage", dimensions, "Seconds", age)


def _groups(backend: Any, writer: _Writer) -> None:
    for group in backend.target_groups.values():
        states = Counter(check.state for check in vars(group).get("checks", {}).values())
        for balancer in group.load_balancer_arns:
            kind, _slash, name = balancer.split(":", 5)[5].removeprefix("loadbalancer/").partition("/")
            if kind == "app" and name:
                dimensions = {"TargetGroup": group.arn.rpartition(":")[2], "LoadBalancer": f"app/{name}"}
                for metric, state in (("HealthyHostCount", "healthy"), ("UnHealthyHostCount", "unhealthy")):
                    writer.put("AWS/ApplicationELB", metric, dimensions, "Count", states[state])


def _services(backend: Any, writer: _Writer) -> None:
    observed = {name for name, cluster in backend.clusters.items() if is_observed(cluster)}
    for service in backend.services.values():
        if service.cluster_name not in observed or service.status == "INACTIVE":
            continue
        dimensions = {"ClusterName": service.cluster_name, "ServiceName": service.name}
        for metric, count in (
            ("RunningTaskCount", service.running_count),
            ("PendingTaskCount", service.pending_count),
            ("DesiredTaskCount", service.desired_count),
        ):
            writer.put("ECS/ContainerInsights", metric, dimensions, "Count", count)


def is_observed(cluster: Any) -> bool:
    """Whether Container Insights is on for a cluster."""
    settings = {each["name"]: each["value"] for each in cluster.settings or []}
    return settings.get("containerInsights", "disabled") in ("enabled", "enhanced")
