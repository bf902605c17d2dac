# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canonical form: AWS's defaults and the order of sets make no difference, and everything else does."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.layers.ecs_taskdef_revision import secrets
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef import compare
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.canonical import canonical
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.model import read, request_shape
from tests.unit.ecs import definitions as make

generated = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)


def form(definition: dict[str, Any]) -> dict[str, Any]:
    return canonical(read(definition)[0])


@generated
@given(make.definitions())
def test_reading_twice_is_reading_once(definition: dict[str, Any]) -> None:
    once, problems = read(definition)
    assert problems == []
    assert read(once) == (once, [])


@generated
@given(make.definitions())
def test_what_aws_fills_in_makes_no_difference(definition: dict[str, Any]) -> None:
    assert compare.differences(form(make.answered(definition)), form(definition)) == {}


@generated
@given(make.definitions(), st.randoms(use_true_random=False))
def test_order_of_sets_makes_no_difference(definition: dict[str, Any], order: random.Random) -> None:
    assert form(make.shuffled(request_shape(), definition, order)) == form(definition)


@generated
@given(make.definitions())
def test_a_real_difference_never_hides(definition: dict[str, Any]) -> None:
    before = form(definition)
    for path in itertools.islice(make.leaves(definition), 40):
        other = make.changed(definition, path)
        assert compare.differences(before, form(other)), f"a change at {path} went unnoticed"


DOCUMENTED_DEFAULTS = {
    "cpu": 0,
    "essential": True,
    "protocol": "tcp",
    "interval": 30,
    "timeout": 5,
    "retries": 3,
    "startPeriod": 0,
    "restartAttemptPeriod": 300,
    "stopTimeout": 30,
    "rootDirectory": "/",
    "transitEncryption": "DISABLED",
    "iam": "DISABLED",
    "type": "APPMESH",
    "user": "0",
    "versionConsistency": "enabled",
    "cpuArchitecture": "X86_64",
    "operatingSystemFamily": "LINUX",
}


def may_be_left_out(member: Any, value: Any) -> bool:
    """Whether AWS documents, or fills in, that leaving the member out means the same. All flags but one are off."""
    if isinstance(value, bool):
        return value is (member == "essential")
    return value == "" or member in ("hostPort", "networkMode") or DOCUMENTED_DEFAULTS.get(member) == value


@pytest.mark.parametrize(("number", "flag"), [(0, False), (30, True), (7, False)])
def test_every_member_of_the_model_counts(number: int, flag: bool) -> None:
    definition = make.full(request_shape(), number=number, flag=flag, counter=itertools.count())
    before = form(definition)
    for path in make.leaves(definition):
        value = definition
        for step in path:
            value = value[step]
        assert form(make.changed(definition, path)) != before, f"a change at {path} went unnoticed"
        if isinstance(path[-1], str) and not may_be_left_out(path[-1], value):
            assert form(make.without(definition, path)) != before, f"leaving out {value!r} at {path} went unnoticed"


def test_order_of_commands_matters() -> None:
    def with_command(*words: str) -> dict[str, Any]:
        return {"containerDefinitions": [{"name": "a", "image": "b", "command": list(words)}]}

    assert form(with_command("a", "b")) != form(with_command("b", "a"))


def test_spellings_mean_the_same() -> None:
    snake = {"container_definitions": [{"name": "a", "port_mappings": [8080], "environment": {"A": 1, "B": True}}]}
    camel = {
        "containerDefinitions": [
            {
                "name": "a",
                "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
                "environment": [{"name": "B", "value": "true"}, {"name": "A", "value": "1"}],
            }
        ],
    }
    awsvpc = {"networkMode": "awsvpc"}
    assert form({**snake, **awsvpc}) == form({**camel, **awsvpc})


def test_shortcuts_are_read() -> None:
    definition, problems = read(
        {
            "containers_unknown": 1,
            "containerDefinitions": [
                {
                    "name": "a",
                    "dependsOn": {"b": "HEALTHY"},
                    "secrets": {"PASSWORD": "arn:aws:ssm:::p"},
                    "health_check": {"command": "curl -f localhost"},
                    "memory": "512",
                    "essential": "false",
                }
            ],
        }
    )
    assert len(problems) == 1
    assert "containers_unknown is unknown" in problems[0]
    assert definition["containerDefinitions"] == [
        {
            "name": "a",
            "dependsOn": [{"containerName": "b", "condition": "HEALTHY"}],
            "secrets": [{"name": "PASSWORD", "valueFrom": "arn:aws:ssm:::p"}],
            "healthCheck": {"command": ["CMD-SHELL", "curl -f localhost"]},
            "memory": 512,
            "essential": False,
        }
    ]


def test_wrong_types_are_told_with_their_place() -> None:
    _definition, problems = read(
        {
            "containerDefinitions": [
                {"name": "api", "cpu": "many", "essential": "perhaps", "command": "run", "dockerLabels": [1]},
                {"portMappings": [{"containerPort": 80, "protocol": "sctp"}]},
            ]
        }
    )
    assert [problem.split(" ")[0] for problem in problems] == [
        "containerDefinitions[api].cpu",
        "containerDefinitions[api].essential",
        "containerDefinitions[api].command",
        "containerDefinitions[api].dockerLabels",
        "containerDefinitions[1].portMappings[0].protocol",
    ]
    assert "AWS accepts tcp, udp" in problems[-1]


def test_stop_timeout_default_holds_on_fargate_only() -> None:
    def stops(seconds: int | None, launch: str) -> dict[str, Any]:
        container = {"name": "a"} if seconds is None else {"name": "a", "stopTimeout": seconds}
        return form({"requiresCompatibilities": [launch], "containerDefinitions": [container]})

    assert stops(30, "FARGATE") == stops(None, "FARGATE")
    assert stops(30, "EC2") != stops(None, "EC2")


def test_one_container_port_on_two_host_ports_is_kept_apart() -> None:
    def ports(*hosts: int) -> dict[str, Any]:
        mappings = [{"containerPort": 80, "hostPort": host} for host in hosts]
        return form({"networkMode": "bridge", "containerDefinitions": [{"name": "a", "portMappings": mappings}]})

    assert ports(8080, 8081) == ports(8081, 8080)
    assert ports(8080, 8081) != ports(8080)


def test_differences_are_named_by_path_and_secrets_are_masked() -> None:
    def with_environment(image: str, **environment: str) -> dict[str, Any]:
        return form({"containerDefinitions": [{"name": "api", "image": image, "environment": environment}]})

    found = compare.differences(
        with_environment("api:1", TOKEN="one", REGION="a", DATABASE="postgres://u:p@h/d"),
        with_environment("api:2", TOKEN="two", REGION="a", DATABASE="postgres://u:q@h/d", NEW_API_KEY="k"),
    )
    assert found == {
        "containerDefinitions.api.image": ("api:1", "api:2"),
        "containerDefinitions.api.environment.TOKEN": (compare.MASK, compare.CHANGED_MASK),
        "containerDefinitions.api.environment.DATABASE": (compare.MASK, compare.CHANGED_MASK),
        "containerDefinitions.api.environment.NEW_API_KEY": (None, compare.MASK),
    }


def test_ordinary_names_are_not_masked() -> None:
    for name in ("AWS_REGION", "SNS_SALES_PROCESSING_TOPIC", "MONGO_HOST", "AUTHOR", "KEYSPACE", "STATE_TABLE"):
        assert not compare.looks_secret(("environment", name), "value"), name
    for name in ("DB_PASSWORD", "DBPASS", "GITHUB_TOKEN", "api_key", "SECRET_KEY", "STRIPE_KEY", "MONGO_URI"):
        assert compare.looks_secret(("environment", name), "value"), name


def test_secret_values_are_kept_out_of_the_invocation() -> None:
    environment = {"API_TOKEN": "do-not-tell", "AWS_REGION": "sa-east-1", "PIN_KEY": "123"}
    assert secrets({"containers": [{"name": "a", "environment": environment}]}) == {"do-not-tell"}
