# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics of Application Load Balancers: what the front door has counted, as CloudWatch tells it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.elbv2.models import elbv2_backends

from localcloud.frontdoor.meter import RESPONSE_TIME

NAMESPACE = "AWS/ApplicationELB"


def publish(points: Iterable[dict[str, Any]]) -> None:
    """Put points of the front door's meter where CloudWatch finds them; those of what has gone are dropped."""
    for point in points:
        _arn, _aws, _elb, region, account, name = point["balancer"].split(":", 5)
        if point["balancer"] not in elbv2_backends[account][region].load_balancers:
            continue
        dimensions = {"LoadBalancer": name.removeprefix("loadbalancer/")}
        if point["group"]:
            dimensions["TargetGroup"] = point["group"].rpartition(":")[2]
        unit = "Seconds" if point["metric"] == RESPONSE_TIME else "Count"
        backend: Any = cloudwatch_backends[account][region]
        backend.note(NAMESPACE, point["metric"], dimensions, point["values"], unit, point["at"])
