# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file system's settings in their normal form: what EFS tells and what was asked for are equal when they mean it."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.resources import access_point, file_system
from localcloud.efs import rules
from localcloud.runner.file_access import MOUNT, ROOT, WRITE, Client, may

ARN = "arn:aws:elasticfilesystem:sa-east-1:123456789012:file-system/fs-1"
ROLE = '{"Statement": {"Effect": "Allow", "Action": "elasticfilesystem:ClientMount", "Resource": "*"}}'


def policy(encrypted_only: bool, known_only: bool) -> dict[str, Any]:
    made = file_system.access_policy(encrypted_only=encrypted_only, known_only=known_only)
    assert made is not None
    return made


def test_without_a_reason_there_is_no_policy() -> None:
    assert file_system.access_policy(encrypted_only=False, known_only=False) is None


@pytest.mark.parametrize("refuse_plain", [True, False])
@pytest.mark.parametrize("refuse_anonymous", [True, False])
@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("identity", [None, [ROLE]])
def test_a_policy_refuses_exactly_what_it_shall(
    refuse_plain: bool, refuse_anonymous: bool, encrypted: bool, identity: Any
) -> None:
    made = file_system.access_policy(encrypted_only=refuse_plain, known_only=refuse_anonymous)
    expected = (encrypted or not refuse_plain) and (identity is not None or not refuse_anonymous)
    text = None if made is None else json.dumps(made)
    client = Client(encrypted, identity=identity)
    assert may(client, MOUNT, text, ARN) is expected
    # Nobody writes or is root who was not allowed to, once clients are known.
    assert may(client, WRITE, text, ARN) is may(client, ROOT, text, ARN) is (expected and not refuse_anonymous)
    assert text is None or rules.policy_complaint(text) is None and not rules.locks_out(text)


def test_policies_are_compared_by_what_they_mean() -> None:
    made = policy(True, True)
    told = {
        "Version": made["Version"],
        "Statement": [
            {**statement, "Resource": ARN, "Principal": {"AWS": ["*"]}} for statement in reversed(made["Statement"])
        ],
    }
    assert file_system.same_policy(told, made)
    others = [None, policy(True, False), policy(False, True)]
    for one, other in itertools.combinations([*others, made], 2):
        assert not file_system.same_policy(one, other)
    assert file_system.same_policy(None, None)


@pytest.mark.parametrize("days", file_system.TRANSITION_DAYS)
def test_days_are_written_as_efs_writes_them(days: int) -> None:
    from moto.core.utils import get_service_model

    model = get_service_model("efs")
    for shape in ("TransitionToIARules", "TransitionToArchiveRules"):
        assert file_system.after_days(days) in model.shape_for(shape).enum
        assert len(model.shape_for(shape).enum) == len(file_system.TRANSITION_DAYS)
    assert file_system.days(file_system.after_days(days)) == days


def test_a_token_is_the_same_for_the_same_access_point_only() -> None:
    wanted = {"file_system": "fs-1", "path": "/a", "user": None, "owner": None, "tags": {"a": "b"}}
    token = access_point._token("data", wanted)
    assert len(token) == 64  # the most that EFS takes
    assert access_point._token("data", {**wanted, "tags": {}}) == token
    others = [{**wanted, "file_system": "fs-2"}, {**wanted, "path": "/b"}, {**wanted, "user": {"uid": 1}}]
    assert len({token, access_point._token("logs", wanted), *(access_point._token("data", o) for o in others)}) == 5


@pytest.mark.parametrize(
    ("before", "after", "hours", "refused"),
    [
        (("elastic", 0), ("bursting", 0), None, False),
        (("elastic", 0), ("bursting", 0), 23, True),
        (("elastic", 0), ("bursting", 0), 24, False),
        (("provisioned", 10), ("provisioned", 20), 1, False),
        (("provisioned", 20), ("provisioned", 10), 1, True),
        (("bursting", 0), ("bursting", 0), 1, False),
    ],
)
def test_throughput_changes_once_in_a_day(before: Any, after: Any, hours: int | None, refused: bool) -> None:
    changed_at = None if hours is None else 1_000_000 - hours * 3600
    assert rules.too_early(1_000_000, changed_at, before, after) is refused
