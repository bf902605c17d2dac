# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An EFS access point and its tags: a folder of a file system, entered with the rights of one user.

It lets several volumes share a file system. Its tag `Name` is how it is found again.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none, error_code
from ..kernel.cloud import ClientError
from .file_system_listing import FileSystemListing


class AccessPoint(Resource):
    """Wanted: `file_system` (id), `path`, `user` (`{uid, gid, secondary_gids}` or None: the client's own), `owner`
    (`{uid, gid, permissions}` of a folder that EFS makes at the first mount, or None), `tags` with the `Name` that it
    is found by. Gives `id` and `arn`. One to be removed is found by `identifier`.
    """

    kind = "efs_access_point"
    # Only tags can be changed. Nothing is lost with an access point: the folder stays.
    replaced_when: ClassVar[frozenset[str]] = frozenset({"path", "user", "owner"})

    def __init__(
        self, name: str, region: str, *, listing: FileSystemListing, identifier: str | None = None, **others: Any
    ) -> None:
        super().__init__(name, region, **others)
        self.listing = listing
        self.identifier = identifier

    def _recognise(self, point: dict[str, Any]) -> bool:
        if self.identifier is not None:
            return point["AccessPointId"] == self.identifier
        return point.get("Name") == self.name

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[AccessPoint], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual: dict[str, Attributes] = {}
        for resource in resources:
            for point in resource.listing.access_points():
                if resource._recognise(point):
                    actual.setdefault(resource.name, _read(point))
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("efs", self.region)
        root: dict[str, Any] = {"Path": wanted["path"]}
        if wanted["owner"]:
            owner = wanted["owner"]
            root["CreationInfo"] = {
                "OwnerUid": owner["uid"],
                "OwnerGid": owner["gid"],
                "Permissions": owner["permissions"],
            }
        user = {}
        if wanted["user"]:
            user["PosixUser"] = {
                "Uid": wanted["user"]["uid"],
                "Gid": wanted["user"]["gid"],
                "SecondaryGids": wanted["user"]["secondary_gids"],
            }
        try:
            point = client.create_access_point(
                ClientToken=_token(self.name, wanted),
                FileSystemId=wanted["file_system"],
                RootDirectory=root,
                Tags=to_tag_list(wanted["tags"]),
                **user,
            )
        except ClientError as error:
            if error_code(error) != "AccessPointAlreadyExists":
                raise
            # The answer to an earlier attempt was lost; EFS names what it made.
            point = self._read_one(client, error.response["AccessPointId"])
        identifier = point["AccessPointId"]
        if cloud.wait:
            cloud.wait_until(
                f"access point {identifier} to be available",
                lambda: self._read_one(client, identifier)["LifeCycleState"] == "available",
            )
        return {**_read(point), **wanted}

    @staticmethod
    def _read_one(client: Any, identifier: str) -> dict[str, Any]:
        return client.describe_access_points(AccessPointId=identifier)["AccessPoints"][0]

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("efs", self.region)
        to_set, to_remove = tag_changes(*differences["tags"])
        if to_remove:
            client.untag_resource(ResourceId=actual["id"], TagKeys=to_remove)
        if to_set:
            client.tag_resource(ResourceId=actual["id"], Tags=to_tag_list(to_set))
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("efs", self.region)
        with absent_is_none("AccessPointNotFound"):
            client.delete_access_point(AccessPointId=actual["id"])


def _token(name: str, wanted: Attributes) -> str:
    """A client token of 64 characters that is the same for the same access point, so that a retry makes no second."""
    what = {"name": name, **{key: wanted[key] for key in ("file_system", "path", "user", "owner")}}
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def _read(point: dict[str, Any]) -> Attributes:
    root, user = point.get("RootDirectory") or {}, point.get("PosixUser")
    owner = root.get("CreationInfo")
    return {
        "id": point["AccessPointId"],
        "arn": point["AccessPointArn"],
        "file_system": point["FileSystemId"],
        "path": root.get("Path", "/"),
        "user": {"uid": user["Uid"], "gid": user["Gid"], "secondary_gids": sorted(user.get("SecondaryGids") or [])}
        if user
        else None,
        "owner": {
            "uid": owner["OwnerUid"],
            "gid": owner["OwnerGid"],
            "permissions": owner["Permissions"].zfill(4),
        }
        if owner
        else None,
        "tags": from_tag_list(point.get("Tags")),
    }
