# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A base with parts laid over it, images in ECR, and what roles allow: the parts that ask nobody."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from hypothesis import HealthCheck, given, settings

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.task_definition import Revisions, TaskDefinition
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.canonical import canonical
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.images import ecr_image
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.model import read
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.override import laid_over
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.permissions import allowed, role_name, trusts_ecs
from tests.unit.ecs import definitions as make

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
    parts, told = read({"containerDefinitions": [{"name": "api", **container}]})
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


def test_references_into_ecr_are_read() -> None:
    host = "123456789012.dkr.ecr.sa-east-1.amazonaws.com"
    assert ecr_image(f"{host}/a/b:1") == (host, "123456789012", "sa-east-1", "a/b", "1", None)
    assert ecr_image(f"{host}/a").key == {"imageTag": "latest"}
    both = ecr_image(f"{host}/a:1@sha256:{'0' * 64}")
    assert (both.tag, both.key) == ("1", {"imageDigest": f"sha256:{'0' * 64}"})
    assert both.at("sha256:1") == f"{host}/a@sha256:1"
    assert ecr_image("123456789012.dkr-ecr.us-east-1.on.aws/a:1").region == "us-east-1"
    for elsewhere in ("nginx:1", "public.ecr.aws/nginx/nginx:1", "registry:5000/a:1", "a.example.com/b@sha256:1"):
        assert ecr_image(elsewhere) is None


def policy(**statement: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **statement}]}


def test_who_may_assume_a_role() -> None:
    ecs = {"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]}
    assert trusts_ecs(policy(Principal=ecs))
    assert trusts_ecs(policy(Principal={"Service": "ecs-tasks.amazonaws.com"}, Action=["sts:TagSession", "sts:*"]))
    assert trusts_ecs({"Statement": policy(Principal="*")["Statement"][0]})
    assert not trusts_ecs(policy(Principal=ecs, Effect="Deny"))
    assert not trusts_ecs(policy(Principal=ecs, Action="sts:TagSession"))
    assert not trusts_ecs(policy(Principal={"Service": "ecs.amazonaws.com"}))
    assert not trusts_ecs(policy(Principal={"AWS": "123456789012"}))
    assert role_name("arn:aws:iam::123456789012:role/ecs/deep") == role_name("deep") == "deep"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}], True),
        (
            [{"Effect": "Allow", "Action": ["logs:create?oggroup"], "Resource": ["arn:aws:logs:*:*:log-group:/ecs/*"]}],
            True,
        ),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], True),
        ([{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}], False),
        ([{"Effect": "Allow", "Action": "logs:*", "Resource": "arn:aws:logs:*:*:log-group:/other"}], False),
        (
            [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "logs:CreateLogGroup", "Resource": "*"},
            ],
            False,
        ),
        ([], False),
    ],
)
def test_what_policies_allow(statements: list[dict[str, Any]], expected: bool) -> None:
    group = "arn:aws:logs:sa-east-1:123456789012:log-group:/ecs/api"
    assert allowed([{"Statement": s} for s in statements], "logs:CreateLogGroup", group) is expected


class Ecs:
    """Answers every registration and deletion with what the test says."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    def client(self, service: str, region: str) -> Ecs:
        return self

    def register_task_definition(self, **request: Any) -> Any:
        raise self.answers["refusal"]

    def deregister_task_definition(self, taskDefinition: str) -> None:
        pass

    def delete_task_definitions(self, taskDefinitions: list[str]) -> dict[str, Any]:
        assert len(taskDefinitions) <= 10
        return {"failures": [f for f in self.answers["failures"] if f["arn"] in taskDefinitions]}


@pytest.mark.parametrize(
    "refusal",
    [
        ClientError({"Error": {"Code": "ClientException", "Message": "no: not-to-be-told"}}, "RegisterTaskDefinition"),
        ParamValidationError(report="Invalid type for parameter, value: not-to-be-told"),
    ],
)
def test_what_aws_answers_is_told_without_secrets(refusal: Exception) -> None:
    container = {"name": "api", "image": "api:1", "environment": [{"name": "API_TOKEN", "value": "not-to-be-told"}]}
    definition = {"family": "api", "containerDefinitions": [container]}
    resource = TaskDefinition("api", "sa-east-1", latest=None, definition=definition, tags={})
    with pytest.raises(CollectionError) as caught:
        resource.create(Ecs(refusal=refusal), resource.wanted)
    assert "not-to-be-told" not in str(caught.value)
    assert "(masked)" in str(caught.value)


def test_revisions_that_ecs_does_not_delete_are_told() -> None:
    arns = [f"arn:aws:ecs:sa-east-1:123456789012:task-definition/api:{number}" for number in range(1, 13)]
    going = Revisions("api", "sa-east-1", active=arns, inactive=[], delete=True)
    going.delete(Ecs(failures=[]), {})
    with pytest.raises(CollectionError, match="did not delete .*api:12: in use"):
        going.delete(Ecs(failures=[{"arn": arns[-1], "reason": "in use"}]), {})
