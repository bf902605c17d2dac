# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which target groups get requests, whoever's load balancer it is that sends them there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..kernel import Cloud, absent_is_none
from .listener_action import read_action
from .listener_rule import is_parked, read_condition


def forwarded_groups(cloud: Cloud, region: str, arns: Iterable[str]) -> set[str]:
    """Those of these target groups that some listener or rule forwards to. One that is gone is none."""
    balancers: set[str] = set()
    asked = set(arns)
    for arn in sorted(asked):
        with absent_is_none("TargetGroupNotFound"):
            answer = cloud.client("elbv2", region).describe_target_groups(TargetGroupArns=[arn])
            balancers.update(answer["TargetGroups"][0].get("LoadBalancerArns") or [])
    return {
        share["target_group"]
        for balancer in sorted(balancers)
        for action in _actions(cloud, region, balancer)
        for share in read_action(action).get("forward", [])
        if share["weight"] and share["target_group"] in asked
    }


def _actions(cloud: Cloud, region: str, balancer: str) -> list[list[dict[str, Any]]]:
    """What a load balancer's listeners and rules do."""
    found = []
    for listener in cloud.paginate("elbv2", "describe_listeners", region, LoadBalancerArn=balancer):
        found.append(listener["DefaultActions"])
        if "/app/" in balancer:
            rules = cloud.paginate("elbv2", "describe_rules", region, ListenerArn=listener["ListenerArn"])
            found += [r["Actions"] for r in rules if not is_parked([read_condition(c) for c in r["Conditions"]])]
    return found
