# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file system, its security group, mount targets and access points as resources, and what is returned."""

from __future__ import annotations

from typing import Any

from ...aws.names import named, resource_tags
from ...kernel import KNOWN_AFTER_APPLY, Cloud, CollectionError, Known, Resource, is_unknown
from ...kernel.run import Composition
from ...resources.access_point import AccessPoint
from ...resources.file_system import BACK, FileSystem, access_policy
from ...resources.file_system_listing import FileSystemListing
from ...resources.file_system_replication import FileSystemReplication
from ...resources.mount_target import MountTarget
from ...resources.security_group import SecurityGroup, SecurityGroupRules
from .arguments import NEVER, NO_REPLICA
from .network_checks import misplaced
from .removal import access_point_to_remove, mount_target_to_remove, removal

NFS_PORT = 2049


class Wanted:
    """The wanted resources of one file system, by what they are for."""

    def __init__(self, params: dict[str, Any], listing: FileSystemListing, kms_key_id: str | None) -> None:
        self.params = params
        self.listing = listing
        self.tags = resource_tags(params, listing.region)
        self.waited_for = {"available": True} if params["wait"] else {}
        self.subnets = listing.subnets(params["subnets"])
        self.system = self._system(kms_key_id)
        self.group = self._make(
            SecurityGroup,
            listing.group,
            vpc=listing.vpc,
            description=listing.description,
            tags=named(self.tags, listing.group),
        )
        self.rules = SecurityGroupRules(
            listing.group,
            listing.region,
            listing=listing,
            group=self.group.ref("id"),
            ingress=[self._rule(client) for client in dict.fromkeys(params["client_security_groups"])],
            # A mount target answers, it never calls: answers need no rule.
            egress=[],
        )
        self.mount_targets = [self._mount_target(number, s) for number, s in enumerate(params["subnets"], 1)]
        self.access_points = {point["name"]: self._access_point(point) for point in params["access_points"]}
        self.replication = self._replication()

    @property
    def resources(self) -> list[Resource]:
        replication = [self.replication] if self.replication else []
        points = self.access_points.values()
        return [self.system, self.group, self.rules, *self.mount_targets, *points, *replication]

    def _make(self, kind: type[Any], name: str, **wanted: Any) -> Any:
        purge = self.params["purge_tags"]
        return kind(name, self.listing.region, listing=self.listing, purge_tags=purge, **wanted)

    def _system(self, kms_key_id: str | None) -> FileSystem:
        params = self.params
        days = {key: None if params[key] == NEVER else int(params[key]) for key in _TRANSITIONS}
        key = {"kms_key_id": kms_key_id} if kms_key_id else {}
        return self._make(
            FileSystem,
            params["name"],
            encrypted=params["encrypt"],
            performance_mode=params["performance_mode"],
            throughput_mode=params["throughput_mode"],
            provisioned_throughput_in_mibps=params["provisioned_throughput_in_mibps"],
            lifecycle={**days, BACK: params[BACK]},
            backup=params["backup"],
            policy=access_policy(
                encrypted_only=params["enforce_transit_encryption"], known_only=params["prevent_anonymous_access"]
            ),
            tags=named(self.tags, params["name"]),
            **key,
            **self.waited_for,
        )

    @staticmethod
    def _rule(client: str) -> dict[str, Any]:
        return {
            "protocol": "tcp",
            "from_port": NFS_PORT,
            "to_port": NFS_PORT,
            "source": client,
            "description": "NFS",
        }

    def _mount_target(self, number: int, subnet: str) -> MountTarget:
        # Named by its place in the list: in a network that is still to be made, zones are not known either.
        return self._make(
            MountTarget,
            f"{self.params['name']}-{number}",
            file_system=self.system.ref("id"),
            subnet=subnet,
            zone=self.subnets[subnet]["AvailabilityZone"] if subnet in self.subnets else KNOWN_AFTER_APPLY,
            security_groups=[self.group.ref("id")],
            needs=[self.rules],
            **self.waited_for,
        )

    def _access_point(self, point: dict[str, Any]) -> AccessPoint:
        user = None
        if point["uid"] is not None:
            user = {"uid": point["uid"], "gid": point["gid"], "secondary_gids": sorted(point["secondary_gids"])}
        owner = None
        if point["owner_uid"] is not None or (user and point["path"] != "/"):
            owner = {
                "uid": point["uid"] if point["owner_uid"] is None else point["owner_uid"],
                "gid": point["gid"] if point["owner_gid"] is None else point["owner_gid"],
                "permissions": point["permissions"].zfill(4),
            }
        return self._make(
            AccessPoint,
            point["name"],
            file_system=self.system.ref("id"),
            path=point["path"],
            user=user,
            owner=owner,
            tags=named(self.tags, point["name"]),
        )

    def _replication(self) -> FileSystemReplication | None:
        destination = self.params["replicate_to"]
        if destination is None:
            return None
        if destination == NO_REPLICA:
            return self._make(FileSystemReplication, self.params["name"], state="absent", needs=[self.system])
        return self._make(
            FileSystemReplication,
            self.params["name"],
            kms_key_id=self.params["replica_kms_key_id"],
            tags={**named(self.tags, self.params["name"]), "region": destination},
            file_system=self.system.ref("id"),
            destination=destination,
            **({"enabled": True} if self.params["wait"] else {}),
        )

    def strays(self) -> list[Resource]:
        """Mount targets in zones, and access points of names, that are no longer asked for."""
        listing, found = self.listing, []
        zones = {target.wanted["zone"] for target in self.mount_targets}
        if not is_unknown(zones):
            found += [t for t in listing.mount_targets() if t["AvailabilityZoneName"] not in zones]
        needs = [self.system, self.group]
        removed: list[Resource] = [mount_target_to_remove(listing, target, needs) for target in found]
        kept: set[str] = set()
        for point in listing.access_points():
            name = point.get("Name") or ""
            if name in self.access_points and name not in kept:
                kept.add(name)
            elif listing.carries_marks(point):
                removed.append(access_point_to_remove(listing, point, needs))
        return removed

    def outputs(self, known: Known) -> dict[str, Any]:
        told: dict[str, Any] = {
            "file_system_id": known.attribute(self.system, "id"),
            "file_system_arn": known.attribute(self.system, "arn"),
            "dns_name": known.attribute(self.system, "dns_name"),
            "security_group_id": known.attribute(self.group, "id"),
            "mount_targets": [
                {
                    "mount_target_id": known.attribute(target, "id"),
                    "subnet_id": target.wanted["subnet"],
                    "availability_zone": target.wanted["zone"],
                    "ip_address": known.attribute(target, "ip_address"),
                }
                for target in self.mount_targets
            ],
            "access_points": {
                name: {
                    "access_point_id": known.attribute(point, "id"),
                    "access_point_arn": known.attribute(point, "arn"),
                    "path": point.wanted["path"],
                }
                for name, point in self.access_points.items()
            },
        }
        if self.replication is not None and self.replication.state == "present":
            told["replica"] = {
                "region": self.params["replicate_to"],
                "file_system_id": known.attribute(self.replication, "destination_id"),
            }
        return told


_TRANSITIONS = ("transition_to_ia", "transition_to_archive")


def read_around(params: dict[str, Any], listing: FileSystemListing) -> None:
    """Ask every question that the plan needs now, side by side where one does not need the other's answer."""
    present = params["state"] == "present"
    questions = [listing.file_system]
    questions += [lambda: listing.subnets(params["subnets"])] if present else [listing.security_groups]
    listing.side_by_side(questions)
    then = []
    if present:
        vpcs = {subnet["VpcId"] for subnet in listing.subnets(params["subnets"]).values()}
        listing.vpc = vpcs.pop() if len(vpcs) == 1 else KNOWN_AFTER_APPLY
        then.append(listing.security_groups)
    if listing.id is not None:
        then += [listing.mount_targets, listing.access_points]
        then += [listing.lifecycle, listing.backup, listing.policy] if present else []
        wants_replication = params["replicate_to"] if present else params["delete_data"]
        then += [listing.replication] if wants_replication else []
    listing.side_by_side(then)


def key_arn(cloud: Cloud, region: str, key: str | None) -> str | None:
    """The key that an alias leads to, which is how EFS tells it; anything else as it is."""
    if key is None or is_unknown(key) or "alias/" not in key:
        return key
    return cloud.client("kms", region).describe_key(KeyId=key)["KeyMetadata"]["Arn"]


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    region = cloud.region
    if not region:
        raise CollectionError("region is not given, neither as a parameter nor in the environment (AWS_REGION).")
    group = params["security_group_name"] or f"{params['name']}-efs"
    listing = FileSystemListing(cloud, region, params["name"], workload=params["workload"], group=group)
    read_around(params, listing)
    if params["state"] == "absent":
        return Composition(removal(params, listing, cloud))
    wrong = misplaced(params, listing)
    if wrong:
        raise CollectionError(" ".join(wrong), problems=wrong)
    wanted = Wanted(params, listing, key_arn(cloud, region, params["kms_key_id"]))
    return Composition([*wanted.resources, *wanted.strays()], wanted.outputs)
