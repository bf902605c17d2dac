# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a task may mount a file system: the file system's policy, and that of the task's role.

Without a policy whoever reaches a mount target may. With one, a client without IAM credentials may if the policy lets
everybody; one with them (`authorizationConfig.iam: ENABLED`) also if its own role allows it.
https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localcloud.policies import allow, as_list, covers, statements_of

MOUNT = "elasticfilesystem:ClientMount"


def may_mount(policy: str | None, arn: str, encrypted: bool, identity: Iterable[str] | None) -> bool:
    """Whether a client may mount the file system `arn`, whose policy is `policy`.

    `encrypted`: whether its transport is. `identity`: the policies of its role; None if it does not show who it is.
    """
    if not policy:
        return True
    mine = [s for document in identity or () for s in statements_of(document) if covers(s, MOUNT, arn)]
    theirs = [
        s for s in statements_of(policy) if _is_for_everybody(s) and covers(s, MOUNT, arn) and _holds(s, encrypted)
    ]
    return allow([*mine, *theirs])


def _is_for_everybody(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal")
    return principal == "*" or (isinstance(principal, dict) and "*" in as_list(principal.get("AWS")))


def _holds(statement: dict[str, Any], encrypted: bool) -> bool:
    """Every task comes through a mount target; other conditions are not known here, and do not hold."""
    facts = {"aws:securetransport": encrypted, "elasticfilesystem:accessedviamounttarget": True}
    for operator, wanted in (statement.get("Condition") or {}).items():
        if operator != "Bool":
            return False
        for key, value in wanted.items():
            if str(facts.get(key.lower(), "")).lower() != str(value).lower():
                return False
    return True
