# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about how the tasks of a service are to be replaced. Pure: no call is made."""

from __future__ import annotations

from typing import Any

from ...kernel.run import COMMON_ARGUMENTS
from .deployment import DEPLOYMENT, PATIENCE, SHIFTING, STEPS, bake_minutes, deployment

LEAST_PERCENT = {"percent": 0.1, "step_percent": 3.0}
MOST_BAKE_MINUTES = 1440


def shifting_problems(params: dict[str, Any]) -> list[str]:
    """What does not go with a strategy that shifts traffic, and what only such a strategy takes."""
    strategy, given, wanted = params["strategy"], params["deployment"] or {}, deployment(params)
    found = [
        f"deployment.{name} is for strategy {name}; the strategy is {strategy}."
        for name in STEPS
        if given.get(name) is not None and name != strategy
    ]
    shifted = [item for item in params["load_balancers"] if item.get("shift")]
    if strategy not in SHIFTING:
        if given.get("bake_minutes") is not None:
            found.append(f"deployment.bake_minutes is for {', '.join(SHIFTING)}; the strategy is {strategy}.")
        if shifted:
            found.append(f"load_balancers: shift is for {', '.join(SHIFTING)}; the strategy is {strategy}.")
        return found
    if given.get("circuit_breaker") is not None:
        found.append(f"deployment.circuit_breaker is for strategy rolling; the strategy is {strategy}.")
    if len(shifted) < len(params["load_balancers"]):
        found.append(
            f"load_balancers: each needs shift with strategy {strategy}: the alternate target group, the listener rule "
            "and the role with which ECS moves traffic."
        )
    steps = wanted.get(strategy) or {}
    for name, least in LEAST_PERCENT.items():
        if name in steps and not least <= steps[name] <= 100:
            found.append(f"deployment.{strategy}.{name} is {steps[name]}; AWS accepts {least} to 100.")
    bakes = {"bake_minutes": wanted["bake_minutes"]}
    bakes |= {f"{strategy}.{name}": minutes for name, minutes in steps.items() if name.endswith("bake_minutes")}
    for name, minutes in bakes.items():
        if not 0 <= minutes <= MOST_BAKE_MINUTES:
            found.append(f"deployment.{name} is {minutes}; AWS accepts 0 to {MOST_BAKE_MINUTES} minutes.")
    return found or _wait_problems(params, wanted)


def _wait_problems(params: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """Waiting for less than ECS bakes would end as a failure of a deployment that goes well."""
    minutes, patience = bake_minutes(wanted), params["wait_timeout"]
    if not params["wait"] or not minutes or patience > minutes * 60:
        return []
    return [
        f"wait_timeout is {patience}; strategy {params['strategy']} bakes for {minutes} minutes, which are "
        f"{minutes * 60} seconds, and takes as long at least. Set wait_timeout to "
        f"{minutes * 60 + COMMON_ARGUMENTS['wait_timeout']['default']} or more, or wait to false."
    ]


def recreate_problems(params: dict[str, Any]) -> list[str]:
    """What does not go together with stopping every task before another starts."""
    found = []
    given = params["deployment"] or {}
    for name in (*DEPLOYMENT, "circuit_breaker"):
        if given.get(name) is not None:
            found.append(
                f"deployment.{name} is given with strategy recreate, which stops every task first and goes back by "
                "itself. Leave it out."
            )
    for name, least in (("healthy_within", 1), ("failed_tasks", 1)):
        if given.get(name) is not None and given[name] < least:
            found.append(f"deployment.{name} is {given[name]}; expected {least} or more.")
    if params["availability_zone_rebalancing"] == "ENABLED":
        found.append(
            "availability_zone_rebalancing is ENABLED with strategy recreate; it starts a task before it stops "
            "another. Leave it out."
        )
    if params["scaling"]:
        found.append(
            "scaling is given with strategy recreate; automatic scaling would start tasks while all shall be stopped. "
            "Leave it out."
        )
    if not params["wait"]:
        found.append("wait is false with strategy recreate, which has to see the old tasks stopped. Leave it out.")
    return found


def deployment_problems(params: dict[str, Any]) -> list[str]:
    given, wanted = params["deployment"] or {}, deployment(params)
    for name in PATIENCE:
        if given.get(name) is not None:
            return [f"deployment.{name} is for strategy recreate; the strategy is {params['strategy']}."]
    least, most = wanted["minimum_healthy_percent"], wanted["maximum_percent"]
    if not 0 <= least <= 100:
        return [f"deployment.minimum_healthy_percent is {least}; expected 0 to 100."]
    if not 100 <= most <= 200:
        return [f"deployment.maximum_percent is {most}; expected 100 to 200."]
    return [] if params["strategy"] in SHIFTING else room_problems("deployment", least, most, counts(params))


def counts(params: dict[str, Any]) -> range:
    """How many tasks the service may have while it is deployed; empty if nobody says."""
    scaling, count = params["scaling"], params["desired_count"]
    if not scaling:
        return range(0) if count is None else range(count, count + 1)
    bounds = [scaling, *(scaling.get("schedules") or [])]
    return range(min(each["min"] for each in bounds), max(each["max"] for each in bounds) + 1)


def room_problems(where: str, least: int, most: int, of: range) -> list[str]:
    """Why no task could ever be replaced at a count that the service may have.

    ECS rounds the number that must stay up, and the number that may run down.
    """
    if least == most == 100:
        of = range(1, 2)
    for count in of:
        stay, run = -(-count * least // 100), count * most // 100
        if count and stay >= count and run <= count:
            return [
                f"{where}: minimum_healthy_percent is {least} and maximum_percent is {most}, which leaves no room to "
                f"replace a task of {count}: {stay} must stay, and {run} may run. Raise maximum_percent, or lower "
                "minimum_healthy_percent."
            ]
    return []
