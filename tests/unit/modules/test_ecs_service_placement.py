# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On which instances a service's tasks are placed: what is refused, sent, and no difference afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import validate_parameters

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.checks import problems
from tests.support.fake_ecs import FakeEcs
from tests.support.services import asked, differences, make, update

SSD = {"type": "memberOf", "expression": "attribute:disk == ssd"}
APART = {"type": "distinctInstance"}
ZONES = {"type": "spread", "field": "attribute:ecs.availability-zone"}
FULL = {"type": "binpack", "field": "memory"}
PLACED: dict[str, Any] = {
    "launch_type": "EC2",
    "placement_constraints": [SSD, APART],
    "placement_strategy": [ZONES, FULL, {"type": "random"}],
}
SPOT = {"launch_type": None, "capacity_provider_strategy": [{"capacity_provider": "FARGATE_SPOT"}]}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"placement_constraints": [APART]}, "placement_constraints is given with FARGATE"),
        ({"placement_strategy": [ZONES]}, "placement_strategy is given with FARGATE"),
        ({**SPOT, "placement_strategy": [ZONES]}, "placement_strategy is given with FARGATE_SPOT"),
        ({"launch_type": "EC2", "placement_constraints": [SSD] * 11}, "has 11 entries; AWS accepts 10"),
        ({"launch_type": "EC2", "placement_strategy": [FULL] * 6}, "has 6 entries; AWS accepts 5"),
        ({"placement_constraints": [{**APART, "expression": "x"}]}, "distinctInstance has the expression 'x'"),
        ({"placement_constraints": [{"type": "memberOf"}]}, "memberOf needs an expression"),
        ({"placement_constraints": [{**SSD, "expression": "x" * 2001}]}, "2001 characters; AWS accepts 2000"),
        ({"placement_strategy": [{"type": "binpack", "field": "disk"}]}, "'disk'; expected cpu or memory"),
        ({"placement_strategy": [{"type": "binpack"}]}, "expected cpu or memory"),
        ({"placement_strategy": [{"type": "spread"}]}, "spread needs a field"),
        ({"placement_strategy": [{"type": "random", "field": "cpu"}]}, "random has the field 'cpu'"),
    ],
)
def test_a_placement_that_cannot_be_is_told(given: dict[str, Any], told: str) -> None:
    found = problems(asked(**given))
    assert any(told in problem for problem in found), found


@pytest.mark.parametrize(
    "given",
    [
        PLACED,
        {**PLACED, "launch_type": None, "capacity_provider_strategy": [{"capacity_provider": "instances"}]},
        {"placement_constraints": [], "placement_strategy": []},
    ],
)
def test_a_placement_that_can_be_is_not(given: dict[str, Any]) -> None:
    assert problems(asked(**given)) == []


def test_a_new_service_is_placed_and_then_no_difference() -> None:
    cloud = FakeEcs()
    make(cloud, **PLACED)
    sent = {name: cloud.sent[0][name] for name in ("placementConstraints", "placementStrategy")}
    assert sent == {"placementConstraints": [SSD, APART], "placementStrategy": [ZONES, FULL, {"type": "random"}]}
    for operation, service in (("CreateService", "serviceName"), ("UpdateService", "service")):
        model = get_session().get_service_model("ecs").operation_model(operation).input_shape
        validate_parameters({service: "api", "taskDefinition": "api:1", **sent}, model)
    assert differences(cloud, **PLACED) == {}
    assert differences(cloud, **{**PLACED, "placement_constraints": [APART, SSD]}) == {}


def test_the_spelling_of_aws_is_no_difference() -> None:
    cloud = FakeEcs()
    strategy = [{"type": "spread", "field": "host"}, {"type": "binpack", "field": "CPU"}]
    make(cloud, launch_type="EC2", placement_strategy=strategy)
    told = cloud.services["api"]["placementStrategy"]
    assert told == [{"type": "spread", "field": "instanceId"}, {"type": "binpack", "field": "cpu"}]
    told[1]["field"] = "CPU"
    assert differences(cloud, launch_type="EC2", placement_strategy=strategy) == {}


def test_a_changed_placement_is_sent_alone_and_deploys_nothing() -> None:
    cloud = FakeEcs()
    first = make(cloud, **PLACED)
    changed = {**PLACED, "placement_strategy": [FULL, ZONES]}
    assert set(differences(cloud, **changed)) == {"placement_strategy"}
    assert update(cloud, **changed)["deployment_id"] == first["deployment_id"]
    assert cloud.sent[-1] == {"cluster": "sales", "service": "api", "placementStrategy": [FULL, ZONES]}


def test_left_out_it_is_left_alone_and_an_empty_list_removes_it() -> None:
    cloud = FakeEcs()
    make(cloud, **PLACED)
    assert differences(cloud, launch_type="EC2") == {}
    none: dict[str, Any] = {"launch_type": "EC2", "placement_constraints": [], "placement_strategy": []}
    update(cloud, **none)
    assert (cloud.sent[-1]["placementConstraints"], cloud.sent[-1]["placementStrategy"]) == ([], [])
    assert differences(cloud, **none) == {}
