# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task may do with a file system: the file system's policy and those of the task's role, judged together.

An Allow in either is enough, a Deny in either wins. Without a policy of its own a file system lets everybody do
everything; with one, that is over. A client that does not show who it is (`authorizationConfig.iam` is not ENABLED) has
the file system's policy alone. An account as principal leaves the choice to the roles' own policies: it allows nothing
by itself. https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from localcloud.policies import Facts, allow, as_list, covers, holds, statements_of

MOUNT = "elasticfilesystem:ClientMount"
WRITE = "elasticfilesystem:ClientWrite"
ROOT = "elasticfilesystem:ClientRootAccess"

BY_DEFAULT = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "elasticfilesystem:Client*"}}'

ACCOUNT = re.compile(r"\d{12}|arn:[a-z-]+:iam::\d{12}:root")


@dataclass(frozen=True)
class Client:
    """Who mounts, and how. `role` is the ARN of its role and `identity` that role's policies; None if it hides both."""

    encrypted: bool
    role: str | None = None
    identity: Iterable[str] | None = None
    access_point: str | None = None
    """The ARN of the access point it comes through."""

    @property
    def facts(self) -> Facts:
        """The condition keys of EFS. Every task comes through a mount target."""
        facts: dict[str, str | bool] = {
            "aws:securetransport": self.encrypted,
            "elasticfilesystem:accessedviamounttarget": True,
        }
        if self.access_point:
            facts["elasticfilesystem:accesspointarn"] = self.access_point
        return facts


def may(client: Client, action: str, policy: str | None, arn: str) -> bool:
    """Whether a client may do `action` with the file system `arn`, whose policy is `policy`."""
    mine = [statement for document in client.identity or () for statement in statements_of(document)]
    theirs = [s for s in statements_of(policy or BY_DEFAULT) if _is_meant(s, client)]
    return allow(s for s in [*mine, *theirs] if covers(s, action, arn) and holds(s, client.facts))


def _is_meant(statement: dict[str, Any], client: Client) -> bool:
    principal = statement.get("Principal")
    if principal == "*":
        return True
    named = as_list(principal.get("AWS")) if isinstance(principal, dict) else []
    if "*" in named:
        return True
    if client.identity is None:
        return False
    whole_account = any(ACCOUNT.fullmatch(each) for each in named)
    return client.role in named or (whole_account and statement.get("Effect") == "Deny")
