# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What MiniStack lacks of what the cases need. A gap that has gone makes a test fail, so that it leaves this list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Case = dict[str, Any]
"""A case as its file says it."""


@dataclass(frozen=True)
class Gap:
    """`lacks` says which call, and what it answers; `shows` is a pattern of what becomes of the case by that.

    `avoid` changes the case so that it can be played all the same; None if nothing of it is left then.
    """

    module: str
    lacks: str
    shows: str
    avoid: Callable[[Case], None] | None = None


def _without_nat(case: Case) -> None:
    case["params"]["nat"] = "none"
    case["updates"].remove({"nat": "per_az"})


def _without_interface_endpoints(case: Case) -> None:
    for update in case["updates"]:
        update.pop("interface_endpoints", None)


def _with_the_same_description(case: Case) -> None:
    for update in case["updates"]:
        for group in update.get("security_groups", [])[:1]:
            group["ingress"][0]["description"] = "Anybody"


def _without_scaling(case: Case) -> None:
    for update in case["updates"]:
        update.pop("scaling", None)


def _without_shares(case: Case) -> None:
    del case["updates"][1]["listeners"][0]["rules"][1]["shifts_to"]


def _without_dns_resolution(case: Case) -> None:
    case["params"]["dns_resolution"] = False


def _without_backup(case: Case) -> None:
    case["params"]["backup"] = False


def _with_usual_bodies(case: Case) -> None:
    case["updates"][0]["largest_body"] = 8192


def _strays_that_are_told(case: Case) -> None:
    place = {name: case["params"][name] for name in ("workload", "region")}
    case["setup"] = [
        {"module": "messaging", "params": {**place, "queues": [{"name": place["workload"]}]}},
        {"module": "image_repository", "params": {**place, "name": f"{place['workload']}/api"}},
    ]


ACCELERATOR = "Global Accelerator is not served: ListAccelerators answers HTTP 400 without a code"

GAPS = (
    Gap("accelerator", ACCELERATOR, "ListAccelerators"),
    Gap("accelerator_info", ACCELERATOR, "ListAccelerators"),
    Gap(
        "account_check",
        "Service Quotas is not served: GetServiceQuota answers HTTP 400 without a code",
        "GetServiceQuota",
    ),
    Gap(
        "api_gateway",
        "VPC links are not served: CreateVpcLink answers NotFoundException",
        "CreateVpcLink operation",
    ),
    Gap(
        "ecs_service",
        "Application Auto Scaling is not served: RegisterScalableTarget answers HTTP 400 without a code",
        "RegisterScalableTarget operation",
        _without_scaling,
    ),
    Gap(
        "efs_with_sg",
        "CreateFileSystem ignores Backup: DescribeBackupPolicy answers DISABLED after Backup=true",
        '"before": {\\s*"backup": false',
        _without_backup,
    ),
    Gap(
        "image_replication",
        "PutReplicationConfiguration of ECR answers InvalidAction",
        "PutReplicationConfiguration operation: Unknown action",
    ),
    Gap(
        "load_balancer",
        "CreateRule drops the ForwardConfig of an action; DescribeRules tells an action without a target group",
        "elbv2_listener_rule",
        _without_shares,
    ),
    Gap(
        "network_peering",
        "ModifyVpcPeeringConnectionOptions answers InvalidAction",
        "ModifyVpcPeeringConnectionOptions operation: Unknown EC2 action",
        _without_dns_resolution,
    ),
    Gap(
        "region_network",
        "DescribeNatGateways tells no NatGatewayAddresses, so that a gateway seems to have another address than wanted",
        r"nat_public_ips\[0\]: to be known after apply, and then it was None",
        _without_nat,
    ),
    Gap(
        "region_network",
        "CreateVpcEndpoint drops SecurityGroupIds and PrivateDnsEnabled; DescribeVpcEndpoints tells neither",
        '"kind": "ec2_vpc_endpoint"',
        _without_interface_endpoints,
    ),
    Gap(
        "region_network",
        "UpdateSecurityGroupRuleDescriptionsIngress answers InvalidAction",
        "UpdateSecurityGroupRuleDescriptionsIngress operation: Unknown EC2 action",
        _with_the_same_description,
    ),
    Gap(
        "web_acl",
        "CreateWebACL and UpdateWebACL drop the AssociationConfig; GetWebACL tells none",
        '"body_limits": {}',
        _with_usual_bodies,
    ),
    Gap(
        "workload_strays",
        "GetResources of the tagging API leaves out log groups and parameters",
        "it predicts no change",
        _strays_that_are_told,
    ),
)
