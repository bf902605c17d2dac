# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS demands of the roles of a task."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.ecs.exceptions import EcsClientException
from moto.utilities.utils import get_partition

from localcloud.policies import admits, roles_of
from localcloud.world import WORLD

ECS_TASKS = "ecs-tasks.amazonaws.com"

ROLE_PROPAGATION = 0.5
"""A new role cannot be assumed for some seconds on AWS; here long enough that nobody can forget to try again."""


def trusts(role: Any, principal: str, source_arn: str) -> bool:
    """Whether a role lets ECS, which comes as `principal`, assume it on behalf of something of the account."""
    return admits(role.assume_role_policy_document, principal, "sts:AssumeRole", "*", source_arn)


def check_roles(backend: Any, definition: Any, overriding: list[str] | None = None) -> None:
    """Refuse a role that ECS cannot assume, of a definition or of those that override it.

    RunTask is refused at once. A service is made and changed all the same, and its launches fail.

    Raises:
        EcsClientException: the role is missing, trusts others, or was made a moment ago.
    """
    roles = {role.arn: role for role in roles_of(backend.account_id)}
    own = (getattr(definition, "task_role_arn", None), getattr(definition, "execution_role_arn", None))
    for arn in (*own, *(overriding or [])):
        if not arn:
            continue
        role = roles.get(
            arn
            if arn.startswith("arn:")
            else f"arn:{get_partition(backend.region_name)}:iam::{backend.account_id}:role/{arn}"
        )
        if role is None:
            why = "it does not exist"
        elif not trusts(
            role,
            ECS_TASKS,
            f"arn:{get_partition(backend.region_name)}:ecs:{backend.region_name}:{backend.account_id}:task/",
        ):
            why = f"its trust policy does not admit {ECS_TASKS}"
        elif (utcnow() - role.create_date).total_seconds() < WORLD.options.delayed(ROLE_PROPAGATION):
            why = "it was created a moment ago and is not known everywhere yet"
        else:
            continue
        raise EcsClientException(
            f"ECS was unable to assume the role '{arn}' that was provided for this task ({why}). Please verify that "
            "the role being passed has the proper trust relationship and permissions and that your IAM user has "
            "permissions to pass this role."
        )
