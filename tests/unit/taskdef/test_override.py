# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts laid over a base: what has a name is merged, anything else is replaced."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.canonical import canonical
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.model import read
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.override import laid_over
from tests.support import task_definitions as make

BASE = {
    "family": "goals",
    "cpu": "256",
    "volumes": [{"name": "data", "host": {"sourcePath": "/old"}}, {"name": "scratch"}],
    "containerDefinitions": [
        {
            "name": "api",
            "image": "api:1",
            "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
            "secrets": [{"name": "TOKEN", "valueFrom": "/token"}],
            "portMappings": [{"containerPort": 80}],
            "mountPoints": [{"containerPath": "/scratch", "sourceVolume": "scratch"}],
        },
        {"name": "mongo", "image": "mongo:8"},
    ],
}


def over(**container: Any) -> dict[str, Any]:
    """The API's container with parts laid over it, as a person writes them."""
    parts, told = read({"containerDefinitions": [{"name": "api", **container}]}, nulls=True)
    definition, found = laid_over(BASE, parts, "goals:1")
    assert told + found == []
    assert definition["containerDefinitions"][1] == BASE["containerDefinitions"][1]
    return definition["containerDefinitions"][0]


def test_what_has_a_name_is_merged() -> None:
    assert over(environment={"B": "3", "C": 4})["environment"] == [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "3"},
        {"name": "C", "value": "4"},
    ]
    assert over(environment={"A": None, "NEVER": None})["environment"] == [{"name": "B", "value": "2"}]
    assert len(over(mountPoints=[{"containerPath": "/data", "sourceVolume": "data"}])["mountPoints"]) == 2
    assert over(mountPoints=[{"containerPath": "/scratch", "sourceVolume": None}])["mountPoints"] == []


def test_a_variable_that_becomes_a_secret_is_no_variable_any_more() -> None:
    turned = over(secrets={"A": "/a"}, environment={"TOKEN": "plain"})
    assert [item["name"] for item in turned["environment"]] == ["B", "TOKEN"]
    assert turned["secrets"] == [{"name": "A", "valueFrom": "/a"}]
    assert over(secrets={"A": "/a"})["environment"] == [{"name": "B", "value": "2"}]


def test_a_null_takes_away_what_the_base_has() -> None:
    checked = {**BASE["containerDefinitions"][0], "healthCheck": {"command": ["CMD", "true"]}, "user": "app"}
    base = {**BASE, "taskRoleArn": "task", "containerDefinitions": [checked]}
    parts, told = read(
        {"taskRoleArn": None, "containerDefinitions": [{"name": "api", "health_check": None, "port_mappings": None}]},
        nulls=True,
    )
    definition, found = laid_over(base, parts, "goals:1")
    assert told + found == []
    (api,) = definition["containerDefinitions"]
    assert "taskRoleArn" not in definition and not {"healthCheck", "portMappings"} & api.keys()
    assert (api["user"], api["environment"]) == ("app", checked["environment"])


def test_a_blank_text_takes_nothing_away() -> None:
    assert over(user="", workingDirectory="") == BASE["containerDefinitions"][0]
    parts, _told = read({"taskRoleArn": "", "family": "goals"}, nulls=True)
    assert laid_over({**BASE, "taskRoleArn": "task"}, parts, "goals:1")[0]["taskRoleArn"] == "task"


def test_anything_else_is_replaced() -> None:
    assert over(portMappings=[81])["portMappings"] == [{"containerPort": 81}]
    assert over(image="api:2") == {**BASE["containerDefinitions"][0], "image": "api:2"}


def test_volumes_are_merged_by_name() -> None:
    parts = {"volumes": [{"name": "data", "host": {"sourcePath": "/new"}}, {"name": "more"}], "cpu": "512"}
    definition, _found = laid_over(BASE, parts, "goals:1")
    assert [volume["name"] for volume in definition["volumes"]] == ["data", "scratch", "more"]
    assert definition["volumes"][0] == {"name": "data", "host": {"sourcePath": "/new"}}
    assert (definition["cpu"], definition["family"]) == ("512", "goals")


def test_an_unknown_container_is_told_with_the_known_ones() -> None:
    _definition, found = laid_over(BASE, {"containerDefinitions": [{"name": "web"}, {}]}, "goals:1")
    assert found == [
        "container web is not in goals:1; it has api, mongo.",
        "container (without a name) is not in goals:1; it has api, mongo.",
    ]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(make.definitions())
def test_nothing_laid_over_changes_nothing(definition: dict[str, Any]) -> None:
    containers = [{**c, "name": f"c{n}"} for n, c in enumerate(definition.get("containerDefinitions", []))]
    base = {**definition, "containerDefinitions": containers}
    same, found = laid_over(base, {}, "a:1")
    assert found == []
    assert canonical(same) == canonical(base)
