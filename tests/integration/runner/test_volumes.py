# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes: what outlives a task, what ends with it, and who may mount a file system."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.container_runs import TRUST, Runs, shell

AT_DATA = {"mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}]}


def efs(identifier: str, **more: Any) -> dict[str, Any]:
    return {"volumes": [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": identifier, **more}}]}


@pytest.fixture(scope="module")
def file_system(runs: Runs) -> str:
    return runs.file_system()


def test_a_file_system_outlives_tasks_and_a_plain_volume_does_not(runs: Runs, file_system: str) -> None:
    write, read = "echo kept > {mount:/data}/file", "cat {mount:/data}/file"
    runs.finish(runs.run(shell("writer", write, **AT_DATA), **efs(file_system)))
    arn = runs.run(shell("reader", read, **AT_DATA), **efs(file_system))
    assert runs.lines(arn, "reader") == ["kept"]

    plain = {"volumes": [{"name": "data"}]}
    assert runs.finish(runs.run(shell("writer", write, **AT_DATA), **plain))["by_name"]["writer"]["exitCode"] == 0
    assert runs.finish(runs.run(shell("reader", read, **AT_DATA), **plain))["by_name"]["reader"]["exitCode"] == 1


def test_containers_share_a_volume_and_take_over_anothers(runs: Runs) -> None:
    arn = runs.run(
        shell("writer", "echo shared > {mount:/data/deep}/file; sleep 600", **AT_DATA),
        shell(
            "reader",
            "until grep -s shared {mount:/elsewhere/deep}/file; do sleep 0.1; done; sleep 600",
            mountPoints=[{"sourceVolume": "data", "containerPath": "/elsewhere"}],
        ),
        shell(
            "heir",
            "until grep -s shared {mount:/data/deep}/file; do sleep 0.1; done; sleep 600",
            volumesFrom=[{"sourceContainer": "writer"}],
        ),
        volumes=[{"name": "data"}],
    )
    assert runs.lines(arn, "reader") == runs.lines(arn, "heir") == ["shared"]
    runs.stop(arn)


def test_a_read_only_mount_cannot_be_written(runs: Runs, file_system: str) -> None:
    code = """
import os
for attempt in (lambda: open("{mount:/data}/new", "w"), lambda: os.mkdir("{mount:/data}/dir")):
    try:
        attempt()
    except OSError as error:
        print(error.strerror)
open("{mount:/other}/new", "w")
print(os.listdir("{mount:/data}").count("new"))
"""
    mount = {"mountPoints": [{"sourceVolume": "data", "containerPath": "/data", "readOnly": True}]}
    arn = runs.run({"name": "web", "image": "python:1", "command": [code], **mount}, **efs(file_system))
    assert runs.lines(arn, "web", 3) == ["Read-only file system", "Read-only file system", "0"]


def test_access_points_are_folders_of_one_file_system(runs: Runs, file_system: str) -> None:
    points = {}
    for path in ("/a/goals", "/b"):
        points[path] = runs.efs.create_access_point(
            ClientToken=path,
            FileSystemId=file_system,
            RootDirectory={"Path": path, "CreationInfo": {"OwnerUid": 0, "OwnerGid": 0, "Permissions": "0755"}},
        )["AccessPointId"]
    for path, point in points.items():
        volume = efs(file_system, transitEncryption="ENABLED", authorizationConfig={"accessPointId": point})
        runs.finish(runs.run(shell("writer", f"echo {path} > {{mount:/data}}/name", **AT_DATA), **volume))
    inside = efs(file_system, rootDirectory="/a")
    arn = runs.run(shell("reader", "cat {mount:/data}/goals/name", **AT_DATA), **inside)
    assert runs.lines(arn, "reader") == ["/a/goals"]


@pytest.mark.parametrize(
    ("volume", "reason"),
    [
        ({"fileSystemId": "fs-00000000"}, "Failed to resolve"),
        ({"rootDirectory": "/nowhere"}, "No such file or directory"),
        (
            {"transitEncryption": "ENABLED", "authorizationConfig": {"accessPointId": "fsap-00000000000000000"}},
            "access denied",
        ),
    ],
)
def test_a_volume_that_cannot_be_mounted_stops_the_task(
    runs: Runs, file_system: str, volume: dict[str, Any], reason: str
) -> None:
    task = runs.finish(
        runs.run(shell("web", "echo no", **AT_DATA), **efs(**{"identifier": file_system, **_id(volume)}))
    )
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("ResourceInitializationError: failed to invoke EFS utils commands")
    assert reason in task["stoppedReason"]


def _id(volume: dict[str, Any]) -> dict[str, Any]:
    return {"identifier" if key == "fileSystemId" else key: value for key, value in volume.items()}


def test_only_the_client_group_reaches_port_2049(runs: Runs, file_system: str) -> None:
    stranger = runs.group("strangers")
    outside = runs.finish(runs.run(shell("web", "echo no", **AT_DATA), groups=[stranger], **efs(file_system)))
    assert "Connection timed out" in outside["stoppedReason"]
    inside = runs.finish(runs.run(shell("web", "echo yes", **AT_DATA), groups=[runs.clients], **efs(file_system)))
    assert inside["by_name"]["web"]["exitCode"] == 0


def test_a_policy_asks_for_encryption_and_a_role_that_may(runs: Runs) -> None:
    identifier = runs.file_system()
    arn = runs.efs.describe_file_systems(FileSystemId=identifier)["FileSystems"][0]["FileSystemArn"]
    unencrypted = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [{**unencrypted, "Resource": arn}]}
    runs.efs.put_file_system_policy(FileSystemId=identifier, Policy=json.dumps(policy))
    role = runs.iam.create_role(RoleName="mounts", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    may = {"Effect": "Allow", "Action": "elasticfilesystem:ClientMount", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    runs.iam.put_role_policy(RoleName="mounts", PolicyName="uses", PolicyDocument=document)
    encrypted = {"transitEncryption": "ENABLED"}
    known = {**encrypted, "authorizationConfig": {"iam": "ENABLED"}}
    for volume, given, admitted in (
        ({}, {}, False),
        (encrypted, {"taskRoleArn": role}, False),
        (known, {}, False),
        (known, {"taskRoleArn": role}, True),
    ):
        task = runs.finish(runs.run(shell("web", "exit 0", **AT_DATA), **given, **efs(identifier, **volume)))
        assert (task["by_name"]["web"].get("exitCode") == 0) is admitted, (volume, given, task["stoppedReason"])
        assert admitted or "access denied by server" in task["stoppedReason"]
    # It may mount, and nobody said that it may write.
    write = (
        "try:\n    open('{mount:/data}/new', 'w')\nexcept OSError as error:\n    print(error.strerror)\nprint('end')"
    )
    web = {"name": "web", "image": "python:1", "command": [write], **AT_DATA}
    for actions, said in ((["ClientMount"], ["Read-only file system", "end"]), (["Client*"], ["end"])):
        may["Action"] = [f"elasticfilesystem:{each}" for each in actions]
        document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
        runs.iam.put_role_policy(RoleName="mounts", PolicyName="uses", PolicyDocument=document)
        arn = runs.run(web, taskRoleArn=role, **efs(identifier, **known))
        assert runs.lines(arn, "web", len(said)) == said
