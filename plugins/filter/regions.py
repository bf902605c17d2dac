# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters over the regions of an inventory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.reports.deployment_history import deployments_table
from ansible_collections.multiregion.ecs.plugins.module_utils.reports.planned_switch import planned_switch
from ansible_collections.multiregion.ecs.plugins.module_utils.reports.status_table import status_table
from ansible_collections.multiregion.ecs.plugins.module_utils.reports.switch_history import switches_table
from ansible_collections.multiregion.ecs.plugins.module_utils.services.routing import routing
from ansible_collections.multiregion.ecs.plugins.module_utils.services.wanted_names import wanted_names


def endpoint_groups(
    hosts: list[dict[str, Any]], load_balancer: str, client_ip_preservation: bool | None = None
) -> list[dict[str, Any]]:
    """The endpoint groups of an accelerator: each region's load balancer, with the dial that its state asks for.

    Without `client_ip_preservation` AWS decides whether the endpoints see the addresses of the clients.
    """
    said = {} if client_ip_preservation is None else {"client_ip_preservation": client_ip_preservation}
    return [
        {
            "region": host["inventory_hostname"],
            "dial": 100 if host.get("region_state") == "ACTIVE" else 0,
            "endpoints": [{"load_balancer": load_balancer, **said}],
        }
        for host in hosts
    ]


SAID = {
    **{key: f"region_{key}" for key in ("role", "state", "cidr")},
    **{key: f"network_{key}" for key in ("zones", "zone_count", "nat", "interface_endpoints", "ipv6", "flow_logs")},
}
"""What is said of a region, and the variable that says it."""


def inventory_regions(hosts: list[dict[str, Any]], words: Iterable[str] = tuple(SAID)) -> list[dict[str, Any]]:
    """What the inventory says of each region, in the words of `workload_check`. What it does not say is left out."""
    described = []
    for host in hosts:
        said = {key: host.get(SAID[key]) for key in words}
        if len(hosts) == 1 and "cidr" in said:  # several are peered, by what `region_cidr` says of each
            said["cidr"] = host.get("network_cidr", said["cidr"])
        described.append(
            {"name": host["inventory_hostname"], **{key: value for key, value in said.items() if value is not None}}
        )
    return described


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "deployments_table": deployments_table,
            "endpoint_groups": endpoint_groups,
            "inventory_regions": inventory_regions,
            "planned_switch": planned_switch,
            "routing": routing,
            "status_table": status_table,
            "switches_table": switches_table,
            "wanted_names": wanted_names,
        }
