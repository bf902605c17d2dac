# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EFS's requests and answers: moto's, checked against botocore's model, and the operations moto leaves out."""

from __future__ import annotations

import json
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.utils import get_service_model
from moto.efs.exceptions import BadRequest
from moto.efs.models import efs_backends
from moto.efs.responses import EFSResponse as MotoResponse

from localcloud.efs import replication
from localcloud.efs.models import EFSBackend
from localcloud.validation import complaints

Answer = tuple[str, dict[str, str | int]]

PAGE = 100


class EFSResponse(MotoResponse):
    """Answers EFS's REST calls."""

    def __init__(self) -> None:
        super().__init__()
        self.automated_parameter_parsing = True

    @property
    def efs_backend(self) -> EFSBackend:
        return efs_backends[self.current_account][self.region]  # type: ignore[return-value]

    def call_action(self) -> TYPE_RESPONSE:
        shape = get_service_model("efs").operation_model(self._get_action()).input_shape
        given = {name: value for name, value in self._get_params().items() if value is not None}
        found = list(complaints(given, shape)) if shape is not None else []
        if found:
            error = BadRequest("; ".join(found))
            headers = {name: str(value) for name, value in error.get_headers()}
            return error.code, headers, error.description
        return super().call_action()

    def _given(self, name: str) -> Any:
        return self._get_param(name)

    # Pages

    def describe_mount_targets(self) -> Answer:
        _, targets = self.efs_backend.describe_mount_targets(
            max_items=1_000_000,
            file_system_id=self._given("FileSystemId"),
            mount_target_id=self._given("MountTargetId"),
            access_point_id=self._given("AccessPointId"),
            marker=None,
        )
        described = [target.info_json() for target in targets]
        return self._page("MountTargets", described, "Marker", "NextMarker", self._given("MaxItems"))

    def describe_access_points(self) -> Answer:
        points = self.efs_backend.describe_access_points(self._given("AccessPointId"), self._given("FileSystemId"))
        described = [point.info_json() for point in points]
        return self._page("AccessPoints", described, "NextToken", "NextToken", self._given("MaxResults"))

    def describe_replication_configurations(self) -> Answer:
        described = replication.describe(self.efs_backend, self._given("FileSystemId"))
        return self._page("Replications", described, "NextToken", "NextToken", self._given("MaxResults"))

    def _page(self, name: str, items: list[Any], token: str, next_token: str, size: int | None) -> Answer:
        given = self._given(token) or "0"
        if not given.isdecimal():
            raise BadRequest(f"Invalid {token}")
        end = int(given) + (size or PAGE)
        answer: dict[str, Any] = {name: items[int(given) : end]}
        return as_json(answer | ({next_token: str(end)} if end < len(items) else {}))

    # File systems

    def describe_file_systems(self) -> Answer:
        if self._given("MaxItems") is None:
            self.params["MaxItems"] = PAGE  # moto's default is another
        return super().describe_file_systems()  # type: ignore[return-value]

    def update_file_system(self) -> Answer:
        system = self.efs_backend.update_file_system(
            self._given("FileSystemId"), self._given("ThroughputMode"), self._given("ProvisionedThroughputInMibps")
        )
        return as_json(system.info_json(), status=202)

    def update_file_system_protection(self) -> Answer:
        protection = self._given("ReplicationOverwriteProtection")
        told = self.efs_backend.update_protection(self._given("FileSystemId"), protection)
        return as_json({"ReplicationOverwriteProtection": told})

    def delete_file_system(self) -> Answer:
        self.efs_backend.delete_file_system(self._given("FileSystemId"))
        return nothing()

    def delete_mount_target(self) -> Answer:
        self.efs_backend.delete_mount_target(self._given("MountTargetId"))
        return nothing()

    def modify_mount_target_security_groups(self) -> Answer:
        self.efs_backend.modify_mount_target_security_groups(
            self._given("MountTargetId"), self._given("SecurityGroups")
        )
        return nothing()

    def delete_access_point(self) -> Answer:
        self.efs_backend.delete_access_point(self._given("AccessPointId"))
        return nothing()

    # Policies

    def put_backup_policy(self) -> Answer:
        status = self._given("BackupPolicy")["Status"]
        return as_json({"BackupPolicy": self.efs_backend.put_backup_policy(self._given("FileSystemId"), status)})

    def delete_file_system_policy(self) -> Answer:
        self.efs_backend.delete_file_system_policy(self._given("FileSystemId"))
        return as_json({})

    # Replication

    def create_replication_configuration(self) -> Answer:
        made = replication.create(self.efs_backend, self._given("SourceFileSystemId"), self._given("Destinations"))
        return as_json(made.describe())

    def delete_replication_configuration(self) -> Answer:
        replication.delete(self.efs_backend, self._given("SourceFileSystemId"))
        return nothing()

    # Tags

    def list_tags_for_resource(self) -> Answer:
        return as_json({"Tags": self.efs_backend.list_tags_for_resource(self._tagged())})

    def tag_resource(self) -> Answer:
        tags = {tag["Key"]: tag["Value"] for tag in self._given("Tags")}
        self.efs_backend.tag_resource(self._tagged(), tags)
        return as_json({})

    def untag_resource(self) -> Answer:
        self.efs_backend.untag_resource(self._tagged(), self._given("TagKeys"))
        return as_json({})

    def _tagged(self) -> str:
        return self.efs_backend.check_tagged(self._given("ResourceId"))


def as_json(answer: dict[str, Any], status: int = 200) -> Answer:
    return json.dumps(answer), {"status": status, "Content-Type": "application/json"}


def nothing() -> Answer:
    """What a call answers that has nothing to say."""
    return "", {"status": 204}
