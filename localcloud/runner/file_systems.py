# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Elastic file systems as directories: where a volume's files are, and whether a task reaches them at all.

A file system is a directory in the cloud's home; it outlives every task. What AWS refuses when it mounts one, at the
start of a task, is refused here with its words: a wrong id, no mount target in the task's Availability Zone, a security
group that does not admit NFS (TCP 2049) from the task, a policy that does not admit its role, a missing directory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.ec2.models import ec2_backends
from moto.efs.models import efs_backends

from localcloud.ec2.reach import NFS_PORT, end_of_interface, may_connect
from localcloud.policies import documents_of, role_of
from localcloud.runner.file_access import MOUNT, ROOT, WRITE, Client, may

DENIED = "b'mount.nfs4: access denied by server while mounting 127.0.0.1:/'"


class MountFailed(Exception):
    """A file system cannot be mounted; the message is worded as ECS words it."""

    def __init__(self, problem: str, code: int) -> None:
        super().__init__(
            "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: "
            f"{problem} : unsuccessful EFS utils command execution; code: {code}"
        )


@dataclass(frozen=True)
class Mounted:
    """The directory that stands for what was mounted, and whether its client may only read."""

    directory: Path
    read_only: bool = False


class FileSystems:
    """The file systems of every region, below one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def mount(
        self, account: str, region: str, configuration: dict[str, Any], interface: Any, role_arn: str | None
    ) -> Mounted:
        """The directory that stands for an `efsVolumeConfiguration`. The lock is held.

        `interface` is the task's network interface, None for a task without a network of its own; `role_arn` the task
        role, which is asked when the volume uses IAM.

        Raises:
            MountFailed: what the task stops with.
        """
        identifier = configuration["fileSystemId"]
        backend: Any = efs_backends[account][region]
        system = backend.file_systems_by_id.get(identifier)
        name = f"{identifier}.efs.{region}.amazonaws.com"
        target = _target(system, interface) if system is not None else None
        if target is None:
            raise MountFailed(
                f'Failed to resolve "{name}" - check that your file system ID is correct, and ensure that the VPC has '
                "an EFS mount target for this file system ID.",
                1,
            )
        if interface is not None and not _is_reachable(ec2_backends[account][region], interface, target):
            raise MountFailed("mount.nfs4: Connection timed out", 32)
        authorization = configuration.get("authorizationConfig") or {}
        point = backend.access_points.get(authorization.get("accessPointId"))
        if authorization.get("accessPointId") and (point is None or point.file_system_id != identifier):
            raise MountFailed(DENIED, 32)
        shown = authorization.get("iam") == "ENABLED"
        client = Client(
            encrypted=configuration.get("transitEncryption") == "ENABLED",
            role=role_arn if shown else None,
            identity=documents_of(role_of(account, role_arn)) if shown else None,
            access_point=point.access_point_arn if point else None,
        )
        policy, arn = system.file_system_policy, system.file_system_arn
        if not may(client, MOUNT, policy, arn):
            raise MountFailed(DENIED, 32)
        # The root of a file system belongs to root; whoever is not let be root there may read it.
        writes = may(client, WRITE, policy, arn) and (point is not None or may(client, ROOT, policy, arn))
        root = self._directory / region / identifier
        root.mkdir(parents=True, exist_ok=True)
        if point:
            return Mounted(_enter(root, point), not writes)
        inside = below(root, configuration.get("rootDirectory") or "/")
        if not inside.is_dir():
            raise MountFailed(
                f"b'mount.nfs4: mounting {name}:{configuration['rootDirectory']} failed, reason given by server: "
                "No such file or directory'",
                32,
            )
        return Mounted(inside, not writes)


def _enter(root: Path, point: Any) -> Path:
    """The root directory of an access point; EFS makes it at first use when the point says with whose rights."""
    directory = below(root, point.root_directory.get("Path") or "/")
    if not directory.is_dir():
        if not point.root_directory.get("CreationInfo"):
            raise MountFailed(DENIED, 32)
        directory.mkdir(parents=True)
    return directory


def below(root: Path, path: str) -> Path:
    """A path of a volume or container, below the directory that stands for its root; `..` does not lead out."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return root.joinpath(*parts)


def _target(system: Any, interface: Any) -> Any:
    """The mount target that the name of a file system resolves to: the one in the asking Availability Zone."""
    targets = [target for target in system.iter_mount_targets() if target.life_cycle_state == "available"]
    if interface is None:
        return next(iter(targets), None)
    zone = interface.subnet.availability_zone
    return next((t for t in targets if t.vpc_id == interface.subnet.vpc_id and t.availability_zone_name == zone), None)


def _is_reachable(ec2: Any, interface: Any, target: Any) -> bool:
    """Whether security groups let the task talk to the mount target."""
    other = ec2.enis[target.network_interface_id]
    return may_connect(end_of_interface(interface), end_of_interface(other), NFS_PORT).open
