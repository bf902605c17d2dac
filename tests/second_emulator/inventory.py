# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What exists in MiniStack, asked without the collection: a line for each thing, as the embedded cloud's inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jmespath

LISTS = {
    "dynamodb": {"list_tables": "TableNames[]"},
    "ec2": {
        "describe_addresses": "Addresses[].AllocationId",
        "describe_internet_gateways": "InternetGateways[].InternetGatewayId",
        "describe_nat_gateways": "NatGateways[?State!='deleted'].NatGatewayId",
        "describe_route_tables": "RouteTables[].RouteTableId",
        "describe_security_groups": "SecurityGroups[].GroupId",
        "describe_subnets": "Subnets[].SubnetId",
        "describe_vpc_endpoints": "VpcEndpoints[?State!='deleted'].VpcEndpointId",
        "describe_vpc_peering_connections": "VpcPeeringConnections[?Status.Code!='deleted'].VpcPeeringConnectionId",
        "describe_vpcs": "Vpcs[].VpcId",
    },
    "ecr": {"describe_repositories": "repositories[].repositoryName"},
    "ecs": {"list_clusters": "clusterArns[]", "list_task_definitions": "taskDefinitionArns[]"},
    "efs": {
        "describe_access_points": "AccessPoints[].AccessPointId",
        "describe_file_systems": "FileSystems[].FileSystemId",
    },
    "elbv2": {
        "describe_load_balancers": "LoadBalancers[].LoadBalancerArn",
        "describe_target_groups": "TargetGroups[].TargetGroupArn",
    },
    "iam": {"list_roles": "Roles[].RoleName"},
    "logs": {"describe_log_groups": "logGroups[].logGroupName"},
    "s3": {"list_buckets": "Buckets[].Name"},
    "scheduler": {"list_schedule_groups": "ScheduleGroups[].Name", "list_schedules": "Schedules[].[GroupName,Name]"},
    "sns": {"list_subscriptions": "Subscriptions[].SubscriptionArn", "list_topics": "Topics[].TopicArn"},
    "sqs": {"list_queues": "QueueUrls[]"},
    "ssm": {"describe_parameters": "Parameters[].Name"},
}
"""What tells of everything of its kind, and how its answer names each."""

Clients = Callable[[str, str], Any]
"""A botocore client of a service in a region."""


def inventory(clients: Clients, regions: Iterable[str]) -> set[str]:
    """Every resource of these regions, a line each: region, service, name."""
    found = set()
    for region in regions:
        for service, lists in LISTS.items():
            client = clients(service, region)
            for operation, names in lists.items():
                pages = client.get_paginator(operation).paginate() if client.can_paginate(operation) else None
                for answer in pages or [getattr(client, operation)()]:
                    found.update(f"{region} {service} {each}" for each in jmespath.search(names, answer) or [])
    return found
