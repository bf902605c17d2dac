# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may assume a role, and what its policies allow."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.permissions import allowed, role_name, trusts_ecs


def policy(**statement: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **statement}]}


def test_who_may_assume_a_role() -> None:
    ecs = {"Service": ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]}
    assert trusts_ecs(policy(Principal=ecs))
    assert trusts_ecs(policy(Principal={"Service": "ecs-tasks.amazonaws.com"}, Action=["sts:TagSession", "sts:*"]))
    assert trusts_ecs({"Statement": policy(Principal="*")["Statement"][0]})
    assert not trusts_ecs(policy(Principal=ecs, Effect="Deny"))
    assert not trusts_ecs(policy(Principal=ecs, Action="sts:TagSession"))
    assert not trusts_ecs(policy(Principal={"Service": "ecs.amazonaws.com"}))
    assert not trusts_ecs(policy(Principal={"AWS": "123456789012"}))
    assert role_name("arn:aws:iam::123456789012:role/ecs/deep") == role_name("deep") == "deep"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}], True),
        (
            [{"Effect": "Allow", "Action": ["logs:create?oggroup"], "Resource": ["arn:aws:logs:*:*:log-group:/ecs/*"]}],
            True,
        ),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], True),
        ([{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}], False),
        ([{"Effect": "Allow", "Action": "logs:*", "Resource": "arn:aws:logs:*:*:log-group:/other"}], False),
        (
            [
                {"Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Effect": "Deny", "Action": "logs:CreateLogGroup", "Resource": "*"},
            ],
            False,
        ),
        ([], False),
    ],
)
def test_what_policies_allow(statements: list[dict[str, Any]], expected: bool) -> None:
    group = "arn:aws:logs:sa-east-1:123456789012:log-group:/ecs/api"
    assert allowed([{"Statement": s} for s in statements], "logs:CreateLogGroup", group) is expected
