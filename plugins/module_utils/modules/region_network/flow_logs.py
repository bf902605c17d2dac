# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flow log of a network, and the log group and role that it needs unless it is written to a bucket."""

from __future__ import annotations

from typing import Any

from ...aws.names import arn, flow_log_group, flow_log_role, named
from ...kernel import Resource
from ...resources.flow_log import TO_LOGS, FlowLog
from ...resources.log_group import LogGroup
from ...resources.network_listing import NetworkListing
from ...resources.role import Role
from ...resources.vpc import Vpc

RETENTION = 30

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def flow_log(params: dict[str, Any], listing: NetworkListing, vpc: Vpc, tags: dict[str, str]) -> list[Resource]:
    """The flow log, and what it is written with."""
    network, region, asked = listing.marks["network"], listing.region, params["flow_logs"]
    common: dict[str, Any] = {"purge_tags": params["purge_tags"]}
    made: list[Resource] = []
    where = {"to": asked["bucket"], "role": None}
    if not asked["bucket"]:
        days = asked["retention_in_days"] or RETENTION
        group = LogGroup(flow_log_group(network), region, retention_in_days=days, tags=tags, **common)
        role = Role(
            flow_log_role(network, region),
            region,
            description=f"VPC tells the connections of the network {network} in {region}",
            path="/",
            trust=TRUST,
            policies={"write": _policy(arn("logs", region, listing.cloud.account_id, f"log-group:{group.name}"))},
            managed_policies=[],
            tags=tags,
            **common,
        )
        made = [group, role]
        where = {"to": group.name, "role": role.ref("arn")}
    log = FlowLog(
        network,
        region,
        listing=listing,
        needs=made,
        vpc=vpc.ref("id"),
        traffic=asked["traffic"],
        interval=asked["interval"],
        tags=named(tags, network),
        **where,
        **common,
    )
    return [*made, log]


def _policy(group: str) -> dict[str, Any]:
    """To write into one log group, but not to make it: it must not come back after it was removed."""
    writing = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    statements = [
        {"Effect": "Allow", "Action": writing, "Resource": [group, f"{group}:*"]},
        {"Effect": "Allow", "Action": ["logs:DescribeLogGroups"], "Resource": "*"},
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def left_of_flow_logs(listing: NetworkListing, planned: list[Resource]) -> list[Resource]:
    """The log group and the role of a flow log that is there, and that the plan no longer wants.

    They go before the log, which alone tells them: a run that ends between them is completed by the next one.
    """
    kept = {resource.address for resource in planned if resource.state == "present"}
    logs = [each for each in planned if isinstance(each, FlowLog) and each.state == "absent"]
    found: list[Resource] = []
    for item in listing.flow_logs():
        if item["LogDestinationType"] != TO_LOGS:
            continue
        group = LogGroup(item["LogGroupName"], listing.region, state="absent", needs=logs)
        name = item["DeliverLogsPermissionArn"].rpartition("/")[2]
        found += [group, Role(name, listing.region, state="absent", needs=[group, *logs])]
    return [each for each in found if each.address not in kept]
