# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real task definitions of public projects, registered on the embedded cloud: asked for again, nothing changes.

They are not part of the repository. Without them the tests are skipped, saying so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import InvalidInput
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef import compare
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.canonical import canonical
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.model import read, request_shape
from localcloud import Cloud
from tests.support import task_definitions as make
from tests.support.revisions import Revisions


@pytest.fixture(scope="module")
def revisions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Revisions]:
    with Cloud(home=tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as cloud:
        yield Revisions(cloud)


@pytest.mark.parametrize("document", make.real_definitions(fit=True))
def test_a_fit_one_is_registered_once(revisions: Revisions, document: dict[str, Any]) -> None:
    first = revisions.ask(definition=document)
    assert first["changed"]
    again = revisions.ask(definition=document)
    assert (again["changes"], again["aws_calls"]) == ([], 1)
    assert again["task_definition_arn"] == first["task_definition_arn"]
    assert revisions.ask(definition=make.by_hand(document), check_mode=True)["changes"] == []
    assert revisions.ask(base="latest", family=again["family"])["changes"] == []

    definition, _problems = read(document)
    container = definition["containerDefinitions"][0]
    container["image"] = "busybox:1.37"
    plan = revisions.ask(definition=definition, check_mode=True)
    changes = [change["after"] for change in plan["changes"]]
    assert changes == [{f"containerDefinitions.{container['name']}.image": "busybox:1.37"}]
    assert plan["task_definition_arn"] == "(known after apply)"


FILLED_IN: dict[str, Any] = {
    "cpu": 0,
    "essential": True,
    "protocol": "tcp",
    "rootDirectory": "/",
    "environment": [],
    "mountPoints": [],
    "volumesFrom": [],
    "portMappings": [],
    "placementConstraints": [],
    "volumes": [],
}
"""What AWS answers although nobody said it."""


def bare(value: Any) -> Any:
    """A definition without what AWS fills in."""
    if isinstance(value, dict):
        kept = {name: bare(item) for name, item in value.items() if name not in FILLED_IN or item != FILLED_IN[name]}
        if kept.get("hostPort") == kept.get("containerPort"):
            kept.pop("hostPort", None)
        return kept
    return [bare(item) for item in value] if isinstance(value, list) else value


def comparable(description: dict[str, Any]) -> Any:
    """A description without the order of what are sets."""
    definition, _problems = read(description)
    for container in definition["containerDefinitions"]:
        container.pop("systemControls", None)  # older answers of AWS lack it
    return in_order({name: part for name, part in definition.items() if name != "tags"})


def in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: in_order(item) for name, item in value.items()}
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return sorted((in_order(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


@pytest.mark.parametrize("document", make.descriptions())
def test_the_embedded_cloud_describes_as_aws_did(revisions: Revisions, document: dict[str, Any]) -> None:
    """It fills in what AWS fills in, no more and no less: else the other tests here would prove little."""
    definition, _problems = read(document)
    request = bare({name: part for name, part in definition.items() if name != "tags"})
    arn = revisions.client("ecs").register_task_definition(**request)["taskDefinition"]["taskDefinitionArn"]
    assert comparable(revisions.described(arn)) == comparable(document)


def test_everything_that_the_model_has_is_registered(revisions: Revisions) -> None:
    definition = make.everything(request_shape())
    assert definition.keys() == request_shape().members.keys() - {"tags"}
    assert revisions.ask(definition=definition)["changed"]
    assert revisions.ask(definition=definition)["changes"] == []
    answer, problems = read(revisions.described("everything"))
    assert problems == []
    assert compare.differences(canonical(definition), canonical(answer)) == {}


@pytest.mark.parametrize("document", make.real_definitions(fit=False))
def test_an_unfit_one_is_refused_before_aws_is_asked(revisions: Revisions, document: dict[str, Any]) -> None:
    before = revisions.families()
    with pytest.raises(InvalidInput):
        revisions.ask(definition=document)
    assert revisions.families() == before
