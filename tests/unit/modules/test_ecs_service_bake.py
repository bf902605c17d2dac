# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody waits for a deployment for less than ECS bakes it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_service.checks import problems
from tests.support.services import asked


def waiting(strategy: str, deployment: dict[str, Any], **given: Any) -> list[str]:
    return problems(asked(strategy=strategy, deployment=deployment, **given))


@pytest.mark.parametrize(
    ("strategy", "deployment", "seconds"),
    [
        ("blue_green", {"bake_minutes": 15}, 15 * 60),
        ("canary", {}, 10 * 60),
        ("canary", {"canary": {"bake_minutes": 5}, "bake_minutes": 15}, 20 * 60),
        ("linear", {}, 54 * 60),
        ("linear", {"linear": {"step_percent": 30, "step_bake_minutes": 5}, "bake_minutes": 1}, 16 * 60),
    ],
)
def test_a_wait_that_ends_before_the_bake_is_refused(strategy: str, deployment: dict[str, Any], seconds: int) -> None:
    assert waiting(strategy, deployment, wait_timeout=seconds) == [
        f"wait_timeout is {seconds}; strategy {strategy} bakes for {seconds // 60} minutes, which are {seconds} "
        f"seconds, and takes as long at least. Set wait_timeout to {seconds + 600} or more, or wait to false."
    ]
    assert waiting(strategy, deployment, wait_timeout=seconds + 1) == []
    assert waiting(strategy, deployment, wait_timeout=seconds, wait=False) == []


def test_without_a_bake_any_wait_will_do() -> None:
    assert waiting("blue_green", {}, wait_timeout=1) == []
    assert waiting("rolling", {}, wait_timeout=1) == []


def test_steps_that_cannot_be_are_told_alone() -> None:
    assert waiting("linear", {"linear": {"step_percent": 0}}) == [
        "deployment.linear.step_percent is 0.0; AWS accepts 3.0 to 100."
    ]
