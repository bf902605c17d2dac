# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which policies let a task mount a file system."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.runner.file_access import MOUNT as MOUNTING
from localcloud.runner.file_access import ROOT, Client, may
from localcloud.runner.file_access import WRITE as WRITING

ARN = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1"
ROLE = "arn:aws:iam::123456789012:role/shop-task"
EVERYBODY: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": ARN}
WRITE = {**EVERYBODY, "Action": ["elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"]}
MOUNT = {**EVERYBODY, "Action": "elasticfilesystem:Client*"}
THROUGH = {**MOUNT, "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}}
FROM_ELSEWHERE = {**MOUNT, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
ENCRYPTED = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


MAY = document({"Effect": "Allow", "Action": ["elasticfilesystem:ClientMount"], "Resource": [ARN]})
MAY_ANOTHER = document({"Effect": "Allow", "Action": "elasticfilesystem:ClientMount", "Resource": f"{ARN}0"})
MAY_NOT = document({"Effect": "Deny", "Action": "*", "Resource": "*"})


@pytest.mark.parametrize(
    ("policy", "encrypted", "identity", "admitted"),
    [
        (None, False, None, True),
        (None, True, [MAY_NOT], False),
        (document(WRITE), True, None, False),
        (document(WRITE), True, [], False),
        (document(WRITE), True, [MAY], True),
        (document(WRITE), True, [MAY_ANOTHER], False),
        (document(MOUNT), False, None, True),
        (document(THROUGH), False, None, True),
        (document(FROM_ELSEWHERE), False, None, False),
        (document(MOUNT, ENCRYPTED), False, None, False),
        (document(MOUNT, ENCRYPTED), True, None, True),
        (document(WRITE, ENCRYPTED), False, [MAY], False),
        (document(MOUNT), True, [MAY_NOT], False),
    ],
)
def test_who_may_mount(policy: str | None, encrypted: bool, identity: list[str] | None, admitted: bool) -> None:
    assert may(Client(encrypted, identity=identity), MOUNTING, policy, ARN) is admitted


def test_an_allow_in_either_policy_is_enough() -> None:
    """What the file system grants to everybody, no role of a client takes away by not granting it."""
    reader = Client(encrypted=True, identity=[MAY])
    assert may(reader, WRITING, document(WRITE), ARN) and may(reader, ROOT, document(WRITE), ARN)
    assert not may(reader, WRITING, document(ENCRYPTED), ARN) and may(reader, MOUNTING, document(ENCRYPTED), ARN)


def test_a_role_may_be_bound_to_an_access_point() -> None:
    point = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-1"
    bound = document(
        {
            "Effect": "Allow",
            "Action": "elasticfilesystem:ClientMount",
            "Resource": ARN,
            "Condition": {"StringEquals": {"elasticfilesystem:AccessPointArn": point}},
        }
    )
    for through, admitted in ((point, True), (f"{point}0", False), (None, False)):
        client = Client(encrypted=True, identity=[bound], access_point=through)
        assert may(client, MOUNTING, document(ENCRYPTED), ARN) is admitted


@pytest.mark.parametrize(
    ("principal", "effect", "known", "admitted"),
    [
        (ROLE, "Allow", True, True),
        (f"{ROLE}-2", "Allow", True, False),
        (ROLE, "Allow", False, False),
        # An account leaves the choice to its roles' own policies, and can still deny.
        ("123456789012", "Allow", True, False),
        ("arn:aws:iam::123456789012:root", "Deny", True, False),
    ],
)
def test_a_policy_may_name_a_role_or_an_account(principal: str, effect: str, known: bool, admitted: bool) -> None:
    named = {"Effect": effect, "Principal": {"AWS": principal}, "Action": MOUNTING}
    identity = [MAY] if effect == "Deny" else []
    client = Client(encrypted=True, role=ROLE, identity=identity) if known else Client(encrypted=True)
    assert may(client, MOUNTING, document(named), ARN) is admitted
