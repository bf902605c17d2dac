# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replications: a file system copied to one in another region (or zone), which is read-only as long as it lasts."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.efs.exceptions import BadRequest
from moto.efs.models import efs_backends

from localcloud.efs.errors import refusal
from localcloud.efs.timing import after

REPLICATION_SHARE = 2.0
"""How many times longer than a file system a replication takes to be enabled, and to end."""


@dataclass
class Replication:
    """One source, one destination."""

    source: str
    source_arn: str
    source_region: str
    destination: str
    destination_region: str
    account: str
    status: str = "ENABLING"
    created: float = field(default_factory=time.time)

    def describe(self) -> dict[str, Any]:
        return {
            "SourceFileSystemId": self.source,
            "SourceFileSystemRegion": self.source_region,
            "SourceFileSystemArn": self.source_arn,
            "OriginalSourceFileSystemArn": self.source_arn,
            "SourceFileSystemOwnerId": self.account,
            "CreationTime": self.created,
            "Destinations": [
                {
                    "Status": self.status,
                    "FileSystemId": self.destination,
                    "Region": self.destination_region,
                    "OwnerId": self.account,
                    **({"LastReplicatedTimestamp": time.time()} if self.status == "ENABLED" else {}),
                }
            ],
        }


def create(backend: Any, source_id: str, destinations: list[dict[str, Any]]) -> Replication:
    """Begin to replicate a file system of `backend` to a new or an unprotected one."""
    source = backend.file_system(source_id, available=True)
    if len(destinations) != 1:
        raise BadRequest("Exactly one destination is supported")
    if backend.replication_of(source.file_system_id) is not None:
        raise refusal("ConflictException", f"File system '{source_id}' is part of a replication already")
    wanted = destinations[0]
    zone = wanted.get("AvailabilityZoneName")
    region = wanted.get("Region") or (zone[:-1] if zone else backend.region_name)
    if region not in efs_backends[backend.account_id].regions:
        raise refusal("ValidationException", f"region {region!r} is not enabled for this account")
    there = efs_backends[backend.account_id][region]
    if wanted.get("FileSystemId"):
        target = there.file_system(wanted["FileSystemId"], available=True)
        if target._protection != "DISABLED":
            raise refusal("ConflictException", f"File system '{target.file_system_id}' is protected from replication")
        if source.encrypted and not target.encrypted:
            raise refusal("ConflictException", "The source file system is encrypted and the destination is not")
    else:
        target = there.create_file_system(
            f"destination-file-system-of-{source.file_system_id}-{uuid.uuid4().hex[:8]}",
            performance_mode=source.performance_mode,
            # A new destination is always encrypted.
            encrypted=True,
            kms_key_id=wanted.get("KmsKeyId"),
            throughput_mode=source.throughput_mode,
            provisioned_throughput_in_mibps=source.provisioned_throughput_in_mibps,
            availability_zone_name=zone,
            backup=False,
            tags=[],
        )
    target._protection = "REPLICATING"
    replication = Replication(
        source.file_system_id,
        source.file_system_arn,
        backend.region_name,
        target.file_system_id,
        region,
        backend.account_id,
    )
    backend.replications[source.file_system_id] = replication

    def enabled() -> None:
        if replication.status == "ENABLING":
            replication.status = "ENABLED"

    after(REPLICATION_SHARE, enabled)
    return replication


def delete(backend: Any, source_id: str) -> None:
    """End a replication. Asked of either region, it ends for both; the destination becomes writable."""
    system = backend.file_system(source_id)
    replication = backend.replication_of(system.file_system_id)
    if replication is None:
        raise refusal("ReplicationNotFound", f"File system '{source_id}' has no replication configuration")
    if replication.status == "DELETING":
        return
    replication.status = "DELETING"
    regions = efs_backends[backend.account_id]

    def finish() -> None:
        del regions[replication.source_region].replications[replication.source]
        target = regions[replication.destination_region].file_systems_by_id.get(replication.destination)
        if target is not None:
            target._protection = "ENABLED"

    after(REPLICATION_SHARE, finish)


def describe(backend: Any, file_system_id: str | None) -> list[dict[str, Any]]:
    """The replications that begin or end in this region, or the one of a file system."""
    if file_system_id:
        system = backend.file_system(file_system_id)
        replication = backend.replication_of(system.file_system_id)
        if replication is None:
            raise refusal("ReplicationNotFound", f"File system '{file_system_id}' has no replication configuration")
        return [replication.describe()]
    every = [r for other in efs_backends[backend.account_id].values() for r in other.replications.values()]
    here = backend.region_name
    return [r.describe() for r in every if here in (r.source_region, r.destination_region)]
