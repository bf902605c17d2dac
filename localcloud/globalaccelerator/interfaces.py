# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What client IP address preservation puts into the VPCs of endpoints: network interfaces and a security group.

One interface stands in each subnet of an accelerated load balancer. It goes a while after the endpoint; the security
group, one for each VPC, never goes by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from localcloud.globalaccelerator.accelerator import Accelerator
from localcloud.world import WORLD

GROUP = "GlobalAccelerator"
TYPE = "global_accelerator_managed"


def keep_interfaces(account: str, accelerators: Iterable[Accelerator]) -> None:
    """Make the interfaces that are missing; let those that nothing needs go after the accelerator's delay."""
    wanted = subnets_of_endpoints(account, accelerators)
    for region, subnets in wanted.items():
        ec2 = ec2_backends[account][region]
        for subnet in subnets - {eni.subnet.id for eni in interfaces(ec2)}:
            _make(ec2, subnet)
    surplus = [
        (ec2, eni)
        for region, ec2 in list(ec2_backends[account].items())
        for eni in interfaces(ec2)
        if eni.subnet.id not in wanted.get(region, ())
    ]

    def go() -> None:
        still = subnets_of_endpoints(account, accelerators)
        for ec2, eni in surplus:
            if eni.subnet.id not in still.get(ec2.region_name, ()):
                ec2.enis.pop(eni.id, None)

    if surplus:
        WORLD.links.after(WORLD.options.accelerator_delay * 2, go)


def subnets_of_endpoints(account: str, accelerators: Iterable[Accelerator]) -> dict[str, set[str]]:
    """Region → the subnets of load balancers whose clients' addresses are preserved."""
    wanted: dict[str, set[str]] = {}
    for accelerator in accelerators:
        for listener in accelerator.listeners.values():
            for group in listener.groups.values():
                for endpoint in group.endpoints:
                    balancer = elbv2_backends[account][group.region].load_balancers.get(endpoint.endpoint_id)
                    if balancer is not None and endpoint.client_ip_preservation:
                        wanted.setdefault(group.region, set()).update(subnet.id for subnet in balancer.subnets)
    return wanted


def interfaces(ec2: Any) -> list[Any]:
    """The network interfaces that Global Accelerator has in a region."""
    return [eni for eni in ec2.enis.values() if eni.interface_type == TYPE]


def _make(ec2: Any, subnet_id: str) -> None:
    subnet = ec2.get_subnet(subnet_id)
    group = next((g for g in ec2.groups[subnet.vpc_id].values() if g.name == GROUP), None)
    if group is None:
        about = "GlobalAccelerator configured SecurityGroup"
        group = ec2.create_security_group(GROUP, about, vpc_id=subnet.vpc_id)
    eni = ec2.create_network_interface(
        subnet, [], group_ids=[group.id], description=f"{GROUP} managed network interface"
    )
    eni.interface_type, eni.requester_managed, eni.status = TYPE, True, "in-use"
