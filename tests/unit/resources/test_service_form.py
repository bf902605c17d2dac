# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service is told in, and read back from, the words of ECS: traffic shifting, discovery, Service Connect."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import validate_parameters

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.build import wanted_service
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.checks import problems
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.service_conversion import TO_AWS, attributes
from tests.support.services import BEHIND, CASES, REGISTRY, SHIFTED, asked


def request(given: dict[str, Any]) -> dict[str, Any]:
    wanted = wanted_service(asked(**given), wait=False)
    return {parameter: turn(wanted[name]) for name, (parameter, turn) in TO_AWS.items() if name in wanted}


@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_ecs_knows_what_it_is_told_and_tells_it_back(given: dict[str, Any]) -> None:
    told = request(given)
    model = get_session().get_service_model("ecs").operation_model("UpdateService").input_shape
    validate_parameters({"service": "api", **told}, model)
    answer = {
        **told,
        "serviceArn": "arn",
        "status": "ACTIVE",
        "launchType": None if told.get("capacityProviderStrategy") else "FARGATE",
        "deployments": [
            {"id": "1", "status": "PRIMARY", "serviceConnectConfiguration": told.get("serviceConnectConfiguration")}
        ],
        "tags": [{"key": "workload", "value": "sales"}, {"key": "region", "value": "sa-east-1"}],
    }
    wanted, found = wanted_service(asked(**given), wait=False), attributes(answer)
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"strategy": "ROLLING"}),
        (CASES["blue_green"], {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 9}),
        (CASES["canary"], {"canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 10}}),
        (CASES["linear"], {"linearConfiguration": {"stepPercent": 25.0, "stepBakeTimeInMinutes": 6}}),
    ],
)
def test_strategies_in_the_words_of_ecs(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert expected.items() <= request(given)["deploymentConfiguration"].items()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"strategy": "canary", "load_balancers": BEHIND}, "each needs shift with strategy canary"),
        ({"load_balancers": SHIFTED}, "shift is for blue_green, canary, linear"),
        ({"deployment": {"bake_minutes": 5}}, "bake_minutes is for blue_green, canary, linear"),
        ({"strategy": "linear", "deployment": {"canary": {}}}, "deployment.canary is for strategy canary"),
        ({"strategy": "linear", "deployment": {"linear": {"step_percent": 1}}}, "AWS accepts 3.0 to 100"),
        ({"strategy": "canary", "deployment": {"canary": {"bake_minutes": 2000}}}, "AWS accepts 0 to 1440 minutes"),
        ({"strategy": "blue_green", "deployment": {"circuit_breaker": {}}}, "is for strategy rolling"),
        ({"service_registries": [{"registry_arn": "shop"}]}, "no ARN of a Cloud Map service"),
        ({"service_registries": [{"registry_arn": REGISTRY, "container_name": "api"}]}, "belong together"),
    ],
)
def test_what_cannot_be_is_told(given: dict[str, Any], told: str) -> None:
    found = problems(asked(**given))
    assert any(told in problem for problem in found), found


@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_what_can_be_is_not(given: dict[str, Any]) -> None:
    assert problems(asked(**given)) == []
