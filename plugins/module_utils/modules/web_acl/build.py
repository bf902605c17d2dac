# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web ACL, its sets of addresses and what it guards as resources, and what is returned."""

from __future__ import annotations

from typing import Any

from ...aws.names import resource_tags
from ...kernel import Cloud, CollectionError, Known, Resource
from ...kernel.run import Composition
from ...resources.ip_set import VERSIONS, IpSet, of_version
from ...resources.waf import WafListing
from ...resources.web_acl import USUAL_LIMITS, WebAcl, WebAclAssociation, seen_as
from .arguments import ADDRESSES

Item = dict[str, Any]

LIMITS = (8, 16, 32, 48, 64)
"""How many KiB of a body AWS WAF can be made to look at."""

DOES = {"allowed": "Allow", "blocked": "Block"}


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    if not cloud.region:
        raise CollectionError("region is not given, neither as a parameter nor in the environment (AWS_REGION).")
    listing = WafListing(cloud, cloud.region)
    listing.side_by_side([lambda: listing.guarded(params["name"]), listing.ip_sets])
    if params["state"] == "absent":
        return Composition(_removal(params, listing))
    return _presence(params, listing)


def _presence(params: dict[str, Any], listing: WafListing) -> Composition:
    name, region = params["name"], listing.region
    tags = resource_tags(params, region)
    sets = _sets(params, listing, {**tags, "web_acl": name})
    acl = WebAcl(
        name,
        region,
        listing=listing,
        purge_tags=params["purge_tags"],
        default=params["default"],
        rules=_rules(params, [each for each in sets if each.state == "present"]),
        body_limits=_body_limits(params["largest_body"]),
        metric=name,
        tags=tags,
    )
    put: list[Resource] = [
        _association(params, listing, balancer, arn, web_acl=acl.ref("arn"))
        for balancer, arn in params["guards"].items()
    ]
    # The stage of an API is the API's own matter.
    there = [arn for arn in listing.guarded(name) if ":loadbalancer/" in arn]
    taken = [
        _association(params, listing, arn, arn, state="absent") for arn in there if arn not in params["guards"].values()
    ]

    def outputs(known: Known) -> dict[str, Any]:
        return {"arn": known.attribute(acl, "arn"), "guards": sorted(params["guards"])}

    return Composition([*sets, acl, *put, *taken], outputs)


def _removal(params: dict[str, Any], listing: WafListing) -> list[Resource]:
    name, region = params["name"], listing.region
    sets: list[Resource] = [
        IpSet(_set_name(name, kind, version), region, listing=listing, state="absent")
        for kind in ADDRESSES
        for version in VERSIONS
    ]
    acl = WebAcl(name, region, listing=listing, state="absent", needs=sets)
    taken = [_association(params, listing, arn, arn, state="absent", needs=[acl]) for arn in listing.guarded(name)]
    return [*sets, acl, *taken]


def _association(params: dict[str, Any], listing: WafListing, name: str, arn: str, **others: Any) -> WebAclAssociation:
    return WebAclAssociation(name, listing.region, acl_name=params["name"], listing=listing, resource=arn, **others)


def _set_name(name: str, kind: str, version: int) -> str:
    return f"{name}-{kind}-ipv{version}"


def _sets(params: dict[str, Any], listing: WafListing, tags: dict[str, str]) -> list[IpSet]:
    """A set for each version of IP that is asked for; the others go, after the rules that named them."""
    sets = []
    for kind in ADDRESSES:
        for version in VERSIONS:
            addresses = of_version(params[kind], version)
            wanted: Item = (
                {"version": version, "addresses": addresses, "tags": tags, "purge_tags": params["purge_tags"]}
                if addresses
                else {"state": "absent"}
            )
            sets.append(IpSet(_set_name(params["name"], kind, version), listing.region, listing=listing, **wanted))
    return sets


def _rules(params: dict[str, Any], sets: list[IpSet]) -> list[Item]:
    """The rules in their order: who is allowed is let through before anything else is asked."""
    rules = []
    for each in sets:
        kind = each.name.removeprefix(f"{params['name']}-")
        does = DOES[kind.partition("-")[0]]
        rules.append(_rule(kind, {"IPSetReferenceStatement": {"ARN": each.ref("arn")}}, {"Action": {does: {}}}))
    if params["largest_body"] is not None:
        rules.append(_rule("largest-body", {"SizeConstraintStatement": _longer(params["largest_body"])}, BLOCKS))
    rate = params["rate_limit"]
    if rate is not None:
        counted = {
            "Limit": rate["requests"],
            "EvaluationWindowSec": rate["window"],
            "AggregateKeyType": "IP",
        }
        does = COUNTS if rate["count"] else BLOCKS
        rules.append(_rule("rate-limit", {"RateBasedStatement": counted}, does))
    for group in params["managed"]:
        override = {"OverrideAction": {"Count" if group["count"] else "None": {}}}
        rules.append(_rule(group["name"], {"ManagedRuleGroupStatement": _managed(group)}, override))
    return [{**rule, "Priority": number} for number, rule in enumerate(rules)]


BLOCKS: Item = {"Action": {"Block": {}}}
COUNTS: Item = {"Action": {"Count": {}}}


def _rule(name: str, statement: Item, does: Item) -> Item:
    return {"Name": name, "Statement": statement, **does, "VisibilityConfig": seen_as(name)}


def _longer(size: int) -> Item:
    # Of a body that is longer than what AWS WAF looks at it knows only that.
    return {
        "FieldToMatch": {"Body": {"OversizeHandling": "MATCH"}},
        "ComparisonOperator": "GT",
        "Size": size,
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
    }


def _managed(group: Item) -> Item:
    overrides = [
        {"Name": rule, "ActionToUse": {action.capitalize(): {}}} for rule, action in sorted(group["rules"].items())
    ]
    return {
        "VendorName": group["vendor"],
        "Name": group["name"],
        **({"Version": group["version"]} if group["version"] is not None else {}),
        **({"RuleActionOverrides": overrides} if overrides else {}),
    }


def _body_limits(largest: int | None) -> dict[str, str]:
    """How much of a body AWS WAF is to look at, by kind, where that is more than it does anyway."""
    needed = next(each for each in LIMITS if (largest or 0) <= each * 1024)
    return {kind: f"KB_{needed}" for kind, usual in USUAL_LIMITS.items() if needed > int(usual.removeprefix("KB_"))}
