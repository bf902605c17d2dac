# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which policies let a task mount a file system."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.runner.file_access import may_mount

ARN = "arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-1"
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
    assert may_mount(policy, ARN, encrypted, identity) is admitted
