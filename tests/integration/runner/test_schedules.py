# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EventBridge Scheduler over the real API: what it refuses, and that it runs tasks at their times."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import Cloud
from localcloud.options import ACCOUNT_ID
from tests.support.container_runs import Runs, shell
from tests.support.waiting import eventually

CLUSTER = f"arn:aws:ecs:sa-east-1:{ACCOUNT_ID}:cluster/runs"
GROUP = f"arn:aws:scheduler:sa-east-1:{ACCOUNT_ID}:schedule-group/jobs"


class Schedules:
    """A group, a role and a job to run; a minute of a rate lasts a second here."""

    def __init__(self, cloud: Cloud, runs: Runs) -> None:
        self.runs = runs
        self.client = cloud.client("scheduler")
        self.client.create_schedule_group(Name="jobs", Tags=[{"Key": "team", "Value": "sales"}])
        self.definition = runs.register(shell("job", "echo $WHAT"))
        self.role = self.made_role("schedules", {"aws:SourceAccount": ACCOUNT_ID}, ["ecs:RunTask", "iam:PassRole"])

    def made_role(self, name: str, condition: dict[str, str], actions: list[str]) -> str:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "scheduler.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": condition},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = self.runs.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self.runs.iam.put_role_policy(RoleName=name, PolicyName="run", PolicyDocument=policy)
        return str(role)

    def target(self, **change: Any) -> dict[str, Any]:
        network = {"Subnets": [self.runs.subnet], "SecurityGroups": [self.runs.clients], "AssignPublicIp": "DISABLED"}
        return {
            "Arn": CLUSTER,
            "RoleArn": self.role,
            "EcsParameters": {
                "TaskDefinitionArn": self.definition,
                "LaunchType": "FARGATE",
                "NetworkConfiguration": {"awsvpcConfiguration": network},
            },
            "Input": json.dumps(
                {"containerOverrides": [{"name": "job", "environment": [{"name": "WHAT", "value": "on time"}]}]}
            ),
            **change,
        }

    def given(self, name: str, **change: Any) -> dict[str, Any]:
        return {
            "GroupName": "jobs",
            "Name": name,
            "ScheduleExpression": "rate(1 minute)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": self.target(),
            **change,
        }

    def make(self, name: str, **change: Any) -> None:
        """Make it, trying again while the role is new."""

        def attempt() -> bool:
            try:
                self.client.create_schedule(**self.given(name, **change))
            except ClientError as error:
                assert "to assume the role" in str(error), error
                return False
            return True

        eventually(attempt, 10)

    def ran(self, name: str) -> list[str]:
        return [
            arn
            for status in ("RUNNING", "STOPPED")
            for arn in self.runs.ecs.list_tasks(
                cluster="runs", startedBy=f"chronos-schedule/{name}", desiredStatus=status
            )["taskArns"]
        ]


@pytest.fixture(scope="module")
def schedules(cloud: Cloud, runs: Runs) -> Schedules:
    return Schedules(cloud, runs)


def test_a_schedule_runs_its_task_while_it_is_enabled(schedules: Schedules) -> None:
    schedules.make("often")
    first = eventually(lambda: schedules.ran("often"), 20)[0]
    assert schedules.runs.finish(first)["by_name"]["job"]["exitCode"] == 0
    assert schedules.runs.lines(first, "job") == ["on time"]
    eventually(lambda: len(schedules.ran("often")) >= 3, 20)
    schedules.client.update_schedule(**schedules.given("often", State="DISABLED"))
    so_far = len(schedules.ran("often"))
    # What is left out of an update gets its default, the state too.
    schedules.make("witness")
    eventually(lambda: len(schedules.ran("witness")) >= 3, 20)
    assert len(schedules.ran("often")) == so_far
    schedules.client.update_schedule(**schedules.given("often"))
    assert schedules.client.get_schedule(GroupName="jobs", Name="often")["State"] == "ENABLED"
    eventually(lambda: len(schedules.ran("often")) > so_far, 20)
    for name in ("often", "witness"):
        schedules.client.delete_schedule(GroupName="jobs", Name=name)


def test_what_the_role_does_not_allow_is_not_run(schedules: Schedules) -> None:
    role = schedules.made_role("powerless", {"aws:SourceArn": GROUP}, ["ecs:RunTask"])
    schedules.make("denied", Target=schedules.target(RoleArn=role))
    schedules.make("allowed")
    eventually(lambda: len(schedules.ran("allowed")) >= 2, 20)
    assert schedules.ran("denied") == []
    for name in ("denied", "allowed"):
        schedules.client.delete_schedule(GroupName="jobs", Name=name)


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"ScheduleExpression": "rate(1 minutes)"}, "ValidationException", "Invalid Schedule Expression"),
        ({"ScheduleExpressionTimezone": "Mars/Olympus"}, "ValidationException", "timezone"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "ValidationException", "MaximumWindowInMinutes"),
        ({"Name": "no blank"}, "ValidationException", "validation error"),
        ({"GroupName": "nowhere"}, "ResourceNotFoundException", "Schedule group nowhere does not exist"),
        ({"Name": "twice"}, "ConflictException", "already exists"),
        ({"EcsParameters": None}, "ValidationException", "EcsParameters"),
        ({"RoleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/runs"}, "ValidationException", "to assume the role"),
        ({"Input": "{"}, "ValidationException", "Invalid Input"),
    ],
)
def test_create_schedule_refuses(schedules: Schedules, change: dict[str, Any], code: str, message: str) -> None:
    if change.get("Name") == "twice":
        schedules.make("twice", State="DISABLED")
    given = schedules.given("refused")
    of_target = change.keys() & {"EcsParameters", "RoleArn", "Input"}
    if of_target:
        target = {**given["Target"], **change}
        change = {"Target": {key: value for key, value in target.items() if value is not None}}
    with pytest.raises(ClientError) as refusal:
        schedules.client.create_schedule(**{**given, **change})
    assert refusal.value.response["Error"]["Code"] == code
    assert message in refusal.value.response["Error"]["Message"]


def test_a_group_ends_with_its_schedules(schedules: Schedules) -> None:
    client = schedules.client
    client.create_schedule_group(Name="short-lived")
    with pytest.raises(client.exceptions.ConflictException):
        client.create_schedule_group(Name="short-lived")
    schedules.make("inside", GroupName="short-lived", State="DISABLED")
    client.delete_schedule_group(Name="short-lived")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_schedule(GroupName="short-lived", Name="inside")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.delete_schedule_group(Name="short-lived")
    with pytest.raises(client.exceptions.ValidationException):
        client.delete_schedule_group(Name="default")
