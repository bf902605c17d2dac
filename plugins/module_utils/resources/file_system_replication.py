# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The replication of a file system to another region, and the file system that EFS makes there.

A file system can have one destination. While it is replicated to, the destination is read-only; it becomes writable
when the replication ends, which is how one fails over to it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none, error_code
from ..kernel.cloud import BotoCoreError, ClientError
from ..kernel.retrying import let_go
from .file_system import is_gone
from .file_system_listing import REPLICA_TAG, FileSystemListing

EXISTS_ALREADY = ("ConflictException", "ReplicationAlreadyExists")


class FileSystemReplication(Resource):
    """Wanted: `file_system` (id), `destination` (region), `tags` (of the destination), `enabled` (True, only if it is
    waited for). Gives `destination_id`. `kms_key_id` is that of the destination when it is made. With `remember`,
    ending it notes the destination on the source, because it is to be removed too; without, nothing stays noted.
    """

    kind = "efs_replication"
    owned: ClassVar[bool] = False
    fixed: ClassVar[frozenset[str]] = frozenset({"destination"})

    def __init__(
        self,
        name: str,
        region: str,
        *,
        listing: FileSystemListing,
        kms_key_id: str | None = None,
        remember: bool = False,
        **others: Any,
    ) -> None:
        super().__init__(name, region, **others)
        self.listing = listing
        self.kms_key_id = kms_key_id
        self.remember = remember

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[FileSystemReplication], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            told = resource.listing.replication()
            # One that is ending is seen through only to remember its destination.
            if told is not None and (resource.remember or not _is_ending(told)):
                actual[resource.name] = {**_read(told), **_tags(cloud, resource, told["Destinations"][0])}
            elif resource.state == "absent" and resource.listing.remembered_replicas():
                actual[resource.name] = {"remembered": resource.listing.remembered_replicas()}
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("efs", self.region)
        destination = {"Region": wanted["destination"]}
        if self.kms_key_id:
            destination["KmsKeyId"] = self.kms_key_id
        source = wanted["file_system"]
        if self.listing.replication() is not None:
            self._wait_until_ended(cloud, source)
        try:
            told = client.create_replication_configuration(SourceFileSystemId=source, Destinations=[destination])
        except ClientError as error:
            told = self._ask(client, source) if error_code(error) in EXISTS_ALREADY else None
            if told is None or told["SourceFileSystemId"] != source:
                raise
        actual = _read(told)
        self._tag(cloud, actual, {}, wanted["tags"])
        return self._settled(cloud, {**actual, "tags": wanted["tags"]})

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if "tags" in differences:
            self._tag(cloud, actual, *differences["tags"])
        return self._settled(cloud, {**actual, "tags": wanted["tags"]})

    @staticmethod
    def _tag(cloud: Cloud, actual: Attributes, before: dict[str, str], after: dict[str, str]) -> None:
        """EFS copies files, not tags: without them nobody would know whose copy this is."""
        there = cloud.client("efs", actual["destination"])
        identifier = actual["destination_id"]
        to_set, to_remove = tag_changes(before, after)

        def tagged() -> bool:
            with absent_is_none("FileSystemNotFound"):
                if to_remove:
                    there.untag_resource(ResourceId=identifier, TagKeys=to_remove)
                if to_set:
                    there.tag_resource(ResourceId=identifier, Tags=to_tag_list(to_set))
                return True
            return False

        cloud.wait_until(f"file system {identifier} in {actual['destination']} to be made", tagged)

    def _settled(self, cloud: Cloud, actual: Attributes) -> Attributes:
        if not cloud.wait:
            return actual
        client = cloud.client("efs", self.region)

        def enabled() -> bool:
            told = self._ask(client, actual["file_system"])
            return told is not None and told["Destinations"][0]["Status"] == "ENABLED"

        cloud.wait_until(f"the replication of {actual['file_system']} to {actual['destination']}", enabled)
        return {**actual, "enabled": True}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client, source = cloud.client("efs", self.region), self.listing.id
        told = self.listing.replication()
        with absent_is_none("ReplicationNotFound", "FileSystemNotFound"):
            # First, since a run may end anywhere: what is remembered is removed, by whichever run comes next.
            if self.remember:
                replicas = " ".join(f"{region}/{identifier}" for region, identifier in self.listing.replicas())
                client.tag_resource(ResourceId=source, Tags=to_tag_list({REPLICA_TAG: replicas}))
            elif self.listing.remembered_replicas():
                client.untag_resource(ResourceId=source, TagKeys=[REPLICA_TAG])
            if told is not None and not _is_ending(told):
                client.delete_replication_configuration(SourceFileSystemId=source)
        self._wait_until_ended(cloud, source)

    def _wait_until_ended(self, cloud: Cloud, source: str | None) -> None:
        client = cloud.client("efs", self.region)
        cloud.wait_until(f"the replication of {source} to end", lambda: self._ask(client, source) is None)

    @staticmethod
    def _ask(client: Any, source: str | None) -> dict[str, Any] | None:
        with absent_is_none("ReplicationNotFound", "FileSystemNotFound"):
            return client.describe_replication_configurations(FileSystemId=source)["Replications"][0]
        return None


class FileSystemReplica(Resource):
    """A destination to be removed with all its data; its region is its own. `identifier` is its id."""

    kind = "efs_file_system_replica"
    owned: ClassVar[bool] = False

    def __init__(self, name: str, region: str, *, identifier: str, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.identifier = identifier

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[FileSystemReplica], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("efs", region)
        return {r.name: {"id": r.identifier} for r in resources if not is_gone(client, r.identifier)}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("efs", self.region)
        what = f"file system {actual['id']} in {self.region}"
        let_go(cloud, what, lambda: client.delete_file_system(FileSystemId=actual["id"]), busy=("FileSystemInUse",))
        cloud.wait_until(f"{what} to be gone", lambda: is_gone(client, actual["id"]))


def _is_ending(told: dict[str, Any]) -> bool:
    return told["Destinations"][0]["Status"] == "DELETING"


def _tags(cloud: Cloud, resource: FileSystemReplication, destination: dict[str, Any]) -> Attributes:
    """The tags of the destination, if they are wanted; those that are wanted, if its region does not answer."""
    if "tags" not in resource.wanted:
        return {}
    region, identifier = destination["Region"], destination["FileSystemId"]
    try:
        with absent_is_none("FileSystemNotFound"):
            system = cloud.client("efs", region).describe_file_systems(FileSystemId=identifier)["FileSystems"][0]
            return {"tags": from_tag_list(system.get("Tags"))}
    except BotoCoreError as error:
        # A region is looked after while the other is down.
        cloud.tell(f"The tags of the replica {identifier} in {region} could not be read and are left alone: {error}")
        return {"tags": resource.wanted["tags"]}
    return {"tags": {}}


def _read(told: dict[str, Any]) -> Attributes:
    destination = told["Destinations"][0]
    return {
        "file_system": told["SourceFileSystemId"],
        "destination": destination["Region"],
        "destination_id": destination["FileSystemId"],
        "enabled": destination["Status"] == "ENABLED",
    }
