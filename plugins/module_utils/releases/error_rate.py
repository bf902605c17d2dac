# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many of the requests to a region's services fail, by what their load balancers tell CloudWatch.

What is counted, of whole minutes that began after the deployment, so that nobody is blamed for the version before:
of each service the requests to its target groups and those that its targets answered with 5xx; and the answers with 5xx
of a load balancer itself (a target that hangs up, nobody to ask), where it serves nothing but what is deployed, since
CloudWatch tells those of the load balancer alone ("CloudWatch metrics for your Application Load Balancer").
A load balancer sends its points once a minute, and only if there were requests; they arrive one to three minutes late.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..aws.names import dimension_value
from ..kernel import Cloud

NAMESPACE = "AWS/ApplicationELB"
REQUESTS, TARGET_ERRORS, OWN_ERRORS = "RequestCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"
PERIOD_SECONDS = 60
QUERIES_AT_ONCE = 500
"""That many one GetMetricData takes."""

Metric = tuple[str, tuple[str, ...]]
"""A metric's name, and the load balancer, or target group and load balancer, that it is of."""


@dataclass(frozen=True)
class Limit:
    """What a region is allowed: percent of its requests, of at least so many; seconds to wait for the last points."""

    most_percent: float
    least_requests: int
    wait: float


@dataclass
class Subject:
    """Who answers requests, the metrics that count them, and what they told so far. `last`: the latest point's time."""

    what: str
    requests: list[Metric]
    errors: list[Metric]
    counted: int = 0
    failed: int = 0
    last: float = 0.0

    @property
    def percent(self) -> float:
        return 100 * self.failed / self.counted if self.counted else 0.0


@dataclass
class ErrorRate:
    """Reads a region's metrics now and then. `subjects`: whose; none where no load balancer takes HTTP requests."""

    cloud: Cloud
    region: str
    limit: Limit
    subjects: list[Subject]
    first: float = 0.0
    end: float = 0.0
    read_at: float = field(default=0.0, init=False)

    def begin(self, seconds: float) -> None:
        """From now on, for so many seconds, in whole minutes, of which there is one at least."""
        now = time.time()
        self.first = math.ceil(now / PERIOD_SECONDS) * PERIOD_SECONDS
        self.end = max(self.first + PERIOD_SECONDS, math.ceil((now + seconds) / PERIOD_SECONDS) * PERIOD_SECONDS)

    def trouble(self) -> str:
        """Whose error rate is too high, in words; empty if nobody's is as far as is known."""
        now = time.time()
        if now > self.first and now - self.read_at >= PERIOD_SECONDS / 4:
            self.read(self.first, self.end)
            self.read_at = now
        for each in self.subjects:
            if each.counted >= self.limit.least_requests and each.percent > self.limit.most_percent:
                return (
                    f"{each.what}: {each.failed} of {each.counted} requests were answered with 5xx, which is "
                    f"{each.percent:.3g} %; at most {self.limit.most_percent:g} % may be"
                )
        return ""

    @property
    def is_complete(self) -> bool:
        """Whether all that is to be counted was read, or was waited for long enough."""
        if not self.subjects or self.read_at >= self.end + self.limit.wait:
            return True
        return self.read_at >= self.end and all(each.last >= self.end - PERIOD_SECONDS for each in self.subjects)

    def read(self, first: float, end: float) -> None:
        """Count the requests of this time anew, with one call for each 500 metrics."""
        metrics = [metric for each in self.subjects for metric in (*each.requests, *each.errors)]
        queries = [_query(f"m{number}", *metric) for number, metric in enumerate(metrics)]
        told: dict[str, dict[float, float]] = {}
        for start in range(0, len(queries), QUERIES_AT_ONCE):
            for result in self.cloud.paginate(
                "cloudwatch",
                "get_metric_data",
                self.region,
                MetricDataQueries=queries[start : start + QUERIES_AT_ONCE],
                StartTime=datetime.fromtimestamp(first, UTC),
                EndTime=datetime.fromtimestamp(end, UTC),
            ):
                points = zip(result["Timestamps"], result["Values"], strict=True)
                told.setdefault(result["Id"], {}).update((at.timestamp(), value) for at, value in points)
        numbers = iter(range(len(metrics)))
        for each in self.subjects:
            requests = [told.get(f"m{next(numbers)}", {}) for _metric in each.requests]
            errors = [told.get(f"m{next(numbers)}", {}) for _metric in each.errors]
            each.failed = round(sum(sum(points.values()) for points in errors))
            # What a load balancer refuses before it has chosen a target is no request in its count.
            each.counted = max(each.failed, round(sum(sum(points.values()) for points in requests)))
            each.last = max((at for points in requests for at in points), default=0.0)

    def tell(self) -> str:
        """What was counted."""
        if not self.subjects:
            return "error rate unknown: no service has an Application Load Balancer"
        return ", ".join(map(self._told_of, self.subjects))

    def _told_of(self, subject: Subject) -> str:
        if not subject.counted:
            return f"{subject.what}: no requests, so its error rate is unknown"
        told = f"{subject.what}: {subject.failed} of {subject.counted} requests failed"
        too_few = subject.counted < self.limit.least_requests
        return f"{told}, too few to judge" if too_few else told


def measured(cloud: Cloud, region: str, groups: Mapping[str, Iterable[str]], limit: Limit) -> ErrorRate:
    """The error rate of a region's services. `groups`: service → the ARNs of its target groups."""
    wanted = sorted({arn for arns in groups.values() for arn in arns})
    found = cloud.paginate("elbv2", "describe_target_groups", region, TargetGroupArns=wanted) if wanted else []
    balancers = {
        each["TargetGroupArn"]: next((arn for arn in each["LoadBalancerArns"] if ":loadbalancer/app/" in arn), None)
        for each in found
    }
    subjects = {}
    for name, arns in sorted(groups.items()):
        places: list[tuple[str, ...]] = [
            (dimension_value(arn), dimension_value(balancer)) for arn in arns if (balancer := balancers.get(arn))
        ]
        if places:
            requests, errors = ([(metric, place) for place in places] for metric in (REQUESTS, TARGET_ERRORS))
            subjects[name] = Subject(f"service {name}", requests, errors)
    return ErrorRate(cloud, region, limit, _with_own_errors(cloud, region, groups, balancers, subjects))


def _with_own_errors(
    cloud: Cloud,
    region: str,
    groups: Mapping[str, Iterable[str]],
    balancers: Mapping[str, str | None],
    subjects: Mapping[str, Subject],
) -> list[Subject]:
    """The services, with what load balancers answer themselves that serve nobody else: one, or several together."""
    several = []
    for balancer in sorted({arn for arn in balancers.values() if arn}):
        all_groups = cloud.paginate("elbv2", "describe_target_groups", region, LoadBalancerArn=balancer)
        users = [name for name, arns in groups.items() if any(balancers.get(arn) == balancer for arn in arns)]
        if any(each["TargetGroupArn"] not in balancers for each in all_groups):
            continue
        place: tuple[str, ...] = (dimension_value(balancer),)
        if len(users) == 1:
            subjects[users[0]].errors.append((OWN_ERRORS, place))
        else:
            errors = [(TARGET_ERRORS, place), (OWN_ERRORS, place)]
            several.append(Subject(f"load balancer {place[0].split('/')[1]}", [(REQUESTS, place)], errors))
    return [*subjects.values(), *several]


def _query(identifier: str, metric: str, place: tuple[str, ...]) -> dict[str, Any]:
    names = ("TargetGroup", "LoadBalancer")[-len(place) :]
    dimensions = [{"Name": name, "Value": value} for name, value in zip(names, place, strict=True)]
    told = {"Namespace": NAMESPACE, "MetricName": metric, "Dimensions": dimensions}
    return {"Id": identifier, "MetricStat": {"Metric": told, "Period": PERIOD_SECONDS, "Stat": "Sum"}}
