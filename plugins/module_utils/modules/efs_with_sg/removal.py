# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is removed of a file system: mount targets and access points one by one, or everything."""

from __future__ import annotations

from typing import Any

from ...kernel import Cloud, Resource
from ...resources.access_point import AccessPoint
from ...resources.file_system import FileSystem
from ...resources.file_system_listing import FileSystemListing
from ...resources.file_system_replication import FileSystemReplica, FileSystemReplication
from ...resources.mount_target import MountTarget
from ...resources.security_group import SecurityGroup


def mount_target_to_remove(listing: FileSystemListing, target: dict[str, Any], needs: list[Resource]) -> MountTarget:
    place, identifier = target["AvailabilityZoneName"] or target["SubnetId"], target["MountTargetId"]
    name = f"{listing.name} in {place}"
    return MountTarget(name, listing.region, listing=listing, identifier=identifier, state="absent", needs=needs)


def access_point_to_remove(listing: FileSystemListing, point: dict[str, Any], needs: list[Resource]) -> AccessPoint:
    identifier = point["AccessPointId"]
    name = f"{point.get('Name') or listing.name} ({identifier})"
    return AccessPoint(name, listing.region, listing=listing, identifier=identifier, state="absent", needs=needs)


def removal(params: dict[str, Any], listing: FileSystemListing, cloud: Cloud) -> list[Resource]:
    """All that gives access to the file system; and the file system and its copy, if the data may go too."""
    common: dict[str, Any] = {"listing": listing, "state": "absent"}
    region = listing.region
    kept: list[Resource] = []
    if params["delete_data"]:
        system = FileSystem(params["name"], region, **common)
        kept = [system, *_replication_to_remove(listing, system)]
    elif listing.file_system() is not None:
        cloud.tell(f"File system {listing.id} in {region} keeps its data. Give delete_data: true to remove it too.")
    groups: list[Resource] = []
    for group in listing.own_groups():
        name = listing.group if not groups else group["GroupId"]
        groups.append(SecurityGroup(name, region, identifier=group["GroupId"], **common))
    needs = [*kept[:1], *groups]
    targets = [mount_target_to_remove(listing, target, needs) for target in listing.mount_targets()]
    points = [access_point_to_remove(listing, point, kept[:1]) for point in listing.access_points()]
    return [*kept, *groups, *targets, *points]


def _replication_to_remove(listing: FileSystemListing, system: FileSystem) -> list[Resource]:
    """Before the file system itself, which remembers its replicas."""
    replicas: list[Resource] = [
        FileSystemReplica(
            f"{listing.name} ({identifier})", region, identifier=identifier, state="absent", needs=[system]
        )
        for region, identifier in listing.replicas()
    ]
    if listing.replication() is None:
        return replicas
    needs = [system, *replicas]
    replication = FileSystemReplication(
        listing.name, listing.region, listing=listing, remember=True, state="absent", needs=needs
    )
    return [*replicas, replication]
