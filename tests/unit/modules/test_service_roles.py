# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a role trusts."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.service_roles import trust
from localcloud.policies import admits

ACCOUNT = "123456789012"
ECS_TASKS = "ecs-tasks.amazonaws.com"


def role(**given: Any) -> dict[str, Any]:
    return {"assume": [ECS_TASKS], "assume_policy": None, **given}


@pytest.mark.parametrize(
    ("source", "admitted"),
    [
        (f"arn:aws:ecs:sa-east-1:{ACCOUNT}:task/sales/1", True),
        (f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/sales/1", True),
        ("arn:aws:ecs:sa-east-1:999999999999:task/sales/1", False),
        (f"arn:aws:lambda:sa-east-1:{ACCOUNT}:function:sales", False),
    ],
)
def test_ecs_assumes_it_for_tasks_of_this_account_alone(source: str, admitted: bool) -> None:
    document = trust(role(), ACCOUNT, "aws")
    assert admits(document, ECS_TASKS, "sts:AssumeRole", "*", source) is admitted


def test_other_services_are_trusted_as_they_are_named() -> None:
    [statement] = trust(role(assume=["ecs.amazonaws.com"]), ACCOUNT, "aws")["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": ["ecs.amazonaws.com"]},
        "Action": "sts:AssumeRole",
    }
    assert trust(role(assume_policy={"own": True}), ACCOUNT, "aws") == {"own": True}
