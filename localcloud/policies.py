# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies: what a statement covers, what a role may do, and whether a service is admitted that acts for a source ARN.

As much of IAM's evaluation as deliveries, replications and mounts need.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from moto.iam.models import iam_backends

OPT_IN_REGIONS = frozenset(
    [
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
    ]
)
"""Regions launched after 2019-03-20. Between one of these and a default region the SNS principal is regional."""


Facts = Mapping[str, str | bool | tuple[str, ...]]

OPERATORS = {
    "ArnEquals": True,
    "ArnLike": True,
    "ArnNotEquals": True,
    "ArnNotLike": True,
    "Bool": False,
    "StringEquals": False,
    "StringLike": True,
    "StringNotEquals": False,
    "StringNotLike": True,
}
"""The operators of conditions that are judged, and whether wildcards count in what they compare with."""


def sns_principal(topic_region: str, queue_region: str) -> str:
    """The principal SNS delivers as, from a topic's region to a queue's."""
    if topic_region == queue_region:
        return "sns.amazonaws.com"
    opt_in = next((region for region in (queue_region, topic_region) if region in OPT_IN_REGIONS), None)
    return f"sns.{opt_in}.amazonaws.com" if opt_in else "sns.amazonaws.com"


def admits(policy: str | dict[str, Any] | None, principal: str, action: str, resource: str, source_arn: str) -> bool:
    """Whether `policy` lets the service `principal` do `action` on `resource` on behalf of `source_arn`.

    A Deny that matches wins.
    """
    document = json.loads(policy) if isinstance(policy, str) else policy or {}
    account = source_arn.split(":")[4]
    facts = {"aws:sourcearn": source_arn, "aws:sourceaccount": account, "aws:sourceowner": account}
    return allow(
        statement
        for statement in as_list(document.get("Statement"))
        if _admits_service(statement.get("Principal"), principal)
        and covers(statement, action, resource)
        and holds(statement, facts)
    )


def allow(statements: Iterable[dict[str, Any]]) -> bool:
    """Whether statements that apply allow: one at least allows, and none denies."""
    effects = {statement.get("Effect") for statement in statements}
    return "Allow" in effects and "Deny" not in effects


def covers(statement: dict[str, Any], action: str, resource: str) -> bool:
    """Whether a statement, allowing or denying, is about `action` on `resource`."""
    named = "NotAction" not in statement
    patterns = [pattern.lower() for pattern in as_list(statement.get("Action" if named else "NotAction"))]
    return any(fnmatch.fnmatchcase(action.lower(), pattern) for pattern in patterns) is named and any(
        fnmatch.fnmatchcase(resource, pattern) for pattern in as_list(statement.get("Resource", "*"))
    )


def holds(statement: dict[str, Any], facts: Facts) -> bool:
    """Whether the condition of a statement holds; `facts` are condition keys, in small letters, with their values.

    A key that is not there makes a test false, unless the test is negated or ends in IfExists. A key with several
    values is for operators that begin with ForAllValues or ForAnyValue alone, and without values the first holds.
    Operators other than those of strings, ARNs and truth never hold.
    """
    condition = statement.get("Condition") or {}
    return all(_test(operator, facts.get(key.lower()), wanted) for operator, key, wanted in _tests(condition))


def role_may(account: str, arn: str, action: str, resource: str) -> bool:
    """Whether the policies of the role `arn` let it do `action` on `resource`; a role that is not there may nothing."""
    return identity_may(role_of(account, arn), action, resource)


def identity_may(role: Any, action: str, resource: str, facts: Facts | None = None) -> bool:
    """Whether the policies of a role of moto let it do `action` on `resource`; None may nothing."""
    told = tuple(sorted((key, value) for key, value in (facts or {}).items()))
    return _documents_allow(tuple(documents_of(role)), action, resource, told)


def is_conditional(role: Any, action: str, resource: str) -> bool:
    """Whether it depends on facts of the call if the policies of a role let it do `action` on `resource`."""
    return _some_have_conditions(tuple(documents_of(role)), action, resource)


def role_of(account: str, arn: str | None) -> Any:
    """The role with an ARN or a name, as moto keeps it; None if there is none."""
    return next((role for role in roles_of(account) if arn in (role.arn, role.name)), None)


def roles_of(account: str) -> list[Any]:
    """The roles of an account. moto keeps them by partition, and an account is of one."""
    return [role for backend in list(iam_backends[account].values()) for role in backend.roles.values()]


def documents_of(role: Any) -> list[str]:
    """The documents of a role's policies, inline and attached; None has none."""
    if role is None:
        return []
    attached = [policy.document for policy in role.managed_policies.values()]
    return [each if isinstance(each, str) else json.dumps(each) for each in [*role.policies.values(), *attached]]


@lru_cache(maxsize=4096)
def _documents_allow(documents: tuple[str, ...], action: str, resource: str, told: tuple[tuple[str, Any], ...]) -> bool:
    """Kept, since tasks ask the same again and again."""
    statements = [statement for document in documents for statement in statements_of(document)]
    return allow(s for s in statements if covers(s, action, resource) and holds(s, dict(told)))


@lru_cache(maxsize=4096)
def _some_have_conditions(documents: tuple[str, ...], action: str, resource: str) -> bool:
    statements = [statement for document in documents for statement in statements_of(document)]
    return any(covers(s, action, resource) and s.get("Condition") for s in statements)


@lru_cache(maxsize=4096)
def statements_of(document: str) -> list[dict[str, Any]]:
    """The statements of a policy document, parsed once since every call of a task asks; nobody changes them."""
    return as_list(json.loads(document).get("Statement"))


def _admits_service(declared: Any, principal: str) -> bool:
    if declared == "*":
        return True
    if not isinstance(declared, dict):
        return False
    return principal in as_list(declared.get("Service")) or "*" in as_list(declared.get("AWS"))


def _tests(condition: dict[str, dict[str, Any]]) -> Iterable[tuple[str, str, list[str]]]:
    for operator, keys in condition.items():
        for key, wanted in keys.items():
            yield operator, key, [_text(value) for value in as_list(wanted)]


def _test(operator: str, found: str | bool | tuple[str, ...] | None, wanted: list[str]) -> bool:
    several, colon, each = operator.rpartition(":")
    if colon:
        values = found if isinstance(found, tuple) else ()
        met = [_test(each, value, wanted) for value in values]
        return all(met) if several == "ForAllValues" else several == "ForAnyValue" and any(met)
    plain = operator.removesuffix("IfExists")
    if plain not in OPERATORS:
        return False
    negated = "Not" in plain
    if found is None:
        return negated or plain != operator
    if isinstance(found, tuple):
        return False
    text = _text(found)
    met = any(fnmatch.fnmatchcase(text, value) if OPERATORS[plain] else text == value for value in wanted)
    return met is not negated


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_list(value: Any) -> list[Any]:
    """IAM lets one element stand for a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def json_object(value: Any) -> dict[str, Any] | None:
    """A document that came as a dictionary or as JSON; None if it is no JSON object."""
    try:
        document = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
