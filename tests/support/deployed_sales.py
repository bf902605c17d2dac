# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sales system, as `site.yml` deployed it, shows of its regions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localcloud import Cloud


def lease_item(cloud: Cloud) -> dict[str, Any]:
    """The lease as DynamoDB returns it, from the replica that no test lets die."""
    dynamodb = cloud.client("dynamodb", "us-east-2")
    return dynamodb.get_item(TableName="sales-lease", Key={"id": {"S": "lease"}}, ConsistentRead=True)["Item"]


def recorded_states(cloud: Cloud, regions: Iterable[str]) -> dict[str, str]:
    """Region → the state in its SSM parameter."""
    ssm = {region: cloud.client("ssm", region) for region in regions}
    return {each: ssm[each].get_parameter(Name="/sales/region/state")["Parameter"]["Value"] for each in ssm}


def accelerator(cloud: Cloud) -> dict[str, Any]:
    return cloud.client("globalaccelerator", "us-west-2").list_accelerators()["Accelerators"][0]


def traffic_dials(cloud: Cloud) -> dict[str, int]:
    """Region → percentage."""
    client = cloud.client("globalaccelerator", "us-west-2")
    listeners = client.list_listeners(AcceleratorArn=accelerator(cloud)["AcceleratorArn"])["Listeners"]
    groups = client.list_endpoint_groups(ListenerArn=listeners[0]["ListenerArn"])["EndpointGroups"]
    return {group["EndpointGroupRegion"]: int(group["TrafficDialPercentage"]) for group in groups}
