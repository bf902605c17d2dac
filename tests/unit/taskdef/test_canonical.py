# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The canonical form: AWS's defaults and the order of sets make no difference, and everything else does."""

from __future__ import annotations

import copy
import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef import compare
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.canonical import canonical
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.model import read, request_shape
from tests.support import task_definitions as make
from tests.support.task_definitions import form, generated, planned


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
def test_the_form_of_a_form_is_that_form(definition: dict[str, Any]) -> None:
    once = form(definition)
    again = make.spelled_out(request_shape(), once)
    assert form(again) == once
    assert canonical(again) == once  # reading it, too, was done


@generated
@given(make.definitions())
def test_what_is_brought_to_form_is_left_as_it_was(definition: dict[str, Any]) -> None:
    before = copy.deepcopy(definition)
    form(definition)
    assert definition == before


@generated
@given(make.definitions(), st.randoms(use_true_random=False))
def test_a_real_difference_never_hides(definition: dict[str, Any], choice: random.Random) -> None:
    paths = list(make.leaves(definition))
    for path in choice.sample(paths, min(len(paths), 15)):
        other = make.changed(definition, path)
        assert planned(definition, other), f"a change at {path} went unnoticed"
        assert planned(other, definition), f"a change back at {path} went unnoticed"


@generated
@given(make.definitions(), st.randoms(use_true_random=False))
def test_an_item_that_goes_or_comes_never_hides(definition: dict[str, Any], choice: random.Random) -> None:
    paths = list(make.items(definition))
    for path in choice.sample(paths, min(len(paths), 10)):
        other = make.without(definition, path)
        assert planned(definition, other), f"that {path} goes went unnoticed"
        assert planned(other, definition), f"that {path} comes went unnoticed"


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


@pytest.mark.parametrize("mode", ["awsvpc", "host", "bridge"])
def test_port_0_of_the_host_is_its_choice(mode: str) -> None:
    def with_port(**port: int) -> dict[str, Any]:
        return {"networkMode": mode, "containerDefinitions": [{"name": "a", "portMappings": [port]}]}

    answer = {"containerPort": 80, "hostPort": 0 if mode == "bridge" else 80}
    assert planned(with_port(**answer), with_port(containerPort=80, hostPort=0)) == {}
    assert planned(with_port(**answer), with_port(containerPort=80)) == {}


def test_a_variable_that_is_null_is_none() -> None:
    def with_environment(**variables: Any) -> dict[str, Any]:
        return {"containerDefinitions": [{"name": "a", "environment": variables}]}

    definition, problems = read(with_environment(GONE=None, KEPT="", HERE="1"))
    assert problems == []
    assert [item["name"] for item in definition["containerDefinitions"][0]["environment"]] == ["KEPT", "HERE"]
    assert planned(with_environment(KEPT="", HERE="1"), with_environment(GONE=None, KEPT="", HERE="1")) == {}
    assert planned(with_environment(KEPT=""), with_environment())


def test_a_blank_text_is_not_given() -> None:
    efs = {"fileSystemId": "fs-0123456789abcdef0"}
    without: dict[str, Any] = {
        "family": "a",
        "containerDefinitions": [{"name": "a", "image": "b"}],
        "volumes": [{"name": "v", "efsVolumeConfiguration": efs}],
    }
    blank = copy.deepcopy(without) | {"taskRoleArn": "", "executionRoleArn": "", "networkMode": "", "pidMode": ""}
    blank["containerDefinitions"][0] |= {"user": "", "hostname": "", "workingDirectory": ""}
    blank["volumes"][0]["efsVolumeConfiguration"]["rootDirectory"] = ""
    assert read(blank) == (without, [])


@pytest.mark.parametrize(
    ("explicit", "without"),
    [
        ({"volumes": [{"name": "a", "configuredAtLaunch": False}]}, {"volumes": [{"name": "a"}]}),
        (
            {"volumes": [{"name": "a", "dockerVolumeConfiguration": {"scope": "task", "driver": "local"}}]},
            {"volumes": [{"name": "a", "dockerVolumeConfiguration": {"driver": "local"}}]},
        ),
        ({"trustedExecutionConfiguration": {"isolationMode": "SHARED"}}, {}),
        ({"requiresCompatibilities": ["EXTERNAL"], "networkMode": "bridge"}, {"requiresCompatibilities": ["EXTERNAL"]}),
    ],
)
def test_a_default_that_is_written_out_is_no_change(explicit: dict[str, Any], without: dict[str, Any]) -> None:
    assert planned(without, explicit) == {} == planned(explicit, without)


def test_a_plan_repeats_nothing_that_stays() -> None:
    def with_port(host: int, launch: str) -> dict[str, Any]:
        ports = [{"containerPort": 80, "hostPort": host}]
        containers = [{"name": "a", "portMappings": ports}]
        return {"requiresCompatibilities": [launch], "networkMode": "awsvpc", "containerDefinitions": containers}

    assert set(planned(with_port(80, "EC2"), with_port(80, "FARGATE"))) == {"requiresCompatibilities"}
    bridge = {"networkMode": "bridge"}
    moved = planned(with_port(8080, "EC2") | bridge, with_port(8081, "EC2") | bridge)
    assert moved == {"containerDefinitions.a.portMappings.80/tcp.hostPort": (8080, 8081)}


@pytest.mark.parametrize("written", [10.9, "10.9", float("inf"), True, "many"])
def test_what_is_no_whole_number_is_told(written: Any) -> None:
    _definition, told = read({"containerDefinitions": [{"name": "a", "cpu": written}]})
    (only,) = told
    assert only.startswith("containerDefinitions[a].cpu is ") and only.endswith("it must be a whole number.")
    assert read({"containerDefinitions": [{"name": "a", "cpu": 10.0}]})[0]["containerDefinitions"][0]["cpu"] == 10


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
