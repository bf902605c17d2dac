# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file systems of one region: moto's, with AWS's life cycles, its refusals, and replication to another region.

Nothing is ready at once and nothing is gone at once: a file system is `creating` before it takes mount targets, a mount
target is `deleting` before it is gone, and its network interface, which keeps its security group from being deleted,
goes a little later still.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from typing import Any

from moto.efs.exceptions import (
    AccessPointNotFound,
    BadRequest,
    FileSystemInUse,
    FileSystemNotFound,
    MountTargetNotFound,
    PolicyNotFound,
    SecurityGroupLimitExceeded,
    SecurityGroupNotFound,
    SubnetNotFound,
)
from moto.efs.models import AccessPoint as MotoAccessPoint
from moto.efs.models import EFSBackend as MotoBackend
from moto.efs.models import FileSystem as MotoFileSystem
from moto.efs.models import MountTarget as MotoMountTarget
from moto.efs.models import efs_backends
from moto.kms.models import kms_backends

from localcloud.efs.errors import refusal
from localcloud.efs.replication import Replication
from localcloud.efs.rules import (
    lifecycle_complaints,
    locks_out,
    policy_complaint,
    throughput_complaints,
    too_early,
)
from localcloud.world import WORLD

#: How much longer or shorter than file systems (`Options.efs_delay`) others take to come and to go.
MOUNT_TARGET_SHARE = 1.5
ACCESS_POINT_SHARE = 0.25
#: How long a mount target's network interface outlives it.
INTERFACE_SHARE = 1.0

SECURITY_GROUPS_PER_MOUNT_TARGET = 5


class FileSystem(MotoFileSystem):
    """A file system that knows its protection, its backups and when its throughput was last changed."""

    _backup_status: str | None = None
    _protection = "ENABLED"
    _throughput_changed_at: float | None = None

    @property
    def backup_policy(self) -> dict[str, str] | None:
        status = self._backup_status or ("ENABLED" if self._backup else None)
        return {"Status": status} if status else None

    def info_json(self) -> dict[str, Any]:
        told = {name: value for name, value in super().info_json().items() if value is not None}
        if self.throughput_mode != "provisioned":
            told.pop("ProvisionedThroughputInMibps", None)
        return {**told, "FileSystemProtection": {"ReplicationOverwriteProtection": self._protection}}

    @property
    def throughput(self) -> tuple[str, float]:
        return self.throughput_mode, self.provisioned_throughput_in_mibps or 0.0


class AccessPoint(MotoAccessPoint):
    """An access point that takes a moment to be available."""

    _state = "creating"

    def info_json(self) -> dict[str, Any]:
        told = {name: value for name, value in super().info_json().items() if value is not None}
        return {**told, "LifeCycleState": self._state}


class EFSBackend(MotoBackend):
    """File systems, mount targets, access points, replications."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        #: By the id of the source file system.
        self.replications: dict[str, Replication] = {}

    # File systems

    def file_system(self, identifier: str, *, available: bool = False) -> FileSystem:
        """The file system of an id or ARN, which must be `available` if that is asked for."""
        found = self.file_systems_by_id.get(identifier.rpartition("/")[2])
        if found is None:
            raise FileSystemNotFound(identifier)
        if available and found.life_cycle_state != "available":
            raise refusal(
                "IncorrectFileSystemLifeCycleState",
                f"File system '{identifier}' is {found.life_cycle_state}; it must be available",
            )
        return found  # type: ignore[return-value]

    def create_file_system(self, creation_token: str, **settings: Any) -> FileSystem:  # type: ignore[override]
        for other in self.file_systems_by_id.values():
            if other.creation_token == creation_token:
                raise refusal(
                    "FileSystemAlreadyExists",
                    f"File system '{other.file_system_id}' already exists with creation token '{creation_token}'",
                    FileSystemId=other.file_system_id,
                )
        mode = settings.get("throughput_mode") or "bursting"
        performance = settings.get("performance_mode") or "generalPurpose"
        complaints = list(throughput_complaints(mode, settings.get("provisioned_throughput_in_mibps"), performance))
        if settings.get("availability_zone_name") and performance == "maxIO":
            complaints.append("maxIO performance mode is not supported for One Zone file systems")
        if complaints:
            raise BadRequest("; ".join(complaints))
        if settings.get("encrypted"):
            settings["kms_key_id"] = self.key_arn(settings.get("kms_key_id") or "alias/aws/elasticfilesystem")
        made = super().create_file_system(creation_token, **settings)
        made.__class__ = FileSystem  # moto makes its own class by name
        self._settle(made, "creating", 1.0)
        return made  # type: ignore[return-value]

    def key_arn(self, key: str) -> str:
        """The ARN of a KMS key given by id, alias or ARN, as EFS tells it."""
        if key.startswith("arn:") and ":key/" in key:
            return key
        kms = kms_backends[self.account_id][self.region_name]
        alias = key.rpartition(":")[2] if ":alias/" in key else key
        found = kms.get_key_id_from_alias(alias) if alias.startswith("alias/") else key
        if found is None:
            raise BadRequest(f"KMS key {key} does not exist in {self.region_name}")
        return f"arn:{self.partition}:kms:{self.region_name}:{self.account_id}:key/{found}"

    def describe_file_systems(self, *arguments: Any, **settings: Any) -> tuple[str | None, list[Any]]:
        if settings.get("file_system_id"):
            settings["file_system_id"] = settings["file_system_id"].rpartition("/")[2]
        return super().describe_file_systems(*arguments, **settings)

    def update_file_system(self, file_system_id: str, mode: str | None, provisioned: float | None) -> FileSystem:
        """Change the throughput; the file system is `updating` for a moment."""
        system = self.file_system(file_system_id, available=True)
        mode = mode or system.throughput_mode
        if mode == system.throughput_mode == "provisioned":
            provisioned = provisioned or system.provisioned_throughput_in_mibps
        complaints = list(throughput_complaints(mode, provisioned, system.performance_mode))
        complaints += lifecycle_complaints(system.lifecycle_policies, mode, system.performance_mode)
        if complaints:
            raise BadRequest("; ".join(complaints))
        before, after, now = system.throughput, (mode, provisioned or 0.0), time.time()
        if too_early(now, system._throughput_changed_at, before, after):
            raise refusal(
                "TooManyRequests",
                "The throughput mode can be changed, and the provisioned throughput decreased, once in 24 hours",
            )
        if before[0] != after[0] or after[1] < before[1]:
            system._throughput_changed_at = now
        system.throughput_mode, system.provisioned_throughput_in_mibps = mode, provisioned  # type: ignore[assignment]
        self._settle(system, "updating", 1.0)
        return system

    def update_protection(self, file_system_id: str, protection: str) -> str:
        """Turn the replication overwrite protection on or off."""
        system = self.file_system(file_system_id, available=True)
        if system._protection == "REPLICATING":
            raise refusal("ReplicationAlreadyExists", f"File system '{file_system_id}' is a replication destination")
        if protection == "REPLICATING":
            raise BadRequest("ReplicationOverwriteProtection can be set to ENABLED or DISABLED")
        system._protection = protection
        return protection

    def delete_file_system(self, file_system_id: str) -> None:
        system = self.file_system(file_system_id)
        identifier = system.file_system_id
        if self.replication_of(identifier) is not None:
            raise FileSystemInUse(f"File system '{identifier}' is part of a replication; delete that first.")
        if system.number_of_mount_targets:
            raise FileSystemInUse("Must delete all mount targets before deleting file system.")
        if system.life_cycle_state == "deleting":
            return
        system.life_cycle_state = "deleting"

        def finish() -> None:
            del self.file_systems_by_id[identifier]
            self.creation_tokens.discard(system.creation_token)
            for point in [p for p in self.access_points.values() if p.file_system_id == identifier]:
                del self.access_points[point.access_point_id]

        after(1.0, finish)

    @staticmethod
    def _settle(thing: Any, meanwhile: str, share: float) -> None:
        thing.life_cycle_state = meanwhile

        def settled() -> None:
            if thing.life_cycle_state == meanwhile:
                thing.life_cycle_state = "available"

        after(share, settled)

    # Mount targets

    def create_mount_target(
        self,
        file_system_id: str,
        subnet_id: str,
        ip_address: str | None = None,
        security_groups: list[str] | None = None,
    ) -> MotoMountTarget:
        system = self.file_system(file_system_id, available=True)
        subnet = next((s[subnet_id] for s in self.ec2_backend.subnets.values() if subnet_id in s), None)
        if subnet is None:
            raise SubnetNotFound(subnet_id)
        if system.availability_zone_name and subnet.availability_zone != system.availability_zone_name:
            raise refusal(
                "AvailabilityZonesMismatch",
                f"File system '{system.file_system_id}' is in {system.availability_zone_name} only, the subnet in "
                f"{subnet.availability_zone}",
            )
        self._check_groups(security_groups or [], subnet.vpc_id)
        if ip_address and ip_address in subnet._subnet_ips:
            raise refusal("IpAddressInUse", f"The address {ip_address} is in use in subnet '{subnet_id}'")
        if ip_address and ipaddress.ip_address(ip_address) not in subnet.cidr:
            raise BadRequest("Address does not fall within the subnet's address range")
        target = super().create_mount_target(system.file_system_id, subnet_id, ip_address, security_groups or None)
        interface = self.ec2_backend.enis[target.network_interface_id]
        interface.description = f"Mount target {target.mount_target_id} for file system {system.file_system_id}"
        interface.requester_managed, interface.requester_id = True, "amazon-efs"
        interface.interface_type, interface.status = "efs", "in-use"
        target.security_groups = [group.id for group in interface.group_set]
        self._settle(target, "creating", MOUNT_TARGET_SHARE)
        return target

    def _check_groups(self, groups: list[str], vpc_id: str) -> None:
        for group in groups:
            found = self.ec2_backend.get_security_group_from_id(group)
            if found is None or found.vpc_id != vpc_id:
                raise SecurityGroupNotFound(group)
        if len(groups) > SECURITY_GROUPS_PER_MOUNT_TARGET:
            raise SecurityGroupLimitExceeded("The maximum number of security groups per interface has been reached.")

    def mount_target(self, identifier: str, *, steady: bool = False) -> MotoMountTarget:
        """The mount target of an id, which must not be on its way out if `steady` is asked for."""
        target = self.mount_targets_by_id.get(identifier)
        if target is None:
            raise MountTargetNotFound(identifier)
        if steady and target.life_cycle_state == "deleting":
            raise refusal("IncorrectMountTargetState", f"Mount target '{identifier}' is deleting")
        return target

    def delete_mount_target(self, mount_target_id: str) -> None:
        target = self.mount_target(mount_target_id)
        if target.life_cycle_state == "deleting":
            return
        target.life_cycle_state = "deleting"

        def finish() -> None:
            del self.mount_targets_by_id[mount_target_id]
            target._file_system.remove_mount_target(target._subnet)
            after(INTERFACE_SHARE, let_go)

        def let_go() -> None:
            self.ec2_backend.enis.pop(target.network_interface_id, None)
            target._subnet.del_subnet_ip(target.ip_address)

        after(MOUNT_TARGET_SHARE, finish)

    def describe_mount_target_security_groups(self, mount_target_id: str) -> list[str]:
        target = self.mount_target(mount_target_id, steady=True)
        return [group.id for group in self.ec2_backend.enis[target.network_interface_id].group_set]

    def modify_mount_target_security_groups(self, mount_target_id: str, security_groups: list[str] | None) -> None:
        target = self.mount_target(mount_target_id, steady=True)
        if not security_groups:
            security_groups = [self.ec2_backend.get_default_security_group(target.vpc_id).id]
        self._check_groups(security_groups, target.vpc_id)
        super().modify_mount_target_security_groups(mount_target_id, security_groups)

    # Access points

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

    # What a file system is told to do by itself

    def put_lifecycle_configuration(self, file_system_id: str, policies: list[dict[str, str]]) -> None:
        system = self.file_system(file_system_id, available=True)
        complaints = list(lifecycle_complaints(policies, system.throughput_mode, system.performance_mode))
        if complaints:
            raise BadRequest("; ".join(complaints))
        system.lifecycle_policies = policies

    def describe_lifecycle_configuration(self, file_system_id: str) -> list[dict[str, str]]:
        return self.file_system(file_system_id).lifecycle_policies

    def put_backup_policy(self, file_system_id: str, status: str) -> dict[str, str]:
        """Turn automatic backups on or off; for a moment they are ENABLING or DISABLING."""
        system = self.file_system(file_system_id, available=True)
        meanwhile = {"ENABLED": "ENABLING", "DISABLED": "DISABLING"}.get(status)
        if meanwhile is None:
            raise BadRequest(f"The status of a backup policy can be set to ENABLED or DISABLED, not to {status}")
        system._backup_status = meanwhile

        def settled() -> None:
            if system._backup_status == meanwhile:
                system._backup_status = status

        after(1.0, settled)
        return {"Status": meanwhile}

    def describe_backup_policy(self, file_system_id: str) -> dict[str, str]:
        policy = self.file_system(file_system_id).backup_policy
        if policy is None:
            raise PolicyNotFound("None")
        return policy

    def put_file_system_policy(
        self, file_system_id: str, policy: str, bypass_policy_lockout_safety_check: bool
    ) -> None:
        system = self.file_system(file_system_id, available=True)
        complaint = policy_complaint(policy)
        if complaint is None and locks_out(policy) and not bypass_policy_lockout_safety_check:
            complaint = "the policy would lock out the principal that puts it"
        if complaint:
            raise refusal("InvalidPolicyException", complaint)
        system.file_system_policy = policy

    def describe_file_system_policy(self, file_system_id: str) -> str:
        policy = self.file_system(file_system_id).file_system_policy
        if not policy:
            raise PolicyNotFound(f"File system policy for {file_system_id} does not exist.")
        return policy

    def delete_file_system_policy(self, file_system_id: str) -> None:
        self.file_system(file_system_id, available=True).file_system_policy = None

    # Replication

    def replication_of(self, file_system_id: str) -> Replication | None:
        """The replication a file system of this region is the source or the destination of."""
        for backend in efs_backends[self.account_id].values():
            for replication in getattr(backend, "replications", {}).values():
                if file_system_id in (replication.source, replication.destination):
                    return replication
        return None

    def check_tagged(self, identifier: str) -> str:
        """The id of the file system or access point that an id or ARN names."""
        name = identifier.rpartition("/")[2]
        if name.startswith("fsap-"):
            if name not in self.access_points:
                raise AccessPointNotFound(identifier)
            return name
        return self.file_system(identifier).file_system_id


def after(share: float, act: Callable[[], None]) -> None:
    """Have `act` called in a share of the time that a file system takes to come."""
    WORLD.links.after(share * WORLD.options.efs_delay, act)


efs_backends.backend = EFSBackend
