# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an accelerator does with the traffic: the dial of each region, and what it thinks of the endpoints there."""

from __future__ import annotations

from typing import Any

from ..kernel import Cloud
from ..kernel.cloud import SHORT
from ..kernel.run import ModuleDefinition
from ..resources.accelerator import AcceleratorListing


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    listing = AcceleratorListing(cloud, params["workload"], params["name"], **SHORT)
    listing.read_everything()
    accelerator = listing.accelerator()
    if accelerator is None:
        return {"exists": False, "dns_name": None, "status": None, "dials": {}, "health": {}}
    groups = [
        group for listener in listing.listeners()[:1] for group in listing.endpoint_groups(listener["ListenerArn"])
    ]
    return {
        "exists": True,
        "dns_name": accelerator["DnsName"],
        "status": accelerator["Status"],
        "dials": {group["EndpointGroupRegion"]: int(group["TrafficDialPercentage"]) for group in groups},
        "health": {
            group["EndpointGroupRegion"]: [endpoint.get("HealthState") for endpoint in group["EndpointDescriptions"]]
            for group in groups
        },
    }


MODULE = ModuleDefinition(
    arguments={"name": {"type": "str", "required": True}}, services=("globalaccelerator",), read=read
)
