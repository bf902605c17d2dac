# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What EC2 demands: which endpoints exist, which networks may be peered, what must go before something else goes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.elbv2.models import elbv2_backends

ENDPOINT_SERVICES = frozenset(
    {
        *("s3", "dynamodb"),
        *("sqs", "sns", "ssm", "ssmmessages", "ec2messages", "ec2", "logs", "monitoring", "events", "sts", "kms"),
        *("ecr.api", "ecr.dkr", "ecs", "ecs-agent", "ecs-telemetry", "elasticloadbalancing", "elasticfilesystem"),
        *("secretsmanager", "execute-api", "application-autoscaling", "autoscaling", "servicediscovery", "acm-pca"),
        *("kinesis-streams", "kinesis-firehose", "lambda", "states", "synthetics", "xray", "codebuild", "codedeploy"),
    }
)
"""Services with an endpoint inside a VPC; the first two through a gateway, all others through interfaces."""


def users_of_subnet(ec2: Any, subnet_id: str) -> Iterator[str]:
    """What stands in a subnet, in words."""
    ec2.release_task_interfaces()
    for eni in ec2.enis.values():
        if eni.subnet.id == subnet_id:
            yield f"network interface {eni.id}"
    for balancer in elbv2_backends[ec2.account_id][ec2.region_name].load_balancers.values():
        if any(subnet.id == subnet_id for subnet in balancer.subnets):
            yield f"load balancer {balancer.name}"


def users_of_security_group(ec2: Any, group_id: str) -> Iterator[str]:
    """What a security group is attached to or referenced by, in words."""
    ec2.release_task_interfaces()
    for eni in ec2.enis.values():
        if any(group.id == group_id for group in eni.group_set):
            yield f"network interface {eni.id}"
    for balancer in elbv2_backends[ec2.account_id][ec2.region_name].load_balancers.values():
        if group_id in (balancer.security_groups or []):
            yield f"load balancer {balancer.name}"
    for groups in ec2.groups.values():
        for group in groups.values():
            rules = [*group.ingress_rules, *group.egress_rules]
            if group.id != group_id and any(group_id in source_groups_of(rule) for rule in rules):
                yield f"a rule of security group {group.id}"


def users_of_vpc(ec2: Any, vpc_id: str) -> Iterator[str]:
    """What a VPC still contains, beside what vanishes with it, in words."""
    for subnets in ec2.subnets.values():
        yield from (f"subnet {subnet.id}" for subnet in subnets.values() if subnet.vpc_id == vpc_id)
    for gateway in ec2.internet_gateways.values():
        if gateway.vpc and gateway.vpc.id == vpc_id:
            yield f"internet gateway {gateway.id}"
    for table in ec2.route_tables.values():
        if table.vpc_id == vpc_id and table.main_association_id is None:
            yield f"route table {table.id}"
    for group in ec2.groups.get(vpc_id, {}).values():
        if group.name != "default":
            yield f"security group {group.id}"
    for gateway in ec2.egress_only_internet_gateways.values():
        if gateway.vpc_id == vpc_id:
            yield f"egress-only internet gateway {gateway.id}"
    for endpoint in ec2.vpc_end_points.values():
        if endpoint.vpc_id == vpc_id and endpoint.state != "deleted":
            yield f"VPC endpoint {endpoint.id}"
    for gateway in ec2.nat_gateways.values():
        if gateway.vpc_id == vpc_id and gateway.state not in ("deleted", "failed"):
            yield f"NAT gateway {gateway.id}"


def check_ipv6(ec2: Any, vpc: Any, wanted: str, own: str = "") -> None:
    """Refuse a range of a subnet that is no /64 of the VPC's, or that another subnet (than `own`) has.

    Raises:
        EC2ClientError: InvalidSubnet.Range or InvalidSubnet.Conflict.
    """
    block = ipaddress.ip_network(wanted)
    ours = [ipaddress.ip_network(each["cidr_block"]) for each in vpc.get_cidr_block_association_set(ipv6=True)]
    if block.prefixlen != 64 or not any(block.subnet_of(each) for each in ours):
        raise EC2ClientError("InvalidSubnet.Range", f"The CIDR '{wanted}' is invalid.")
    for subnets in ec2.subnets.values():
        for subnet in subnets.values():
            if subnet.id != own and wanted in [each["ipv6CidrBlock"] for each in ranges_of(subnet)]:
                raise EC2ClientError("InvalidSubnet.Conflict", f"The CIDR '{wanted}' conflicts with another subnet")


def ranges_of(subnet: Any) -> list[dict[str, str]]:
    """The IPv6 ranges that a subnet has."""
    return list(subnet.ipv6_cidr_block_association_set)


def source_groups_of(rule: Any) -> list[str]:
    """The security groups a rule names: at most one."""
    return [name for name in (rule.source_group.get("GroupId"),) if name]


def overlap(vpc: Any, peer_vpc: Any) -> bool:
    """Whether two VPCs have an address in common."""
    ours, theirs = ([ipaddress.ip_network(block) for block in blocks_of(side)] for side in (vpc, peer_vpc))
    return any(mine.version == other.version and mine.overlaps(other) for mine in ours for other in theirs)


def blocks_of(vpc: Any) -> list[str]:
    return [association["cidr_block"] for association in vpc._cidr_block_association_set.values()]
