# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real task definitions of public projects: registered and asked for again, nothing changes; unfit ones are told why.

They are not part of the repository. Without them the tests are skipped, saying so.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import InvalidInput
from ansible_collections.multiregion.ecs.plugins.module_utils.layers.ecs_taskdef_revision import MODULE
from ansible_collections.multiregion.ecs.plugins.module_utils.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef import compare
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.canonical import canonical, network_mode
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.model import read, request_shape
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.sizes import CPU_UNITS_PER_VCPU, MIB_PER_GB
from tests.unit.ecs import definitions as make

PLACEHOLDERS = ("{{", "<+", "<IMAGE", "<region", "<taskRole", "YOUR_", "XXXX")

DEFAULTS: dict[str, Any] = {
    "cpu": 0,
    "essential": True,
    "protocol": "tcp",
    "readOnly": False,
    "rootDirectory": "/",
    "enableFaultInjection": False,
    "retries": 3,
    "interval": 30,
    "timeout": 5,
}
"""What a person leaves out who writes by hand."""


@pytest.fixture(scope="module", autouse=True)
def cloud() -> Iterator[None]:
    with mock_aws():
        yield


def ask(definition: dict[str, Any], *, check_mode: bool = False, **others: Any) -> dict[str, Any]:
    params = dict.fromkeys(MODULE.argument_spec) | {
        "workload": "real",
        "region": "sa-east-1",
        "state": "present",
        "purge_tags": True,
        "delete": False,
        "definition": definition,
        **others,
    }
    return run(MODULE, params, check_mode=check_mode)


def is_unfit(document: dict[str, Any]) -> bool:
    """An image is empty or something was never filled in."""
    definition = make.inner(document)
    images = [container.get("image") for container in definition["containerDefinitions"]]
    text = repr([images, definition.get("taskRoleArn"), definition.get("executionRoleArn")])
    return not all(images) or any(placeholder in text for placeholder in PLACEHOLDERS)


def by_hand(document: dict[str, Any]) -> dict[str, Any]:
    """The same, written by a person: defaults left out, lists in another order, sizes in vCPU and GB."""
    definition, _problems = read(document)
    same_port = network_mode(definition) in ("awsvpc", "host")

    def minimal(value: Any) -> Any:
        if isinstance(value, dict):
            kept = {key: minimal(item) for key, item in value.items() if key not in DEFAULTS or item != DEFAULTS[key]}
            if same_port and "containerPort" in kept and kept.get("hostPort") == kept["containerPort"]:
                del kept["hostPort"]
            return {key: item for key, item in kept.items() if item not in ([], {})}
        return [minimal(item) for item in value] if isinstance(value, list) else value

    order = random.Random(7)
    short = minimal(make.shuffled(request_shape(), definition, order))
    for name, factor, unit in (("cpu", CPU_UNITS_PER_VCPU, "vcpu"), ("memory", MIB_PER_GB, "GB")):
        if str(definition.get(name, "")).isdigit():
            short[name] = f"{int(definition[name]) / factor:g} {unit}"
    return short


@pytest.mark.parametrize("document", make.real_definitions())
def test_a_fit_one_is_registered_once_and_an_unfit_one_is_refused(document: dict[str, Any]) -> None:
    if is_unfit(document):
        with pytest.raises(InvalidInput, match="image is empty|looks like a placeholder"):
            ask(document)
        return
    first = ask(document)
    assert first["changed"]
    again = ask(document)
    assert again["changes"] == []
    assert again["task_definition_arn"] == first["task_definition_arn"]
    assert ask(by_hand(document), check_mode=True)["changes"] == []
    definition, _problems = read(document)
    container = definition["containerDefinitions"][0]
    container["image"] = "busybox:1.37"
    plan = ask(definition, check_mode=True)
    changes = [change["after"] for change in plan["changes"]]
    assert changes == [{f"containerDefinitions.{container['name']}.image": "busybox:1.37"}]
    assert plan["task_definition_arn"] == "(known after apply)"


@pytest.mark.parametrize("document", make.real_definitions())
def test_one_written_by_hand_means_what_aws_answers(document: dict[str, Any]) -> None:
    answer = canonical(read(make.answered(read(document)[0]))[0])
    assert compare.differences(answer, canonical(read(by_hand(document))[0])) == {}
