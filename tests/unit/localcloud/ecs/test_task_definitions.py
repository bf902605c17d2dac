# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS's rules about task definitions, and what a description adds to a registration."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.ecs.task_definition_rules import Refused, check, ports_of, size_in_units
from localcloud.ecs.task_definitions import capabilities, compatibilities, described, enrich_container, enrich_volume

WEB = {
    "name": "web",
    "image": "123456789012.dkr.ecr.sa-east-1.amazonaws.com/web:1",
    "portMappings": [{"containerPort": 8080}],
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/web", "awslogs-region": "sa-east-1", "awslogs-stream-prefix": "web"},
    },
}
ROLE = "arn:aws:iam::123456789012:role/execution"


def fargate(**changes: Any) -> dict[str, Any]:
    definition = {
        "family": "web",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": ROLE,
        "containerDefinitions": [WEB],
    } | changes
    return {name: value for name, value in definition.items() if value is not None}


def with_web(**changes: Any) -> dict[str, Any]:
    return fargate(containerDefinitions=[WEB | changes])


@pytest.mark.parametrize(
    ("cpu", "memory"), [("256", "2048"), ("1024", "2048"), ("4096", "30720"), ("8192", "20480"), (".25 vCPU", "1 GB")]
)
def test_sizes_of_the_fargate_table_are_taken(cpu: str, memory: str) -> None:
    check(fargate(cpu=cpu, memory=memory))


@pytest.mark.parametrize(
    ("cpu", "memory"),
    [("256", "4096"), ("512", "512"), ("300", "512"), ("4096", "8000"), ("8192", "18432"), ("16384", "36864")],
)
def test_other_sizes_are_refused_naming_the_valid_ones(cpu: str, memory: str) -> None:
    with pytest.raises(Refused, match="No Fargate configuration exists"):
        check(fargate(cpu=cpu, memory=memory))


@pytest.mark.parametrize(
    ("definition", "complaint"),
    [
        (fargate(cpu=None), "'cpu' be defined"),
        (fargate(memory=None), "'memory' be defined"),
        (fargate(networkMode="bridge"), "only supports network mode"),
        (fargate(networkMode=None), "only supports network mode"),
        (fargate(executionRoleArn=None), "execution role ARN to support ECR images"),
        (with_web(portMappings=[{"containerPort": 8080, "hostPort": 80}]), "must match"),
        (with_web(mountPoints=[{"sourceVolume": "data", "containerPath": "/data"}]), "Unknown volume 'data'"),
        (with_web(essential=False), "at least one container must be essential"),
        (with_web(memory=1024), "exceeds the task's"),
        (with_web(logConfiguration={"logDriver": "awslogs", "options": {}}), "awslogs-stream-prefix"),
        (with_web(dependsOn=[{"containerName": "db", "condition": "START"}]), "unknown container 'db'"),
        (fargate(containerDefinitions=[WEB, WEB]), "duplicated"),
        (fargate(family="a b"), "Invalid family"),
        (fargate(family="a" * 256), "Invalid family"),
        (
            with_web(portMappings=[{"containerPort": 80, "hostPort": 81}])
            | {"requiresCompatibilities": ["EC2"], "networkMode": "host"},
            "networkMode=host, the host ports and container ports",
        ),
        (with_web(cpu=512) | {"requiresCompatibilities": ["EC2"]}, "total of the containers' 'cpu'"),
        (with_web(memory=1024) | {"requiresCompatibilities": ["EC2"]}, "exceeds the task's"),
        (
            fargate(containerDefinitions=[WEB | {"memory": 300}, WEB | {"name": "other", "memory": 300}])
            | {"networkMode": "bridge", "requiresCompatibilities": ["EC2"]},
            "total of the containers' memory, 600, exceeds",
        ),
        (fargate(memory=None, requiresCompatibilities=["EC2"]), "At least one of 'memory' or 'memoryReservation'"),
        (with_web(ulimits=[{"name": "nofile", "softLimit": 1}]), "ulimits.0.hardLimit: required"),
        (with_web(healthCheck={}), "healthCheck.command: required"),
        (fargate(executionRoleArn="arn:aws:iam::ACCOUNT_ID:role/x"), "Role is not valid"),
        (fargate(volumes=[{}]), "Volume.name should not be null"),
        (with_web(portMappings=[{"containerPort": 70000}]), "Invalid 'containerPort'"),
        (with_web(portMappings=[{"hostPort": 80}]), "Invalid 'containerPort'"),
        (with_web(portMappings=[{"containerPortRange": "90-80"}]), "Invalid 'containerPortRange'"),
        (with_web(portMappings=[{"containerPortRange": "80-90", "containerPort": 80}]), "cannot be given with"),
        (with_web(memory=3), "Invalid 'memory' setting"),
        (with_web(hostname="web"), "hostname is not supported on container when networkMode=awsvpc"),
        (with_web(resourceRequirements=[{"type": "GPU", "value": "1"}]), "Fargate does not support GPU"),
        (with_web(linuxParameters={"sharedMemorySize": 64}), "Fargate does not support sharedMemorySize"),
        (with_web(privileged=True), "Fargate does not support privileged"),
        (with_web(dependsOn=[{"containerName": "web", "condition": "START"}]), "circular dependencies: web"),
        (
            with_web(links=["web"]) | {"requiresCompatibilities": ["EC2"], "networkMode": "host"},
            "links is not supported on container when networkMode=host",
        ),
        (with_web() | {"requiresCompatibilities": ["EC2"], "networkMode": "none"}, "Port mappings are not supported"),
        (fargate(networkMode=None, requiresCompatibilities=["MANAGED_INSTANCES"]), "Managed Instances require"),
        (fargate(containerDefinitions=[WEB | {"name": f"c{n}"} for n in range(11)]), "at most 10 containers"),
    ],
)
def test_what_ecs_refuses(definition: dict[str, Any], complaint: str) -> None:
    with pytest.raises(Refused, match=complaint):
        check(definition)


@pytest.mark.parametrize(
    ("container", "what"),
    [
        ({"image": "public.ecr.aws/nginx"}, "log driver awslogs"),
        ({"image": "nginx", "logConfiguration": None, "secrets": [{"name": "A", "valueFrom": "/a"}]}, "secrets"),
        (
            {
                "image": "nginx",
                "logConfiguration": None,
                "environmentFiles": [{"type": "s3", "value": "arn:aws:s3:::b/a.env"}],
            },
            "environment files",
        ),
    ],
)
def test_the_execution_role_is_needed_for_whatever_ecs_fetches_itself(container: dict[str, Any], what: str) -> None:
    with pytest.raises(Refused, match=what):
        check(with_web(**container) | {"executionRoleArn": None})


@pytest.mark.parametrize("authorization", [{"accessPointId": "fsap-1"}, {"iam": "ENABLED"}])
def test_iam_and_access_points_need_encryption_in_transit(authorization: dict[str, str]) -> None:
    efs: dict[str, Any] = {"fileSystemId": "fs-1", "authorizationConfig": authorization}
    definition = fargate(volumes=[{"name": "data", "efsVolumeConfiguration": efs}])
    with pytest.raises(Refused, match="require transit encryption"):
        check(definition)
    efs["transitEncryption"] = "ENABLED"
    check(definition)


def test_a_container_comes_back_with_defaults_and_its_sets_in_another_order() -> None:
    environment = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    given = WEB | {"environment": environment, "healthCheck": {"command": ["CMD", "true"]}}
    enriched = enrich_container(given, "awsvpc")
    assert enriched["portMappings"] == [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}]
    assert (enriched["cpu"], enriched["essential"], enriched["systemControls"]) == (0, True, [])
    assert enriched["environment"] == environment[::-1]
    assert enriched["healthCheck"] == {"command": ["CMD", "true"], "interval": 30, "timeout": 5, "retries": 3}
    assert WEB["portMappings"] == [{"containerPort": 8080}]


def test_a_variable_without_a_value_is_dropped() -> None:
    environment = [{"name": "GONE"}, {"name": "NULL", "value": None}, {"name": "EMPTY", "value": ""}]
    assert enrich_container(WEB | {"environment": environment}, "awsvpc")["environment"] == [environment[2]]


def test_a_range_of_ports_is_registered_and_serves_each_of_them() -> None:
    ranged = WEB | {"portMappings": [{"containerPortRange": "8000-8002"}, {"containerPort": 80}]}
    check(fargate(containerDefinitions=[ranged]))
    (mapping, _single) = enrich_container(ranged, "awsvpc")["portMappings"]
    assert mapping == {"containerPortRange": "8000-8002", "protocol": "tcp"}
    assert ports_of(ranged) == [8000, 8001, 8002, 80]


@pytest.mark.parametrize("launch", ["EC2", "EXTERNAL"])
def test_outside_fargate_the_network_mode_is_bridge_by_default(launch: str) -> None:
    definition = fargate(networkMode=None, requiresCompatibilities=[launch])
    check(definition)
    assert described(definition)["networkMode"] == "bridge"


def test_volumes_come_back_with_defaults() -> None:
    assert enrich_volume({"name": "scratch"}) == {"name": "scratch", "host": {}}
    efs = enrich_volume({"name": "d", "efsVolumeConfiguration": {"fileSystemId": "fs-1", "authorizationConfig": {}}})
    assert efs["efsVolumeConfiguration"]["rootDirectory"] == "/"
    assert efs["efsVolumeConfiguration"]["authorizationConfig"] == {"iam": "DISABLED"}


def test_capabilities_and_compatibilities_are_worked_out() -> None:
    names = {attribute["name"] for attribute in capabilities(fargate(taskRoleArn=ROLE))}
    assert {
        "ecs.capability.task-eni",
        "com.amazonaws.ecs.capability.task-iam-role",
        "ecs.capability.execution-role-ecr-pull",
        "ecs.capability.execution-role-awslogs",
    } <= names
    assert "ecs.capability.efs" not in names
    assert compatibilities(fargate(requiresCompatibilities=None)) == ["EC2", "FARGATE"]
    assert compatibilities(fargate(requiresCompatibilities=None, networkMode="bridge")) == ["EC2"]


@pytest.mark.parametrize(
    ("value", "kind", "units"), [("256", "cpu", "256"), ("0.5 vCPU", "cpu", "512"), ("1GB", "memory", "1024")]
)
def test_sizes_are_returned_as_plain_numbers(value: str, kind: str, units: str) -> None:
    assert size_in_units(value, kind) == units


def test_nonsense_is_no_size() -> None:
    with pytest.raises(Refused, match="Invalid 'memory'"):
        size_in_units("a lot", "memory")
