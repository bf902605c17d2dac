# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the networks of all regions: how they are peered, IPv6, and their flow logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..network_peering import hub_problems, parted_pairs
from ..region_network.checks import flow_log_problems
from .inventory import NOT_NAMED

Item = dict[str, Any]

TOPOLOGIES = ("mesh", "hub")


def network_findings(params: dict[str, Any]) -> Iterator[str]:
    """About the variables network_ipv6, network_flow_logs and peering_…"""
    regions, peering = params["regions"], params["peering"] or {"topology": "mesh", "hub": None}
    names = [str(region["name"]) for region in regions]
    topology, hub = peering["topology"], peering["hub"]
    if topology not in TOPOLOGIES:
        yield f"peering_topology is {topology!r}; valid are {' and '.join(TOPOLOGIES)}."
    elif topology == "hub" and not hub:
        yield f"peering_topology is hub, and peering_hub is missing; give one of {', '.join(names)}."
    elif topology == "hub":
        for text in hub_problems("the inventory", names, hub):
            yield f"peering_{text} A hub that is to be retired needs its successor first."
    for region in regions:
        yield from flow_log_problems(f"network_flow_logs of {region['name']}", region["flow_logs"])
        for balancer in params["load_balancers"] or []:
            if balancer.get("ip_address_type") == "dualstack" and not region["ipv6"]:
                yield (
                    f"load_balancers[{balancer.get('name') or NOT_NAMED}].ip_address_type is dualstack, and "
                    f"network_ipv6 of {region['name']} is false, so that its subnets there have no IPv6. Set "
                    "network_ipv6, or leave ip_address_type out."
                )


def network_warnings(params: dict[str, Any]) -> Iterator[str]:
    """What a hub cannot do."""
    peering = params["peering"] or {"topology": "mesh", "hub": None}
    if peering["topology"] != "hub":
        return
    parted = parted_pairs([str(region["name"]) for region in params["regions"]], peering["hub"])
    if parted:
        told = ", ".join(" and ".join(pair) for pair in parted)
        yield (
            f"peering_topology is hub: the networks of {told} do not reach each other, through {peering['hub']} "
            "either, since VPC peering is not transitive."
        )
