# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the parameters of `ecs_run_task`. Pure: no call is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...kernel.values import is_unknown
from ..shared_arguments.capacity_provider_strategy import strategy_problems
from ..shared_arguments.task_overrides import override_problems

RUN_ID = re.compile(r"[A-Za-z0-9 _.:/=+@-]{1,200}")
DEFINITION = re.compile(r"(arn:[a-z-]+:ecs:[a-z0-9-]+:\d{12}:task-definition/)?[A-Za-z0-9_-]{1,255}(:\d+)?")
COUNTS = range(1, 11)
MOST_SUBNETS, MOST_GROUPS = 16, 5


def problems(params: dict[str, Any]) -> list[str]:
    found = list(_of_run_id(params))
    if params["state"] == "absent":
        return found
    return [
        *found,
        *_of_definition(params),
        *_of_compute(params),
        *override_problems(params["overrides"] or {}),
    ]


def _of_run_id(params: dict[str, Any]) -> Iterator[str]:
    run_id = params["run_id"]
    if run_id is None:
        if params["state"] == "absent":
            yield "run_id is missing; state absent stops the tasks of the run that it names."
        if params["retry_failed"]:
            yield "retry_failed is given without run_id; only a run with a name can be tried again."
    elif not is_unknown(run_id) and not RUN_ID.fullmatch(run_id):
        yield f"run_id is {run_id!r}; up to 200 letters, digits, blanks and _ . : / = + @ - are valid."


def _of_definition(params: dict[str, Any]) -> Iterator[str]:
    definition = params["task_definition"]
    if not definition and not params["service"]:
        yield "task_definition and service are missing; give a family, family:revision or ARN, or a service with one."
    if definition and not is_unknown(definition) and not DEFINITION.fullmatch(definition):
        yield f"task_definition is {definition!r}; expected a family, family:revision or an ARN."
    if params["unless_deployed"] and ":" not in (definition or ":") and not is_unknown(definition):
        yield (
            f"unless_deployed is {params['unless_deployed']!r}, but task_definition {definition!r} names no revision; "
            "give family:revision or an ARN."
        )
    if params["unless_deployed"] and not definition:
        yield "unless_deployed is given without task_definition; give the revision that the service is to run next."
    if params["count"] not in COUNTS:
        yield f"count is {params['count']}; AWS starts {COUNTS[0]} to {COUNTS[-1]} tasks at once."
    if params["log_lines"] < 1:
        yield f"log_lines is {params['log_lines']}; expected at least 1."


def _of_compute(params: dict[str, Any]) -> Iterator[str]:
    yield from strategy_problems("capacity_provider_strategy", params["capacity_provider_strategy"])
    if params["launch_type"] and params["capacity_provider_strategy"]:
        yield "launch_type and capacity_provider_strategy are both given; AWS accepts one of them."
    if str(params["group"] or "").startswith(("family:", "service:")):
        yield f"group is {params['group']!r}; AWS reserves what begins with family: and service:."
    network = params["network"]
    if network is None:
        if params["launch_type"] == "FARGATE" and not params["service"]:
            yield "network is missing; Fargate tasks need subnets. Give network, or a service that has one."
        return
    for name, most in (("subnets", MOST_SUBNETS), ("security_groups", MOST_GROUPS)):
        if len(network[name]) > most:
            yield f"network.{name} has {len(network[name])} entries; AWS accepts {most}."
    if not network["subnets"]:
        yield "network.subnets is empty; give at least one."
