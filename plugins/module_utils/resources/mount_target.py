# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network interface through which an Availability Zone reaches a file system: one per zone and file system."""

from __future__ import annotations

from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none, error_code
from ..kernel.cloud import ClientError
from .file_system_listing import FileSystemListing

FAILED = "error"


class MountTarget(Resource):
    """Wanted: `file_system` (id), `subnet` (id), `zone`, `security_groups` (ids), `available` (True, only if it is
    waited for). Gives `id` and `ip_address`. A wanted one is found by its zone, one to be removed by `identifier`.
    """

    kind = "efs_mount_target"
    owned: ClassVar[bool] = False
    unordered: ClassVar[frozenset[str]] = frozenset({"security_groups"})
    replaced_when: ClassVar[frozenset[str]] = frozenset({"subnet"})

    def __init__(
        self, name: str, region: str, *, listing: FileSystemListing, identifier: str | None = None, **others: Any
    ) -> None:
        super().__init__(name, region, **others)
        self.listing = listing
        self.identifier = identifier

    def _recognise(self, target: dict[str, Any]) -> bool:
        if self.identifier is not None:
            return target["MountTargetId"] == self.identifier
        return target["AvailabilityZoneName"] == self.wanted["zone"]

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[MountTarget], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        for resource in resources:
            for target in resource.listing.mount_targets():
                if resource._recognise(target):
                    actual[resource.name] = _read(target)
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        for target in self.listing.leaving_mount_targets():
            if target["AvailabilityZoneName"] == wanted["zone"]:
                self._wait_until_gone(cloud, target["MountTargetId"], target.get("NetworkInterfaceId"))
        return self._create(cloud, wanted)

    def _create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("efs", self.region)
        try:
            target = client.create_mount_target(
                FileSystemId=wanted["file_system"],
                SubnetId=wanted["subnet"],
                SecurityGroups=wanted["security_groups"],
            )
        except ClientError as error:
            # The answer to an earlier attempt was lost: then it stands in this very subnet.
            target = self._find_again(cloud, wanted) if error_code(error) == "MountTargetConflict" else None
            if target is None:
                raise
        if cloud.wait:
            self._wait_until_available(cloud, target["MountTargetId"])
        told = _read({**target, "Groups": wanted["security_groups"]})
        return {**told, "available": cloud.wait}

    def _find_again(self, cloud: Cloud, wanted: Attributes) -> dict[str, Any] | None:
        told = cloud.paginate("efs", "describe_mount_targets", self.region, FileSystemId=wanted["file_system"])
        same = [target for target in told if target["SubnetId"] == wanted["subnet"]]
        return same[0] if same and same[0]["LifeCycleState"] != "deleting" else None

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("efs", self.region)
        if actual["state"] == FAILED:
            # EFS offers nothing to repair it.
            self.delete(cloud, actual)
            return self._create(cloud, wanted)
        if "security_groups" in differences:
            client.modify_mount_target_security_groups(
                MountTargetId=actual["id"], SecurityGroups=wanted["security_groups"]
            )
        if "available" in differences:
            self._wait_until_available(cloud, actual["id"])
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("efs", self.region)
        with absent_is_none("MountTargetNotFound"):
            client.delete_mount_target(MountTargetId=actual["id"])
        self._wait_until_gone(cloud, actual["id"], actual["interface"])

    def _wait_until_available(self, cloud: Cloud, identifier: str) -> None:
        client = cloud.client("efs", self.region)

        def available() -> bool:
            told = client.describe_mount_targets(MountTargetId=identifier)["MountTargets"]
            return bool(told) and told[0]["LifeCycleState"] == "available"

        cloud.wait_until(f"mount target {identifier} to be available", available)

    def _wait_until_gone(self, cloud: Cloud, identifier: str, interface: str | None) -> None:
        """Its network interface outlives it by some seconds, and holds its subnet and security groups that long."""
        efs, ec2 = cloud.client("efs", self.region), cloud.client("ec2", self.region)

        def target_gone() -> bool:
            with absent_is_none("MountTargetNotFound"):
                return not efs.describe_mount_targets(MountTargetId=identifier)["MountTargets"]
            return True

        def interface_gone() -> bool:
            mine = [{"Name": "network-interface-id", "Values": [interface]}]
            return not ec2.describe_network_interfaces(Filters=mine)["NetworkInterfaces"]

        cloud.wait_until(f"mount target {identifier} to be gone", target_gone)
        if interface:
            cloud.wait_until(f"network interface {interface} of mount target {identifier} to be gone", interface_gone)


def _read(target: dict[str, Any]) -> Attributes:
    return {
        "id": target["MountTargetId"],
        "file_system": target["FileSystemId"],
        "subnet": target["SubnetId"],
        "zone": target["AvailabilityZoneName"],
        "ip_address": target.get("IpAddress"),
        "interface": target.get("NetworkInterfaceId"),
        "security_groups": target["Groups"],
        "available": target["LifeCycleState"] == "available",
        "state": target["LifeCycleState"],
    }
