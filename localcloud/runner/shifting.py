# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments that shift traffic (BLUE_GREEN, CANARY, LINEAR): the new tasks stand beside the old ones.

The tasks of one deployment are on one side: targets of the target group of the service's load balancer, or of its
alternate one. Once as many new tasks are healthy as are wanted, the weights of the production listener's rule move to
their side, step by step; after the bake time the old tasks are stopped, and the next deployment comes from the other
side. A CloudWatch alarm that goes off until then moves all of it back at once.
"""

from __future__ import annotations

import math
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.elbv2.models import FakeAction, elbv2_backends

SHIFTING = ("BLUE_GREEN", "CANARY", "LINEAR")

WHOLE = 100.0
PRODUCTION, TEST = "productionListenerRule", "testListenerRule"


def strategy_of(service: Any) -> str:
    return str((getattr(service, "deployment_configuration", None) or {}).get("strategy") or "ROLLING")


def shifts(service: Any) -> bool:
    return strategy_of(service) in SHIFTING


def steps_of(configuration: dict[str, Any]) -> list[tuple[float, float]]:
    """(percent, minutes) of each step. The last is the whole traffic, for the bake time."""
    strategy, bake = configuration["strategy"], float(configuration.get("bakeTimeInMinutes") or 0)
    last = (WHOLE, bake)
    if strategy == "CANARY":
        canary = configuration.get("canaryConfiguration") or {}
        return [(canary.get("canaryPercent", 5.0), canary.get("canaryBakeTimeInMinutes", 10)), last]
    if strategy == "LINEAR":
        linear = configuration.get("linearConfiguration") or {}
        percent, minutes = linear.get("stepPercent", 10.0), linear.get("stepBakeTimeInMinutes", 6)
        return [(percent * number, minutes) for number in range(1, math.ceil(WHOLE / percent))] + [last]
    return [last]


def side_of(service: Any, deployment: str) -> int:
    """0: the target group of the load balancer; 1: the alternate one."""
    return int(getattr(service, "sides", {}).get(deployment, 0))


def take_side(service: Any, deployment: str) -> None:
    """Give a new deployment the side that does not serve, or the first one of a service everything."""
    if not hasattr(service, "sides"):
        service.sides = {}
    if deployment not in service.sides:
        former = service.completed_deployment
        service.sides[deployment] = 1 - side_of(service, former["id"]) if former else 0
        weigh(service, deployment, 0.0 if former else WHOLE)
    living = {each["id"] for each in service.deployments}
    service.sides = {name: side for name, side in service.sides.items() if name in living}


def group_arn(balancer: dict[str, Any], side: int) -> str | None:
    """The target group of a side."""
    alternate = (balancer.get("advancedConfiguration") or {}).get("alternateTargetGroupArn")
    return alternate if side and alternate else balancer.get("targetGroupArn")


def weigh(service: Any, deployment: str, percent: float, *, rule: str = PRODUCTION) -> None:
    """Let a rule send so much of its traffic to a deployment's side, and the rest to the other."""
    rules = rules_by_arn(service._account_id, service.region_name)
    side = side_of(service, deployment)
    for balancer in service.load_balancers or []:
        advanced = balancer.get("advancedConfiguration") or {}
        found = rules.get(advanced.get(rule, ""))
        if found is None:
            continue
        shares = [(group_arn(balancer, side), percent), (group_arn(balancer, 1 - side), WHOLE - percent)]
        # Weights are whole numbers, so ECS gives them out of a thousand where a percentage is not whole.
        scale = 1 if float(percent).is_integer() else 10
        groups = [{"TargetGroupArn": arn, "Weight": round(share * scale)} for arn, share in shares]
        others = [action for action in found.actions if action.data["Type"] != "forward"]
        found.actions = [*others, FakeAction({"Type": "forward", "ForwardConfig": {"TargetGroups": groups}})]
        elbv2_backends[service._account_id][service.region_name].note_attachments()  # type: ignore[attr-defined]


def rules_by_arn(account: str, region: str) -> dict[str, Any]:
    """The rules of a region's listeners; a listener's ARN stands for its default rule."""
    found: dict[str, Any] = {}
    for balancer in elbv2_backends[account][region].load_balancers.values():
        for listener in balancer.listeners.values():
            for rule in listener.rules.values():
                found[rule.arn] = rule
                if rule.is_default:
                    found[listener.arn] = rule
    return found


def alarm_of(service: Any) -> str:
    """The deployment alarm that is in state ALARM, if one is."""
    told = service.deployment_configuration.get("alarms") or {}
    if not told.get("enable"):
        return ""
    alarms = cloudwatch_backends[service._account_id][service.region_name].alarms
    return next((n for n in told.get("alarmNames") or [] if n in alarms and alarms[n].state_value == "ALARM"), "")
