# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The replication of a file system to another region, and the file system that EFS makes there.

A file system can have one destination. While it is replicated to, the destination is read-only; it becomes writable
when the replication ends, which is how one fails over to it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none, error_code
from ..kernel.cloud import ClientError
from ..names import to_tag_list
from .file_system import is_gone
from .file_system_listing import FileSystemListing
from .patience import let_go

EXISTS_ALREADY = ("ConflictException", "ReplicationAlreadyExists")


class FileSystemReplication(Resource):
    """Wanted: `file_system` (id), `destination` (region), `enabled` (True, only if it is waited for). Gives
    `destination_id`. `kms_key_id` and `tags` are those of the destination when it is made.
    """

    kind = "efs_replication"
    fixed: ClassVar[frozenset[str]] = frozenset({"destination"})

    def __init__(
        self,
        name: str,
        region: str,
        *,
        listing: FileSystemListing,
        kms_key_id: str | None = None,
        tags: dict[str, str] | None = None,
        **others: Any,
    ) -> None:
        super().__init__(name, region, **others)
        self.listing = listing
        self.kms_key_id = kms_key_id
        self.tags = tags or {}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[FileSystemReplication], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            told = resource.listing.replication()
            if told is not None and told["Destinations"][0]["Status"] != "DELETING":
                actual[resource.name] = _read(told)
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
        return self._settled(cloud, _read(told))

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self._settled(cloud, actual)

    def _settled(self, cloud: Cloud, actual: Attributes) -> Attributes:
        there = cloud.client("efs", actual["destination"])

        def tagged() -> bool:
            with absent_is_none("FileSystemNotFound"):
                # EFS copies files, not tags: without them nobody would know whose copy this is.
                there.tag_resource(ResourceId=actual["destination_id"], Tags=to_tag_list(self.tags))
                return True
            return False

        cloud.wait_until(f"file system {actual['destination_id']} in {actual['destination']} to be made", tagged)
        if not cloud.wait:
            return actual
        client = cloud.client("efs", self.region)

        def enabled() -> bool:
            told = self._ask(client, actual["file_system"])
            return told is not None and told["Destinations"][0]["Status"] == "ENABLED"

        cloud.wait_until(f"the replication of {actual['file_system']} to {actual['destination']}", enabled)
        return {**actual, "enabled": True}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("efs", self.region)
        with absent_is_none("ReplicationNotFound", "FileSystemNotFound"):
            client.delete_replication_configuration(SourceFileSystemId=actual["file_system"])
        self._wait_until_ended(cloud, actual["file_system"])

    def _wait_until_ended(self, cloud: Cloud, source: str) -> None:
        client = cloud.client("efs", self.region)
        cloud.wait_until(f"the replication of {source} to end", lambda: self._ask(client, source) is None)

    @staticmethod
    def _ask(client: Any, source: str) -> dict[str, Any] | None:
        with absent_is_none("ReplicationNotFound", "FileSystemNotFound"):
            return client.describe_replication_configurations(FileSystemId=source)["Replications"][0]
        return None


class FileSystemReplica(Resource):
    """A destination to be removed with all its data; its region is its own. `identifier` is its id."""

    kind = "efs_file_system_replica"

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


def _read(told: dict[str, Any]) -> Attributes:
    destination = told["Destinations"][0]
    return {
        "file_system": told["SourceFileSystemId"],
        "destination": destination["Region"],
        "destination_id": destination["FileSystemId"],
        "enabled": destination["Status"] == "ENABLED",
    }
