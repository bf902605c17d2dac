# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a task may mount a file system: the file system's policy, and that of the task's role.

Without a policy whoever reaches a mount target may. With one, a client without IAM credentials may if the policy lets
everybody; one with them (`authorizationConfig.iam: ENABLED`) also if its own role allows it.
https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable
from typing import Any

from moto.iam.models import iam_backends

from localcloud.policies import as_list

MOUNT = "elasticfilesystem:ClientMount"


def may_mount(policy: str | None, arn: str, encrypted: bool, identity: Iterable[str] | None) -> bool:
    """Whether a client may mount the file system `arn`, whose policy is `policy`.

    `encrypted`: whether its transport is. `identity`: the policies of its role; None if it does not show who it is.
    """
    if not policy:
        return True
    mine = [s for document in identity or () for s in _statements(document) if _covers(s, arn)]
    theirs = [s for s in _statements(policy) if _is_for_everybody(s) and _covers(s, arn) and _holds(s, encrypted)]
    effects = {statement.get("Effect") for statement in [*mine, *theirs]}
    return "Allow" in effects and "Deny" not in effects


def policies_of_role(account: str, role_arn: str | None) -> list[str]:
    """The documents of a role's policies, inline and attached."""
    name = (role_arn or "").rpartition("/")[2]
    backend: Any = iam_backends[account]["aws"]
    role = next((each for each in backend.roles.values() if each.name == name), None)
    if role is None:
        return []
    attached = [policy.document for policy in role.managed_policies.values()]
    return [each if isinstance(each, str) else json.dumps(each) for each in [*role.policies.values(), *attached]]


def _statements(document: str) -> list[dict[str, Any]]:
    return as_list(json.loads(document).get("Statement"))


def _is_for_everybody(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal")
    return principal == "*" or (isinstance(principal, dict) and "*" in as_list(principal.get("AWS")))


def _covers(statement: dict[str, Any], arn: str) -> bool:
    actions = [action.lower() for action in as_list(statement.get("Action"))]
    return any(fnmatch.fnmatchcase(MOUNT.lower(), action) for action in actions) and any(
        fnmatch.fnmatchcase(arn, resource) for resource in as_list(statement.get("Resource", "*"))
    )


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
