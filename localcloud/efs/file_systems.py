# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems: how they come, change and go, and what one is told to do by itself."""

from __future__ import annotations

import json
import time
from typing import Any

from moto.efs.exceptions import (
    BadRequest,
    FileSystemInUse,
    FileSystemNotFound,
    PolicyNotFound,
)
from moto.efs.models import EFSBackend as MotoBackend
from moto.efs.models import FileSystem as MotoFileSystem
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
from localcloud.efs.timing import after, settle


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


class FileSystemBackend(MotoBackend):
    """The file systems of one region, with their lifecycle, backup and access policies."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        # By the id of the source file system.
        self.replications: dict[str, Replication] = {}

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
        settle(made, "creating", 1.0)
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
        settle(system, "updating", 1.0)
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

    def replication_of(self, file_system_id: str) -> Replication | None:
        """The replication a file system of this region is the source or the destination of."""
        for backend in efs_backends[self.account_id].values():
            for replication in getattr(backend, "replications", {}).values():
                if file_system_id in (replication.source, replication.destination):
                    return replication
        return None

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
        # EFS gives a policy an identifier if it has none.
        document = json.loads(policy)
        system.file_system_policy = json.dumps({"Id": f"efs-policy-{file_system_id}", **document})

    def describe_file_system_policy(self, file_system_id: str) -> str:
        policy = self.file_system(file_system_id).file_system_policy
        if not policy:
            raise PolicyNotFound(f"File system policy for {file_system_id} does not exist.")
        return policy

    def delete_file_system_policy(self, file_system_id: str) -> None:
        self.file_system(file_system_id, available=True).file_system_policy = None
