# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The embedded cloud's EFS over the real API: what it refuses, and that nothing comes or goes at once."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import Cloud
from tests.support.expectations import refusal, refused
from tests.support.file_systems import REGION, make_networks
from tests.support.waiting import eventually

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One in which what comes and goes can be seen doing so on a busy machine."""
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0, efs_delay=1.5) as running:
        yield running


@pytest.fixture(scope="module")
def networks(cloud: Cloud) -> dict[str, dict[str, Any]]:
    return make_networks(cloud)


@pytest.fixture
def efs(cloud: Cloud) -> Any:
    return cloud.client("efs", REGION)


@pytest.fixture
def ec2(cloud: Cloud) -> Any:
    return cloud.client("ec2", REGION)


@pytest.fixture
def system(efs: Any) -> Iterator[str]:
    """The id of an available file system, encrypted and elastic."""
    token = f"bare-{next(_numbers)}"
    made = efs.create_file_system(CreationToken=token, Encrypted=True, ThroughputMode="elastic")["FileSystemId"]
    eventually(lambda: state(efs, made) == "available")
    yield made
    for target in targets(efs, made):
        efs.delete_mount_target(MountTargetId=target["MountTargetId"])
    eventually(lambda: not targets(efs, made))
    efs.delete_file_system(FileSystemId=made)


def state(efs: Any, identifier: str) -> str:
    return efs.describe_file_systems(FileSystemId=identifier)["FileSystems"][0]["LifeCycleState"]


def targets(efs: Any, identifier: str) -> list[dict[str, Any]]:
    return efs.describe_mount_targets(FileSystemId=identifier)["MountTargets"]


def test_a_token_makes_one_file_system(efs: Any) -> None:
    first = efs.create_file_system(CreationToken="same")
    assert first["LifeCycleState"] == "creating"
    with pytest.raises(ClientError) as caught:
        efs.create_file_system(CreationToken="same")
    assert caught.value.response["Error"]["Code"] == "FileSystemAlreadyExists"
    assert caught.value.response["FileSystemId"] == first["FileSystemId"]
    efs.delete_file_system(FileSystemId=first["FileSystemId"])
    eventually(lambda: not efs.describe_file_systems(CreationToken="same")["FileSystems"])
    assert refused(efs.describe_file_systems, FileSystemId=first["FileSystemId"]) == "FileSystemNotFound"


def test_a_file_system_must_be_available_before_it_takes_a_mount_target(efs: Any, network: Any) -> None:
    new = efs.create_file_system(CreationToken="young")["FileSystemId"]
    subnet = network["subnets"]["private"][0]
    code = refused(efs.create_mount_target, FileSystemId=new, SubnetId=subnet)
    assert code == "IncorrectFileSystemLifeCycleState"
    efs.delete_file_system(FileSystemId=new)


def test_one_mount_target_in_a_zone_all_in_one_vpc(efs: Any, networks: Any, system: str) -> None:
    here, there = networks["goals"], networks["other"]
    group = here["security_groups"]["tasks"]
    private, public = here["subnets"]["private"], here["subnets"]["public"]
    made = efs.create_mount_target(FileSystemId=system, SubnetId=private[0], SecurityGroups=[group])
    assert made["LifeCycleState"] == "creating"
    call = {"FileSystemId": system, "SecurityGroups": [group]}
    assert refused(efs.create_mount_target, **call, SubnetId=public[0]) == "MountTargetConflict"
    assert refused(efs.create_mount_target, **call, SubnetId="subnet-00000000") == "SubnetNotFound"
    # A group of another VPC does not exist for this subnet.
    stranger = {"FileSystemId": system, "SecurityGroups": [there["security_groups"]["tasks"]]}
    assert refused(efs.create_mount_target, **stranger, SubnetId=private[1]) == "SecurityGroupNotFound"
    assert (
        refused(efs.create_mount_target, **stranger, SubnetId=there["subnets"]["private"][1]) == "MountTargetConflict"
    )
    eventually(lambda: [t["LifeCycleState"] for t in targets(efs, system)] == ["available"])


def test_nothing_goes_before_what_uses_it(efs: Any, ec2: Any, network: Any, system: str) -> None:
    group = ec2.create_security_group(GroupName="nfs", Description="nfs", VpcId=network["vpc_id"])["GroupId"]
    subnet = network["subnets"]["private"][0]
    made = efs.create_mount_target(FileSystemId=system, SubnetId=subnet, SecurityGroups=[group])
    target, interface = made["MountTargetId"], made["NetworkInterfaceId"]
    told = ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]
    assert told["Description"] == f"Mount target {target} for file system {system}" and told["RequesterManaged"]
    assert refused(efs.delete_file_system, FileSystemId=system) == "FileSystemInUse"
    assert refused(ec2.delete_security_group, GroupId=group) == "DependencyViolation"

    efs.delete_mount_target(MountTargetId=target)
    assert [t["LifeCycleState"] for t in targets(efs, system)] == ["deleting"]
    call = {"MountTargetId": target, "SecurityGroups": [group]}
    assert refused(efs.modify_mount_target_security_groups, **call) == "IncorrectMountTargetState"
    assert refused(efs.delete_file_system, FileSystemId=system) == "FileSystemInUse"
    eventually(lambda: not targets(efs, system))
    # Its network interface outlives it, and holds the group.
    assert refused(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    mine = [{"Name": "network-interface-id", "Values": [interface]}]
    eventually(lambda: not ec2.describe_network_interfaces(Filters=mine)["NetworkInterfaces"])
    ec2.delete_security_group(GroupId=group)


def test_a_mount_target_without_groups_gets_the_default_one(efs: Any, ec2: Any, network: Any, system: str) -> None:
    target = efs.create_mount_target(FileSystemId=system, SubnetId=network["subnets"]["private"][0])["MountTargetId"]
    [group] = efs.describe_mount_target_security_groups(MountTargetId=target)["SecurityGroups"]
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["GroupName"] == "default"


def test_lifecycle_policies_are_checked(efs: Any, system: str) -> None:
    def put(*policies: dict[str, str]) -> Any:
        return {"FileSystemId": system, "LifecyclePolicies": list(policies)}

    infrequent, archive = {"TransitionToIA": "AFTER_30_DAYS"}, {"TransitionToArchive": "AFTER_90_DAYS"}
    call = efs.put_lifecycle_configuration
    assert "single transition" in refusal(call, **put({**infrequent, **archive}))
    assert "later" in refusal(call, **put(infrequent, {"TransitionToArchive": "AFTER_14_DAYS"}))
    assert "AFTER_2_DAYS" in refusal(call, **put({"TransitionToIA": "AFTER_2_DAYS"}))
    call(**put(infrequent, archive))
    assert efs.describe_lifecycle_configuration(FileSystemId=system)["LifecyclePolicies"] == [infrequent, archive]
    # The archive class needs elastic throughput.
    assert refused(efs.update_file_system, FileSystemId=system, ThroughputMode="bursting") == "BadRequest"
    call(**put())
    assert efs.describe_lifecycle_configuration(FileSystemId=system)["LifecyclePolicies"] == []


def test_throughput_changes_once_in_a_day(efs: Any, system: str) -> None:
    call = efs.update_file_system
    assert refused(call, FileSystemId=system, ThroughputMode="provisioned") == "BadRequest"
    changed = call(FileSystemId=system, ThroughputMode="provisioned", ProvisionedThroughputInMibps=10)
    assert changed["LifeCycleState"] == "updating"
    eventually(lambda: state(efs, system) == "available")
    call(FileSystemId=system, ProvisionedThroughputInMibps=20)
    eventually(lambda: state(efs, system) == "available")
    assert refused(call, FileSystemId=system, ProvisionedThroughputInMibps=15) == "TooManyRequests"
    assert refused(call, FileSystemId=system, ThroughputMode="bursting") == "TooManyRequests"


def test_backups_are_switched_on_and_off(efs: Any, system: str) -> None:
    assert refused(efs.describe_backup_policy, FileSystemId=system) == "PolicyNotFound"
    for status, meanwhile in (("ENABLED", "ENABLING"), ("DISABLED", "DISABLING")):
        told = efs.put_backup_policy(FileSystemId=system, BackupPolicy={"Status": status})
        assert told["BackupPolicy"] == {"Status": meanwhile}
        eventually(
            lambda status=status: efs.describe_backup_policy(FileSystemId=system)["BackupPolicy"]["Status"] == status
        )


def test_a_policy_must_make_sense_and_not_lock_out(efs: Any, system: str) -> None:
    assert refused(efs.describe_file_system_policy, FileSystemId=system) == "PolicyNotFound"
    deny = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*"}
    for statements, words in (([], "no statement"), ([{"Effect": "Deny"}], "Principal"), ([deny], "lock out")):
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        message = refusal(efs.put_file_system_policy, FileSystemId=system, Policy=policy)
        assert message.startswith("InvalidPolicyException") and words in message
    encrypted = {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [encrypted]})
    efs.put_file_system_policy(FileSystemId=system, Policy=policy)
    told = json.loads(efs.describe_file_system_policy(FileSystemId=system)["Policy"])
    assert told == {**json.loads(policy), "Id": told["Id"]}, "EFS gives a policy an Id"
    efs.delete_file_system_policy(FileSystemId=system)
    assert refused(efs.describe_file_system_policy, FileSystemId=system) == "PolicyNotFound"


def test_access_points_are_made_once_for_a_token_and_told_in_pages(efs: Any, system: str) -> None:
    made = [efs.create_access_point(FileSystemId=system, ClientToken=f"{n}")["AccessPointId"] for n in range(3)]
    with pytest.raises(ClientError) as caught:
        efs.create_access_point(FileSystemId=system, ClientToken="1")
    assert caught.value.response["Error"]["Code"] == "AccessPointAlreadyExists"
    assert caught.value.response["AccessPointId"] == made[1]
    root = {"Path": "/.hidden"}
    assert refused(efs.create_access_point, FileSystemId=system, RootDirectory=root) == "BadRequest"
    pages = efs.get_paginator("describe_access_points").paginate(FileSystemId=system, PaginationConfig={"PageSize": 2})
    assert [[point["AccessPointId"] for point in page["AccessPoints"]] for page in pages] == [made[:2], made[2:]]
    efs.delete_access_point(AccessPointId=made[0])
    assert refused(efs.delete_access_point, AccessPointId=made[0]) == "AccessPointNotFound"


def test_a_replication_has_one_destination_which_is_read_only_meanwhile(cloud: Cloud, efs: Any, system: str) -> None:
    there = cloud.client("efs", "us-west-2")
    call = {"SourceFileSystemId": system, "Destinations": [{"Region": "us-west-2"}]}
    [made] = efs.create_replication_configuration(**call)["Destinations"]
    assert made["Status"] == "ENABLING"
    copy = made["FileSystemId"]
    assert refused(efs.create_replication_configuration, **call) == "ConflictException"
    assert refused(efs.delete_file_system, FileSystemId=system) == "FileSystemInUse"
    assert refused(there.delete_file_system, FileSystemId=copy) == "FileSystemInUse"
    # Both regions tell of it.
    for client, identifier in ((efs, system), (there, copy)):
        told = client.describe_replication_configurations(FileSystemId=identifier)["Replications"]
        assert [r["SourceFileSystemId"] for r in told] == [system]
    efs.delete_replication_configuration(SourceFileSystemId=system)
    ask = {"FileSystemId": system}
    eventually(lambda: gone(lambda: efs.describe_replication_configurations(**ask), "ReplicationNotFound"))
    protection = {"ReplicationOverwriteProtection": "ENABLED"}
    assert there.describe_file_systems(FileSystemId=copy)["FileSystems"][0]["FileSystemProtection"] == protection
    there.delete_file_system(FileSystemId=copy)


def gone(ask: Any, code: str) -> bool:
    try:
        ask()
    except ClientError as error:
        return error.response["Error"]["Code"] == code
    return False
