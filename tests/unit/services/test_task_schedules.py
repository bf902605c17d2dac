# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules of an inventory become those of the module, and a role that may do just that."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_schedules import MODULE
from ansible_collections.multiregion.ecs.plugins.module_utils.services.task_schedules import (
    schedule_policies,
    task_schedules,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wiring import Place
from tests.support.modules import checked

PLACE = Place(workload="sales", region="sa-east-1", regions=("sa-east-1",), account="123456789012")
SERVICES = [
    {"name": "api", "security_groups": ["tasks"], "platform_version": "1.4.0"},
    {"name": "goals", "containers": [{"name": "log", "essential": False}, {"name": "web"}], "launch_type": "EC2"},
]
NETWORK = {"subnets": {"private": ["subnet-a"], "public": ["subnet-p"]}, "security_groups": {"tasks": "sg-1"}}


def made(**given: Any) -> dict[str, Any]:
    """The one schedule, as the module takes it; it must be right."""
    (schedule,) = task_schedules([{"name": "s", "rate": "5 minutes", **given}], PLACE, SERVICES, NETWORK)
    asked = {"workload": "sales", "region": "sa-east-1", "cluster": "sales", "role_arn": "arn:x"}
    assert MODULE.problems(checked(MODULE, **asked, schedules=[schedule])) == []
    return schedule


def test_a_schedule_of_a_service_borrows_its_network_and_names_its_container() -> None:
    command = {"containers": [{"command": "close", "environment": {"TABLE": {"table": "sales"}}}]}
    assert made(task="api", timezone="America/Sao_Paulo", overrides=command) == {
        "name": "s",
        "rate": "5 minutes",
        "timezone": "America/Sao_Paulo",
        "task_definition": "sales-api",
        "overrides": {"containers": [{"name": "api", "command": "close", "environment": {"TABLE": "sales"}}]},
        "network": {"subnets": ["subnet-a"], "security_groups": ["sg-1"], "assign_public_ip": False},
        "launch_type": "FARGATE",
        "platform_version": "1.4.0",
    }
    several = made(task="goals", overrides={"containers": [{"command": ["x"]}]})
    assert (several["overrides"]["containers"][0]["name"], several["launch_type"]) == ("web", "EC2")
    third = made(task="api:3")
    assert (third["task_definition"], third["network"]["subnets"]) == ("sales-api:3", ["subnet-a"])


def test_a_schedule_of_another_family_runs_on_fargate() -> None:
    given = made(task="report", subnets="public", assign_public_ip=True, spot=True, count=2)
    assert given["network"] == {"subnets": ["subnet-p"], "security_groups": [], "assign_public_ip": True}
    assert given["capacity_provider_strategy"] == [{"capacity_provider": "FARGATE_SPOT"}]
    assert "launch_type" not in given and given["count"] == 2


def test_the_role_may_run_these_families_and_pass_their_roles() -> None:
    schedules = [{"name": "a", "task": "api"}, {"name": "b", "task": "report:3", "pass_roles": ["arn:role"]}]
    run, passes = schedule_policies(schedules, PLACE, SERVICES)["run"]["Statement"]
    ecs = "arn:aws:ecs:sa-east-1:123456789012:task-definition"
    assert run["Resource"] == [f"{ecs}/report", f"{ecs}/report:*", f"{ecs}/sales-api", f"{ecs}/sales-api:*"]
    iam = "arn:aws:iam::123456789012:role/sales-api"
    assert passes["Resource"] == [f"{iam}-execution-sa-east-1", f"{iam}-task-sa-east-1", "arn:role"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"rate": None}, "none of cron, rate and at"),
        ({"cron": "0 3 * * ? *"}, "cron and rate is given"),
        ({"rate": "5 minute"}, "rate is '5 minute'"),
        ({"rate": None, "cron": "0 3 * * *"}, "cron is '0 3 * * *'; expected six fields"),
        ({"rate": None, "cron": "0 3 * * * *"}, "one of the two days is ?"),
        ({"rate": None, "at": "tomorrow"}, "at is 'tomorrow'"),
        ({"name": "a b"}, "valid as a name"),
        ({"count": 0}, "count is 0"),
        ({"overrides": {"containers": [{"command": "x"}]}}, "without a name"),
    ],
)
def test_what_cannot_be_right_is_refused_in_words(given: dict[str, Any], told: str) -> None:
    schedule = {"name": "s", "rate": "5 minutes", "task_definition": "api", **given}
    kept = {key: value for key, value in schedule.items() if value is not None}
    asked = {"workload": "sales", "region": "sa-east-1", "cluster": "sales", "role_arn": "arn:x"}
    (problem,) = MODULE.problems(checked(MODULE, **asked, schedules=[kept]))
    assert told in problem


def test_schedules_need_a_cluster_a_role_and_names_of_their_own() -> None:
    schedule = {"name": "s", "rate": "1 day", "task_definition": "api"}
    found = MODULE.problems(checked(MODULE, workload="sales", region="sa-east-1", schedules=[schedule, dict(schedule)]))
    assert len(found) == 3 and "2 times" in found[0] and "cluster is missing" in found[1]
