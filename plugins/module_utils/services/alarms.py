# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The alarms that a workload has in one region: what its inventory has, watched by the metrics that AWS has of it.

Dimensions are those of "CloudWatch metrics for your Application Load Balancer", "Available CloudWatch metrics for
Amazon SQS", "DynamoDB metrics and dimensions" and "Amazon ECS Container Insights metrics". Names are computed, so that
a deployment and a switch know them without asking.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .wiring import dropping_services

THRESHOLDS: dict[str, float | None] = {
    "target_5xx": 5,
    "balancer_5xx": 5,
    "latency_p99": 1.0,
    "unhealthy_hosts": 0,
    "missing_tasks": None,
    "queue_age": 300,
    "dead_letters": 0,
    "replication_lag": 10.0,
}
"""What an alarm goes off above, by kind; None for no such alarm. The defaults of the role `observability`."""

GUARDS = ("target_5xx", "balancer_5xx", "latency_p99", "unhealthy_hosts", "missing_tasks")
"""The kinds that say how a region serves by itself, and stop a deployment. Not the others: what another region fails to
do sets them off too."""

STOPPING_SWITCHES = tuple(kind for kind in GUARDS if kind != "latency_p99")
"""Those of them that stop a switch to the region: to answer slowly is better than not to answer."""

NEEDS_INSIGHTS = ("missing_tasks",)
"""The kinds whose metrics are Container Insights' alone."""

MINUTE = 60
REGION = "{region}"
"""Stands in a name for the region, where the names are to serve for all of them."""

Alarm = dict[str, Any]
Variables = Mapping[str, Any]


def thresholds_of(variables: Variables) -> dict[str, float | None]:
    """The threshold of each kind, as the inventory says or by default. Of the wrong type if it is so there."""
    return {kind: variables.get(f"observability_{kind}", default) for kind, default in THRESHOLDS.items()}


def observability_variables(variables: Variables) -> dict[str, Any]:
    """What the inventory says of the role `observability`, under the role's names."""
    known = ("enabled", "topic", "topic_kms_key_id", "dashboard", *THRESHOLDS)
    return {name: variables[name] for each in known if (name := f"observability_{each}") in variables}


def is_observed(variables: Variables) -> bool:
    """Whether the inventory wants alarms at all."""
    return str(variables.get("observability_enabled", False)).lower() in ("true", "yes", "on", "1")


def alarms_topic(variables: Variables) -> str:
    """The name of the topic that alarms tell."""
    return variables.get("observability_topic") or f"{variables['workload']}-alarms"


def dashboard_name(variables: Variables) -> str:
    """The name of the dashboard."""
    return variables.get("observability_dashboard") or variables["workload"]


def region_alarms(variables: Variables, region: str, regions: list[str], edge: Variables | None = None) -> list[Alarm]:
    """The alarms of `region`, as the module `metric_alarms` takes them, in the order in which a request meets them.

    variables: of the region's host, `workload` among them; thresholds as `thresholds_of` tells them.
    edge:      the outputs of the edge layer there, which tell the ARNs of load balancers; None if only names matter.
    """
    limits = thresholds_of(variables)
    workload = variables["workload"]
    made = []
    for kind, subject, alarm in _alarms(variables, region, regions, limits, edge or {}):
        if limits[kind] is not None:
            name = f"{workload}-{region}-{kind.replace('_', '-')}-{subject}"
            made.append({"name": name, "threshold": float(limits[kind] or 0), "comparison": ">", **alarm})
    return made


def alarms_prefix(variables: Variables) -> str:
    """How the names of all alarms of a region begin, with `{region}` for the region; empty if there are none."""
    return f"{variables['workload']}-{REGION}-" if is_observed(variables) else ""


def guard_names(variables: Variables, regions: list[str], of_switch: bool = False) -> list[str]:
    """The names, with `{region}` for the region, of the alarms that stop a deployment there, or a switch to it."""
    if not is_observed(variables):
        return []
    kinds = STOPPING_SWITCHES if of_switch else GUARDS
    starts = tuple(f"{variables['workload']}-{REGION}-{kind.replace('_', '-')}-" for kind in kinds)
    return [each["name"] for each in region_alarms(variables, REGION, regions) if each["name"].startswith(starts)]


def _alarms(
    variables: Variables, region: str, regions: list[str], limits: Variables, edge: Variables
) -> Iterator[tuple[str, str, Alarm]]:
    """(kind, subject, the rest of it) of every alarm that the inventory has something for."""
    for balancer in variables.get("edge_load_balancers") or []:
        if balancer.get("type", "application") == "application":
            yield from _balancer_alarms(balancer, edge, limits)
    cluster = variables.get("cluster_name") or variables["workload"]
    for service in variables.get("service_definitions") or []:
        yield "missing_tasks", service["name"], _missing_tasks(cluster, service["name"], limits)
    dropping = _queues_of_dropping(variables)
    for queue in variables.get("messaging_queues") or []:
        dead = (queue.get("dlq") or {}).get("name") or f"{queue['name']}-dlq"
        if queue["name"] not in dropping:
            yield "queue_age", queue["name"], _queue_age(queue["name"], limits)
        lost = queue.get("undelivered")
        for name in [dead, *([] if lost is None else [lost.get("name") or f"{queue['name']}-undelivered"])]:
            yield "dead_letters", name, _dead_letters(name)
    for table in variables.get("data_tables") or []:
        for other in regions:
            if other != region:  # a table is not replicated to where it is
                yield "replication_lag", f"{table['name']}-to-{other}", _replication_lag(table["name"], other, limits)


def _queues_of_dropping(variables: Variables) -> set[str]:
    """Queues whose messages only grow old in a PASSIVE region: the workers that drop messages are stopped there."""
    services = variables.get("service_definitions") or []
    dropping = {each["name"] for each in dropping_services(services, "")}
    return {
        use["queue"]
        for service in services
        if service["name"] in dropping
        for use in service.get("uses") or []
        if use.get("queue") and use.get("access") == "consume"
    }


def _balancer_alarms(balancer: Variables, edge: Variables, limits: Variables) -> Iterator[tuple[str, str, Alarm]]:
    name = balancer["name"]
    whole = {"LoadBalancer": (edge.get("load_balancer_arns") or {}).get(name, name)}
    yield "balancer_5xx", name, {
        **_of("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", whole, "Sum", minutes=3, of=5),
        "description": f"The load balancer {name} itself answered more than {limits['balancer_5xx']} requests in a "
        "minute with 5xx: a target hung up, did not answer in time, or there was none.",
    }  # fmt: skip
    for group in balancer.get("target_groups") or []:
        group_name = group["name"]
        place = {**whole, "TargetGroup": (edge.get("target_groups") or {}).get(group_name, group_name)}
        yield "target_5xx", group_name, {
            **_of("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", place, "Sum", minutes=3, of=5),
            "description": f"Targets of {group_name} answered more than {limits['target_5xx']} requests in a minute "
            "with 5xx.",
        }  # fmt: skip
        yield "latency_p99", group_name, {
            **_of("AWS/ApplicationELB", "TargetResponseTime", place, "p99", minutes=3, of=5),
            "description": f"One in a hundred requests to {group_name} took longer than {limits['latency_p99']} s.",
        }  # fmt: skip
        yield "unhealthy_hosts", group_name, {
            **_of("AWS/ApplicationELB", "UnHealthyHostCount", place, "Maximum", minutes=3, of=3),
            "description": f"More than {limits['unhealthy_hosts']} targets of {group_name} failed their health checks.",
        }  # fmt: skip


def _missing_tasks(cluster: str, service: str, limits: Variables) -> Alarm:
    def count(metric: str) -> Alarm:
        dimensions = {"ClusterName": cluster, "ServiceName": service}
        told = _of("ECS/ContainerInsights", metric, dimensions, "Average", 1, 1)
        return {key: told[key] for key in ("namespace", "metric", "dimensions", "statistic", "period")}

    return {
        "expression": "desired - running",
        "metrics": {"desired": count("DesiredTaskCount"), "running": count("RunningTaskCount")},
        # A deployment, and a task that is replaced, take minutes.
        "evaluation_periods": 10,
        "datapoints_to_alarm": 10,
        "missing_data": "notBreaching",
        "description": f"Service {service} ran more than {limits['missing_tasks']} tasks less than are desired.",
    }


def _queue_age(queue: str, limits: Variables) -> Alarm:
    return {
        **_of("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": queue}, "Maximum", minutes=3, of=3),
        "description": f"The oldest message in {queue} waited longer than {limits['queue_age']} s.",
    }


def _dead_letters(queue: str) -> Alarm:
    return {
        **_of("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue}, "Maximum", minutes=1, of=1),
        "description": f"There are messages in {queue}: nobody could process them.",
    }


def _replication_lag(table: str, other: str, limits: Variables) -> Alarm:
    seconds = limits["replication_lag"]
    place = {"TableName": table, "ReceivingRegion": other}
    return {
        # Where nothing is written there is no point. Whatever is said here, the state then stays as it is.
        **_of("AWS/DynamoDB", "ReplicationLatency", place, "Average", minutes=5, of=5, missing="ignore"),
        **({} if seconds is None else {"threshold": float(seconds) * 1000}),
        "description": f"Writes to {table} took longer than {seconds} s to reach {other}.",
    }


def _of(
    namespace: str,
    metric: str,
    dimensions: dict[str, str],
    statistic: str,
    minutes: int,
    of: int,
    missing: str = "notBreaching",
) -> Alarm:
    """Off in `minutes` of the last `of` minutes. No traffic means no points, and is no trouble."""
    return {
        "namespace": namespace,
        "metric": metric,
        "dimensions": dimensions,
        "statistic": statistic,
        "period": MINUTE,
        "evaluation_periods": of,
        "datapoints_to_alarm": minutes,
        "missing_data": missing,
    }
