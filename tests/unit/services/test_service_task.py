# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS is told about a service, from its definition in an inventory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import KNOWN_AFTER_APPLY, CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.services.service_task import (
    layers_below,
    own_repositories,
    task,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wiring import Place, policies

PLACE = Place(
    workload="goals",
    region="us-east-1",
    regions=("us-east-1",),
    account="123456789012",
    file_systems={"db-storage": "fs-1"},
    access_points={"db-storage": {"data": {"access_point_id": "fsap-1"}}},
)
POINT = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1"

LOGS = {
    "log_driver": "awslogs",
    "options": {"awslogs-group": "/ecs/goals/goals", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "ecs"},
}


def goals(**more: Any) -> dict[str, Any]:
    return {
        "name": "goals",
        "volumes": [{"name": "data", "file_system": "db-storage", "access_point": "data"}],
        "containers": [
            {
                "name": "mongo",
                "image": "mongo:7",
                "single_writer": True,
                "mounts": [{"volume": "data", "path": "/data/db"}],
                "health_check": {"command": ["CMD", "true"]},
                "stop_timeout": 60,
            },
            {
                "name": "goals-api",
                "image": "goals-api:1",
                "port": 8080,
                "environment": {"AWS_REGION": {"region": "name"}},
                "depends_on": {"mongo": "HEALTHY"},
            },
        ],
        **more,
    }


def test_a_service_of_one_container_is_called_like_it() -> None:
    made = task({"name": "goals", "image": "goals-api:1", "port": "8080", "cpu": 256}, PLACE, "/ecs/goals")
    assert made == {
        "containers": [
            {
                "name": "goals",
                "image": "goals-api:1",
                "command": [],
                "port_mappings": ["8080"],
                "environment": {},
                "secrets": {},
                "log_configuration": LOGS,
            }
        ],
        "volumes": [],
        "uses": [],
        "target": {"container": "goals", "port": 8080},
        "runtime_platform": None,
    }


DIGEST = "sha256:" + "1" * 64


def own(name: str, platform: str = "linux/amd64", **more: Any) -> dict[str, Any]:
    """The image of a repository as the image layer published it."""
    uri = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{name}"
    return {name: {"repository": name, "uri": uri, "digest": DIGEST, "tag": "1", "platform": platform, **more}}


def test_an_image_of_one_s_own_is_named_by_its_digest_and_says_its_platform() -> None:
    definition = {"name": "goals", "image": {"repository": "goals/api"}, "port": "8080", "cpu": 256}
    made = task(definition, replace(PLACE, images=own("goals/api", "linux/arm64")), "/ecs/goals")
    assert made["containers"][0]["image"] == f"123456789012.dkr.ecr.us-east-1.amazonaws.com/goals/api@{DIGEST}"
    assert made["runtime_platform"] == {"operating_system_family": "LINUX", "cpu_architecture": "ARM64"}
    unknown = own("goals/api", digest=KNOWN_AFTER_APPLY)
    planned = task(definition, replace(PLACE, images=unknown), "/ecs/goals")
    assert planned["containers"][0]["image"] == KNOWN_AFTER_APPLY
    with pytest.raises(CollectionError, match="no image in repository called 'goals/api'"):
        task(definition, PLACE, "/ecs/goals")


def test_the_containers_of_a_task_run_on_one_platform() -> None:
    containers = [{"name": name, "image": {"repository": name}} for name in ("a", "b")]
    place = replace(PLACE, images=own("a") | own("b", "linux/arm64"))
    with pytest.raises(CollectionError, match="linux/amd64 and linux/arm64, and all containers of a task"):
        task({"name": "goals", "containers": containers}, place, "/ecs/goals")


def test_the_repositories_that_services_need_are_told_once_each() -> None:
    api = {"name": "api", "image": {"repository": "shop/api"}}
    pair = {"name": "pair", "containers": [{"name": "x", **api}, {"name": "y", "image": "mongo:7"}]}
    assert own_repositories([api, pair, {"name": "z", "image": "z:1"}]) == ["shop/api"]
    assert layers_below([api]) == ["image", "network", "cluster"]


def test_a_port_has_the_name_that_service_connect_calls_it_by() -> None:
    definition = {"name": "goals", "image": "goals-api:1", "port": "8080", "port_name": "http"}
    made = task(definition, PLACE, "/ecs/goals")
    assert made["containers"][0]["port_mappings"] == [{"container_port": 8080, "name": "http"}]
    assert made["target"] == {"container": "goals", "port": 8080}


def test_a_service_of_several_containers() -> None:
    made = task(goals(), PLACE, "/ecs/goals")
    mongo, api = made["containers"]
    assert mongo["mount_points"] == [{"source_volume": "data", "container_path": "/data/db", "read_only": False}]
    assert mongo["docker_labels"] == {"multiregion.ecs.single-writer": "true"}
    assert (mongo["port_mappings"], mongo["stop_timeout"], mongo["health_check"]) == (
        [],
        60,
        {"command": ["CMD", "true"]},
    )
    assert api["environment"] == {"AWS_REGION": "us-east-1"}
    assert api["depends_on"] == {"mongo": "HEALTHY"}
    assert api["log_configuration"] == mongo["log_configuration"] == LOGS
    assert made["target"] == {"container": "goals-api", "port": 8080}


def test_a_file_system_is_mounted_encrypted_and_known_and_may_be() -> None:
    made = task(goals(), PLACE, "/ecs/goals")
    assert made["volumes"] == [
        {
            "name": "data",
            "efs_volume_configuration": {
                "file_system_id": "fs-1",
                "transit_encryption": "ENABLED",
                "authorization_config": {"iam": "ENABLED", "access_point_id": "fsap-1"},
            },
        }
    ]
    assert made["uses"] == [{"file_system": "db-storage", "access_point": "data", "access": "write"}]
    assert policies(made["uses"], PLACE)["uses"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            "Resource": ["arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1"],
            "Condition": {"StringEquals": {"elasticfilesystem:AccessPointArn": POINT}},
        }
    ]


def test_what_is_only_read_may_not_be_written() -> None:
    definition = goals()
    definition["containers"][0]["mounts"][0]["read_only"] = True
    made = task(definition, PLACE, "/ecs")
    assert made["uses"] == [{"file_system": "db-storage", "access_point": "data", "access": "read"}]
    [statement] = policies(made["uses"], PLACE)["uses"]["Statement"]
    assert statement["Action"] == ["elasticfilesystem:ClientMount"]


def test_a_folder_instead_of_an_access_point() -> None:
    made = task(goals(volumes=[{"name": "data", "file_system": "db-storage", "path": "/old"}]), PLACE, "/ecs")
    assert made["volumes"][0]["efs_volume_configuration"]["root_directory"] == "/old"
    # Only root writes there: no access point gives another user rights of its own.
    assert made["uses"] == [{"file_system": "db-storage", "access": "root"}]
    [statement] = policies(made["uses"], PLACE)["uses"]["Statement"]
    assert "elasticfilesystem:ClientRootAccess" in statement["Action"] and "Condition" not in statement


def test_without_a_file_system_a_volume_ends_with_the_task() -> None:
    made = task(goals(volumes=[{"name": "data", "file_system": "", "access_point": ""}]), PLACE, "/ecs")
    assert made["volumes"] == [{"name": "data"}]
    assert made["uses"] == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"volumes": [{"name": "data", "file_system": "db"}]}, "no file system called 'db'.*Known: db-storage"),
        ({"volumes": [{"name": "data", "file_system": "db-storage", "access_point": "x"}]}, "no access point.*data"),
        ({"container": "mongo"}, "container 'mongo' is to be asked"),
        ({"containers": []}, "Container goals has no image"),
        ({"containers": [{"name": "api", "image": "a", "port_name": "http"}]}, "Container api .*'http', but no port"),
    ],
)
def test_references_that_lead_nowhere(more: dict[str, Any], message: str) -> None:
    with pytest.raises(CollectionError, match=message):
        task(goals(**more), PLACE, "/ecs")


def test_layers_are_those_that_something_is_named_of() -> None:
    sales = {
        "name": "sales-worker",
        "image": "x",
        "environment": {"QUEUE": {"queue": "sales"}, "BUCKET": {"bucket": "lake"}},
    }
    assert layers_below([sales]) == ["network", "storage", "messaging", "cluster"]
    assert layers_below([goals(target_group="goals")]) == ["network", "volumes", "cluster", "edge"]
    told = {"name": "x", "image": "x", "environment": {"MONOLITH_URL": {"load_balancer": "shop"}}}
    assert layers_below([told]) == ["network", "cluster", "edge"]
    assert layers_below([{"name": "x", "image": "x", "uses": [{"queue": "q"}, {"table": "t"}]}]) == [
        "network",
        "messaging",
        "cluster",
    ]
