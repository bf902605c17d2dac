# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A family of ECS task definitions: its latest active revision is the actual one, an update registers the next."""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, Difference, Resource, error_code
from ..kernel.cloud import ClientError
from ..names import from_tag_list, tag_changes, to_tag_list
from ..taskdef import compare
from ..taskdef.canonical import canonical
from ..taskdef.model import read

DELETE_AT_ONCE = 10
"""`DeleteTaskDefinitions` takes so many, and only INACTIVE ones."""


class TaskDefinition(Resource):
    """Wanted: `definition` (a `RegisterTaskDefinition` request without tags) and `tags`.

    Gives `task_definition_arn` and `revision`. With state absent, all active revisions are deregistered and, with
    `delete`, all inactive ones deleted.
    """

    kind = "ecs_task_definition"
    renewed: ClassVar[frozenset[str]] = frozenset({"task_definition_arn", "revision"})

    def __init__(self, *args: Any, delete: bool = False, **wanted: Any) -> None:
        super().__init__(*args, **wanted)
        self.delete_revisions = delete

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        found = super().differences(actual, {"tags": wanted["tags"]})
        return {**found, **compare.differences(canonical(actual["definition"]), canonical(wanted["definition"]))}

    def renewed_by(self, differences: dict[str, Difference]) -> frozenset[str]:
        """Tags are changed in place; anything else is a new revision."""
        return frozenset() if set(differences) <= {"tags"} else self.renewed

    def shown(self, attributes: Attributes) -> Attributes:
        if isinstance(attributes.get("definition"), dict):
            others = {key: value for key, value in attributes.items() if key != "definition"}
            return {**others, **compare.shown(canonical(attributes["definition"]))}
        return attributes

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[TaskDefinition], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            attributes = resource._revisions(cloud) if resource.state == "absent" else resource._latest(cloud)
            if attributes is not None:
                actual[resource.name] = attributes
        return actual

    def _latest(self, cloud: Cloud) -> Attributes | None:
        try:
            answer = cloud.client("ecs", self.region).describe_task_definition(
                taskDefinition=self.name, include=["TAGS"]
            )
        except ClientError as error:
            if error_code(error) == "ClientException":  # "Unable to describe task definition": none is active
                return None
            raise
        return _attributes(answer)

    def _revisions(self, cloud: Cloud) -> Attributes | None:
        active = self._list(cloud, "ACTIVE")
        inactive = self._list(cloud, "INACTIVE") if self.delete_revisions else []
        return {"active": active, "inactive": inactive} if active or inactive else None

    def _list(self, cloud: Cloud, status: str) -> list[str]:
        return cloud.paginate("ecs", "list_task_definitions", self.region, familyPrefix=self.name, status=status)

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        optional = {"tags": to_tag_list(wanted["tags"], "key", "value")} if wanted["tags"] else {}
        return _attributes(
            cloud.client("ecs", self.region).register_task_definition(**wanted["definition"], **optional)
        )

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if self.renewed_by(differences):
            return self.create(cloud, wanted)
        client = cloud.client("ecs", self.region)
        to_set, to_remove = tag_changes(*differences["tags"])
        if to_remove:
            client.untag_resource(resourceArn=actual["task_definition_arn"], tagKeys=to_remove)
        if to_set:
            client.tag_resource(resourceArn=actual["task_definition_arn"], tags=to_tag_list(to_set, "key", "value"))
        return {**actual, "tags": wanted["tags"]}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("ecs", self.region)
        for arn in actual["active"]:
            client.deregister_task_definition(taskDefinition=arn)
        if self.delete_revisions:
            arns = [*actual["inactive"], *actual["active"]]
            for start in range(0, len(arns), DELETE_AT_ONCE):
                client.delete_task_definitions(taskDefinitions=arns[start : start + DELETE_AT_ONCE])


def _attributes(answer: dict[str, Any]) -> Attributes:
    described = answer["taskDefinition"]
    definition, _unreadable = read(described)
    return {
        "definition": definition,
        "tags": from_tag_list(answer.get("tags"), "key", "value"),
        "task_definition_arn": described["taskDefinitionArn"],
        "revision": described["revision"],
    }
