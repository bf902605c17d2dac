# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the front door needs to know of the web ACL in front of a stage or an Application Load Balancer.

{arn, default: ALLOW | BLOCK, rules: [{name, action: ALLOW | BLOCK | COUNT, and one of
 addresses: [CIDR], longer_than: bytes of the body, rate: {limit, window}}]}, the rules in the order of their priority

Rules of other kinds are left out, those of AWS's rule groups too: nobody here knows what they hold.
"""

from __future__ import annotations

from typing import Any

from moto.wafv2.models import wafv2_backends

Item = dict[str, Any]


def guard_of(account: str, region: str, arn: str) -> Item | None:
    """The web ACL in front of this ARN, if there is one. The lock is held."""
    backend: Any = wafv2_backends[account][region]
    acl = backend.guard_of(arn)
    if acl is None:
        return None
    rules = [_rule(backend, rule) for rule in sorted(acl.rules, key=lambda each: each.priority)]
    default = next(iter(acl.default_action)).upper()
    return {"arn": acl.arn, "default": default, "rules": [rule for rule in rules if rule is not None]}


def _rule(backend: Any, rule: Any) -> Item | None:
    ((kind, told),) = rule.statement.items()
    found: Item | None = None
    if kind == "IPSetReferenceStatement":
        found = {"addresses": backend.ip_sets[told["ARN"]].addresses}
    elif kind == "RateBasedStatement" and "ScopeDownStatement" not in told and told["AggregateKeyType"] == "IP":
        found = {"rate": {"limit": told["Limit"], "window": told["EvaluationWindowSec"]}}
    elif kind == "SizeConstraintStatement" and "Body" in told["FieldToMatch"] and told["ComparisonOperator"] == "GT":
        found = {"longer_than": told["Size"]}
    return None if found is None else {"name": rule.name, "action": next(iter(rule.action)).upper(), **found}
