# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may open a connection to whom: computed from the rules of security groups, as the network of AWS does.

The embedded cloud's processes share one loopback interface, so nothing here stops a packet. What must not be able to
connect is found out beforehand: a task outside the client groups of a file system does not get it mounted.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from moto.ec2.models import ec2_backends
from moto.ecs.models import ecs_backends
from moto.efs.models import efs_backends

from localcloud.options import ACCOUNT_ID

NFS_PORT = 2049


class UnknownEnd(ValueError):
    """No such task, security group, interface or mount target. The message says what was looked for, and where."""


@dataclass(frozen=True)
class End:
    """One end of a connection. `place` is the range its address is in: /32 if it is known, else that of its VPC."""

    name: str
    region: str
    vpc_id: str
    groups: tuple[Any, ...]
    place: str


@dataclass(frozen=True)
class Reach:
    """Whether a connection can be opened, and the rules that let it through or the lack of them, in words."""

    open: bool
    why: str


def may_connect(source: End, target: End, port: int, protocol: str = "tcp") -> Reach:
    """Whether `source` can open a connection to `port` of `target`.

    A rule of one of the source's groups must let it out, and a rule of one of the target's groups must let it in; the
    answers need no rule of their own (security groups are stateful). Both ends must be in one VPC, or in two that are
    peered. Prefix lists are not resolved: a rule that names one lets nothing through here.
    """
    if source.vpc_id != target.vpc_id and not _peered(source, target):
        return Reach(False, f"{source.name} is in {source.vpc_id}, {target.name} in {target.vpc_id}: not peered")
    out = _admitting(source, target, port, protocol, egress=True)
    if out is None:
        return Reach(False, f"no egress rule of {_names(source)} lets {protocol} {port} out to {target.name}")
    into = _admitting(target, source, port, protocol, egress=False)
    if into is None:
        return Reach(False, f"no ingress rule of {_names(target)} lets {protocol} {port} in from {_names(source)}")
    return Reach(True, f"out by {out}, in by {into}")


def end_of_interface(interface: Any) -> End:
    """The end of a connection that a network interface is."""
    subnet, address = interface.subnet, interface.private_ip_address
    # Tasks live at loopback addresses that stand for one of their subnet.
    inside = address and ipaddress.ip_address(address) in ipaddress.ip_network(subnet.cidr_block)
    place = f"{address}/32" if inside else subnet.cidr_block
    return End(interface.id, interface.ec2_backend.region_name, subnet.vpc_id, tuple(interface.group_set), place)


def end_of_group(region: str, group_id: str, account: str = ACCOUNT_ID) -> End:
    """Any interface with just this security group.

    Raises:
        UnknownEnd: there is no such group in this region.
    """
    group = ec2_backends[account][region].get_security_group_from_id(group_id)
    if group is None:
        raise UnknownEnd(f"no security group {group_id} in {region}")
    vpc = ec2_backends[account][region].get_vpc(group.vpc_id)
    return End(group_id, region, group.vpc_id, (group,), vpc.cidr_block)  # type: ignore[union-attr]


def end_of_task(region: str, task: str, account: str = ACCOUNT_ID) -> End:
    """A task's network interface, by the task's ARN or id.

    Raises:
        UnknownEnd: there is no such task in this region, or it has no network interface.
    """
    for tasks in ecs_backends[account][region].tasks.values():
        for arn, found in tasks.items():
            if task not in (arn, arn.rpartition("/")[2]):
                continue
            details = [detail for attachment in found.attachments or [] for detail in attachment.get("details", [])]
            interfaces = ec2_backends[account][region].enis
            for detail in details:
                if detail["name"] == "networkInterfaceId" and detail["value"] in interfaces:
                    return end_of_interface(interfaces[detail["value"]])
            raise UnknownEnd(f"task {task} in {region} has no network interface: it is {found.last_status}")
    raise UnknownEnd(f"no task {task} in {region}")


def end_of(region: str, name: str, account: str = ACCOUNT_ID) -> End:
    """A target by the id of its mount target, network interface or security group, or by its private address.

    Raises:
        UnknownEnd: nothing in this region has this id or address.
    """
    if name.startswith("sg-"):
        return end_of_group(region, name, account)
    target = efs_backends[account][region].mount_targets_by_id.get(name)
    if target is not None:
        name = target.network_interface_id
    for interface in ec2_backends[account][region].enis.values():
        if name in (interface.id, interface.private_ip_address):
            return end_of_interface(interface)
    raise UnknownEnd(f"no mount target, network interface, security group or address {name!r} in {region}")


def answer_reach(query: str) -> dict[str, Any]:
    """What `GET /_localcloud/reach` says: `{"open", "why"}`. Call it with the lock held.

    Raises:
        UnknownEnd: a parameter is missing or wrong; the message names it.
    """
    given = {name: values[0] for name, values in parse_qs(query).items()}
    sources = [name for name in ("from_task", "from_group") if given.get(name)]
    if not given.get("region") or not given.get("to") or len(sources) != 1:
        raise UnknownEnd("give region, to, and exactly one of from_task and from_group")
    port = given.get("port", str(NFS_PORT))
    if not port.isdecimal() or int(port) > 65535:
        raise UnknownEnd(f"port is {port!r}; 0 to 65535 are valid")
    find = end_of_task if sources == ["from_task"] else end_of_group
    reach = may_connect(find(given["region"], given[sources[0]]), end_of(given["region"], given["to"]), int(port))
    return {"open": reach.open, "why": reach.why}


def _admitting(end: End, other: End, port: int, protocol: str, *, egress: bool) -> str | None:
    """The first rule on `end` that lets `other` through, in words; None if there is none."""
    for group in end.groups:
        for rule in group.egress_rules if egress else group.ingress_rules:
            if _fits(rule, port, protocol) and (other_end := _names_end(rule, other)):
                return f"{group.id} ({other_end})"
    return None


def _fits(rule: Any, port: int, protocol: str) -> bool:
    if rule.ip_protocol == "-1":
        return True
    return rule.ip_protocol == protocol and rule.from_port <= port <= rule.to_port


def _names_end(rule: Any, end: End) -> str:
    """By what a rule means this end: a group of it, or a range it is in. Empty if it means others."""
    group = rule.source_group.get("GroupId")
    if group and any(own.id == group for own in end.groups):
        return group
    cidr = rule.ip_range.get("CidrIp")
    return cidr if cidr and ipaddress.ip_network(end.place).subnet_of(ipaddress.ip_network(cidr)) else ""


def _peered(one: End, other: End) -> bool:
    wanted = {one.vpc_id, other.vpc_id}
    peerings = ec2_backends[ACCOUNT_ID][one.region].vpc_pcxs.values()
    return any({p.vpc.id, p.peer_vpc.id} == wanted and p._status.code == "active" for p in peerings)


def _names(end: End) -> str:
    return ", ".join(group.id for group in end.groups) or "no security group"
