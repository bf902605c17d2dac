# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dashboard of a workload: one for all its regions, each region a line of its own colour in every chart.

CloudWatch has a dashboard once for the whole account, whichever region is asked (API reference of PutDashboard), and a
line may be of another region than its chart: so one shows what people ask first, which region it is that is ill.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..aws.names import arn, dimension_value
from ..kernel import is_unknown
from .alarms import Variables, region_alarms, thresholds_of

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Of the regions, in the order of the inventory: Okabe and Ito's, which people with any kind of colour vision tell
apart. A seventh region begins anew."""

COLUMNS, CHARTS_ABREAST = 24, 3
TEXT_HEIGHT, ALARMS_HEIGHT, CHART_HEIGHT = 2, 4, 6
PERIOD = 60

Widget = dict[str, Any]
Line = list[Any]


def dashboard_widgets(
    variables: Variables,
    regions: list[str],
    account: str,
    hosts: Iterable[Variables],
    read: Iterable[Variables] = (),
) -> list[Widget]:
    """The widgets, from top to bottom.

    variables: of a host of the inventory; they are the same for all regions but for what is not shown here.
    hosts:     those of the regions, which tell the ARNs of load balancers in the outputs of the edge layer.
    read:      what `layer_outputs_info` told of regions whose hosts do not.
    """
    edges = {host["inventory_hostname"]: (host.get("ansible_facts") or {}).get("edge_outputs") or {} for host in hosts}
    edges |= {each["item"]: each["outputs"]["edge"] for each in read if "outputs" in each}
    workload, home = variables["workload"], regions[0]
    text = (
        f"# {workload}\n{' · '.join(regions)}. Made by multiregion.ecs from the inventory: what is changed here by "
        "hand is replaced by the next run of site.yml."
    )
    widgets = [_widget("text", 0, 0, COLUMNS, TEXT_HEIGHT, {"markdown": text})]
    width = COLUMNS // max(1, min(len(regions), CHARTS_ABREAST))
    top = TEXT_HEIGHT
    for number, region in enumerate(regions):
        alarms = [arn("cloudwatch", region, account, f"alarm:{alarm['name']}")
                  for alarm in region_alarms(variables, region, regions)]  # fmt: skip
        if alarms:
            place = (number % CHARTS_ABREAST * width, top + number // CHARTS_ABREAST * ALARMS_HEIGHT)
            shown = {"title": f"Alarms in {region}", "alarms": alarms}
            widgets.append(_widget("alarm", *place, width, ALARMS_HEIGHT, shown))
    top += -(-len(regions) // CHARTS_ABREAST) * ALARMS_HEIGHT
    chart = COLUMNS // CHARTS_ABREAST
    for number, (title, unit, lines, limit) in enumerate(_charts(variables, regions, edges)):
        place = (number % CHARTS_ABREAST * chart, top + number // CHARTS_ABREAST * CHART_HEIGHT)
        shown = {
            "title": title,
            "region": home,
            "view": "timeSeries",
            "stacked": False,
            "period": PERIOD,
            "yAxis": {"left": {"min": 0, "label": unit, "showUnits": False}},
            "metrics": lines,
        }
        if limit is not None:
            mark = {"label": "alarm above", "value": limit, "color": "#888888"}
            shown["annotations"] = {"horizontal": [mark]}
        widgets.append(_widget("metric", *place, chart, CHART_HEIGHT, shown))
    return widgets


def _widget(kind: str, x: int, y: int, width: int, height: int, properties: dict[str, Any]) -> Widget:
    return {"type": kind, "x": x, "y": y, "width": width, "height": height, "properties": properties}


def _charts(
    variables: Variables, regions: list[str], edges: Mapping[str, Variables]
) -> Iterator[tuple[str, str, list[Line], float | None]]:
    """(title, what the axis counts, lines, the threshold of its alarm) of each chart that has a line."""
    limits = thresholds_of(variables)
    lag = limits["replication_lag"]
    elb = "AWS/ApplicationELB"
    balancers = [
        (region, str(name), balancer)
        for region in regions
        for name, balancer in (edges.get(region, {}).get("load_balancer_arns") or {}).items()
        if is_unknown(balancer) or ":loadbalancer/app/" in balancer
    ]
    groups = [
        (region, group["name"], {"TargetGroup": found, "LoadBalancer": balancer})
        for region, name, balancer in balancers
        for declared in variables.get("edge_load_balancers") or []
        if declared["name"] == name
        for group in declared.get("target_groups") or []
        if (found := (edges[region].get("target_groups") or {}).get(group["name"]))
    ]
    queues = [queue["name"] for queue in variables.get("messaging_queues") or []]
    dead = [(queue.get("dlq") or {}).get("name") or f"{queue['name']}-dlq"
            for queue in variables.get("messaging_queues") or []]  # fmt: skip
    tables = [table["name"] for table in variables.get("data_tables") or []]
    cluster = variables.get("cluster_name") or variables["workload"]
    services = [service["name"] for service in variables.get("service_definitions") or []]

    def of_balancers(metric: str, stat: str) -> Iterator[tuple[str, str, Line]]:
        for region, name, balancer in balancers:
            yield region, name, [*_names(elb, metric, {"LoadBalancer": balancer}), {"stat": stat}]

    def of_groups(metric: str, stat: str) -> Iterator[tuple[str, str, Line]]:
        for region, name, place in groups:
            yield region, name, [*_names(elb, metric, place), {"stat": stat}]

    def of_queues(names: list[str], metric: str) -> Iterator[tuple[str, str, Line]]:
        for region in regions:
            for name in names:
                yield region, name, [*_names("AWS/SQS", metric, {"QueueName": name}), {"stat": "Maximum"}]

    def of_tables() -> Iterator[tuple[str, str, Line]]:
        for region in regions:
            for name in tables:
                for other in regions:
                    if other != region:
                        place = {"TableName": name, "ReceivingRegion": other}
                        told = _names("AWS/DynamoDB", "ReplicationLatency", place)
                        yield region, f"{name} to {other}", [*told, {"stat": "Average"}]

    def of_services(metric: str) -> Iterator[tuple[str, str, Line]]:
        for region in regions:
            for name in services:
                place = {"ClusterName": cluster, "ServiceName": name}
                yield region, name, [*_names("ECS/ContainerInsights", metric, place), {"stat": "Average"}]

    visible, oldest = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
    shown: list[tuple[str, str, Iterator[tuple[str, str, Line]], float | None]] = [
        ("Requests", "per minute", of_balancers("RequestCount", "Sum"), None),
        ("5xx of targets", "per minute", of_groups("HTTPCode_Target_5XX_Count", "Sum"), limits["target_5xx"]),
        ("5xx of load balancers", "per minute", of_balancers("HTTPCode_ELB_5XX_Count", "Sum"), limits["balancer_5xx"]),
        ("Response time, p99", "seconds", of_groups("TargetResponseTime", "p99"), limits["latency_p99"]),
        ("Healthy targets", "targets", of_groups("HealthyHostCount", "Minimum"), None),
        ("Unhealthy targets", "targets", of_groups("UnHealthyHostCount", "Maximum"), limits["unhealthy_hosts"]),
        ("Oldest message", "seconds", of_queues(queues, oldest), limits["queue_age"]),
        ("Messages waiting", "messages", of_queues(queues, visible), None),
        ("Dead letters", "messages", of_queues(dead, visible), limits["dead_letters"]),
        ("Replication lag", "milliseconds", of_tables(), None if lag is None else float(lag) * 1000),
    ]
    if variables.get("cluster_container_insights") in ("enabled", "enhanced"):
        shown.append(("Running tasks", "tasks", of_services("RunningTaskCount"), None))
        shown.append(("Desired tasks", "tasks", of_services("DesiredTaskCount"), None))
    for title, unit, lines, limit in shown:
        drawn = list(_drawn(lines, regions))
        if drawn:
            yield title, unit, drawn, limit


def _names(namespace: str, metric: str, dimensions: Mapping[str, str]) -> Line:
    told = [namespace, metric]
    for name, value in dimensions.items():
        told += [name, value if is_unknown(value) else dimension_value(value)]
    return told


def _drawn(lines: Iterator[tuple[str, str, Line]], regions: list[str]) -> Iterator[Line]:
    """Each line with its region, and that's colour. Of several lines of a region CloudWatch chooses the colours."""
    told = list(lines)
    several = len({name for _region, name, _line in told}) > 1
    for region, name, line in told:
        *names, options = line
        look = {"label": region, "color": COLOURS[regions.index(region) % len(COLOURS)]}
        yield [*names, {**options, "region": region, **({"label": f"{region} {name}"} if several else look)}]
