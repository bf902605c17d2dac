# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ECR repository."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from .same_thing import key_as_wanted


def keep_policy(count: int) -> dict[str, Any] | None:
    """A lifecycle policy that keeps the newest `count` images; None for 0, which keeps all."""
    if not count:
        return None
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": f"Keep the newest {count} images",
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": count},
                "action": {"type": "expire"},
            }
        ]
    }


class EcrRepository(Resource):
    """Wanted: `immutable`, `scan_on_push` (bool), `kms_key_id` (or None), `lifecycle` (a policy, or None), `tags`.

    Gives `arn` and `uri`.
    """

    kind = "ecr_repository"
    fixed: ClassVar[frozenset[str]] = frozenset({"kms_key_id"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[EcrRepository], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("ecr", region)
        actual = {}
        for resource in resources:
            # One at a time: with several names the answer is an error when any of them is missing.
            with absent_is_none("RepositoryNotFoundException"):
                repository = client.describe_repositories(repositoryNames=[resource.name])["repositories"][0]
                there = _from_aws(client, repository)
                key = key_as_wanted(cloud, region, there["kms_key_id"], resource.wanted.get("kms_key_id"))
                actual[resource.name] = {**there, "kms_key_id": key}
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("ecr", self.region)
        encryption = {"encryptionType": "AES256"}
        if wanted["kms_key_id"]:
            encryption = {"encryptionType": "KMS", "kmsKey": wanted["kms_key_id"]}
        with self.unless_made_before(cloud, "RepositoryAlreadyExistsException"):
            client.create_repository(
                repositoryName=self.name,
                tags=to_tag_list(wanted["tags"]),
                imageTagMutability=_mutability(wanted["immutable"]),
                imageScanningConfiguration={"scanOnPush": wanted["scan_on_push"]},
                encryptionConfiguration=encryption,
            )
        if wanted["lifecycle"]:
            self._set_lifecycle(cloud, wanted["lifecycle"])
        return self.found_again(cloud)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("ecr", self.region)
        if "immutable" in differences:
            client.put_image_tag_mutability(
                repositoryName=self.name, imageTagMutability=_mutability(wanted["immutable"])
            )
        if "scan_on_push" in differences:
            client.put_image_scanning_configuration(
                repositoryName=self.name, imageScanningConfiguration={"scanOnPush": wanted["scan_on_push"]}
            )
        if "lifecycle" in differences:
            self._set_lifecycle(cloud, wanted["lifecycle"])
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            if to_remove:
                client.untag_resource(resourceArn=actual["arn"], tagKeys=to_remove)
            if to_set:
                client.tag_resource(resourceArn=actual["arn"], tags=to_tag_list(to_set))
        return {**actual, **wanted}

    def _set_lifecycle(self, cloud: Cloud, policy: dict[str, Any] | None) -> None:
        client = cloud.client("ecr", self.region)
        if policy is None:
            client.delete_lifecycle_policy(repositoryName=self.name)
        else:
            client.put_lifecycle_policy(repositoryName=self.name, lifecyclePolicyText=json.dumps(policy))

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        # The module has refused before if images may not be removed.
        with absent_is_none("RepositoryNotFoundException"):
            cloud.client("ecr", self.region).delete_repository(repositoryName=self.name, force=True)


def holds_images(cloud: Cloud, region: str, name: str) -> bool:
    """Whether a repository exists and is not empty."""
    with absent_is_none("RepositoryNotFoundException"):
        return bool(cloud.client("ecr", region).list_images(repositoryName=name, maxResults=1)["imageIds"])
    return False


def _mutability(immutable: bool) -> str:
    return "IMMUTABLE" if immutable else "MUTABLE"


def _from_aws(client: Any, repository: dict[str, Any]) -> Attributes:
    lifecycle = None
    with absent_is_none("LifecyclePolicyNotFoundException"):
        answer = client.get_lifecycle_policy(repositoryName=repository["repositoryName"])
        lifecycle = json.loads(answer["lifecyclePolicyText"])
    return {
        "arn": repository["repositoryArn"],
        "uri": repository["repositoryUri"],
        "immutable": repository.get("imageTagMutability") == "IMMUTABLE",
        "scan_on_push": repository.get("imageScanningConfiguration", {}).get("scanOnPush", False),
        "kms_key_id": repository.get("encryptionConfiguration", {}).get("kmsKey"),
        "lifecycle": lifecycle,
        "tags": from_tag_list(client.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"]),
    }
