# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules of EventBridge Scheduler that run tasks of ECS, and the group that holds them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any, ClassVar

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from .assuming import until_assumable

GONE = "ResourceNotFoundException"
ROLE_REFUSAL = "must allow aws eventbridge scheduler to assume the role"
ENABLED, DISABLED = "ENABLED", "DISABLED"

NO_RETRIES = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
"""A run that could not be started is left out: made up for later, it might start where the region is not ACTIVE."""

ANSWER_ONLY = ("Arn", "CreationDate", "LastModificationDate", "ResponseMetadata")
"""What GetSchedule returns and UpdateSchedule does not take."""


class ScheduleGroup(Resource):
    """Wanted: `tags`. Gives `arn`."""

    kind = "schedule_group"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[ScheduleGroup], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("scheduler", region)
        actual: dict[str, Attributes] = {}
        for group in resources:
            with absent_is_none(GONE):
                answer = client.get_schedule_group(Name=group.name)
                if answer.get("State") != "DELETING" or group.state == "absent":
                    tags = client.list_tags_for_resource(ResourceArn=answer["Arn"])["Tags"]
                    actual[group.name] = {"arn": answer["Arn"], "tags": from_tag_list(tags)}
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("scheduler", self.region)
        self._wait_until_gone(cloud)
        answer = client.create_schedule_group(Name=self.name, Tags=to_tag_list(wanted["tags"]))
        return {"arn": answer["ScheduleGroupArn"], "tags": wanted["tags"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("scheduler", self.region)
        to_set, to_remove = tag_changes(*differences["tags"])
        if to_remove:
            client.untag_resource(ResourceArn=actual["arn"], TagKeys=to_remove)
        if to_set:
            client.tag_resource(ResourceArn=actual["arn"], Tags=to_tag_list(to_set))
        return {**actual, "tags": wanted["tags"]}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(GONE):
            cloud.client("scheduler", self.region).delete_schedule_group(Name=self.name)
        if cloud.wait:
            self._wait_until_gone(cloud)

    def _wait_until_gone(self, cloud: Cloud) -> None:
        """A group is DELETING for a while, and its name is taken until then."""
        client = cloud.client("scheduler", self.region)

        def gone() -> bool:
            with absent_is_none(GONE):
                client.get_schedule_group(Name=self.name)
                return False
            return True

        cloud.wait_until(f"schedule group {self.name} in {self.region} to be deleted", gone)


class Schedule(Resource):
    """A schedule of a group. `name` is `group/schedule`.

    Wanted: `expression`, `timezone`, `enabled`, `cluster_arn`, `role_arn`, `task_definition`, `count`, `overrides` (in
    the form of RunTask), and, if they are given, `network`, `launch_type`, `capacity_provider_strategy`,
    `platform_version`. Gives `arn`.
    """

    kind = "schedule"
    owned: ClassVar[bool] = False

    def __init__(
        self,
        group: str,
        schedule: str,
        region: str,
        *,
        mask: Callable[[Attributes], Attributes] = lambda attributes: attributes,
        **wanted: Any,
    ) -> None:
        super().__init__(f"{group}/{schedule}", region, **wanted)
        self.group, self.schedule = group, schedule
        self.mask = mask

    def shown(self, attributes: Attributes) -> Attributes:
        return self.mask(attributes)

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Schedule], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("scheduler", region)
        actual: dict[str, Attributes] = {}
        for resource in resources:  # a list tells only names and states
            with absent_is_none(GONE):
                answer = client.get_schedule(GroupName=resource.group, Name=resource.schedule)
                actual[resource.name] = attributes_of(answer)
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("scheduler", self.region)
        arguments = {**self._arguments(wanted), "ClientToken": uuid.uuid4().hex}
        answer = until_assumable(cloud, lambda: client.create_schedule(**arguments), ROLE_REFUSAL)
        return {**wanted, "arn": answer["ScheduleArn"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("scheduler", self.region)
        # It replaces the whole schedule: whatever is left out gets its default.
        until_assumable(cloud, lambda: client.update_schedule(**self._arguments(wanted)), ROLE_REFUSAL)
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(GONE):
            cloud.client("scheduler", self.region).delete_schedule(GroupName=self.group, Name=self.schedule)

    def _arguments(self, wanted: Attributes) -> dict[str, Any]:
        ecs: dict[str, Any] = {"TaskDefinitionArn": wanted["task_definition"], "TaskCount": wanted["count"]}
        if wanted.get("launch_type"):
            ecs["LaunchType"] = wanted["launch_type"]
        if wanted.get("platform_version"):
            ecs["PlatformVersion"] = wanted["platform_version"]
        if wanted.get("capacity_provider_strategy"):
            ecs["CapacityProviderStrategy"] = [
                {"capacityProvider": item["capacity_provider"], "weight": item["weight"], "base": item["base"]}
                for item in wanted["capacity_provider_strategy"]
            ]
        network = wanted.get("network")
        if network:
            ecs["NetworkConfiguration"] = {
                "awsvpcConfiguration": {
                    "Subnets": network["subnets"],
                    "AssignPublicIp": "ENABLED" if network["assign_public_ip"] else "DISABLED",
                    # An empty list is refused.
                    **({"SecurityGroups": network["security_groups"]} if network["security_groups"] else {}),
                }
            }
        target = {
            "Arn": wanted["cluster_arn"],
            "RoleArn": wanted["role_arn"],
            "EcsParameters": ecs,
            "RetryPolicy": NO_RETRIES,
        }
        if wanted["overrides"]:
            target["Input"] = json.dumps(wanted["overrides"], sort_keys=True)
        return {
            "GroupName": self.group,
            "Name": self.schedule,
            "ScheduleExpression": wanted["expression"],
            "ScheduleExpressionTimezone": wanted["timezone"],
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": ENABLED if wanted["enabled"] else DISABLED,
            "Target": target,
        }


def attributes_of(answer: dict[str, Any]) -> Attributes:
    """What GetSchedule tells of a schedule, in the words of `Schedule`."""
    target = answer["Target"]
    ecs = target.get("EcsParameters") or {}
    network = (ecs.get("NetworkConfiguration") or {}).get("awsvpcConfiguration")
    return {
        "arn": answer["Arn"],
        "expression": answer["ScheduleExpression"],
        "timezone": answer.get("ScheduleExpressionTimezone") or "UTC",
        "enabled": answer["State"] == ENABLED,
        "cluster_arn": target["Arn"],
        "role_arn": target["RoleArn"],
        "task_definition": ecs.get("TaskDefinitionArn"),
        "count": ecs.get("TaskCount", 1),
        "launch_type": ecs.get("LaunchType"),
        "platform_version": ecs.get("PlatformVersion"),
        "capacity_provider_strategy": [
            {
                "capacity_provider": item["capacityProvider"],
                "weight": item.get("weight", 0),
                "base": item.get("base", 0),
            }
            for item in ecs.get("CapacityProviderStrategy") or []
        ],
        "network": network
        and {
            "subnets": sorted(network["Subnets"]),
            "security_groups": sorted(network.get("SecurityGroups") or []),
            "assign_public_ip": network.get("AssignPublicIp") == "ENABLED",
        },
        "overrides": _read(target.get("Input")),
    }


def _read(text: str | None) -> Any:
    try:
        return json.loads(text) if text else {}
    except ValueError:  # somebody else's
        return text


def listed(client: Any, group: str) -> dict[str, str]:
    """The schedules of a group, and the state of each; none if there is no such group."""
    states: dict[str, str] = {}
    with absent_is_none(GONE):
        for page in client.get_paginator("list_schedules").paginate(GroupName=group):
            states |= {each["Name"]: each["State"] for each in page["Schedules"]}
    return states


def set_states(client: Any, group: str, state: str) -> list[str]:
    """Enable or disable every schedule of a group; returns those that were otherwise.

    There is no call for a state alone: each schedule is written again as it is read.
    """
    changed = [name for name, now in listed(client, group).items() if now != state]
    for name in changed:
        with absent_is_none(GONE):
            found = client.get_schedule(GroupName=group, Name=name)
            kept = {key: value for key, value in found.items() if key not in ANSWER_ONLY and value is not None}
            client.update_schedule(**{**kept, "State": state})
    return changed
