# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IAM role as which S3 copies the objects of one bucket to others."""

from __future__ import annotations

import json
from urllib.parse import unquote

from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from ..names import from_tag_list, tag_changes, to_tag_list

POLICY_NAME = "replicate"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ROLE_NAME_LENGTH = 64


def replication_role_name(bucket: str) -> str:
    """A role name made of the bucket's, which is unique in the world; IAM allows 64 characters."""
    return f"{bucket[: ROLE_NAME_LENGTH - len('-replicate')]}-replicate"


class ReplicationRole(Resource):
    """Wanted: `policy` (a document), `tags`. Gives `arn`."""

    kind = "iam_role"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[ReplicationRole], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("iam", region)
        actual = {}
        for resource in resources:
            with absent_is_none("NoSuchEntity"):
                role = client.get_role(RoleName=resource.name)["Role"]
                actual[resource.name] = {"arn": role["Arn"], "policy": None, "tags": from_tag_list(role.get("Tags"))}
                with absent_is_none("NoSuchEntity"):
                    document = client.get_role_policy(RoleName=resource.name, PolicyName=POLICY_NAME)["PolicyDocument"]
                    # botocore decodes the document of IAM's answers; an emulator may leave it a text.
                    decoded = json.loads(unquote(document)) if isinstance(document, str) else document
                    actual[resource.name]["policy"] = decoded
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("iam", self.region)
        with absent_is_none("EntityAlreadyExists"):  # an answer was lost
            client.create_role(
                RoleName=self.name,
                AssumeRolePolicyDocument=json.dumps(TRUST),
                Description="S3 copies objects to the lakes of other regions",
                Tags=to_tag_list(wanted["tags"]),
            )
        self._put_policy(cloud, wanted)
        return {"arn": client.get_role(RoleName=self.name)["Role"]["Arn"], **wanted}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("iam", self.region)
        if "policy" in differences:
            self._put_policy(cloud, wanted)
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            if to_remove:
                client.untag_role(RoleName=self.name, TagKeys=to_remove)
            if to_set:
                client.tag_role(RoleName=self.name, Tags=to_tag_list(to_set))
        return {**actual, **wanted}

    def _put_policy(self, cloud: Cloud, wanted: Attributes) -> None:
        cloud.client("iam", self.region).put_role_policy(
            RoleName=self.name, PolicyName=POLICY_NAME, PolicyDocument=json.dumps(wanted["policy"])
        )

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("iam", self.region)
        with absent_is_none("NoSuchEntity"):
            client.delete_role_policy(RoleName=self.name, PolicyName=POLICY_NAME)
        with absent_is_none("NoSuchEntity"):
            client.delete_role(RoleName=self.name)
