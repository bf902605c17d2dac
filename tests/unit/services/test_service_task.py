# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS is told about a service, from its definition in an inventory."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.services.service_task import layers_below, task
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wiring import Place, policies

PLACE = Place(
    workload="goals",
    region="us-east-1",
    regions=("us-east-1",),
    account="123456789012",
    file_systems={"db-storage": "fs-1"},
    access_points={"db-storage": {"data": {"access_point_id": "fsap-1"}}},
)
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
    }


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
    assert made["uses"] == [{"file_system": "db-storage", "access": "write"}]
    assert policies(made["uses"], PLACE)["uses"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            "Resource": ["arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1"],
        }
    ]


def test_what_is_only_read_may_not_be_written() -> None:
    definition = goals()
    definition["containers"][0]["mounts"][0]["read_only"] = True
    assert task(definition, PLACE, "/ecs")["uses"] == [{"file_system": "db-storage", "access": "read"}]


def test_a_folder_instead_of_an_access_point() -> None:
    made = task(goals(volumes=[{"name": "data", "file_system": "db-storage", "path": "/old"}]), PLACE, "/ecs")
    assert made["volumes"][0]["efs_volume_configuration"]["root_directory"] == "/old"


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
    assert layers_below([{"name": "x", "image": "x", "uses": [{"queue": "q"}, {"table": "t"}]}]) == [
        "network",
        "messaging",
        "cluster",
    ]
