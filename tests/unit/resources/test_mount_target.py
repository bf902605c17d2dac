# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mount target that failed may lack its interface, address, zone and VPC. It is replaced like any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Resource
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.execute import carry_out
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.plan import make_plan
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.efs_with_sg.network_checks import misplaced
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.efs_with_sg.removal import removal
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.file_system_listing import FileSystemListing
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.mount_target import MountTarget

REGION, NAME, VPC = "sa-east-1", "goals-db", "vpc-1"
ZONES = {"subnet-a": "sa-east-1a", "subnet-b": "sa-east-1b"}


class Efs:
    """One file system with a mount target that failed in `subnet`, of which EFS tells no more than it must."""

    wait = True

    def __init__(self, subnet: str = "subnet-a", **told: str) -> None:
        failed = {"MountTargetId": "fsmt-1", "FileSystemId": "fs-1", "SubnetId": subnet, "LifeCycleState": "error"}
        self.targets = {"fsmt-1": {**failed, **told}}
        self.asked: list[str] = []

    def client(self, service: str, region: str) -> Efs:
        return self

    def tell(self, line: str) -> None:
        pass

    lost_answers = 0

    def has_parent(self) -> bool:
        return True

    def wait_until(self, what: str, ready: Callable[[], Any]) -> None:
        assert ready(), what

    def paginate(self, service: str, operation: str, region: str, **arguments: Any) -> list[dict[str, Any]]:
        self.asked.append(operation)
        if operation == "describe_mount_targets":
            return [dict(target) for target in self.targets.values()]
        if operation == "describe_subnets":
            wanted = arguments["Filters"][0]["Values"]
            known = {name: zone for name, zone in ZONES.items() if name in wanted}
            return [{"SubnetId": name, "AvailabilityZone": zone, "VpcId": VPC} for name, zone in known.items()]
        return []

    def describe_file_systems(self, CreationToken: str) -> Any:
        return {"FileSystems": [{"FileSystemId": "fs-1", "LifeCycleState": "available", "Tags": []}]}

    def describe_mount_targets(self, MountTargetId: str) -> Any:
        return {"MountTargets": [t for t in self.targets.values() if t["MountTargetId"] == MountTargetId]}

    def delete_mount_target(self, MountTargetId: str) -> None:
        del self.targets[MountTargetId]

    def create_mount_target(self, FileSystemId: str, SubnetId: str, SecurityGroups: list[str]) -> Any:
        assert not self.targets  # a zone has one
        place = {"SubnetId": SubnetId, "AvailabilityZoneName": ZONES[SubnetId], "VpcId": VPC}
        made = {"MountTargetId": "fsmt-2", "FileSystemId": FileSystemId, "LifeCycleState": "available", **place}
        self.targets["fsmt-2"] = {**made, "IpAddress": "10.0.0.1", "NetworkInterfaceId": "eni-2"}
        return self.targets["fsmt-2"]


def listing(efs: Efs) -> FileSystemListing:
    return FileSystemListing(efs, REGION, NAME, workload="goals", group=f"{NAME}-efs")  # type: ignore[arg-type]


def carried_out(efs: Efs, resources: list[Resource]) -> list[str]:
    plan = make_plan(efs, resources)  # type: ignore[arg-type]
    carry_out(efs, plan)  # type: ignore[arg-type]
    return [change.action for change in plan.changes]


@pytest.mark.parametrize("told", [{}, {"AvailabilityZoneName": "sa-east-1a", "VpcId": VPC}, {"IpAddress": "10.0.0.9"}])
def test_one_that_failed_is_replaced(told: dict[str, str]) -> None:
    efs = Efs(**told)
    wanted = {"file_system": "fs-1", "subnet": "subnet-a", "zone": "sa-east-1a", "security_groups": ["sg-1"]}
    target = MountTarget(f"{NAME}-1", REGION, listing=listing(efs), available=True, **wanted)
    assert carried_out(efs, [target]) == ["update"]
    assert list(efs.targets) == ["fsmt-2"]
    assert ("describe_subnets" in efs.asked) is ("VpcId" not in told)
    assert "describe_network_interfaces" not in efs.asked  # without an id, EC2 would tell of all there are


@pytest.mark.parametrize("subnet", ["subnet-b", "subnet-gone"])
def test_one_that_failed_is_removed(subnet: str) -> None:
    efs = Efs(subnet)
    (target,) = removal({"name": NAME, "delete_data": False}, listing(efs), efs)  # type: ignore[arg-type]
    assert target.name == f"{NAME} in {ZONES.get(subnet, subnet)}"
    assert carried_out(efs, [target]) == ["delete"]
    assert not efs.targets


@pytest.mark.parametrize("subnet", ["subnet-b", "subnet-gone"])
def test_one_that_failed_is_in_the_network_of_its_subnet(subnet: str) -> None:
    around = listing(Efs(subnet))
    around.vpc = VPC
    assert [target["VpcId"] for target in around.mount_targets()] == [VPC]
    assert misplaced({"subnets": list(ZONES), "client_security_groups": []}, around) == []
