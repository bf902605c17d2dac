# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Functions that an inventory names as hooks of deployments, and the role that may invoke them."""

from __future__ import annotations

from ansible_collections.multiregion.ecs.plugins.module_utils.services.lifecycle_hooks import (
    deployment_in,
    hook_policies,
    with_hooks,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wiring import Place

HERE = Place("sales", "sa-east-1", ("sa-east-1",), "123456789012")
SMOKE = {"function": "smoke", "lifecycle_stages": ["POST_TEST_TRAFFIC_SHIFT"]}
PAUSE = {"target_type": "PAUSE", "lifecycle_stages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"]}
ARN = "arn:aws:lambda:sa-east-1:123456789012:function:smoke"


def test_a_named_function_is_that_of_the_region_with_the_role_that_is_made() -> None:
    given = {"bake_minutes": 5, "lifecycle_hooks": [SMOKE, PAUSE]}
    told = deployment_in(given, HERE, "arn:role")
    stages = {"lifecycle_stages": SMOKE["lifecycle_stages"]}
    smoke = {"hook_target_arn": ARN, "role_arn": "arn:role", **stages}
    assert told == {"bake_minutes": 5, "lifecycle_hooks": [smoke, PAUSE]}
    assert deployment_in({"bake_minutes": 5}, HERE, "arn:role") == {"bake_minutes": 5}


def test_the_role_may_invoke_these_functions_and_nothing_else() -> None:
    web = {"name": "web", "deployment": {"lifecycle_hooks": [SMOKE, SMOKE, PAUSE]}}
    (statement,) = hook_policies(web, HERE)["hooks"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == (["lambda:InvokeFunction"], [ARN])


def test_a_role_is_made_for_services_that_name_functions() -> None:
    web = {"name": "web", "deployment": {"lifecycle_hooks": [SMOKE]}}
    others = [{"name": "plain"}, {"name": "paused", "deployment": {"lifecycle_hooks": [PAUSE]}}]
    assert with_hooks([web, *others]) == [web] and hook_policies(others[1], HERE) == {}
