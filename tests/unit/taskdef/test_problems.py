# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a task definition is told before AWS is asked, all of it at once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import KNOWN_AFTER_APPLY
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef import fargate_sizes
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.model import read
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.problems import problems

ROLE = "arn:aws:iam::123456789012:role/execution"
AWSLOGS = {
    "logDriver": "awslogs",
    "options": {"awslogs-group": "/ecs/a", "awslogs-region": "sa-east-1", "awslogs-stream-prefix": "ecs"},
}


def task(container: dict[str, Any] | None = None, **parts: Any) -> dict[str, Any]:
    """A Fargate definition that is right, with parts of it replaced; None takes a part away."""
    whole = {
        "family": "api",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": ROLE,
        "containerDefinitions": [{"name": "api", "image": "nginx:1.29", **(container or {})}],
        **parts,
    }
    return {name: part for name, part in whole.items() if part is not None}


CIRCLE = "containers wait for one another (a → b → a; dependsOn, links, volumesFrom); none could start."


def on_ec2(mode: str, container: dict[str, Any]) -> dict[str, Any]:
    return task(container, requiresCompatibilities=["EC2"], networkMode=mode)


def waiting_for(condition: str) -> dict[str, Any]:
    """An essential container without a health check, and one that waits for it."""
    depends = [{"containerName": "db", "condition": condition}]
    containers = [{"name": "api", "image": "a", "dependsOn": depends}, {"name": "db", "image": "b"}]
    return task(containerDefinitions=containers)


def with_efs(**given: Any) -> dict[str, Any]:
    efs = {"fileSystemId": "fs-0123456789abcdef0", **given}
    return task(volumes=[{"name": "data", "efsVolumeConfiguration": efs}])


def circle(member: str, of_a: Any, of_b: Any, **parts: Any) -> dict[str, Any]:
    """Two containers that refer to one another."""
    a, b = ({"name": name, "image": "a", member: [item]} for name, item in (("a", of_a), ("b", of_b)))
    return task(containerDefinitions=[a, b], **parts)


def test_a_right_definition_has_no_problems() -> None:
    assert problems(task({"logConfiguration": AWSLOGS})) == []


@pytest.mark.parametrize(
    ("definition", "told"),
    [
        (task(cpu="300"), "cpu is 300; Fargate has 256, 512, 1024, 2048, 4096, 8192, 16384"),
        (task(memory="4096"), "memory is 4096 MiB; with 256 CPU units Fargate has 512, 1024, 2048 MiB"),
        (task(memory="much"), "write MiB (512) or GB (0.5 GB)"),
        (task(memory=None), "memory is missing"),
        (task(networkMode="bridge"), "Fargate has awsvpc only"),
        (task({"logConfiguration": AWSLOGS}, executionRoleArn=None), "to write with awslogs"),
        (task({"image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1"}, executionRoleArn=None), "pull from ECR"),
        (task({"secrets": [{"name": "A", "valueFrom": "a"}]}, executionRoleArn=None), "to read secrets"),
        (task({"logConfiguration": {"logDriver": "awslogs", "options": {}}}), "needs the option awslogs-group"),
        (task({"image": ""}), "image is empty"),
        (task({"image": "Nginx Latest"}), "no image reference"),
        (task({"image": "<IMAGE1_NAME>"}), "looks like a placeholder"),
        (task(taskRoleArn="{{task-role-arn}}"), "looks like a placeholder"),
        (task({"name": None}), "name is missing"),
        (task(family="no spaces please"), "family is"),
        (task(containerDefinitions=[]), "at least one"),
        (task(containerDefinitions=[{"name": "a", "image": "b"}] * 2), "2 containers are called 'a'"),
        (task({"essential": False}), "no container is essential"),
        (task({"portMappings": [{"containerPort": 80, "hostPort": 8080}]}), "Leave hostPort out"),
        (task({"portMappings": [{"containerPort": 80}, {"containerPort": 80}]}), "port 80/tcp is mapped 2 times"),
        (
            task(
                {"portMappings": [{"containerPort": 80, "hostPort": 81}]},
                requiresCompatibilities=["EC2"],
                networkMode="host",
            ),
            "hostPort is 81 for containerPort 80; with network_mode host they are the same",
        ),
        (
            task({"memoryReservation": 300, "memory": 1024}, requiresCompatibilities=["EC2"]),
            "container api: memory is 1024 MiB; the task has 512",
        ),
        (task({"cpu": 300}, requiresCompatibilities=["EC2"]), "reserve 300 CPU units of cpu; the task has 256"),
        (task({"secrets": [{"name": "A", "valueFrom": "it's me"}]}), "neither an ARN of Secrets Manager or SSM nor"),
        (
            task({"logConfiguration": {"logDriver": "splunk", "secretOptions": [{"name": "token"}]}}),
            "logConfiguration.secretOptions[token] needs valueFrom",
        ),
        (task({"privileged": True}), "privileged is given; Fargate does not have it"),
        (task({"dependsOn": [{"containerName": "db", "condition": "START"}]}), "dependsOn names 'db'"),
        (task({"mountPoints": [{"sourceVolume": "data", "containerPath": "/d"}]}), "mounts volume 'data'"),
        (task({"healthCheck": {"command": ["CMD", "x"], "interval": 1}}), "interval is 1; AWS accepts 5 to 300"),
        (task({"environment": [{"name": "A", "value": "1"}] * 2}), "A is given 2 times"),
        (
            task({"environment": [{"name": "A", "value": "1"}], "secrets": [{"name": "A", "valueFrom": "x"}]}),
            "A is both an environment variable and a secret",
        ),
        (task({"memoryReservation": 1024}), "reserve 1024 MiB of memory; the task has 512"),
        (task({"stopTimeout": 121}), "Fargate accepts up to 120"),
        (task(ephemeralStorage={"sizeInGiB": 20}), "AWS accepts 21 to 200"),
        (task(ephemeralStorage={"sizeInGiB": 201}), "AWS accepts 21 to 200"),
        (
            task(
                volumes=[
                    {
                        "name": "data",
                        "efsVolumeConfiguration": {
                            "fileSystemId": "fs-1",
                            "rootDirectory": "/d",
                            "transitEncryption": "ENABLED",
                            "authorizationConfig": {"accessPointId": "fsap-1"},
                        },
                    }
                ]
            ),
            "with an access point leave it out",
        ),
        (
            task(
                volumes=[
                    {
                        "name": "data",
                        "efsVolumeConfiguration": {"fileSystemId": "fs-1", "authorizationConfig": {"iam": "ENABLED"}},
                    }
                ]
            ),
            "needs transitEncryption",
        ),
        (task(requiresCompatibilities=["EC2"], memory=None, cpu=None), "needs memory or memoryReservation"),
        # What the service model marks as required.
        (task({"ulimits": [{"name": "nofile", "softLimit": 1}]}), "container api: ulimits[nofile] needs hardLimit."),
        (task({"environmentFiles": [{"value": "arn:aws:s3:::b/a.env"}]}), "environmentFiles[0] needs type: s3."),
        (task({"restartPolicy": {}}), "container api: restartPolicy needs enabled."),
        (task({"healthCheck": {}}), "container api: healthCheck needs command: for instance [CMD-SHELL"),
        (task({"logConfiguration": {}}), "container api: logConfiguration needs logDriver: json-file, "),
        (task({"dependsOn": [{"containerName": "db"}]}), "dependsOn[0] needs condition: START, COMPLETE, "),
        (task({"linuxParameters": {"tmpfs": [{"containerPath": "/t"}]}}), "linuxParameters.tmpfs[0] needs size."),
        (task({"mountPoints": [{"containerPath": "/d"}]}), "mountPoints[0] needs sourceVolume."),
        (task(ephemeralStorage={}), "ephemeralStorage needs sizeInGiB."),
        (task(volumes=[{"host": {}}]), "volumes[0] needs name."),
        (task(proxyConfiguration={"type": "APPMESH"}), "proxyConfiguration needs containerName."),
        # What a launch type or a network mode does not have.
        (task({"resourceRequirements": [{"type": "GPU", "value": "1"}]}), "resourceRequirements has GPU; Fargate does"),
        (task({"linuxParameters": {"sharedMemorySize": 64}}), "linuxParameters.sharedMemorySize is given; Fargate"),
        (
            task({"linuxParameters": {"capabilities": {"add": ["NET_ADMIN"]}}}),
            "adds NET_ADMIN; Fargate adds SYS",
        ),
        (
            task({"environmentFiles": [{"value": "arn:aws:s3:::b/a.env", "type": "s3"}]}, executionRoleArn=None),
            "execution_role_arn is missing; Fargate needs it to read environment files.",
        ),
        (task({"environmentFiles": [{"value": "arn:aws:s3:::b/a", "type": "s3"}]}), "that ends in .env"),
        (
            task({"environmentFiles": [{"value": "arn:aws:s3:::b/a.env", "type": "s3"}] * 11}),
            "has 11 items; AWS accepts 10",
        ),
        (on_ec2("awsvpc", {"links": ["db"]}), "links is given with network_mode awsvpc; only bridge has it"),
        (on_ec2("host", {"links": ["db"]}), "links is given with network_mode host; only bridge has it"),
        (on_ec2("awsvpc", {"hostname": "db"}), "hostname is given with network_mode awsvpc"),
        (on_ec2("none", {"portMappings": [{"containerPort": 80}]}), "portMappings are given with network_mode none"),
        (task({"portMappings": [{"containerPort": 70000}]}), "containerPort is 70000; ports are 1 to 65535"),
        (
            on_ec2("bridge", {"portMappings": [{"containerPort": 80, "hostPort": 70000}]}),
            "hostPort is 70000; ports are 1 to 65535, and 0 is any",
        ),
        (task({"portMappings": [{"containerPortRange": "90-80"}]}), "expected two ports such as 8000-8010, the lower"),
        (
            on_ec2("host", {"portMappings": [{"containerPortRange": "80-90"}]}),
            "containerPortRange is given with network_mode host; only bridge and awsvpc have it",
        ),
        (
            task({"portMappings": [{"containerPortRange": "80-90", "containerPort": 80}]}),
            "containerPort is given with containerPortRange '80-90'; AWS accepts one of them",
        ),
        (
            task(requiresCompatibilities=["MANAGED_INSTANCES"], networkMode=None),
            "network_mode is missing; tasks on Managed Instances need awsvpc or host",
        ),
        (task({"memory": 3}), "memory is 3; expected 4 or more"),
        (
            task(trustedExecutionConfiguration={"isolationMode": "CONFIDENTIAL_SANDBOX"}),
            "CONFIDENTIAL_SANDBOX needs attestationPolicy",
        ),
        (task({"restartPolicy": {"enabled": True, "restartAttemptPeriod": 30}}), "AWS accepts 60 to 1800"),
        (
            task({"ulimits": [{"name": "nofile", "softLimit": 9, "hardLimit": 8}]}),
            "softLimit is 9, more than the hardLimit of 8",
        ),
        (
            task(containerDefinitions=[{"name": f"c{n}", "image": "a"} for n in range(11)]),
            "has 11 items; AWS accepts 10",
        ),
        # What was never filled in, or cannot be what it stands for.
        (task(executionRoleArn="arn:aws:iam::ACCOUNT_ID:role/x"), "'ACCOUNT_ID' is no account id, which has 12 digits"),
        (task({"image": "ACCOUNT.dkr.ecr.us-east-1.amazonaws.com/a:1"}), "'ACCOUNT' is no account id"),
        (task({"image": "$$$IMAGE$$$"}), "'$$$IMAGE$$$' looks like a placeholder"),
        (task({"image": "#{Registry}/api:1"}), "'#{Registry}' looks like a placeholder"),
        (task({"image": "__IMAGE__"}), "'__IMAGE__' looks like a placeholder"),
        (task({"secrets": [{"name": "A", "valueFrom": "arn:aws:ssm:REGION:123456789012:parameter/a"}]}), "no region"),
        (with_efs(fileSystemId="${EFS_ID}"), "fileSystemId is '${EFS_ID}'; '${EFS_ID}' looks like a placeholder"),
        (with_efs(fileSystemId="EFS_ID"), "fileSystemId is 'EFS_ID'; expected an id such as fs-0123456789abcdef0"),
        (
            with_efs(authorizationConfig={"accessPointId": "ap"}, transitEncryption="ENABLED"),
            "accessPointId is 'ap'; expected an id such as fsap-",
        ),
        # Who waits for whom.
        (waiting_for("HEALTHY"), "waits for db to be HEALTHY, which has no healthCheck."),
        (waiting_for("COMPLETE"), "waits for db to end (COMPLETE); set essential: false there."),
        (waiting_for("SUCCESS"), "waits for db to end (SUCCESS); set essential: false there."),
        (
            circle(
                "dependsOn", {"containerName": "b", "condition": "START"}, {"containerName": "a", "condition": "START"}
            ),
            CIRCLE,
        ),
        (circle("links", "b", "a:x", networkMode="bridge", requiresCompatibilities=["EC2"]), CIRCLE),
        (circle("volumesFrom", {"sourceContainer": "b"}, {"sourceContainer": "a"}), CIRCLE),
        (
            task({"dependsOn": [{"containerName": "api", "condition": "START"}]}),
            "containers wait for one another (api → api;",
        ),
    ],
)
def test_a_wrong_definition_is_told_why(definition: dict[str, Any], told: str) -> None:
    found = problems(definition)
    assert any(told in problem for problem in found), found


def test_all_that_was_never_filled_in_is_told_at_once() -> None:
    definition = with_efs(fileSystemId="${EFS_ID}")
    definition |= {"executionRoleArn": "arn:aws:iam::ACCOUNT_ID:role/a", "taskRoleArn": "<role>"}
    definition["containerDefinitions"][0] |= {"image": "$$$X$$$", "user": "{{ user }}"}
    found = problems(definition)
    assert len(found) == 5, found


def test_what_is_a_language_of_its_own_is_no_placeholder() -> None:
    container = {
        "environment": [{"name": "A", "value": "${B} {{ c }} <d>"}],
        "command": ["sh", "-c", "echo ${HOME} %PATH% <in>"],
        "healthCheck": {"command": ["CMD-SHELL", "curl ${URL}"]},
        "dockerLabels": {"rule": "Host(`{{ host }}`)"},
        "logConfiguration": {"logDriver": "fluentd", "options": {"tag": "{{.Name}}"}},
    }
    constraint = {"type": "memberOf", "expression": "attribute:a < 3 and attribute:b > 2"}
    assert problems(on_ec2("bridge", container) | {"placementConstraints": [constraint]}) == []


def test_ranges_of_ports_are_right() -> None:
    for mode in ("awsvpc", "bridge"):
        assert problems(on_ec2(mode, {"portMappings": [{"containerPortRange": "8000-8010"}]})) == []


def test_all_findings_come_at_once() -> None:
    assert len(problems(task({"image": "", "privileged": True}, cpu="300"))) == 3


def test_what_may_be_a_secret_is_not_repeated() -> None:
    written = {"containerDefinitions": [{"name": "api", "image": "a", "environment": "TOKEN=not-to-be-told"}]}
    _definition, told = read(written)
    assert told == ["containerDefinitions[api].environment is text; it must be a list."]
    found = problems(task({"secrets": [{"name": "TOKEN", "valueFrom": "not to be told!"}]}))
    assert "not to be told" not in str(found)
    assert "not-to-be-told" not in str(problems(task({"image": "https://user:not-to-be-told@registry/api:1"})))


@pytest.mark.parametrize("typed", ["not-${x}-told", "${x}", "not<told>", "not%told%", "{{ not_told }}", "XXXX-told"])
def test_a_secret_that_resembles_a_placeholder_is_not_repeated(typed: str) -> None:
    item = {"name": "DB", "valueFrom": typed}
    logging = {**AWSLOGS, "secretOptions": [item]}
    for container in ({"secrets": [item]}, {"logConfiguration": logging}):
        (told,) = problems(task(container))
        assert told == (
            "container api: secret DB is '(masked)'; a part of it looks like a placeholder that was never filled in."
        )


def test_a_placeholder_in_an_arn_is_named() -> None:
    arn = "arn:aws:secretsmanager:sa-east-1:${ACCOUNT}:secret:db"
    (told,) = problems(task({"secrets": [{"name": "DB", "valueFrom": arn}]}))
    assert f"secret DB is '{arn}'; '${{ACCOUNT}}' looks like a placeholder" in told


def test_a_password_in_a_url_with_a_placeholder_is_not_repeated() -> None:
    url = "https://user:<told>@host/${x}"
    (told,) = problems(task({"image": url}))
    assert "told" not in told and "image is '(masked)'; a part of it looks like a placeholder" in told
    for option in ("awslogs-group", "awslogs-region"):
        for given in (url, "https://user:told@host/"):
            options = {**AWSLOGS["options"], option: given}
            (told,) = problems(task({"logConfiguration": {**AWSLOGS, "options": options}}))
            assert "told" not in told and f"{option} is '(masked)'" in told


@pytest.mark.parametrize(
    ("option", "given", "expected"),
    [("awslogs-group", "/ecs/my api", "the name of a log group"), ("awslogs-region", "São Paulo", "a region")],
)
def test_an_option_of_awslogs_that_cannot_be_right_is_told(option: str, given: str, expected: str) -> None:
    options = {**AWSLOGS["options"], option: given}
    (told,) = problems(task({"logConfiguration": {**AWSLOGS, "options": options}}))
    assert told == f"container api: {option} is {given!r}; expected {expected}."


def test_a_port_of_the_host_s_choice_is_the_container_s_own() -> None:
    assert problems(task({"portMappings": [{"containerPort": 80, "hostPort": 0}, {"containerPort": 81}]})) == []
    bridge = {"requiresCompatibilities": ["EC2"], "networkMode": "bridge"}
    assert problems(task({"portMappings": [{"containerPort": 80, "hostPort": 8080}]}, **bridge)) == []


def test_what_is_not_known_yet_is_not_judged() -> None:
    unknown = KNOWN_AFTER_APPLY
    assert (
        problems(
            task(
                {"image": unknown, "environment": [{"name": "TOPIC", "value": unknown}]},
                executionRoleArn=unknown,
                taskRoleArn=unknown,
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("256", 256),
        (".25 vcpu", 256),
        ("0.25vCPU", 256),
        ("1 vCPU", 1024),
        ("16 vcpus", 16384),
        ("0.25", None),
        ("x", None),
    ],
)
def test_cpu_is_read_in_every_spelling(text: str, units: int | None) -> None:
    assert fargate_sizes.cpu_units(text) == units


@pytest.mark.parametrize(
    ("text", "mib"),
    [("512", 512), ("0.5 GB", 512), (".5 gb", 512), ("1GB", 1024), ("512 MiB", 512), ("0.5", None), ("lots", None)],
)
def test_memory_is_read_in_every_spelling(text: str, mib: int | None) -> None:
    assert fargate_sizes.memory_mib(text) == mib
