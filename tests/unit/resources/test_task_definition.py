# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registering and deleting revisions: what ECS refuses is told."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.task_definition import Revisions, TaskDefinition


class Ecs:
    """Answers every registration and deletion with what the test says."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def client(self, service: str, region: str, **config: Any) -> Ecs:
        self.once = config == {"retries": {"max_attempts": 0}}
        return self

    def register_task_definition(self, **request: Any) -> Any:
        assert self.once
        raise self.answers["refusal"]

    def describe_task_definition(self, taskDefinition: str, include: list[str]) -> dict[str, Any]:
        statuses = self.answers.get("statuses", {})
        if taskDefinition not in statuses:
            raise ClientError({"Error": {"Code": "ClientException"}}, "DescribeTaskDefinition")
        told = {"family": "api", "taskDefinitionArn": taskDefinition, "revision": 12, "containerDefinitions": []}
        return {"taskDefinition": {**told, "status": statuses[taskDefinition]}}

    def deregister_task_definition(self, taskDefinition: str) -> None:
        pass

    def delete_task_definitions(self, taskDefinitions: list[str]) -> dict[str, Any]:
        assert len(taskDefinitions) <= 10
        return {"failures": [f for f in self.answers["failures"] if f["arn"] in taskDefinitions]}


@pytest.mark.parametrize(
    "refusal",
    [
        ClientError({"Error": {"Code": "ClientException", "Message": "no: not-to-be-told"}}, "RegisterTaskDefinition"),
        ParamValidationError(report="Invalid type for parameter, value: not-to-be-told"),
    ],
)
def test_what_aws_answers_is_told_without_secrets(refusal: Exception) -> None:
    container = {"name": "api", "image": "api:1", "environment": [{"name": "API_TOKEN", "value": "not-to-be-told"}]}
    definition = {"family": "api", "containerDefinitions": [container]}
    resource = TaskDefinition("api", "sa-east-1", latest=None, definition=definition, tags={})
    with pytest.raises(CollectionError) as caught:
        resource.create(Ecs(refusal=refusal), resource.wanted)
    assert "not-to-be-told" not in str(caught.value)
    assert "(masked)" in str(caught.value)


def test_revisions_that_ecs_does_not_delete_are_told() -> None:
    arns = [f"arn:aws:ecs:sa-east-1:123456789012:task-definition/api:{number}" for number in range(1, 13)]
    going = Revisions("api", "sa-east-1", active=arns, inactive=[], delete=True)
    going.delete(Ecs(failures=[]), {})
    failures = [{"arn": arns[-1], "reason": "in use"}]
    with pytest.raises(CollectionError, match="did not delete .*api:12: in use"):
        going.delete(Ecs(failures=failures, statuses={arns[-1]: "INACTIVE"}), {})
    for statuses in ({}, {arns[-1]: "DELETE_IN_PROGRESS"}):  # an earlier call did it, whose answer was lost
        going.delete(Ecs(failures=failures, statuses=statuses), {})
