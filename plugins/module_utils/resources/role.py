# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An IAM role with its inline policies and attached managed policies."""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws import policies as documents
from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none, error_code
from ..kernel.cloud import ClientError

GONE = "NoSuchEntity"
DENIED = ("AccessDenied", "AccessDeniedException")
PAGE = 1000
POLICY = "policies."


class Role(Resource):
    """Wanted: `trust` (document), `policies` ({name: document}), `managed_policies` (ARNs), `path`, `tags`.

    `permissions_boundary` (ARN) only if it is managed, `description` only when the role is made. Gives
    `arn`. The region is that of the workload; IAM itself is global.
    """

    kind = "iam_role"
    unordered: ClassVar[frozenset[str]] = frozenset({"managed_policies"})
    policy_documents: ClassVar[frozenset[str]] = frozenset({"trust"})
    fixed: ClassVar[frozenset[str]] = frozenset({"path"})

    def __init__(self, *args: Any, description: str | None = None, **wanted: Any) -> None:
        super().__init__(*args, **wanted)
        self.description = description

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        """Policies differ one by one, as `policies.<name>`."""
        before, after = actual["policies"], wanted["policies"]
        found = super().differences(actual, {key: value for key, value in wanted.items() if key != "policies"})
        for name in sorted(before.keys() | after.keys()):
            if not _same(before.get(name), after.get(name)):
                found[POLICY + name] = (before.get(name), after.get(name))
        return found

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Role], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        """One call for all roles of an account with up to a thousand; who may not make it asks for each role."""
        try:
            return cls._find_in_bulk(cloud, region, {resource.name for resource in resources})
        except ClientError as error:
            if error_code(error) not in DENIED:
                raise
        one_by_one = {resource.name: resource._read(cloud) for resource in resources}
        return {name: attributes for name, attributes in one_by_one.items() if attributes is not None}

    @classmethod
    def _find_in_bulk(cls, cloud: Cloud, region: str, names: set[str]) -> dict[str, Attributes]:
        pages = cloud.client("iam", region).get_paginator("get_account_authorization_details")
        actual: dict[str, Attributes] = {}
        for page in pages.paginate(Filter=["Role"], PaginationConfig={"PageSize": PAGE}):
            for role in page["RoleDetailList"]:
                if role["RoleName"] in names:
                    policies = {p["PolicyName"]: p["PolicyDocument"] for p in role.get("RolePolicyList", [])}
                    actual[role["RoleName"]] = _attributes(role, policies, role.get("AttachedManagedPolicies", []))
            if len(actual) == len(names):
                break
        return actual

    def _read(self, cloud: Cloud) -> Attributes | None:
        client = cloud.client("iam", self.region)
        with absent_is_none(GONE):
            role = client.get_role(RoleName=self.name)["Role"]
            policies = {
                name: client.get_role_policy(RoleName=self.name, PolicyName=name)["PolicyDocument"]
                for name in cloud.paginate("iam", "list_role_policies", self.region, RoleName=self.name)
            }
            attached = cloud.paginate("iam", "list_attached_role_policies", self.region, RoleName=self.name)
            return _attributes(role, policies, attached)
        return None

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("iam", self.region)
        optional: dict[str, Any] = {}
        if self.description:
            optional["Description"] = self.description
        if wanted.get("permissions_boundary"):
            optional["PermissionsBoundary"] = wanted["permissions_boundary"]
        with self.unless_made_before(cloud, "EntityAlreadyExists"):
            client.create_role(
                RoleName=self.name,
                Path=wanted["path"],
                AssumeRolePolicyDocument=documents.as_json(wanted["trust"]),
                Tags=to_tag_list(wanted["tags"]),
                **optional,
            )
        for name, document in wanted["policies"].items():
            client.put_role_policy(RoleName=self.name, PolicyName=name, PolicyDocument=documents.as_json(document))
        for arn in wanted["managed_policies"]:
            client.attach_role_policy(RoleName=self.name, PolicyArn=arn)
        return {**wanted, "arn": client.get_role(RoleName=self.name)["Role"]["Arn"]}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("iam", self.region)
        if "trust" in differences:
            client.update_assume_role_policy(RoleName=self.name, PolicyDocument=documents.as_json(wanted["trust"]))
        for key, (_before, document) in differences.items():
            name = key.removeprefix(POLICY)
            if key == name:
                continue
            if document is None:
                client.delete_role_policy(RoleName=self.name, PolicyName=name)
            else:
                client.put_role_policy(RoleName=self.name, PolicyName=name, PolicyDocument=documents.as_json(document))
        if "managed_policies" in differences:
            before, after = (set(arns or ()) for arns in differences["managed_policies"])
            for arn in sorted(after - before):
                client.attach_role_policy(RoleName=self.name, PolicyArn=arn)
            for arn in sorted(before - after):
                client.detach_role_policy(RoleName=self.name, PolicyArn=arn)
        if "permissions_boundary" in differences:
            client.put_role_permissions_boundary(RoleName=self.name, PermissionsBoundary=wanted["permissions_boundary"])
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            if to_remove:
                client.untag_role(RoleName=self.name, TagKeys=to_remove)
            if to_set:
                client.tag_role(RoleName=self.name, Tags=to_tag_list(to_set))
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("iam", self.region)
        # IAM deletes no role that still has policies.
        for arn in actual["managed_policies"]:
            with absent_is_none(GONE):
                client.detach_role_policy(RoleName=self.name, PolicyArn=arn)
        for name in actual["policies"]:
            with absent_is_none(GONE):
                client.delete_role_policy(RoleName=self.name, PolicyName=name)
        with absent_is_none(GONE):
            client.delete_role(RoleName=self.name)


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return documents.canonical(one) == documents.canonical(other)


def _attributes(role: dict[str, Any], policies: dict[str, Any], attached: list[dict[str, str]]) -> Attributes:
    return {
        "arn": role["Arn"],
        "path": role["Path"],
        "trust": documents.parse(role["AssumeRolePolicyDocument"]),
        "policies": {name: documents.parse(document) for name, document in policies.items()},
        "managed_policies": sorted(policy["PolicyArn"] for policy in attached),
        "permissions_boundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
        "tags": from_tag_list(role.get("Tags")),
    }
