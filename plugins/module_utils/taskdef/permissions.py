# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles allow and whom they trust, as far as a task definition depends on it.

The policies are read and judged here, because IAM's simulator is closed to many operators who may read roles.
Conditions are not judged: a statement with one counts as if the condition held.
"""

from __future__ import annotations

import re
from typing import Any

from ..aws import policies
from ..kernel import Cloud, absent_is_none

ECS_TASKS = "ecs-tasks.amazonaws.com"
"""The principal that assumes execution roles and task roles."""

Document = dict[str, Any]


def role_name(role: str) -> str:
    """The name in the ARN of a role, or in a name with a path."""
    return role.rpartition("/")[2]


def trusts_ecs(trust: Document) -> bool:
    """Whether a trust policy lets ECS tasks assume the role."""
    for statement in _statements(trust):
        principal = statement.get("Principal")
        services = _several(principal.get("Service")) if isinstance(principal, dict) else _several(principal)
        admitted = ECS_TASKS in services or "*" in services
        if statement.get("Effect") == "Allow" and admitted and _matches(statement, "Action", "sts:AssumeRole"):
            return True
    return False


def allowed(documents: list[Document], action: str, resource: str) -> bool:
    """Whether policies together allow `action` on `resource`: a statement allows it, and none denies it."""
    effects = {
        statement.get("Effect")
        for document in documents
        for statement in _statements(document)
        if _matches(statement, "Action", action) and _matches(statement, "Resource", resource)
    }
    return effects == {"Allow"}


def role_documents(cloud: Cloud, region: str, role: str) -> list[Document]:
    """The role's own policies, inline and attached; none if it does not exist."""
    client, name = cloud.client("iam", region), role_name(role)
    documents = []
    with absent_is_none("NoSuchEntity"):
        for policy in cloud.paginate("iam", "list_role_policies", region, RoleName=name):
            documents.append(client.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
        for policy in cloud.paginate("iam", "list_attached_role_policies", region, RoleName=name):
            arn = policy["PolicyArn"]
            version = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            documents.append(client.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    return [policies.parse(document) for document in documents]


def _statements(document: Document) -> list[Document]:
    statements = document.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def _matches(statement: Document, member: str, text: str) -> bool:
    if f"Not{member}" in statement:
        return not any(_glob(pattern, text) for pattern in _several(statement[f"Not{member}"]))
    return any(_glob(pattern, text) for pattern in _several(statement.get(member)))


def _several(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def _glob(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` and `?`, and nothing else. It ignores the case of actions; ARNs differ in more than case."""
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL) is not None
