# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the parameters of `region_network`. Pure: no call is made."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, ip_network
from typing import Any

from ...aws.subnetting import (
    DERIVED_BITS,
    DERIVED_TIERS,
    SMALLEST_PREFIX,
    ZONE_ID,
    ZONE_LETTERS,
    ZONE_NAME,
    cidr_problem,
    derived_cidr,
    overlaps,
)
from .arguments import tiers_of

TIER_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")

BUCKET = re.compile(r"arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^/]+)*/?")
"""The bucket that flow logs are written to, maybe with a prefix."""

DESCRIPTION = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
"""What EC2 accepts as the description of a security group or rule."""


def problems(params: dict[str, Any]) -> list[str]:
    """Every reason why these parameters cannot be right."""
    if params["state"] == "absent":
        return []
    missing = [key for key in ("cidr", "nat") if not params[key]]
    if missing:
        return [f"{key} is required with state=present." for key in missing]
    found = zone_problems(params)
    vpc = cidr_problem("cidr", params["cidr"])
    if vpc:
        found.append(vpc)
    elif not found:
        found += subnet_problems(params)
    tiers = tiers_of(params)
    if params["nat"] != "none" and not any(tier["route"] == "internet" for tier in tiers):
        found.append(
            f"nat is {params['nat']}, but no tier of subnets has route: internet for NAT gateways to stand in."
        )
    found += flow_log_problems("flow_logs", params["flow_logs"])
    return found + security_group_problems(params)


def flow_log_problems(variable: str, flow_logs: dict[str, Any] | None) -> list[str]:
    """Why a flow log cannot be as asked for."""
    bucket = (flow_logs or {}).get("bucket")
    if not bucket:
        return []
    if not BUCKET.fullmatch(bucket):
        return [f"{variable}.bucket is {bucket!r}; an ARN such as arn:aws:s3:::logs or arn:aws:s3:::logs/vpc is valid."]
    if (flow_logs or {}).get("retention_in_days") is not None:
        return [f"{variable} has bucket and retention_in_days, which is of a log group; a bucket has a lifecycle."]
    return []


def zone_problems(params: dict[str, Any]) -> list[str]:
    """What cannot be right about the zones, whichever the account has."""
    zones, region = params.get("zones") or [], params.get("region")
    count = params.get("zone_count", 2)
    if not zones:
        if 2 <= count <= len(ZONE_LETTERS):
            return []
        return [f"zone_count is {count}; 2 to {len(ZONE_LETTERS)} Availability Zones are possible."]
    found = []
    for zone in zones:
        if (zone in ZONE_LETTERS and len(zone) == 1) or ZONE_ID.fullmatch(zone):
            continue
        if not ZONE_NAME.fullmatch(zone) or (region and zone[:-1] != region):
            found.append(
                f"zones has {zone!r}; it must be a letter from a to {ZONE_LETTERS[-1]}, the name of a zone of "
                f"{region or 'the region'}, such as {region or 'sa-east-1'}a, or the id of one, such as use1-az1."
            )
    return found + ([] if found else distinct_problems(zones))


def distinct_problems(zones: list[str]) -> list[str]:
    """One problem unless there are two zones or more, none of them twice. Letters and names of one zone are alike."""
    alike = {zone if ZONE_ID.fullmatch(zone) else zone[-1:] for zone in zones}
    if len(zones) < 2 or len(alike) < len(zones):
        return [f"zones is {zones}; at least two different Availability Zones are needed."]
    return []


def subnet_problems(params: dict[str, Any]) -> list[str]:
    vpc, zones, tiers = params["cidr"], params["zones"] or [], tiers_of(params)
    found: list[str] = []
    names = [tier["tier"] for tier in tiers]
    for name in names:
        if not TIER_NAME.fullmatch(name):
            found.append(f"subnets has the tier {name!r}; letters a to z, digits and hyphens are valid.")
    if len(set(names)) < len(names):
        found.append(f"subnets has the tiers {names}; each must be named once.")
    ranges: list[tuple[str, str]] = []
    for index, tier in enumerate(tiers):
        name = tier["tier"]
        if tier["cidrs"] and not zones:
            found.append(f"subnets: tier {name} has cidrs; give zones too, since they are in the order of those.")
        elif tier["cidrs"]:
            if len(tier["cidrs"]) != len(zones):
                found.append(
                    f"subnets: tier {name} has {len(tier['cidrs'])} cidrs for {len(zones)} zones; give one each."
                )
            wrong = [
                text for text in (cidr_problem(f"subnets: a cidr of tier {name}", c) for c in tier["cidrs"]) if text
            ]
            outside = [] if wrong else [c for c in tier["cidrs"] if not IPv4Network(c).subnet_of(IPv4Network(vpc))]
            found += wrong + [f"subnets: {c} of tier {name} is not within the VPC's {vpc}." for c in outside]
            ranges += [] if wrong else [(f"subnets: {name}", c) for c in tier["cidrs"]]
        elif index >= DERIVED_TIERS:
            found.append(f"subnets: tier {name} is number {index + 1}; give its cidrs, {DERIVED_TIERS} can be derived.")
        elif IPv4Network(vpc).prefixlen + DERIVED_BITS > SMALLEST_PREFIX:
            found.append(
                f"cidr is {vpc}; to derive subnets it must be /{SMALLEST_PREFIX - DERIVED_BITS} or larger. "
                f"Give the cidrs of tier {name}."
            )
        else:
            lettered = [zone for zone in zones if not ZONE_ID.fullmatch(zone)]
            ranges += [(f"subnets: {name} in zone {zone}", derived_cidr(vpc, index, zone)) for zone in lettered]
    return found + overlaps(ranges)


def security_group_problems(params: dict[str, Any]) -> list[str]:
    groups = params["security_groups"]
    names = [group["name"] for group in groups]
    reserved = {"default": "it is the VPC's own"}
    if params["interface_endpoints"]:
        reserved[f"{params.get('name') or params['workload']}-endpoints"] = "interface_endpoints makes it"
    found = [f"security_groups has {name} twice." for name in sorted({n for n in names if names.count(n) > 1})]
    for group in groups:
        name = group["name"]
        if name in reserved:
            found.append(f"security_groups has {name!r}; that name is taken, {reserved[name]}.")
        if name.startswith("sg-") or not DESCRIPTION.fullmatch(name) or not name:
            found.append(f"security_groups has {name!r}; a name must not begin with sg-, nor hold unusual characters.")
        if not DESCRIPTION.fullmatch(group.get("description") or ""):
            found.append(
                f"security_groups: the description of {name} is {group['description']!r}; at most 255 characters, "
                "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* are valid."
            )
        for direction in ("ingress", "egress"):
            for number, rule in enumerate(group.get(direction) or [], 1):
                where = f"security_groups: {direction} rule {number} of {name}"
                found += [f"{where} {text}" for text in rule_problems(rule, names)]
    return found


def rule_problems(rule: dict[str, Any], groups: list[str]) -> list[str]:
    found = []
    ends = [key for key in ("cidrs", "security_group", "prefix_list") if rule.get(key)]
    if len(ends) != 1:
        found.append(
            f"has {', '.join(ends) or 'no other end'}; give exactly one of cidrs, security_group, prefix_list."
        )
    if rule.get("security_group") and rule["security_group"] not in groups:
        found.append(f"refers to {rule['security_group']!r}; the groups here are {', '.join(groups)}.")
    for cidr in rule.get("cidrs") or []:
        try:
            network = ip_network(cidr, strict=False)
        except ValueError:
            found.append(f"has the range {cidr!r}; it must be an IPv4 or IPv6 range such as 10.0.0.0/8.")
            continue
        if str(network) != cidr:
            found.append(f"has the range {cidr!r}; the range it lies in is written {network}.")
    if rule.get("prefix_list") and not rule["prefix_list"].startswith("pl-"):
        found.append(f"has the prefix list {rule['prefix_list']!r}; its id begins with pl-.")
    if not DESCRIPTION.fullmatch(rule.get("description") or ""):
        found.append(f"has the description {rule['description']!r}, with characters that EC2 does not accept.")
    return found + port_problems(rule)


def port_problems(rule: dict[str, Any]) -> list[str]:
    port, first, last = rule.get("port"), rule.get("from_port"), rule.get("to_port")
    if rule["protocol"] == "all":
        return ["is for all protocols, which have no ports."] if (port, first, last) != (None, None, None) else []
    if port is not None and (first, last) != (None, None):
        return ["has both port and from_port or to_port; give one or the other."]
    first, last = (port, port) if port is not None else (first, last)
    if rule["protocol"] == "icmp":
        return []
    if first is None or last is None:
        return ["has no port; give port, or from_port and to_port."]
    if not 0 <= first <= last <= 65535:
        return [f"has the ports {first} to {last}; 0 to 65535 are valid, the smaller one first."]
    return []
