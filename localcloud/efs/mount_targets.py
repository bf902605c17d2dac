# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mount targets: one in a zone, with a network interface that outlives them a little."""

from __future__ import annotations

import ipaddress

from moto.efs.exceptions import (
    BadRequest,
    MountTargetNotFound,
    SecurityGroupLimitExceeded,
    SecurityGroupNotFound,
    SubnetNotFound,
)
from moto.efs.models import MountTarget as MotoMountTarget

from localcloud.efs.errors import refusal
from localcloud.efs.file_systems import FileSystemBackend
from localcloud.efs.timing import after, settle

MOUNT_TARGET_SHARE = 1.5
"""How much longer than a file system a mount target takes to come and to go."""

INTERFACE_SHARE = 1.0
"""How long a mount target's network interface outlives it."""

SECURITY_GROUPS_PER_MOUNT_TARGET = 5


class MountTargetBackend(FileSystemBackend):
    """The mount targets of one region."""

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
        settle(target, "creating", MOUNT_TARGET_SHARE)
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
