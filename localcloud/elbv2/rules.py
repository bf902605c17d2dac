# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Elastic Load Balancing demands of names, subnets, listeners and targets."""

from __future__ import annotations

import re
from typing import Any

from moto.acm.models import acm_backends
from moto.elbv2.exceptions import (
    ELBClientError,
    SubnetNotFoundError,
    TargetGroupNotFoundError,
)
from moto.elbv2.models import (
    FakeLoadBalancer,
)
from moto.elbv2.ssl_policies import SSL_POLICIES

PROTOCOLS = {
    "application": {"HTTP", "HTTPS"},
    "network": {"TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"},
    "gateway": {None, ""},
}
TARGET_PROTOCOLS = {
    "application": {"HTTP", "HTTPS"},
    "network": {"TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"},
    "gateway": {"GENEVE"},
}
LARGEST_PRIORITY = 50000
VALUES_IN_A_RULE, WILDCARDS_IN_A_RULE, GROUPS_IN_AN_ACTION = 5, 6, 5
LARGEST_WEIGHT = 999


def check_name(kind: str, name: str) -> None:
    """Refuse a name that ELB does not take.

    Raises:
        ELBClientError: the message says which part of the name is wrong.
    """
    faults = {
        f"is longer than 32 characters ({len(name)})": len(name) > 32,
        "can only contain letters, digits and hyphens": not re.fullmatch(r"[A-Za-z0-9-]+", name),
        "cannot begin or end with a hyphen": name.startswith("-") or name.endswith("-"),
        "cannot begin with 'internal-'": name.startswith("internal-"),
    }
    for fault, is_so in faults.items():
        if is_so:
            raise ELBClientError("ValidationError", f"The {kind} name '{name}' {fault}")


def check_matcher(matcher: dict[str, str] | None, protocol: str | None, version: str | None) -> None:
    """Refuse codes that no healthy target could answer: statuses of HTTP, or GRPC's own."""
    for kind, text in (matcher or {}).items():
        if (kind == "GrpcCode") is not (version == "GRPC"):
            raise ELBClientError("ValidationError", f"The matcher {kind} does not go with protocol version {version}")
        least, most = (0, 99) if kind == "GrpcCode" else (200, 499 if protocol in ("HTTP", "HTTPS") else 599)
        for part in str(text).split(","):
            ends = part.split("-")
            fits = all(end.isdigit() and least <= int(end) <= most for end in ends)
            if len(ends) > 2 or not fits or int(ends[0]) > int(ends[-1]):
                raise ELBClientError("ValidationError", f"The matcher value {text!r} is not from {least} to {most}")


def check_priority(priority: int) -> None:
    if not 1 <= int(priority) <= LARGEST_PRIORITY:
        raise ELBClientError("ValidationError", f"Priority {priority} is not from 1 to {LARGEST_PRIORITY}")


def check_conditions(conditions: list[dict[str, Any]]) -> None:
    """Refuse a rule whose conditions have more values or wildcards than the quotas allow.

    Raises:
        ELBClientError: ValidationError.
    """
    values: list[str] = []
    wildcards = 0
    for condition in conditions:
        config = next((value for key, value in condition.items() if key.endswith("Config")), {})
        for value in config.get("Values") or condition.get("Values") or []:
            text = f"{value.get('Key', '')}{value['Value']}" if isinstance(value, dict) else value
            values.append(text)
            if condition["Field"] in ("path-pattern", "host-header", "http-header"):
                wildcards += text.count("*") + text.count("?")
            elif condition["Field"] == "query-string":
                wildcards += len(re.findall(r"(?<!\\)[*?]", text))
    if len(values) > VALUES_IN_A_RULE:
        raise ELBClientError("ValidationError", f"A rule can only have '{VALUES_IN_A_RULE}' condition values")
    if wildcards > WILDCARDS_IN_A_RULE:
        raise ELBClientError("ValidationError", f"A rule can only have '{WILDCARDS_IN_A_RULE}' condition wildcards")


def check_shares(actions: list[dict[str, Any]]) -> None:
    """Refuse weights out of range, weights of nothing but 0, and too many groups in one action."""
    for action in actions:
        shares = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
        if len(shares) > GROUPS_IN_AN_ACTION:
            raise ELBClientError(
                "TooManyTargetGroups", f"An action can only forward to '{GROUPS_IN_AN_ACTION}' target groups"
            )
        weights = [int(share.get("Weight", 1)) for share in shares]
        if any(not 0 <= weight <= LARGEST_WEIGHT for weight in weights):
            raise ELBClientError("ValidationError", f"The weight of a target group is from 0 to {LARGEST_WEIGHT}")


def check_subnets(ec2: Any, wanted: list[str], kind: str) -> str:
    """The one VPC of the subnets, which are in different zones: two at least for an ALB."""
    known = {subnet.id: subnet for zone in ec2.subnets.values() for subnet in zone.values()}
    missing = [name for name in wanted if name not in known]
    if missing or not wanted:
        raise SubnetNotFoundError()
    subnets = [known[name] for name in wanted]
    zones = [subnet.availability_zone for subnet in subnets]
    if len(set(zones)) < len(zones):
        raise ELBClientError(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        )
    if kind == "application" and len(zones) < 2:
        raise ELBClientError(
            "ValidationError", "At least two subnets in two different Availability Zones must be specified"
        )
    vpcs = {subnet.vpc_id for subnet in subnets}
    if len(vpcs) > 1:
        raise ELBClientError("InvalidConfigurationRequest", "The subnets must be in one VPC")
    return vpcs.pop()


def check_dual_stack(ec2: Any, subnets: list[str], address_type: str) -> None:
    """Refuse IPv6 for a load balancer in subnets that have none."""
    found = [subnet for zone in ec2.subnets.values() for subnet in zone.values() if subnet.id in subnets]
    if address_type == "dualstack" and not all(subnet.ipv6_cidr_block_association_set for subnet in found):
        raise ELBClientError("ValidationError", "You must specify subnets with an associated IPv6 CIDR block.")


def check_group_change(kind: str, before: list[str], after: list[str]) -> None:
    """Refuse groups for a Network Load Balancer that was made without any, or none for one that has some.

    Raises:
        ELBClientError: InvalidConfigurationRequest.
    """
    if kind == "network" and bool(before) != bool(after):
        why = "it was created without one" if after else "at least one has to remain"
        raise ELBClientError(
            "InvalidConfigurationRequest", f"The security groups of the Network Load Balancer cannot be set: {why}"
        )


def check_groups(ec2: Any, wanted: list[str], vpc_id: str) -> None:
    """Refuse security groups that are not in the load balancer's VPC."""
    for name in wanted or []:
        if name not in ec2.groups[vpc_id]:
            raise ELBClientError(
                "InvalidSecurityGroup", f"The security group {name} does not exist in {vpc_id}, the subnets' VPC"
            )


def check_protocol(kind: str, protocol: str, certificate: str | None) -> None:
    """Refuse a listener whose protocol a load balancer of this type does not speak, or that lacks its certificate."""
    if protocol not in PROTOCOLS[kind]:
        raise ELBClientError(
            "ValidationError", f"Protocol '{protocol}' is not valid for a load balancer of type {kind}"
        )
    if protocol in ("HTTPS", "TLS") and not certificate:
        raise ELBClientError("ValidationError", "A certificate must be specified for HTTPS and TLS listeners")


def check_certificate(backend: Any, certificate: str | None) -> None:
    """Refuse a certificate that ACM has not issued. One that does not exist moto refuses."""
    known = acm_backends[backend.account_id][backend.region_name]._certificates.get(certificate or "")
    if known is None:
        return
    known.check()
    if known.status != "ISSUED":
        raise ELBClientError(
            "UnsupportedCertificate",
            f"The certificate '{certificate}' must have a fully-qualified domain name, a supported signature, and a "
            "supported key size.",
        )


def check_policy(protocol: str, policy: str | None) -> None:
    """Refuse a TLS policy that does not exist."""
    if protocol in ("HTTPS", "TLS") and policy and policy not in SSL_POLICIES:
        raise ELBClientError("SSLPolicyNotFound", f"Policy {policy} not found")


def check_alb_targets(backend: Any, group: Any, targets: list[dict[str, Any]]) -> None:
    """Refuse what a target group of type alb cannot take: it has one ALB of its VPC, which listens on its port.

    Raises:
        ELBClientError: InvalidTarget, or TooManyTargets.
    """
    for target in targets:
        balancer = backend.load_balancers.get(target["Id"])
        if balancer is None or balancer.type != "application" or balancer.vpc_id != group.vpc_id:
            raise ELBClientError(
                "InvalidTarget", f"The target '{target['Id']}' is not an Application Load Balancer in {group.vpc_id}"
            )
        port = int(target.get("Port") or group.port)
        if port != int(group.port) or port not in {int(each.port) for each in balancer.listeners.values()}:
            raise ELBClientError(
                "InvalidTarget",
                f"The Application Load Balancer '{balancer.arn}' must have a listener on the port {group.port} of the "
                "target group",
            )
    if len({*group.targets, *(target["Id"] for target in targets)}) > 1:
        raise ELBClientError("TooManyTargets", f"The target group '{group.arn}' takes one Application Load Balancer")


def check_targets(backend: Any, balancer: FakeLoadBalancer, actions: list[dict[str, Any]]) -> None:
    """Refuse actions that forward to what this load balancer cannot forward to."""
    for action in actions:
        for arn in backend._get_target_group_arns_from(action):
            group = backend.target_groups.get(arn)
            if group is None:
                raise TargetGroupNotFoundError()
            if group.target_type != "lambda" and group.vpc_id != balancer.vpc_id:
                raise ELBClientError(
                    "InvalidConfigurationRequest",
                    f"The target group {group.name} is in {group.vpc_id}, the load balancer in {balancer.vpc_id}",
                )
            if group.target_type != "lambda" and group.protocol not in TARGET_PROTOCOLS[balancer.type]:
                raise ELBClientError(
                    "InvalidConfigurationRequest",
                    f"The target group {group.name} speaks {group.protocol}, which a load balancer of type "
                    f"{balancer.type} cannot forward to",
                )
            if any(other != balancer.arn for other in group.load_balancer_arns):
                raise ELBClientError(
                    "TargetGroupAssociationLimit",
                    f"The target group {group.name} is already associated with another load balancer",
                )
