# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file system over its whole life: made, found again, drifted, grown, cut off, removed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import ChangeFailed, CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud as Session
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.plan import in_dependency_order
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.values import resolve
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import efs_with_sg
from localcloud import Cloud
from tests.support.file_systems import REGION, WORLD, Go, told
from tests.support.modules import checked

MOST_CALLS_OF_A_NO_OP = 11
EVERYTHING: dict[str, Any] = {
    "transition_to_ia": "30",
    "transition_to_archive": "90",
    "transition_to_primary_storage_class": True,
    "replicate_to": "us-east-1",
    "access_points": [
        {"name": "data", "path": "/goals/data", "uid": 999, "gid": 999, "permissions": "0750"},
        {"name": "logs", "path": "/goals/logs", "owner_uid": 0, "owner_gid": 0},
    ],
}


def test_one_call_makes_everything_and_the_next_has_nothing_to_do(cloud: Cloud, wanted: Any, go: Go) -> None:
    made = go(**wanted, **EVERYTHING)
    assert told(made) == [
        ("create", "ec2_security_group"),
        ("create", "ec2_security_group_rules"),
        ("create", "efs_access_point"),
        ("create", "efs_access_point"),
        ("create", "efs_file_system"),
        ("create", "efs_mount_target"),
        ("create", "efs_mount_target"),
        ("create", "efs_replication"),
    ]
    efs = cloud.client("efs", REGION)
    targets = efs.describe_mount_targets(FileSystemId=made["file_system_id"])["MountTargets"]
    assert {target["LifeCycleState"] for target in targets} == {"available"}
    assert {t["MountTargetId"] for t in targets} == {t["mount_target_id"] for t in made["mount_targets"]}
    assert made["dns_name"] == f"{made['file_system_id']}.efs.{REGION}.amazonaws.com"
    there = cloud.client("efs", "us-east-1")
    replica = there.describe_file_systems(FileSystemId=made["replica"]["file_system_id"])["FileSystems"][0]
    assert replica["FileSystemProtection"] == {"ReplicationOverwriteProtection": "REPLICATING"}
    assert {"Key": "workload", "Value": "goals"} in replica["Tags"]

    again = go(check=True, **wanted, **EVERYTHING)
    assert again["changes"] == []
    assert again["aws_calls"] <= MOST_CALLS_OF_A_NO_OP
    assert again["access_points"] == made["access_points"]


def test_its_group_admits_nfs_from_the_clients_and_nothing_else(cloud: Cloud, wanted: Any, go: Go) -> None:
    made = go(**wanted)
    ec2 = cloud.client("ec2", REGION)
    group = ec2.describe_security_groups(GroupIds=[made["security_group_id"]])["SecurityGroups"][0]
    [permission] = group["IpPermissions"]
    assert (permission["IpProtocol"], permission["FromPort"], permission["ToPort"]) == ("tcp", 2049, 2049)
    assert [pair["GroupId"] for pair in permission["UserIdGroupPairs"]] == wanted["client_security_groups"]
    assert permission["IpRanges"] == [] and group["IpPermissionsEgress"] == []


# What would go wrong half-way is said before anything is changed.


def refusal(go: Go, cloud: Cloud, **params: Any) -> str:
    """The error of a run and of its check mode, which must be one and change nothing."""
    before = cloud.ask("inventory")
    errors = []
    for check in (True, False):
        with pytest.raises(CollectionError) as caught:
            go(check=check, **params)
        assert not isinstance(caught.value, ChangeFailed)
        errors.append(caught.value.message)
    assert cloud.ask("inventory") == before
    assert errors[0] == errors[1]
    return errors[0]


def test_two_subnets_in_one_zone_are_named(cloud: Cloud, network: Any, wanted: Any, go: Go) -> None:
    private, public = network["subnets"]["private"][0], network["subnets"]["public"][0]
    message = refusal(go, cloud, **{**wanted, "subnets": [private, public]})
    assert private in message and public in message and f"all of them in {REGION}a" in message


def test_a_subnet_of_another_vpc_is_named(cloud: Cloud, networks: Any, wanted: Any, go: Go) -> None:
    other = networks["other"]["subnets"]["private"][2]
    message = refusal(go, cloud, **{**wanted, "subnets": [*wanted["subnets"], other]})
    assert f"{other} in {networks['other']['vpc_id']}" in message and networks["goals"]["vpc_id"] in message


def test_moving_to_another_vpc_needs_access_removed_first(cloud: Cloud, networks: Any, wanted: Any, go: Go) -> None:
    made = go(**wanted)
    other = networks["other"]
    moved = {
        **wanted,
        "subnets": other["subnets"]["private"],
        "client_security_groups": [other["security_groups"]["tasks"]],
    }
    message = refusal(go, cloud, **moved)
    assert made["mount_targets"][0]["mount_target_id"] in message and "state: absent first" in message
    go(name=wanted["name"], state="absent")
    assert go(**moved)["file_system_id"] == made["file_system_id"]


def test_what_does_not_exist_is_named(cloud: Cloud, networks: Any, wanted: Any, go: Go) -> None:
    assert "subnet-00000000" in refusal(go, cloud, **{**wanted, "subnets": ["subnet-00000000"]})
    stranger = networks["other"]["security_groups"]["tasks"]
    message = refusal(go, cloud, **{**wanted, "client_security_groups": [stranger]})
    assert stranger in message and networks["goals"]["vpc_id"] in message


def test_a_file_system_of_another_workload_is_left_alone(cloud: Cloud, wanted: Any, go: Go) -> None:
    go(**wanted)
    assert "belongs to the workload 'goals'" in refusal(go, cloud, **wanted, workload="thief")
    assert "belongs to" in refusal(go, cloud, name=wanted["name"], workload="thief", state="absent", delete_data=True)


# Growing, shrinking, moving.


def test_another_subnet_is_another_mount_target_and_one_less_is_one_less(
    cloud: Cloud, network: Any, wanted: Any, go: Go
) -> None:
    first = go(**wanted)
    grown = go(**{**wanted, "subnets": network["subnets"]["private"]})
    assert told(grown) == [("create", "efs_mount_target")]
    assert grown["mount_targets"][:2] == first["mount_targets"]
    shrunk = go(**{**wanted, "subnets": network["subnets"]["private"][1:2]})
    assert told(shrunk) == [("delete", "efs_mount_target")] * 2
    assert shrunk["mount_targets"] == grown["mount_targets"][1:2]


def test_another_subnet_of_the_same_zone_replaces_the_mount_target(network: Any, wanted: Any, go: Go) -> None:
    go(**wanted)
    subnets = [network["subnets"]["public"][0], wanted["subnets"][1]]
    moved = go(**{**wanted, "subnets": subnets})
    assert told(moved) == [("replace", "efs_mount_target")]
    assert [target["subnet_id"] for target in moved["mount_targets"]] == subnets
    assert go(check=True, **{**wanted, "subnets": subnets})["changes"] == []


def test_access_points_come_change_and_go(wanted: Any, go: Go) -> None:
    data = {"name": "data", "path": "/data", "uid": 1, "gid": 1}
    first = go(**wanted, access_points=[data, {"name": "all"}])
    changed = go(**wanted, access_points=[{**data, "uid": 2}])
    assert told(changed) == [("delete", "efs_access_point"), ("replace", "efs_access_point")]
    assert changed["access_points"]["data"] != first["access_points"]["data"]
    retagged = go(**wanted, access_points=[{**data, "uid": 2}], tags={"team": "goals"})
    assert ("update", "efs_access_point") in told(retagged)
    assert retagged["access_points"] == changed["access_points"]


def test_throughput_can_be_changed_once_a_day(wanted: Any, go: Go) -> None:
    go(**wanted, transition_to_ia="30", transition_to_archive="90")
    provisioned = {"throughput_mode": "provisioned", "provisioned_throughput_in_mibps": 10.0}
    assert told(go(**wanted, **provisioned)) == [("update", "efs_file_system")]
    raised = {**provisioned, "provisioned_throughput_in_mibps": 20.0}
    assert told(go(**wanted, **raised)) == [("update", "efs_file_system")]
    with pytest.raises(ChangeFailed, match="TooManyRequests"):
        go(**wanted, throughput_mode="bursting")
    assert go(check=True, **wanted, **raised)["changes"] == []


def test_what_cannot_be_changed_is_refused(cloud: Cloud, wanted: Any, go: Go) -> None:
    go(**wanted)
    assert "encrypted is True, wanted False" in refusal(go, cloud, **wanted, encrypt=False)


def test_a_key_is_the_same_by_any_of_its_names(cloud: Cloud, wanted: Any, go: Go) -> None:
    kms = cloud.client("kms", REGION)
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/goals", TargetKeyId=key["KeyId"])
    go(**wanted, kms_key_id="alias/goals")
    for name in (key["KeyId"], key["Arn"], "alias/goals"):
        assert go(check=True, **wanted, kms_key_id=name)["changes"] == []
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    assert other in refusal(go, cloud, **wanted, kms_key_id=other)


# Drift: what somebody changed by hand is shown, mended, and nothing else is touched.


def open_to_the_world(cloud: Cloud, made: dict[str, Any]) -> None:
    ec2 = cloud.client("ec2", REGION)
    ec2.authorize_security_group_ingress(GroupId=made["security_group_id"], IpPermissions=[WORLD])


def let_out(cloud: Cloud, made: dict[str, Any]) -> None:
    ec2 = cloud.client("ec2", REGION)
    rule = {**WORLD, "IpProtocol": "-1"}
    ec2.authorize_security_group_egress(GroupId=made["security_group_id"], IpPermissions=[rule])


def put_another_group_on(cloud: Cloud, made: dict[str, Any]) -> None:
    target = made["mount_targets"][1]
    ec2, efs = cloud.client("ec2", REGION), cloud.client("efs", REGION)
    vpc = ec2.describe_subnets(SubnetIds=[target["subnet_id"]])["Subnets"][0]["VpcId"]
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    group = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    groups = [made["security_group_id"], group]
    efs.modify_mount_target_security_groups(MountTargetId=target["mount_target_id"], SecurityGroups=groups)


def take_the_policy(cloud: Cloud, made: dict[str, Any]) -> None:
    cloud.client("efs", REGION).delete_file_system_policy(FileSystemId=made["file_system_id"])


def loosen_the_policy(cloud: Cloud, made: dict[str, Any]) -> None:
    efs, identifier = cloud.client("efs", REGION), made["file_system_id"]
    policy = json.loads(efs.describe_file_system_policy(FileSystemId=identifier)["Policy"])
    policy["Statement"][0]["Action"].remove("elasticfilesystem:ClientMount")
    efs.put_file_system_policy(FileSystemId=identifier, Policy=json.dumps(policy))


def stop_backups(cloud: Cloud, made: dict[str, Any]) -> None:
    efs = cloud.client("efs", REGION)
    efs.put_backup_policy(FileSystemId=made["file_system_id"], BackupPolicy={"Status": "DISABLED"})


def forget_the_classes(cloud: Cloud, made: dict[str, Any]) -> None:
    efs = cloud.client("efs", REGION)
    efs.put_lifecycle_configuration(FileSystemId=made["file_system_id"], LifecyclePolicies=[])


def retag(cloud: Cloud, made: dict[str, Any]) -> None:
    efs, point = cloud.client("efs", REGION), made["access_points"]["data"]["access_point_id"]
    efs.tag_resource(ResourceId=point, Tags=[{"Key": "region", "Value": "the moon"}])


DRIFTS: dict[Callable[[Cloud, dict[str, Any]], None], tuple[str, str]] = {
    open_to_the_world: ("ec2_security_group_rules", "0.0.0.0/0"),
    let_out: ("ec2_security_group_rules", "egress"),
    put_another_group_on: ("efs_mount_target", "security_groups"),
    take_the_policy: ("efs_file_system", "EncryptedOnly"),
    loosen_the_policy: ("efs_file_system", "elasticfilesystem:ClientMount"),
    stop_backups: ("efs_file_system", "backup: false"),
    forget_the_classes: ("efs_file_system", '"transition_to_ia": null'),
    retag: ("efs_access_point", "the moon"),
}


def test_drift_is_shown_and_mended(cloud: Cloud, wanted: Any, go: Go) -> None:
    params = {**wanted, **{**EVERYTHING, "replicate_to": None}}
    made = go(**params)
    for drift, (kind, words) in DRIFTS.items():
        drift(cloud, made)
        mended = go(**params)
        assert told(mended) == [("update", kind)], drift.__name__
        [diff] = mended["diff"]
        assert words in diff["before"] + diff["after"], drift.__name__
        assert go(check=True, **params)["changes"] == [], drift.__name__


# Interrupted.


def test_a_run_killed_after_the_file_system_is_completed(cloud: Cloud, wanted: Any, go: Go) -> None:
    efs = cloud.client("efs", REGION)
    begun = efs.create_file_system(
        CreationToken=wanted["name"],
        Encrypted=True,
        ThroughputMode="elastic",
        Tags=[{"Key": "workload", "Value": "goals"}],
    )
    made = go(**wanted, settled=False)
    assert made["file_system_id"] == begun["FileSystemId"]
    assert go(check=True, **wanted)["changes"] == []


def test_a_mount_target_that_is_not_ready_yet_is_waited_for(cloud: Cloud, wanted: Any, go: Go) -> None:
    made = go(**wanted, wait=False)
    go(**wanted, settled=False)
    efs = cloud.client("efs", REGION)
    targets = efs.describe_mount_targets(FileSystemId=made["file_system_id"])["MountTargets"]
    assert {target["LifeCycleState"] for target in targets} == {"available"}


def test_what_is_on_its_way_out_is_waited_for(cloud: Cloud, wanted: Any, go: Go) -> None:
    made = go(**wanted)
    efs = cloud.client("efs", REGION)
    efs.delete_mount_target(MountTargetId=made["mount_targets"][0]["mount_target_id"])
    again = go(**wanted, settled=False)
    assert told(again) == [("create", "efs_mount_target")]
    go(name=wanted["name"], state="absent")
    efs.delete_file_system(FileSystemId=made["file_system_id"])
    assert go(**wanted, settled=False)["file_system_id"] != made["file_system_id"]


def test_a_create_whose_answer_was_lost_finds_what_it_made(cloud: Cloud, network: Any, wanted: Any) -> None:
    params = checked(efs_with_sg.MODULE, workload="goals", region=REGION, **wanted, **EVERYTHING)
    session = Session(params)
    composition = efs_with_sg.build(params, session)
    actual: dict[str, Any] = {}
    for resource in in_dependency_order(composition.resources):
        known = resolve(resource.wanted, lambda ref: actual[ref.resource.address].get(ref.attribute))
        first = actual[resource.address] = resource.create(session, known)
        if resource.kind.startswith("efs_"):
            again = resource.create(session, known)
            identifier = "destination_id" if resource.kind == "efs_replication" else "id"
            assert again[identifier] == first[identifier], resource.kind


# Removing.


def test_absent_removes_access_and_keeps_the_data(cloud: Cloud, networks: Any, wanted: Any, go: Go) -> None:
    made = go(**wanted, access_points=[{"name": "all"}])
    gone = go(name=wanted["name"], state="absent")
    assert told(gone) == [
        ("delete", "ec2_security_group"),
        ("delete", "efs_access_point"),
        ("delete", "efs_mount_target"),
        ("delete", "efs_mount_target"),
    ]
    ec2, efs = cloud.client("ec2", REGION), cloud.client("efs", REGION)
    mine = [{"Name": "description", "Values": [f"Mount target*{made['file_system_id']}"]}]
    assert ec2.describe_network_interfaces(Filters=mine)["NetworkInterfaces"] == []
    kept = efs.describe_file_systems(FileSystemId=made["file_system_id"])["FileSystems"][0]
    assert (kept["LifeCycleState"], kept["NumberOfMountTargets"]) == ("available", 0)
    assert go(name=wanted["name"], state="absent")["changes"] == []

    back = go(**wanted)
    assert back["file_system_id"] == made["file_system_id"]
    assert ("create", "efs_file_system") not in told(back)


def test_a_group_that_lost_its_tags_is_removed_all_the_same(cloud: Cloud, wanted: Any, go: Go) -> None:
    made = go(**wanted)
    cloud.client("ec2", REGION).delete_tags(Resources=[made["security_group_id"]])
    assert ("delete", "ec2_security_group") in told(go(name=wanted["name"], state="absent"))


def test_delete_data_removes_the_rest_in_the_right_order(cloud: Cloud, wanted: Any, go: Go) -> None:
    before = cloud.ask("inventory")
    go(**wanted, **EVERYTHING)
    gone = go(name=wanted["name"], state="absent", delete_data=True)
    kinds = [change["kind"] for change in gone["changes"]]
    assert kinds.index("efs_mount_target") < kinds.index("ec2_security_group")
    assert kinds.index("efs_replication") < kinds.index("efs_file_system_replica")
    assert kinds.index("efs_replication") < kinds.index("efs_file_system")
    assert cloud.ask("inventory") == before
    assert go(name=wanted["name"], state="absent", delete_data=True)["changes"] == []


def test_a_replica_whose_replication_has_ended_goes_with_the_file_system(cloud: Cloud, wanted: Any, go: Go) -> None:
    before = cloud.ask("inventory")
    made = go(**wanted, replicate_to="us-east-1")
    efs, source = cloud.client("efs", REGION), made["file_system_id"]
    # As a run leaves it that was killed when the replication had ended.
    remembered = f"us-east-1/{made['replica']['file_system_id']}"
    efs.tag_resource(ResourceId=source, Tags=[{"Key": "multiregion.ecs.replica", "Value": remembered}])
    efs.delete_replication_configuration(SourceFileSystemId=source)
    assert go(check=True, **wanted)["changes"] == []
    go(name=wanted["name"], state="absent", delete_data=True, settled=False)
    assert cloud.ask("inventory") == before


def test_a_replica_that_lost_its_tags_gets_them_again(cloud: Cloud, wanted: Any, go: Go) -> None:
    made = go(**wanted, replicate_to="us-east-1")
    there, replica = cloud.client("efs", "us-east-1"), made["replica"]["file_system_id"]
    there.untag_resource(ResourceId=replica, TagKeys=["workload"])
    assert told(go(**wanted, replicate_to="us-east-1")) == [("update", "efs_replication")]
    tags = there.describe_file_systems(FileSystemId=replica)["FileSystems"][0]["Tags"]
    assert {"Key": "workload", "Value": "goals"} in tags


def test_ending_a_replication_leaves_a_copy_that_can_be_written(cloud: Cloud, wanted: Any, go: Go) -> None:
    made = go(**wanted, replicate_to="us-east-1")
    assert go(check=True, **wanted)["changes"] == []  # not mentioned, not touched
    ended = go(**wanted, replicate_to="none")
    assert told(ended) == [("delete", "efs_replication")] and "replica" not in ended
    there = cloud.client("efs", "us-east-1")
    copy = there.describe_file_systems(FileSystemId=made["replica"]["file_system_id"])["FileSystems"][0]
    assert copy["FileSystemProtection"] == {"ReplicationOverwriteProtection": "ENABLED"}
    assert go(**wanted, replicate_to="none")["changes"] == []
    there.delete_file_system(FileSystemId=copy["FileSystemId"])
