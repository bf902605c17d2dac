# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Global Accelerator in front of a workload's regions, with an endpoint group for each region on each listener.

A failover moves the traffic dials. Building the workload again must not move the traffic back, so dials are set when
an endpoint group is made and, unless told otherwise, never again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..aws.names import layer_tags
from ..kernel import KNOWN_AFTER_APPLY, Cloud, Known, Resource, absent_is_none, is_unknown
from ..kernel.cloud import GLOBAL_ACCELERATOR_REGION
from ..kernel.run import Layer, LayerModule
from ..resources.accelerator import HOSTED_ZONE, Accelerator, AcceleratorListing
from ..resources.accelerator_listener import AcceleratorListener, as_port_range, pair, read_ports
from ..resources.endpoint_group import EndpointGroup

NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?")
PORTS = re.compile(r"\d{1,5}(-\d{1,5})?")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def problems(params: dict[str, Any]) -> list[str]:
    """Every reason why these parameters cannot be right."""
    return list(_problems(params))


def _problems(params: dict[str, Any]) -> Iterator[str]:
    if not NAME.fullmatch(params["name"]):
        yield (
            f"name is {params['name']!r}; at most 64 letters, digits, dots and hyphens are valid, the first and last a "
            "letter or digit."
        )
    if params["state"] == "absent":
        return
    for key in ("listeners", "endpoint_groups"):
        if not params[key]:
            yield f"{key} is required with state=present, with at least one."
    taken: list[tuple[str, int, int, str]] = []
    for listener in params["listeners"] or []:
        for ports in listener["ports"]:
            numbers = as_port_range(ports) if PORTS.fullmatch(ports) else {"FromPort": 0, "ToPort": 0}
            first, last = numbers["FromPort"], numbers["ToPort"]
            if not 1 <= first <= last <= 65535:
                yield f"listeners has the ports {ports!r}; a port such as 80 or a range such as 8000-8010 is valid."
                continue
            for protocol, start, end, other in taken:
                if protocol == listener["protocol"] and first <= end and start <= last:
                    yield f"listeners has the ports {other} and {ports}, which overlap."
            taken.append((listener["protocol"], first, last, ports))
    regions = [group["region"] for group in params["endpoint_groups"] or []]
    for region in sorted({region for region in regions if regions.count(region) > 1}):
        yield f"endpoint_groups has {region} twice; a listener has one group for each region."
    for group in params["endpoint_groups"] or []:
        yield from (f"endpoint_groups: {group['region']} {text}" for text in _group_problems(group))


def _group_problems(group: dict[str, Any]) -> Iterator[str]:
    if not REGION.fullmatch(group["region"]):
        yield "is not the name of a region, such as sa-east-1."
    if not 0 <= group["dial"] <= 100:
        yield f"has dial {group['dial']}; 0 to 100 are valid."
    check = group["health_check"] or {}
    if check.get("threshold") is not None and not 1 <= check["threshold"] <= 10:
        yield f"has a health check with threshold {check['threshold']}; 1 to 10 are valid."
    if check.get("port") is not None and not 1 <= check["port"] <= 65535:
        yield f"has a health check with port {check['port']}; 1 to 65535 are valid."
    if check.get("path") is not None and not check["path"].startswith("/"):
        yield f"has a health check with path {check['path']!r}, which must begin with a slash."
    names = [endpoint["id"] or endpoint["load_balancer"] for endpoint in group["endpoints"]]
    for name, endpoint in zip(names, group["endpoints"], strict=True):
        if not 0 <= endpoint["weight"] <= 255:
            yield f"has {name} with weight {endpoint['weight']}; 0 to 255 are valid."
    known = [name for name in names if not is_unknown(name)]
    if len(set(known)) < len(known):
        yield f"has the endpoints {names}; each must be named once."


def build(params: dict[str, Any], cloud: Cloud) -> Layer:
    listing = AcceleratorListing(cloud, params["workload"], params["name"])
    listing.read_everything()
    if params["state"] == "absent":
        accelerator = Accelerator(params["name"], listing=listing, state="absent")
        return Layer([accelerator, *strays(listing, [], [accelerator])])

    accelerator = Accelerator(
        params["name"],
        listing=listing,
        purge_tags=params["purge_tags"],
        enabled=params["enabled"],
        ip_address_type=params["ip_address_type"],
        tags=layer_tags(params, GLOBAL_ACCELERATOR_REGION),
    )
    balancers = load_balancers(params, cloud)
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
        groups = {
            group["region"]: endpoint_group(params, listing, listener, group, balancers)
            for group in params["endpoint_groups"]
        }
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

    return Layer([*resources, *strays(listing, resources, [])], outputs)


def load_balancers(params: dict[str, Any], cloud: Cloud) -> dict[tuple[str, str], str]:
    """The ARNs of the load balancers that endpoints name, by (region, name). One that is still to come is unknown."""
    named = {
        (group["region"], endpoint["load_balancer"])
        for group in params["endpoint_groups"]
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


def strays(listing: AcceleratorListing, wanted: list[Any], accelerator: list[Resource]) -> list[Resource]:
    """The listeners and endpoint groups that are not wanted, as resources to remove."""
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
            if group["EndpointGroupArn"] not in kept:
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


MODULE = LayerModule(
    arguments={
        "name": {"type": "str", "required": True},
        "enabled": {"type": "bool", "default": True},
        "ip_address_type": {"type": "str", "choices": ["IPV4", "DUAL_STACK"], "default": "IPV4"},
        "listeners": {
            "type": "list",
            "elements": "dict",
            "options": {
                "ports": {"type": "list", "elements": "str", "required": True},
                "protocol": {"type": "str", "choices": ["TCP", "UDP"], "default": "TCP"},
                "client_affinity": {"type": "str", "choices": ["NONE", "SOURCE_IP"], "default": "NONE"},
            },
        },
        "endpoint_groups": {
            "type": "list",
            "elements": "dict",
            "options": {
                "region": {"type": "str", "required": True},
                "dial": {"type": "int", "default": 100},
                "health_check": {
                    "type": "dict",
                    "options": {
                        "protocol": {"type": "str", "choices": ["TCP", "HTTP", "HTTPS"]},
                        "port": {"type": "int"},
                        "path": {"type": "str"},
                        "interval": {"type": "int", "choices": [10, 30]},
                        "threshold": {"type": "int"},
                    },
                },
                "endpoints": {
                    "type": "list",
                    "elements": "dict",
                    "default": [],
                    "options": {
                        "id": {"type": "str"},
                        "load_balancer": {"type": "str"},
                        "weight": {"type": "int", "default": 128},
                        "client_ip_preservation": {"type": "bool"},
                    },
                    "mutually_exclusive": [["id", "load_balancer"]],
                    "required_one_of": [["id", "load_balancer"]],
                },
            },
        },
        "keep_dials": {"type": "bool", "default": True},
    },
    services=("globalaccelerator", "elbv2"),
    build=build,
    problems=problems,
)
