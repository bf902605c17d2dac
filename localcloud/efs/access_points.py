# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access points: made once by a client token, available after a moment."""

from __future__ import annotations

from typing import Any

from moto.efs.exceptions import (
    AccessPointNotFound,
    BadRequest,
)
from moto.efs.models import AccessPoint as MotoAccessPoint

from localcloud.efs.errors import refusal
from localcloud.efs.file_systems import FileSystemBackend
from localcloud.efs.timing import after

ACCESS_POINT_SHARE = 0.25
"""An access point is sooner there than a file system."""


class AccessPoint(MotoAccessPoint):
    """An access point that takes a moment to be available."""

    _state = "creating"

    def info_json(self) -> dict[str, Any]:
        told = {name: value for name, value in super().info_json().items() if value is not None}
        return {**told, "LifeCycleState": self._state}


class AccessPointBackend(FileSystemBackend):
    """The access points of one region."""

    def create_access_point(
        self,
        client_token: str,
        tags: list[dict[str, str]],
        file_system_id: str,
        posix_user: dict[str, Any],
        root_directory: dict[str, Any],
    ) -> AccessPoint:
        system = self.file_system(file_system_id, available=True)
        for other in self.access_points.values():
            if other.client_token == client_token and other.file_system_id == system.file_system_id:
                raise refusal(
                    "AccessPointAlreadyExists",
                    f"Access point {other.access_point_id} already exists with this client token",
                    AccessPointId=other.access_point_id,
                )
        root = {"Path": "/", **(root_directory or {})}
        made = super().create_access_point(client_token, tags, system.file_system_id, posix_user, root)
        made.__class__ = AccessPoint

        def settled() -> None:
            made._state = "available"  # type: ignore[attr-defined]

        after(ACCESS_POINT_SHARE, settled)
        return made  # type: ignore[return-value]

    def describe_access_points(self, access_point_id: str | None, file_system_id: str | None) -> list[MotoAccessPoint]:
        if access_point_id and file_system_id:
            raise BadRequest("Either an access point id or a file system id can be given, not both")
        if file_system_id:
            file_system_id = self.file_system(file_system_id).file_system_id
        return super().describe_access_points(access_point_id and access_point_id.rpartition("/")[2], file_system_id)

    def delete_access_point(self, access_point_id: str) -> None:
        identifier = access_point_id.rpartition("/")[2]
        if identifier not in self.access_points:
            raise AccessPointNotFound(access_point_id)
        super().delete_access_point(identifier)
