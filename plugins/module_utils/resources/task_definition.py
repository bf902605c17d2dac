# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A family of ECS task definitions: its latest active revision is the actual one, an update registers the next."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource, error_code
from ..kernel.cloud import BotoCoreError, ClientError, installed_version
from ..kernel.retrying import make_once
from ..kernel.unknown_members import ANSWER_MEMBER
from ..taskdef import compare
from ..taskdef.canonical import canonical
from ..taskdef.model import read

DELETE_AT_ONCE = 10
"""`DeleteTaskDefinitions` takes so many, and only INACTIVE ones."""


class TaskDefinition(Resource):
    """Wanted: `definition` (a `RegisterTaskDefinition` request without tags) and `tags`.

    Gives `task_definition_arn` and `revision`. `latest` is what `described` said of the family: what is wanted may have
    been made from it, so it is asked for before.
    """

    kind = "ecs_task_definition"
    shown_late: ClassVar[bool | None] = False
    renewed: ClassVar[frozenset[str]] = frozenset({"task_definition_arn", "revision"})

    def __init__(self, *args: Any, latest: Attributes | None, **wanted: Any) -> None:
        super().__init__(*args, **wanted)
        self.latest = latest

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        found = super().differences(actual, {"tags": wanted["tags"]})
        return {**found, **compare.differences(canonical(actual["definition"]), canonical(wanted["definition"]))}

    def renewed_by(self, differences: dict[str, Difference]) -> frozenset[str]:
        """Tags are changed in place; anything else is a new revision."""
        return frozenset() if set(differences) <= {"tags"} else self.renewed

    @property
    def is_to_be_registered(self) -> bool:
        """Whether what is wanted is another definition than the latest."""
        return self.latest is None or bool(self.renewed_by(self.differences(self.latest, self.wanted)))

    def shown(self, attributes: Attributes) -> Attributes:
        if isinstance(attributes.get("definition"), dict):
            others = {key: value for key, value in attributes.items() if key != "definition"}
            return {**others, **compare.shown(canonical(attributes["definition"]))}
        # Of an update only what differs is shown; what one side lacks is not there, rather than null.
        return {key: value for key, value in attributes.items() if value is not None}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[TaskDefinition], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {resource.name: resource.latest for resource in resources if resource.latest is not None}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        optional = {"tags": to_tag_list(wanted["tags"], "key", "value")} if wanted["tags"] else {}
        # There is no client token: to register it twice makes two revisions.
        client = cloud.client("ecs", self.region, retries={"max_attempts": 0})
        before = self.latest["revision"] if self.latest else 0

        def registered() -> Attributes | None:
            newest = described(cloud, self.region, wanted["definition"]["family"])
            made = newest is not None and newest["revision"] > before and not self.differences(newest, wanted)
            return newest if made else None

        try:
            return make_once(
                lambda: attributes(client.register_task_definition(**wanted["definition"], **optional)), registered
            )
        except (BotoCoreError, ClientError) as error:
            # Either may quote the request.
            raise CollectionError(compare.without_secrets(str(error), canonical(wanted["definition"]))) from None

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


class Revisions(Resource):
    """Revisions of a family that are to go: ARNs, `active` ones to deregister, and with `delete` those and `inactive`
    ones to delete. There is nothing to find: a family's revisions are listed to decide which go. `tags` are those of
    the newest, which say whose family it is.
    """

    kind = "ecs_task_definition_revisions"

    def __init__(
        self,
        *args: Any,
        active: list[str],
        inactive: list[str],
        delete: bool,
        tags: dict[str, str],
        **others: Any,
    ) -> None:
        super().__init__(*args, state="absent", **others)
        self.tags = tags
        self.active = active
        self.inactive = inactive if delete else []
        self.delete_revisions = delete

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Revisions], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            goes = {"active": resource.active, "inactive": resource.inactive}
            if any(goes.values()):
                numbers = {status: [revision(arn) for arn in arns] for status, arns in goes.items()}
                actual[resource.name] = {**numbers, "tags": resource.tags}
        return actual

    def shown(self, attributes: Attributes) -> Attributes:
        return {key: value for key, value in attributes.items() if key != "tags"}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("ecs", self.region)
        for arn in self.active:
            client.deregister_task_definition(taskDefinition=arn)
        arns = [*self.inactive, *self.active] if self.delete_revisions else []
        failures = []
        for start in range(0, len(arns), DELETE_AT_ONCE):
            answer = client.delete_task_definitions(taskDefinitions=arns[start : start + DELETE_AT_ONCE])
            failures += [each for each in answer.get("failures", []) if not self._is_gone(cloud, each["arn"])]
        if failures:
            told = ", ".join(f"{failure.get('arn')}: {failure.get('reason')}" for failure in failures)
            raise CollectionError(f"ECS did not delete {told}")

    def _is_gone(self, cloud: Cloud, arn: str) -> bool:
        """Whether a revision that could not be deleted was deleted before, by a call whose answer was lost."""
        found = described(cloud, self.region, arn)
        return found is None or found["status"] == "DELETE_IN_PROGRESS"


def revision(arn: str) -> int:
    """The number in the ARN of a revision."""
    return int(arn.rpartition(":")[2])


def described(cloud: Cloud, region: str, name: str) -> Attributes | None:
    """A revision by `<family>:<n>` or ARN, or by family its latest active one; None if there is none."""
    try:
        answer = cloud.client("ecs", region).describe_task_definition(taskDefinition=name, include=["TAGS"])
    except ClientError as error:
        if error_code(error) == "ClientException":  # "Unable to describe task definition"
            return None
        raise
    return attributes(answer)


def whole(described_revision: Attributes) -> Attributes:
    """The revision, if everything that AWS says of it is understood, so that another can be made from it.

    Raises:
        CollectionError: the installed botocore does not know a member, which the other revision would lose.
    """
    unknown = described_revision["unknown_members"]
    if unknown:
        name = described_revision["task_definition_arn"].rpartition("/")[2]
        raise CollectionError(
            f"Revision {name} has {', '.join(unknown)}, which the installed botocore {installed_version()} does not "
            "know, so that a revision made from it would lose that. Update botocore, or give a whole definition."
        )
    return described_revision


def listed(cloud: Cloud, region: str, family: str, status: str) -> list[str]:
    """The ARNs of a family's revisions that are ACTIVE, or INACTIVE; the newest first."""
    return cloud.paginate("ecs", "list_task_definitions", region, familyPrefix=family, status=status, sort="DESC")


def attributes(answer: dict[str, Any]) -> Attributes:
    """The actual attributes out of ECS's answer to a description or a registration."""
    described_definition = answer["taskDefinition"]
    definition, _unreadable = read(described_definition)
    return {
        "definition": definition,
        "tags": from_tag_list(answer.get("tags"), "key", "value"),
        "task_definition_arn": described_definition["taskDefinitionArn"],
        "revision": described_definition["revision"],
        "status": described_definition.get("status", "ACTIVE"),
        "unknown_members": [path.removeprefix("taskDefinition.") for path in answer.get(ANSWER_MEMBER, [])],
    }
