# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accelerator, its listeners and endpoint groups as resources, and what is returned."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ...aws.names import resource_tags
from ...kernel import KNOWN_AFTER_APPLY, Cloud, Known, Resource, absent_is_none
from ...kernel.cloud import GLOBAL_ACCELERATOR_REGION
from ...kernel.run import Composition
from ...resources.accelerator import HOSTED_ZONE, Accelerator, AcceleratorListing
from ...resources.accelerator_listener import AcceleratorListener, as_port_range, pair, read_ports
from ...resources.endpoint_group import EndpointGroup


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    listing = AcceleratorListing(cloud, params["workload"], params["name"])
    listing.read_everything()
    if params["state"] == "absent":
        accelerator = Accelerator(params["name"], listing=listing, state="absent")
        return Composition([accelerator, *strays(listing, [], [accelerator])])

    accelerator = Accelerator(
        params["name"],
        listing=listing,
        purge_tags=params["purge_tags"],
        enabled=params["enabled"],
        ip_address_type=params["ip_address_type"],
        tags=resource_tags(params, GLOBAL_ACCELERATOR_REGION),
    )
    asked = [group for group in params["endpoint_groups"] if group["region"] not in params["dead"]]
    balancers = load_balancers(asked, cloud)
    resources: list[Resource] = [accelerator]
    groups_of_first: dict[str, EndpointGroup] = {}
    pairs = pair(params["listeners"], listing.listeners())
    for number, (wanted, arn) in enumerate(zip(params["listeners"], pairs, strict=True), 1):
        listener = AcceleratorListener(
            f"{params['name']}/{number}",
            listing=listing,
            identifier=arn,
            accelerator=accelerator.ref("arn"),
            protocol=wanted["protocol"],
            ports=read_ports([as_port_range(ports) for ports in wanted["ports"]]),
            client_affinity=wanted["client_affinity"],
        )
        groups = {group["region"]: endpoint_group(params, listing, listener, group, balancers) for group in asked}
        groups_of_first = groups_of_first or groups
        resources += [listener, *groups.values()]

    def outputs(known: Known) -> dict[str, Any]:
        return {
            "arn": known.attribute(accelerator, "arn"),
            "dns_name": known.attribute(accelerator, "dns_name"),
            "hosted_zone_id": HOSTED_ZONE,
            "ip_addresses": known.attribute(accelerator, "ip_addresses"),
            "dials": {region: known.attribute(group, "dial") for region, group in groups_of_first.items()},
            "endpoint_groups": {region: known.attribute(group, "arn") for region, group in groups_of_first.items()},
        }

    return Composition([*resources, *strays(listing, resources, [], params["dead"])], outputs)


def load_balancers(groups: list[dict[str, Any]], cloud: Cloud) -> dict[tuple[str, str], str]:
    """The ARNs of the load balancers that endpoints name, by (region, name). One that is still to come is unknown."""
    named = {
        (group["region"], endpoint["load_balancer"])
        for group in groups
        for endpoint in group["endpoints"]
        if endpoint["load_balancer"]
    }

    def look_up(place: tuple[str, str]) -> str:
        region, name = place
        with absent_is_none("LoadBalancerNotFound"):
            return cloud.client("elbv2", region).describe_load_balancers(Names=[name])["LoadBalancers"][0][
                "LoadBalancerArn"
            ]
        return KNOWN_AFTER_APPLY

    with ThreadPoolExecutor(max_workers=8) as pool:
        return dict(zip(sorted(named), pool.map(look_up, sorted(named)), strict=True))


def endpoint_group(
    params: dict[str, Any],
    listing: AcceleratorListing,
    listener: AcceleratorListener,
    group: dict[str, Any],
    balancers: dict[tuple[str, str], str],
) -> EndpointGroup:
    """The wanted group of one region on one listener."""
    existing = listing.endpoint_groups(listener.identifier) if listener.identifier else []
    arns = [item["EndpointGroupArn"] for item in existing if item["EndpointGroupRegion"] == group["region"]]
    return EndpointGroup(
        f"{listener.name}/{group['region']}",
        listing=listing,
        identifier=next(iter(arns), None),
        keep_dial=params["keep_dials"],
        listener=listener.ref("arn"),
        endpoint_region=group["region"],
        dial=group["dial"],
        health_check={key: value for key, value in (group["health_check"] or {}).items() if value is not None},
        endpoints=[
            {
                "id": endpoint["id"] or balancers[group["region"], endpoint["load_balancer"]],
                **{key: endpoint[key] for key in ("weight", "client_ip_preservation") if endpoint[key] is not None},
            }
            for endpoint in group["endpoints"]
        ],
    )


def strays(
    listing: AcceleratorListing, wanted: list[Any], accelerator: list[Resource], kept_in: Collection[str] = ()
) -> list[Resource]:
    """The listeners and endpoint groups that are not wanted, as resources to remove.

    kept_in: regions whose groups are left to a listener that stays.
    """
    kept = {resource.identifier: resource for resource in wanted}
    name = listing.name
    removed: list[Resource] = []
    for number, item in enumerate(listing.listeners(), 1):
        arn, groups_need = item["ListenerArn"], []
        its_name = kept[arn].name if arn in kept else f"{name}/{number}" if accelerator else f"{name}/former-{number}"
        if arn not in kept:
            listener = AcceleratorListener(its_name, listing=listing, identifier=arn, state="absent", needs=accelerator)
            removed.append(listener)
            groups_need = [listener]
        for group in listing.endpoint_groups(arn):
            left = arn in kept and group["EndpointGroupRegion"] in kept_in
            if group["EndpointGroupArn"] not in kept and not left:
                removed.append(
                    EndpointGroup(
                        f"{its_name}/{group['EndpointGroupRegion']}",
                        listing=listing,
                        identifier=group["EndpointGroupArn"],
                        state="absent",
                        needs=groups_need,
                    )
                )
    return removed
