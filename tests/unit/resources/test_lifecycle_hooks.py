# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks of deployments as ECS is told them and tells them, and those that cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.checks import problems
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.lifecycle_hooks import (
    hooks_from_aws,
    hooks_to_aws,
    normal_hooks,
)
from tests.support.services import FUNCTION, SHIFTED, asked

SMOKE = {"hook_target_arn": FUNCTION, "role_arn": "arn:aws:iam::123456789012:role/hooks"}
AT = "POST_TEST_TRAFFIC_SHIFT"


def test_what_aws_takes_by_default_is_not_said_and_is_no_difference_when_it_is_told() -> None:
    wanted = normal_hooks([{**SMOKE, "lifecycle_stages": [AT, "PRE_SCALE_UP"], "timeout_minutes": 1440}])
    (said,) = hooks_to_aws(wanted)
    assert said == {
        "hookTargetArn": FUNCTION,
        "roleArn": SMOKE["role_arn"],
        "lifecycleStages": [AT, "PRE_SCALE_UP"],
    }
    timeout = {"timeoutInMinutes": 1440, "action": "ROLLBACK"}
    told = {
        **said,
        "lifecycleStages": ["PRE_SCALE_UP", AT],
        "targetType": "AWS_LAMBDA",
        "timeoutConfiguration": timeout,
    }
    assert hooks_from_aws([told]) == wanted


def test_their_order_is_no_difference() -> None:
    one, other = {**SMOKE, "lifecycle_stages": [AT]}, {"target_type": "PAUSE", "lifecycle_stages": [AT]}
    assert normal_hooks([one, other]) == normal_hooks([other, one])


@pytest.mark.parametrize(
    ("strategy", "hooks", "words"),
    [
        (
            "blue_green",
            [{**SMOKE, "lifecycle_stages": []}],
            "[0]: lifecycle_stages is empty; expected some of RECONCILE",
        ),
        ("blue_green", [{**SMOKE, "lifecycle_stages": ["SCALE_UP"]}], "has 'SCALE_UP'; expected some of"),
        ("rolling", [{**SMOKE, "lifecycle_stages": [AT]}], f"has {AT}, which is a stage of blue_green, canary, linear"),
        ("recreate", [{**SMOKE, "lifecycle_stages": [AT]}], "given with strategy recreate"),
        ("blue_green", [{"lifecycle_stages": [AT]}], "hook_target_arn is missing"),
        ("blue_green", [{"hook_target_arn": FUNCTION, "lifecycle_stages": [AT]}], "role_arn is missing"),
        ("blue_green", [{**SMOKE, "hook_target_arn": "smoke", "lifecycle_stages": [AT]}], "'smoke'; expected the ARN"),
        ("blue_green", [{**SMOKE, "target_type": "PAUSE", "lifecycle_stages": [AT]}], "which invokes nothing"),
        (
            "canary",
            [{"target_type": "PAUSE", "lifecycle_stages": ["PRODUCTION_TRAFFIC_SHIFT"]}],
            "has PRODUCTION_TRAFFIC_SHIFT, at which ECS does not pause",
        ),
        (
            "blue_green",
            [{**SMOKE, "lifecycle_stages": [AT], "timeout_minutes": 1441}],
            "accepts 1 to 1440 for AWS_LAMBDA",
        ),
        ("blue_green", [{"target_type": "PAUSE", "lifecycle_stages": [AT], "timeout_minutes": 20161}], "1 to 20160"),
        ("blue_green", [{**SMOKE, "lifecycle_stages": [AT]}] * 11, "has 11 of target_type AWS_LAMBDA; AWS accepts 10"),
    ],
)
def test_hooks_that_cannot_be_are_told(strategy: str, hooks: list[dict[str, Any]], words: str) -> None:
    balanced = {} if strategy in ("rolling", "recreate") else {"load_balancers": SHIFTED, "wait_timeout": 3600}
    found = problems(
        asked(strategy=strategy, deployment={"lifecycle_hooks": [dict(each) for each in hooks]}, **balanced)
    )
    assert any(words in problem for problem in found), found


def test_a_rolling_service_has_hooks_of_its_tasks() -> None:
    hooks = [{**SMOKE, "lifecycle_stages": ["RECONCILE_SERVICE", "PRE_SCALE_UP", "POST_SCALE_UP"]}]
    assert problems(asked(deployment={"lifecycle_hooks": hooks})) == []
