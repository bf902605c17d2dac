# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps in which traffic moves to new tasks, and when the next one is due."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from moto.ecs.exceptions import InvalidParameterException

from localcloud.ecs.shifting_rules import check_shifting
from localcloud.runner.shifting import side_of, steps_of, take_side


@pytest.mark.parametrize(
    ("configuration", "steps"),
    [
        ({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 5}, [(100, 5)]),
        (
            {"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 10, "canaryBakeTimeInMinutes": 3}},
            [(10, 3), (100, 0)],
        ),
        (
            {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 40, "stepBakeTimeInMinutes": 2}},
            [(40, 2), (80, 2), (100, 0)],
        ),
    ],
)
def test_each_strategy_has_its_steps_and_ends_with_everything(configuration: dict, steps: list) -> None:
    assert steps_of(configuration) == steps


def service(**others: Any) -> SimpleNamespace:
    given = {
        "name": "api", "region_name": "sa-east-1", "_account_id": "123456789012", "load_balancers": [], "events": [],
        "deployments": [{"id": "new"}], "completed_deployment": None,
        "deployment_configuration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1},
    }  # fmt: skip
    return SimpleNamespace(**{**given, **others})


def test_the_sides_alternate() -> None:
    it = service()
    take_side(it, "new")
    assert side_of(it, "new") == 0
    it.completed_deployment = {"id": "new"}
    it.deployments = [{"id": "next"}, {"id": "new"}]
    take_side(it, "next")
    assert (side_of(it, "next"), side_of(it, "new")) == (1, 0)


def test_a_balancer_without_the_means_to_shift_is_refused() -> None:
    backend = SimpleNamespace(account_id="123456789012", region_name="sa-east-1")
    balancers = [{"targetGroupArn": "arn:group"}]
    check_shifting(backend, {"strategy": "ROLLING"}, balancers)
    with pytest.raises(InvalidParameterException, match="advancedConfiguration field is required"):
        check_shifting(backend, {"strategy": "CANARY"}, balancers)
    balancers[0]["advancedConfiguration"] = {"alternateTargetGroupArn": "arn:other"}  # type: ignore[assignment]
    with pytest.raises(InvalidParameterException, match="arn:other does not exist"):
        check_shifting(backend, {"strategy": "CANARY"}, balancers)
