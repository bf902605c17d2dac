# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file systems of one region: moto's, with AWS's life cycles, its refusals, and replication to another region.

Nothing is ready at once and nothing is gone at once: a file system is `creating` before it takes mount targets, a mount
target is `deleting` before it is gone, and its network interface, which keeps its security group from being deleted,
goes a little later still.
"""

from __future__ import annotations

from moto.efs.exceptions import (
    AccessPointNotFound,
)
from moto.efs.models import efs_backends

from localcloud.efs.access_points import AccessPointBackend
from localcloud.efs.mount_targets import MountTargetBackend


class EFSBackend(MountTargetBackend, AccessPointBackend):
    """File systems, mount targets, access points, replications."""

    def check_tagged(self, identifier: str) -> str:
        """The id of the file system or access point that an id or ARN names."""
        name = identifier.rpartition("/")[2]
        if name.startswith("fsap-"):
            if name not in self.access_points:
                raise AccessPointNotFound(identifier)
            return name
        return self.file_system(identifier).file_system_id


efs_backends.backend = EFSBackend
