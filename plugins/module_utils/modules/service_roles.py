# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The IAM roles that tasks run with: execution roles for ECS itself, task roles for the containers."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from ..aws import policies as documents
from ..aws.names import partition, resource_tags
from ..kernel import Cloud, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.role import Role

VERSION = "2012-10-17"

NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
POLICY_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)

ECS_TASKS = "ecs-tasks.amazonaws.com"

EXECUTION = "execution"
EXECUTION_ACTIONS = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
]
"""What ECS does with an execution role: pull the image, write what the containers print."""

EXECUTE_COMMAND = "execute-command"
EXECUTE_COMMAND_ACTIONS = [
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
]

INLINE_CHARACTERS = 10240
"""What the inline policies of one role may have together, white space not counted."""


def allow(actions: list[str], resource: str = "*") -> dict[str, Any]:
    """A policy document that allows `actions`."""
    return {"Version": VERSION, "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}


def inline_policies(role: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The inline policies of a role: those that its kind brings along, and the user's, which win.

    Raises:
        ValueError: a document is no JSON object.
    """
    brought = {}
    if role["kind"] == "execution":
        brought[EXECUTION] = allow(EXECUTION_ACTIONS)
    if role["execute_command"]:
        brought[EXECUTE_COMMAND] = allow(EXECUTE_COMMAND_ACTIONS)
    return {**brought, **{name: documents.parse(document) for name, document in role["policies"].items()}}


def trust(role: dict[str, Any], account: str, partition_name: str) -> dict[str, Any]:
    """Who may assume the role; ECS for tasks of this account alone.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    if role["assume_policy"]:
        return role["assume_policy"]
    statement = {"Effect": "Allow", "Principal": {"Service": role["assume"]}, "Action": "sts:AssumeRole"}
    if role["assume"] == [ECS_TASKS]:
        statement["Condition"] = {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:{partition_name}:ecs:*:{account}:*"},
        }
    return {"Version": VERSION, "Statement": [statement]}


def problems(params: dict[str, Any]) -> list[str]:
    found = []
    for name, count in Counter(role["name"] for role in params["roles"]).items():
        if count > 1:
            found.append(f"roles has {name!r} {count} times; give each role a name of its own.")
    for role in params["roles"]:
        found += _role_problems(role) if params["state"] == "present" else []
    return found


def _role_problems(role: dict[str, Any]) -> list[str]:
    name, found = role["name"], []
    if not NAME.fullmatch(name):
        found.append(f"role {name!r} has {len(name)} characters; IAM accepts 1 to 64 letters, digits and +=,.@_-.")
    if not (role["path"].startswith("/") and role["path"].endswith("/")):
        found.append(f"role {name}: path is {role['path']!r}; it must start and end with a slash.")
    if not role["assume"] and not role["assume_policy"]:
        found.append(
            f"role {name}: assume is empty, so nothing can assume it; name a service such as ecs-tasks.amazonaws.com."
        )
    for arn in role["managed_policies"]:
        if not arn.startswith("arn:") and "(known after apply)" not in arn:
            found.append(f"role {name}: managed_policies has {arn!r}, which is no ARN.")
    for policy, document in role["policies"].items():
        if not POLICY_NAME.fullmatch(policy):
            found.append(
                f"role {name}: a policy is called {policy!r}; IAM accepts 1 to 128 letters, digits and +=,.@_-."
            )
        try:
            statements = documents.parse(document).get("Statement")
        except ValueError as error:
            found.append(f"role {name}: policy {policy} cannot be read: {error}.")
            continue
        if not statements:
            found.append(f"role {name}: policy {policy} has no Statement.")
    if not found:
        size = sum(len("".join(documents.as_json(d).split())) for d in inline_policies(role).values())
        if size > INLINE_CHARACTERS:
            found.append(f"role {name}: its policies have {size} characters; IAM accepts {INLINE_CHARACTERS} together.")
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    absent = params["state"] == "absent"
    boundary = {"permissions_boundary": params["permissions_boundary"]} if params["permissions_boundary"] else {}
    roles = []
    for role in params["roles"]:
        wanted: dict[str, Any] = {}
        if not absent:
            wanted = {
                "trust": trust(role, cloud.account_id, partition(cloud.region)),
                "policies": inline_policies(role),
                "managed_policies": role["managed_policies"],
                "path": role["path"],
                "tags": resource_tags(params),
                **boundary,
            }
        roles.append(
            Role(
                role["name"],
                params["region"],
                state=params["state"],
                purge_tags=params["purge_tags"],
                description=role["description"],
                **wanted,
            )
        )

    def outputs(known: Known) -> dict[str, Any]:
        kinds = {role["name"]: role["kind"] for role in params["roles"]}
        return {"roles": {r.name: {"arn": known.attribute(r, "arn"), "kind": kinds[r.name]} for r in roles}}

    return Composition(roles, outputs)


MODULE = ModuleDefinition(
    arguments={
        "roles": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "kind": {"type": "str", "choices": ["execution", "task"], "default": "task"},
                "policies": {"type": "dict", "default": {}},
                "managed_policies": {"type": "list", "elements": "str", "default": []},
                "assume": {"type": "list", "elements": "str", "default": [ECS_TASKS]},
                "assume_policy": {"type": "dict"},
                "execute_command": {"type": "bool", "default": False},
                "description": {"type": "str"},
                "path": {"type": "str", "default": "/"},
            },
        },
        "permissions_boundary": {"type": "str"},
    },
    services=("iam", "sts"),
    build=build,
    problems=problems,
)
