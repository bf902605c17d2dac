# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS tells about one file system, its mount targets, access points, replication, and the network around it.

Ten questions at most, one more where a mount target failed, and one to the region of a replica, each asked once in a
run. The security groups of all mount targets come with their network interfaces in one call, because EFS itself tells
those of one mount target at a time.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ..aws.names import from_tag_list
from ..kernel import Cloud, CollectionError, absent_is_none, is_unknown
from .listing import Listing

GONE = ("deleting", "deleted")

PLACE = {"AvailabilityZoneName": "AvailabilityZone", "VpcId": "VpcId"}
"""Where a mount target is, and what its subnet calls that."""

REPLICA_TAG = "multiregion.ecs.replica"
"""Names, on a file system, the replicas that are to go with it, `<region>/<file system id>` each. No tag of the user's.

It is set before the replication ends, after which nothing else tells of them.
"""
_REPLICA = re.compile(r"([a-z0-9-]+)/(fs-[0-9a-f]+)")


class FileSystemListing(Listing):
    """The raw answers about the file system with the creation token `name`.

    `vpc` is that of its subnets, None as long as it is not known; `group` is the name of its security group.
    """

    def __init__(self, cloud: Cloud, region: str, name: str, *, workload: str, group: str) -> None:
        super().__init__(cloud, region)
        self.name = name
        self.workload = workload
        self.group = group
        self.vpc: str | None = None

    def file_system(self) -> dict[str, Any] | None:
        """The file system, unless there is none or it is on its way out."""
        return next((system for system in self._systems() if system["LifeCycleState"] not in GONE), None)

    def leaving(self) -> str | None:
        """The id of a file system of this name that is being deleted."""
        return next((s["FileSystemId"] for s in self._systems() if s["LifeCycleState"] == "deleting"), None)

    def _systems(self) -> list[dict[str, Any]]:
        def ask() -> list[dict[str, Any]]:
            with absent_is_none("FileSystemNotFound"):
                return self._efs().describe_file_systems(CreationToken=self.name)["FileSystems"]
            return []

        return self.once("file system", ask)

    @property
    def id(self) -> str | None:
        system = self.file_system()
        return system["FileSystemId"] if system else None

    def lifecycle(self) -> list[dict[str, str]]:
        """The lifecycle policies of the file system that exists, one transition each."""
        return self.once(
            "lifecycle",
            lambda: self._efs().describe_lifecycle_configuration(FileSystemId=self.id)["LifecyclePolicies"],
        )

    def backup(self) -> str:
        """`ENABLED`, `ENABLING`, `DISABLED` or `DISABLING`."""

        def ask() -> str:
            with absent_is_none("PolicyNotFound"):
                return self._efs().describe_backup_policy(FileSystemId=self.id)["BackupPolicy"]["Status"]
            return "DISABLED"

        return self.once("backup", ask)

    def policy(self) -> dict[str, Any] | None:
        """The policy that somebody has put, None while EFS's own applies."""

        def ask() -> dict[str, Any] | None:
            with absent_is_none("PolicyNotFound"):
                return json.loads(self._efs().describe_file_system_policy(FileSystemId=self.id)["Policy"])
            return None

        return self.once("policy", ask)

    def replication(self) -> dict[str, Any] | None:
        """The replication that this file system is the source of."""

        def ask() -> dict[str, Any] | None:
            with absent_is_none("ReplicationNotFound"):
                told = self._efs().describe_replication_configurations(FileSystemId=self.id)["Replications"]
                return next((r for r in told if r["SourceFileSystemId"] == self.id), None)
            return None

        return self.once("replication", ask) if self.id else None

    def remembered_replicas(self) -> list[tuple[str, str]]:
        """Region and id of those that an earlier run began to remove with the file system.

        Raises:
            CollectionError: somebody else wrote the tag.
        """
        tag = from_tag_list((self.file_system() or {}).get("Tags")).get(REPLICA_TAG, "")
        found = [_REPLICA.fullmatch(part) for part in tag.split()]
        if not all(found):
            raise CollectionError(
                f"The tag {REPLICA_TAG} of file system {self.id} in {self.region} says {tag!r}; expected "
                "<region>/<file system id>, as this module writes it. Remove the tag."
            )
        return [(replica[1], replica[2]) for replica in found if replica]

    def replicas(self) -> list[tuple[str, str]]:
        """Region and id of the remembered ones, and of the one that is replicated to."""
        told = self.replication()
        current = [(d["Region"], d["FileSystemId"]) for d in told["Destinations"]] if told else []
        return list(dict.fromkeys([*self.remembered_replicas(), *current]))

    def mount_targets(self) -> list[dict[str, Any]]:
        """Those that are there, and `Groups`, the security groups that are on them."""
        if self.id is None:
            return []
        told = [target for target in self._mount_targets() if target["LifeCycleState"] not in GONE]
        interfaces = [target["NetworkInterfaceId"] for target in told if "NetworkInterfaceId" in target]
        groups = self._groups_on(interfaces) if interfaces else {}
        # EFS tells them in no particular order, and a plan should always be the same.
        told.sort(key=lambda target: target["AvailabilityZoneName"])
        return [{**target, "Groups": groups.get(target.get("NetworkInterfaceId"), [])} for target in told]

    def leaving_mount_targets(self) -> list[dict[str, Any]]:
        """Those that are being deleted: they still hold their Availability Zone."""
        if self.id is None:
            return []
        return [target for target in self._mount_targets() if target["LifeCycleState"] == "deleting"]

    def _mount_targets(self) -> list[dict[str, Any]]:
        return self.once(
            "mount targets",
            lambda: self._placed(
                self.cloud.paginate("efs", "describe_mount_targets", self.region, FileSystemId=self.id)
            ),
        )

    def _placed(self, targets: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """All with their zone and VPC. Of one that failed EFS may tell its subnet only, which may be gone by now."""
        unplaced = sorted({target["SubnetId"] for target in targets if not target.keys() >= PLACE.keys()})
        if not unplaced:
            return targets
        mine = [{"Name": "subnet-id", "Values": unplaced}]
        told = self.cloud.paginate("ec2", "describe_subnets", self.region, Filters=mine)
        places = {subnet["SubnetId"]: {of: subnet[name] for of, name in PLACE.items()} for subnet in told}
        nowhere = {"AvailabilityZoneName": "", "VpcId": self.vpc}
        return [{**places.get(target["SubnetId"], nowhere), **target} for target in targets]

    def _groups_on(self, interfaces: list[str]) -> dict[str, list[str]]:
        def ask() -> dict[str, list[str]]:
            mine = [{"Name": "network-interface-id", "Values": interfaces}]
            told = self.cloud.paginate("ec2", "describe_network_interfaces", self.region, Filters=mine)
            return {i["NetworkInterfaceId"]: [group["GroupId"] for group in i["Groups"]] for i in told}

        return self.once("interfaces", ask)

    def access_points(self) -> list[dict[str, Any]]:
        if self.id is None:
            return []
        told = self.once(
            "access points",
            lambda: self.cloud.paginate("efs", "describe_access_points", self.region, FileSystemId=self.id),
        )
        there = [point for point in told if point["LifeCycleState"] not in GONE]
        return sorted(there, key=lambda point: (point.get("Name") or "", point["AccessPointId"]))

    def subnets(self, identifiers: list[str]) -> dict[str, dict[str, Any]]:
        """Those of some subnets that exist and whose ids are known, by id."""
        known = [identifier for identifier in identifiers if not is_unknown(identifier)]
        if not known:
            return {}
        wanted = [{"Name": "subnet-id", "Values": known}]
        told = self.once("subnets", lambda: self.cloud.paginate("ec2", "describe_subnets", self.region, Filters=wanted))
        return {subnet["SubnetId"]: subnet for subnet in told}

    def security_groups(self) -> list[dict[str, Any]]:
        """All groups of the VPC; where that is not known, those of any VPC that have the group's name."""
        if self.vpc is not None and is_unknown(self.vpc):
            return []
        key, value = ("vpc-id", self.vpc) if self.vpc else ("group-name", self.group)
        filters = [{"Name": key, "Values": [value]}]
        return self.once(
            "security groups",
            lambda: self.cloud.paginate("ec2", "describe_security_groups", self.region, Filters=filters),
        )

    def own_groups(self) -> list[dict[str, Any]]:
        """The file system's own, known by name and tag, or by its description where somebody took the tag."""
        told = [group for group in self.security_groups() if group["GroupName"] == self.group]
        untagged = [g for g in told if g["Description"] == self.description and not _workload_of(g)]
        return [group for group in told if self.carries_marks(group) or group in untagged]

    @property
    def description(self) -> str:
        """Of its security group; EC2 lets nobody change it later."""
        return f"Clients of the file system {self.name}"

    def carries_marks(self, item: dict[str, Any]) -> bool:
        """Whether it belongs to the workload."""
        return _workload_of(item) == self.workload

    def _efs(self) -> Any:
        return self.cloud.client("efs", self.region)


def _workload_of(item: dict[str, Any]) -> str | None:
    return from_tag_list(item.get("Tags")).get("workload")
