# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An elastic file system and what it does by itself: throughput, storage classes, backups, its policy.

A file system is found by its creation token, which EFS keeps unique in an account and region: a create whose answer was
lost finds the same file system again.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ..aws import policies
from ..aws.names import dns_suffix, from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none, error_code
from ..kernel.cloud import ClientError
from ..kernel.retrying import let_go
from .file_system_listing import REPLICA_TAG, FileSystemListing
from .same_thing import key_as_wanted

PERFORMANCE_MODES = {"general_purpose": "generalPurpose", "max_io": "maxIO"}

TRANSITION_DAYS = (1, 7, 14, 30, 60, 90, 180, 270, 365)
"""Days without access after which EFS can move a file to a cheaper storage class (`PutLifecycleConfiguration`)."""

TRANSITIONS = {"transition_to_ia": "TransitionToIA", "transition_to_archive": "TransitionToArchive"}
BACK, BACK_NAME = "transition_to_primary_storage_class", "TransitionToPrimaryStorageClass"

CLIENT_ACTIONS = [
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientRootAccess",
    "elasticfilesystem:ClientWrite",
]
"""What a client of NFS may be allowed to do."""

THROUGHPUT = ("throughput_mode", "provisioned_throughput_in_mibps")


class FileSystem(Resource):
    """Wanted: `encrypted`, `kms_key_id` (ARN or id, only if given), `performance_mode` (general_purpose, max_io),
    `throughput_mode` (bursting, elastic, provisioned), `provisioned_throughput_in_mibps` (float or None), `lifecycle`
    (`{transition_to_ia, transition_to_archive}` in days or None, `transition_to_primary_storage_class` bool), `backup`
    (bool), `policy` (a document without resources, or None), `tags`, `available` (True, only if it is waited for).
    Gives `id`, `arn` and `dns_name`.
    """

    kind = "efs_file_system"
    # EFS cannot change these, and to replace a file system is to lose its data.
    fixed: ClassVar[frozenset[str]] = frozenset({"encrypted", "kms_key_id", "performance_mode"})

    def __init__(self, name: str, region: str, *, listing: FileSystemListing, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.listing = listing

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        found = super().differences(actual, wanted)
        if "policy" in found and same_policy(*found["policy"]):
            del found["policy"]
        return found

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[FileSystem], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            system = resource.listing.file_system()
            if system is not None:
                settings = _settings(resource.listing) if resource.state == "present" else {}
                there = {**_read(system, region), **settings}
                key = key_as_wanted(cloud, region, there["kms_key_id"], resource.wanted.get("kms_key_id"))
                actual[resource.name] = {**there, "kms_key_id": key}
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("efs", self.region)
        self._wait_for_its_predecessor(cloud)
        try:
            system = client.create_file_system(
                CreationToken=self.name,
                PerformanceMode=PERFORMANCE_MODES[wanted["performance_mode"]],
                Encrypted=wanted["encrypted"],
                Backup=wanted["backup"],
                Tags=to_tag_list(wanted["tags"]),
                **({"KmsKeyId": wanted["kms_key_id"]} if wanted.get("kms_key_id") else {}),
                **_throughput(wanted),
            )
        except ClientError as error:
            if error_code(error) != "FileSystemAlreadyExists":
                raise
            self.made_before(cloud)
            system = client.describe_file_systems(CreationToken=self.name)["FileSystems"][0]
        actual = _read(system, self.region)
        # Mount targets, lifecycle and policy are accepted once it is available, whoever waits for what.
        self._wait_until_available(cloud, actual["id"])
        if any(wanted["lifecycle"].values()):
            self._put_lifecycle(client, actual["id"], wanted["lifecycle"])
        if wanted["policy"] is not None:
            self._put_policy(client, actual, wanted["policy"])
        return {**actual, **wanted}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("efs", self.region)
        identifier = actual["id"]
        if "available" in differences:
            self._wait_until_available(cloud, identifier)
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            if to_remove:
                client.untag_resource(ResourceId=identifier, TagKeys=to_remove)
            if to_set:
                client.tag_resource(ResourceId=identifier, Tags=to_tag_list(to_set))
        # The archive class needs elastic throughput: elastic comes before it, and goes after it.
        archives = bool(wanted["lifecycle"]["transition_to_archive"])
        for step in ("throughput", "lifecycle") if archives else ("lifecycle", "throughput"):
            if step == "lifecycle" and step in differences:
                self._put_lifecycle(client, identifier, wanted["lifecycle"])
            if step == "throughput" and any(key in differences for key in THROUGHPUT):
                client.update_file_system(FileSystemId=identifier, **_throughput(wanted))
                self._wait_until_available(cloud, identifier)
        if "backup" in differences:
            status = "ENABLED" if wanted["backup"] else "DISABLED"
            client.put_backup_policy(FileSystemId=identifier, BackupPolicy={"Status": status})
        if "policy" in differences:
            self._put_policy(client, actual, wanted["policy"])
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("efs", self.region)
        what = f"file system {actual['id']}"
        # The last mount target may still be on its way out, and a replication being ended counts as one.
        let_go(cloud, what, lambda: client.delete_file_system(FileSystemId=actual["id"]), busy=("FileSystemInUse",))
        cloud.wait_until(f"{what} to be gone", lambda: is_gone(client, actual["id"]))

    def _wait_for_its_predecessor(self, cloud: Cloud) -> None:
        """A file system that is being deleted keeps its creation token until it is gone."""
        client = cloud.client("efs", self.region)
        if self.listing.leaving() is not None:
            cloud.wait_until(
                f"the file system {self.name} that is being deleted to be gone",
                lambda: is_gone(client, self.listing.leaving()),
            )

    def _wait_until_available(self, cloud: Cloud, identifier: str) -> None:
        client = cloud.client("efs", self.region)

        def available() -> bool:
            told = client.describe_file_systems(FileSystemId=identifier)["FileSystems"]
            return bool(told) and told[0]["LifeCycleState"] == "available"

        cloud.wait_until(f"file system {identifier} to be available", available)

    @staticmethod
    def _put_lifecycle(client: Any, identifier: str, lifecycle: dict[str, Any]) -> None:
        # One transition per policy object, or EFS refuses it.
        rules = [{name: after_days(lifecycle[key])} for key, name in TRANSITIONS.items() if lifecycle[key]]
        if lifecycle[BACK]:
            rules.append({BACK_NAME: "AFTER_1_ACCESS"})
        client.put_lifecycle_configuration(FileSystemId=identifier, LifecyclePolicies=rules)

    @staticmethod
    def _put_policy(client: Any, actual: Attributes, policy: dict[str, Any] | None) -> None:
        if policy is None:
            client.delete_file_system_policy(FileSystemId=actual["id"])
            return
        statements = [{**statement, "Resource": actual["arn"]} for statement in policy["Statement"]]
        client.put_file_system_policy(FileSystemId=actual["id"], Policy=json.dumps({**policy, "Statement": statements}))


def access_policy(*, encrypted_only: bool, known_only: bool) -> dict[str, Any] | None:
    """The policy that refuses unencrypted transport, or clients without IAM credentials, or both; None for neither.

    Without a policy, whoever reaches a mount target may do everything. With one, only what is allowed by it or by the
    client's own role: an Allow in either is enough. So where clients are to be known, this one allows nothing to
    anybody, and each role says what it may (mount, write, be root) and through which access point.
    """
    if not (encrypted_only or known_only):
        return None
    through = {"elasticfilesystem:AccessedViaMountTarget": "false" if known_only else "true"}
    statements: list[dict[str, Any]] = [
        {
            "Sid": "ThroughMountTargets",
            "Effect": "Deny" if known_only else "Allow",
            "Principal": {"AWS": "*"},
            "Action": CLIENT_ACTIONS,
            "Condition": {"Bool": through},
        }
    ]
    if encrypted_only:
        statements.append(
            {
                "Sid": "EncryptedOnly",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def same_policy(one: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    """Whether two policies mean the same. Their resource does not matter: it can be only the file system itself."""
    if one is None or other is None:
        return one is other
    return policies.canonical(_without_resources(one)) == policies.canonical(_without_resources(other))


def _without_resources(policy: dict[str, Any]) -> dict[str, Any]:
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    return {**policy, "Statement": [{k: v for k, v in s.items() if k != "Resource"} for s in statements]}


def is_gone(client: Any, identifier: str) -> bool:
    """Whether EFS knows a file system no more."""
    with absent_is_none("FileSystemNotFound"):
        return not client.describe_file_systems(FileSystemId=identifier)["FileSystems"]
    return True


def after_days(number: int) -> str:
    """How EFS writes a number of days: `AFTER_30_DAYS`."""
    return f"AFTER_{number}_DAY" + ("S" if number > 1 else "")


def days(rule: str) -> int:
    """The number of days in what EFS writes."""
    return int(rule.split("_")[1])


def dns_name(identifier: str, region: str) -> str:
    """The name that resolves, in each Availability Zone of the VPC, to the mount target there."""
    return f"{identifier}.efs.{region}.{dns_suffix(region)}"


def _read(system: dict[str, Any], region: str) -> Attributes:
    modes = {value: key for key, value in PERFORMANCE_MODES.items()}
    tags = from_tag_list(system.get("Tags"))
    return {
        "id": system["FileSystemId"],
        "arn": system["FileSystemArn"],
        "dns_name": dns_name(system["FileSystemId"], region),
        "encrypted": system.get("Encrypted", False),
        "kms_key_id": system.get("KmsKeyId"),
        "performance_mode": modes[system["PerformanceMode"]],
        "throughput_mode": system.get("ThroughputMode", "bursting"),
        "provisioned_throughput_in_mibps": system.get("ProvisionedThroughputInMibps"),
        "available": system["LifeCycleState"] == "available",
        "tags": {key: value for key, value in tags.items() if key != REPLICA_TAG},
    }


def _settings(listing: FileSystemListing) -> Attributes:
    """What EFS tells of a file system in calls of their own."""
    told: dict[str, str] = {}
    for rule in listing.lifecycle():
        told.update(rule)
    transitions = {key: days(told[name]) if name in told else None for key, name in TRANSITIONS.items()}
    return {
        "lifecycle": {**transitions, BACK: BACK_NAME in told},
        "backup": listing.backup() in ("ENABLED", "ENABLING"),
        "policy": listing.policy(),
    }


def _throughput(wanted: Attributes) -> dict[str, Any]:
    provisioned = wanted["provisioned_throughput_in_mibps"]
    return {
        "ThroughputMode": wanted["throughput_mode"],
        **({"ProvisionedThroughputInMibps": provisioned} if provisioned is not None else {}),
    }
