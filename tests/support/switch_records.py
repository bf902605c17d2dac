# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of real switches share: an inventory whose fence is short, and what is recorded on a cloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Lease
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import RegionMap, maps_of
from harness.inventories import copy_inventory, edit_variables
from localcloud import Cloud

VIEW_TTL, CLAIM_TO_EFFECT = 2, 4
LEASE_REPLICA = "us-east-2"
"""The replica of the lease's table that no test lets die."""


def quick_inventory(folder: Path) -> Path:
    """A copy of the shipped inventory in which nobody may act for long on what he read, so that the fence is 6 s."""
    copy_inventory(folder)
    with edit_variables(folder, "service") as variables:
        for service in variables["service_definitions"]:
            service["environment"] |= {
                "VIEW_TTL_SECONDS": VIEW_TTL,
                "VIEW_REFRESH_SECONDS": 0.5,
                "CLAIM_TO_EFFECT_SECONDS": CLAIM_TO_EFFECT,
                "JOIN_PATIENCE_SECONDS": 15,
            }
    with edit_variables(folder, "switch") as variables:
        variables |= {"switch_view_ttl": VIEW_TTL, "switch_claim_to_effect": CLAIM_TO_EFFECT}
        for table in variables["switch_reconcile"]:
            table |= {"minimum_age": 2, "timeout": 60}
    return folder


def read_lease(cloud: Cloud) -> Lease:
    dynamodb = cloud.client("dynamodb", LEASE_REPLICA)
    item = dynamodb.get_item(TableName="sales-lease", Key={"id": {"S": "lease"}}, ConsistentRead=True)["Item"]
    return Lease.from_attributes(item)


def own_map(cloud: Cloud, region: str) -> RegionMap:
    """What a region's own state item holds."""
    items = cloud.client("dynamodb", region).scan(TableName="sales-state", ConsistentRead=True)["Items"]
    return maps_of(items)[region]


def parameter(cloud: Cloud, region: str) -> str:
    return cloud.client("ssm", region).get_parameter(Name="/sales/region/state")["Parameter"]["Value"]


def dials(cloud: Cloud) -> dict[str, int]:
    client = cloud.client("globalaccelerator", "us-west-2")
    accelerator = client.list_accelerators()["Accelerators"][0]["AcceleratorArn"]
    listener = client.list_listeners(AcceleratorArn=accelerator)["Listeners"][0]["ListenerArn"]
    groups = client.list_endpoint_groups(ListenerArn=listener)["EndpointGroups"]
    return {group["EndpointGroupRegion"]: int(group["TrafficDialPercentage"]) for group in groups}


def arguments_of(asked: dict[str, Any]) -> list[str]:
    """A journalled request as it is said on a command line."""
    given = {"to": asked["to"], "from": asked["source"], "target": asked["target"], "turn": asked["turn"]}
    return [word for name, value in given.items() if value for word in ("-e", f"{name}={value}")]
