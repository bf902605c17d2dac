# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS WAF demands of web ACLs, their rules and IP sets."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from moto.wafv2.exceptions import WAFv2ClientError

Item = dict[str, Any]

NAME = re.compile(r"[\w\-]{1,128}")
METRIC = re.compile(r"[A-Za-z0-9_-]{1,128}")
RESERVED_METRICS = ("All", "Default_Action")
LEAST_RATE, MOST_RATE = 10, 2_000_000_000
WINDOWS = (60, 120, 300, 600)
USUAL_WINDOW = 300
MOST_ADDRESSES = 10_000
GROUPS = ("ManagedRuleGroupStatement", "RuleGroupReferenceStatement")
AWS_GROUPS = frozenset(
    f"AWSManagedRules{name}"
    for name in (
        "CommonRuleSet", "AdminProtectionRuleSet", "KnownBadInputsRuleSet", "SQLiRuleSet", "LinuxRuleSet",
        "UnixRuleSet", "WindowsRuleSet", "PHPRuleSet", "WordPressRuleSet", "AmazonIpReputationList",
        "AnonymousIpList", "BotControlRuleSet", "ATPRuleSet", "ACFPRuleSet", "AntiDDoSRuleSet",
    )
)  # fmt: skip
"""The rule groups of the vendor AWS."""

CONFIGURED = ("BotControlRuleSet", "ATPRuleSet", "ACFPRuleSet", "AntiDDoSRuleSet")
"""Those that need settings of their own."""

GUARDED = re.compile(
    r"arn:aws[a-z-]*:(?:elasticloadbalancing:(?P<balancer>[a-z0-9-]+):\d{12}:loadbalancer/app/[^/]+/[^/]+"
    r"|apigateway:(?P<stage>[a-z0-9-]+)::/restapis/[a-z0-9]+/stages/\w+)"
)
"""What a web ACL can guard here: an Application Load Balancer, or the stage of a REST API."""


class InvalidParameter(WAFv2ClientError):
    """A parameter is none that there is, or has a value that it cannot have."""

    def __init__(self, reason: str, field: str, value: Any) -> None:
        super().__init__(
            "WAFInvalidParameterException",
            f"Error reason: {reason}, field: {field}, parameter: {value}",
        )


class DuplicateItem(WAFv2ClientError):
    """Another one has this name."""

    def __init__(self) -> None:
        super().__init__(
            "WAFDuplicateItemException",
            "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an "
            "existing one.",
        )


class AssociatedItem(WAFv2ClientError):
    """Something still uses what is to be deleted."""

    def __init__(self) -> None:
        super().__init__(
            "WAFAssociatedItemException",
            "AWS WAF couldn't perform the operation because your resource is being used by another resource or it's "
            "associated with another resource.",
        )


class UnavailableEntity(WAFv2ClientError):
    """What was just made is not known everywhere yet."""

    def __init__(self) -> None:
        super().__init__(
            "WAFUnavailableEntityException",
            "AWS WAF couldn't retrieve the resource that you requested. Retry your request.",
        )


class LimitsExceeded(WAFv2ClientError):
    """More than AWS WAF takes."""

    def __init__(self) -> None:
        super().__init__(
            "WAFLimitsExceededException",
            "AWS WAF couldn't perform the operation because you exceeded your resource limit.",
        )


def check_name(name: str) -> None:
    """Refuse a name that nothing of AWS WAF's can have."""
    if not NAME.fullmatch(name):
        raise InvalidParameter("The parameter contains formatting that is not valid.", "ENTITY_NAME", name)


def check_settings(default_action: Item, visibility: Item, association: Item | None) -> None:
    """Refuse what a web ACL says beside its rules."""
    if len(default_action) != 1:
        raise InvalidParameter("You have used none or multiple values for a field that requires one.", "DEFAULT_ACTION",
                               default_action)  # fmt: skip
    _check_metric(visibility)
    for kind, told in ((association or {}).get("RequestBody") or {}).items():
        if told["DefaultSizeInspectionLimit"] == "KB_8" and kind != "APPLICATION_LOAD_BALANCER":
            raise InvalidParameter("The parameter value isn't valid.", "ASSOCIATION_CONFIG", kind)


def _check_metric(visibility: Item) -> None:
    name = visibility["MetricName"]
    if not METRIC.fullmatch(name) or name in RESERVED_METRICS:
        raise InvalidParameter("The parameter contains formatting that is not valid.", "METRIC_NAME", name)


def check_rules(rules: list[Item]) -> None:
    """Refuse rules that could not stand in one web ACL. Those of the same name or place are refused too."""
    for key, field in (("Name", "RULE_NAME"), ("Priority", "RULE_PRIORITY")):
        said = [rule[key] for rule in rules]
        for value in said:
            if said.count(value) > 1:
                raise InvalidParameter("You have used a duplicate value.", field, value)
    for rule in rules:
        check_name(rule["Name"])
        _check_metric(rule["VisibilityConfig"])
        _check_action(rule)
        for kind, statement in statements(rule["Statement"]):
            if kind == "RateBasedStatement":
                _check_rate(statement)
            if kind == "ManagedRuleGroupStatement":
                _check_group(statement)


def statements(told: Item) -> Iterator[tuple[str, Item]]:
    """A statement and those in it, each with its kind."""
    if len(told) != 1:
        raise InvalidParameter("You have used none or multiple values for a field that requires one.", "STATEMENT",
                               sorted(told))  # fmt: skip
    ((kind, statement),) = told.items()
    yield kind, statement
    inside = [*statement.get("Statements", []), statement.get("Statement"), statement.get("ScopeDownStatement")]
    for each in filter(None, inside):
        yield from statements(each)


def _check_action(rule: Item) -> None:
    """A rule group has actions of its own, which may be overridden; any other rule says its one."""
    is_group = next(iter(rule["Statement"]), "") in GROUPS
    needed, other = ("OverrideAction", "Action") if is_group else ("Action", "OverrideAction")
    if not rule.get(needed) or rule.get(other):
        raise InvalidParameter("A reference in your rule statement is not valid.", "RULE", rule["Name"])


def _check_rate(statement: Item) -> None:
    window = statement.setdefault("EvaluationWindowSec", USUAL_WINDOW)
    if not LEAST_RATE <= statement["Limit"] <= MOST_RATE:
        raise InvalidParameter("The parameter value isn't valid.", "RATE_BASED_STATEMENT", statement["Limit"])
    if window not in WINDOWS:
        raise InvalidParameter("The parameter value isn't valid.", "EVALUATION_WINDOW", window)


def _check_group(statement: Item) -> None:
    name = statement["Name"]
    if statement["VendorName"] != "AWS" or name not in AWS_GROUPS:
        raise InvalidParameter("The referenced managed rule group isn't available.", "MANAGED_RULE_SET", name)
    if name.removeprefix("AWSManagedRules") in CONFIGURED and not statement.get("ManagedRuleGroupConfigs"):
        raise InvalidParameter("A required field is missing.", "MANAGED_RULE_GROUP_CONFIG", name)


def checked_addresses(version: str, addresses: list[str]) -> list[str]:
    """The addresses of an IP set as AWS WAF tells them: those of IPv6 with every digit.

    Raises:
        InvalidParameter: one is no range in CIDR notation, of the other version, or everything.
        LimitsExceeded: there are too many.
    """
    if len(addresses) > MOST_ADDRESSES:
        raise LimitsExceeded
    told = []
    for each in addresses:
        try:
            network = ipaddress.ip_network(each, strict=False)
        except ValueError:
            network = None
        if network is None or "/" not in each or f"IPV{network.version}" != version or network.prefixlen == 0:
            raise InvalidParameter("The parameter contains formatting that is not valid.", "IP_ADDRESS", each)
        told.append(network.exploded)
    return sorted(set(told))
