# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheduled tasks start only where the region is ACTIVE: off before the hold, on after the grant."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps import schedules
from ansible_collections.multiregion.ecs.plugins.module_utils.switch.steps.step import Step
from tests.support.switching import STATES, STEP_CLASSES, names

GROUP = {"schedule_group": "sales"}
ON, OFF = ["ENABLED", "ENABLED"], ["DISABLED", "DISABLED"]


@pytest.fixture(autouse=True)
def scheduled(workload: Any) -> None:
    """Two schedules in each region, enabled in the source alone."""
    for region, state in STATES.items():
        client = workload.client("scheduler", region)
        client.create_schedule_group(Name="sales")
        for name in ("close", "report"):
            client.create_schedule(
                GroupName="sales",
                Name=name,
                ScheduleExpression="rate(1 day)",
                FlexibleTimeWindow={"Mode": "OFF"},
                State="ENABLED" if state == "ACTIVE" else "DISABLED",
                Target={"Arn": "arn:aws:ecs:::cluster/sales", "RoleArn": "arn:aws:iam::1:role/x", "Input": "{}"},
            )


def states(workload: Any) -> dict[str, list[str]]:
    return {
        region: [each["State"] for each in workload.client("scheduler", region).list_schedules()["Schedules"]]
        for region in STATES
    }


def test_schedules_are_off_before_the_hold_and_on_after_the_grant(workload, switch, monkeypatch):
    seen = {}

    def look_at(title: str) -> None:
        do = STEP_CLASSES[title].do

        def look(self: Step) -> str:
            seen[title] = (states(workload), workload.parameter("us-east-1"))
            return do(self)

        monkeypatch.setattr(STEP_CLASSES[title], "do", look)

    for title in ("hold", "schedules_on"):
        look_at(title)
    plan = switch(check=True, to="us-east-1", **GROUP)
    made = switch(to="us-east-1", **GROUP)
    assert names(plan) == names(made) == ["lease", "schedules_off", "hold", "fence", "grant", "schedules_on", "record"]
    off = {"sa-east-1": OFF, "us-east-1": OFF}
    assert seen == {"hold": (off, "PASSIVE"), "schedules_on": (off, "ACTIVE")}
    assert states(workload) == {"sa-east-1": OFF, "us-east-1": ON}
    kept = workload.client("scheduler", "us-east-1").get_schedule(GroupName="sales", Name="close")
    assert (kept["ScheduleExpression"], kept["Target"]["Input"]) == ("rate(1 day)", "{}")


@pytest.mark.parametrize("step", ["schedules_off", "hold", "fence", "grant", "schedules_on", "record"])
def test_a_switch_that_stopped_anywhere_ends_with_the_right_schedules(workload, switch, broken, step):
    broken(switch, step, to="us-east-1", **GROUP)
    switch(to="us-east-1", **GROUP)
    assert states(workload) == {"sa-east-1": OFF, "us-east-1": ON}


@pytest.mark.parametrize("step", ["hold", "fence", "schedules_on", "record"])
def test_going_back_enables_them_where_they_were(workload, switch, broken, step):
    broken(switch, step, to="us-east-1", **GROUP)
    switch(rollback=True, **GROUP)
    assert states(workload) == {"sa-east-1": ON, "us-east-1": OFF}


def test_schedules_of_a_region_that_comes_back_are_off_before_it_learns_of_the_switch(workload, switch, silent):
    silent.add("sa-east-1")
    switch(to="us-east-1", execution="ungraceful", **GROUP)
    silent.clear()
    assert states(workload) == {"sa-east-1": ON, "us-east-1": ON}
    made = switch(to="us-east-1", **GROUP)
    assert names(made)[1:3] == ["schedules_off", "grant"]
    assert states(workload) == {"sa-east-1": OFF, "us-east-1": ON}


def test_a_scheduler_that_does_not_answer_is_owed_and_stops_nothing(workload, switch, monkeypatch):
    write = schedules.write

    def mute(run: Any, region: str, state: str) -> int:
        if state == "ENABLED":
            raise ConnectTimeoutError(endpoint_url="https://scheduler.test")
        return write(run, region, state)

    with monkeypatch.context() as patch:
        patch.setattr(schedules, "write", mute)
        made = switch(to="us-east-1", **GROUP)
    assert made["owed"] == {"us-east-1": ["schedules"]} and workload.states()["us-east-1"] == "ACTIVE"
    assert states(workload)["us-east-1"] == OFF
    settled = switch(to="us-east-1", **GROUP)
    assert (settled["owed"], states(workload)["us-east-1"]) == ({}, ON)


def test_what_the_scheduler_refuses_is_told(workload, switch, monkeypatch):
    def refuse(run: Any, region: str, state: str) -> int:
        raise CollectionError("not authorized")

    monkeypatch.setattr(schedules, "write", refuse)
    with pytest.raises(CollectionError, match="not authorized"):
        switch(to="us-east-1", **GROUP)
    assert workload.states()["sa-east-1"] == "ACTIVE"


def test_a_workload_without_schedules_has_no_such_steps(switch):
    assert names(switch(to="us-east-1")) == ["lease", "hold", "fence", "grant", "record"]
