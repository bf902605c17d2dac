# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may connect to whom, by the rules of security groups: a table of them, and what each lets through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.ec2.models import ec2_backends

from localcloud.ec2.reach import NFS_PORT, End, end_of, end_of_group, end_of_interface, may_connect

REGION, ACCOUNT = "sa-east-1", "123456789012"
EVERYWHERE = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


@pytest.fixture(scope="module")
def ec2() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("ec2", REGION)


@pytest.fixture(scope="module")
def vpc(ec2: Any) -> str:
    return ec2.create_vpc(CidrBlock="10.5.0.0/16")["Vpc"]["VpcId"]


@pytest.fixture(scope="module")
def subnet(ec2: Any, vpc: str) -> str:
    return ec2.create_subnet(VpcId=vpc, CidrBlock="10.5.1.0/24")["Subnet"]["SubnetId"]


@pytest.fixture
def group(ec2: Any, vpc: str, request: pytest.FixtureRequest) -> Any:
    """Makes a group with these ingress rules and, unless told otherwise, EC2's own egress rule."""
    made: list[str] = []

    def make(*ingress: dict[str, Any], egress: list[dict[str, Any]] | None = None, where: str = vpc) -> str:
        name = f"{request.node.name[:200]}-{len(made)}"
        identifier = ec2.create_security_group(GroupName=name, Description="x", VpcId=where)["GroupId"]
        made.append(identifier)
        if ingress:
            ec2.authorize_security_group_ingress(GroupId=identifier, IpPermissions=list(ingress))
        if egress is not None:
            ec2.revoke_security_group_egress(GroupId=identifier, IpPermissions=[EVERYWHERE])
            if egress:
                ec2.authorize_security_group_egress(GroupId=identifier, IpPermissions=egress)
        return identifier

    return make


def interface(ec2: Any, subnet: str, *groups: str) -> End:
    made = ec2.create_network_interface(SubnetId=subnet, Groups=list(groups))["NetworkInterface"]
    return end_of_interface(ec2_backends[ACCOUNT][REGION].enis[made["NetworkInterfaceId"]])


def tcp(first: int, last: int | None = None, **end: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": first, "ToPort": first if last is None else last, **end}


def ranges(*cidrs: str) -> dict[str, Any]:
    return {"IpRanges": [{"CidrIp": cidr} for cidr in cidrs]}


def groups(*identifiers: str) -> dict[str, Any]:
    return {"UserIdGroupPairs": [{"GroupId": identifier} for identifier in identifiers]}


@pytest.mark.parametrize(
    ("rule", "is_open"),
    [
        (tcp(2049, **ranges("10.5.1.0/24")), True),
        (tcp(2049, **ranges("0.0.0.0/0")), True),
        (tcp(0, 65535, **ranges("10.5.0.0/16")), True),
        (EVERYWHERE, True),
        (tcp(2049, **ranges("10.5.2.0/24")), False),
        (tcp(2049, **ranges("10.5.2.0/24", "10.5.1.0/24")), True),
        (tcp(2048, **ranges("0.0.0.0/0")), False),
        (tcp(2050, 3000, **ranges("0.0.0.0/0")), False),
        ({**tcp(2049, **ranges("0.0.0.0/0")), "IpProtocol": "udp"}, False),
    ],
)
def test_a_rule_admits_by_protocol_port_and_range(
    ec2: Any, subnet: str, group: Any, rule: dict[str, Any], is_open: bool
) -> None:
    client, target = interface(ec2, subnet, group()), interface(ec2, subnet, group(rule, egress=[]))
    assert may_connect(client, target, NFS_PORT).open is is_open


def test_a_rule_admits_by_group_and_not_through_another(ec2: Any, subnet: str, group: Any) -> None:
    clients, others = group(), group()
    storage = group(tcp(2049, **groups(clients)), egress=[])
    target = interface(ec2, subnet, storage)
    assert may_connect(interface(ec2, subnet, clients), target, NFS_PORT).open
    assert may_connect(interface(ec2, subnet, others, clients), target, NFS_PORT).open
    refused = may_connect(interface(ec2, subnet, others), target, NFS_PORT)
    assert not refused.open and others in refused.why and storage in refused.why
    # Being in the target's own group is no permission either.
    assert not may_connect(interface(ec2, subnet, storage), target, NFS_PORT).open


def test_one_of_several_groups_of_the_target_is_enough(ec2: Any, subnet: str, group: Any) -> None:
    clients = group()
    target = interface(ec2, subnet, group(), group(tcp(2049, **groups(clients))))
    assert may_connect(interface(ec2, subnet, clients), target, NFS_PORT).open


def test_what_may_not_leave_does_not_arrive(ec2: Any, subnet: str, group: Any) -> None:
    storage = group(tcp(2049, **ranges("0.0.0.0/0")))
    target = interface(ec2, subnet, storage)
    assert not may_connect(interface(ec2, subnet, group(egress=[])), target, NFS_PORT).open
    assert not may_connect(interface(ec2, subnet, group(egress=[tcp(443, **ranges("0.0.0.0/0"))])), target, 2049).open
    assert may_connect(interface(ec2, subnet, group(egress=[tcp(2049, **groups(storage))])), target, NFS_PORT).open


def test_a_group_stands_for_any_address_of_its_vpc(ec2: Any, subnet: str, group: Any) -> None:
    client = end_of_group(REGION, group())
    whole = interface(ec2, subnet, group(tcp(2049, **ranges("10.5.0.0/16"))))
    part = interface(ec2, subnet, group(tcp(2049, **ranges("10.5.1.0/24"))))
    assert may_connect(client, whole, NFS_PORT).open
    assert not may_connect(client, part, NFS_PORT).open


def test_a_task_at_a_loopback_address_counts_as_in_its_subnet(ec2: Any, subnet: str, group: Any) -> None:
    client = interface(ec2, subnet, group())
    eni = ec2_backends[ACCOUNT][REGION].enis[client.name]
    eni.private_ip_address = "127.105.1.4"
    target = interface(ec2, subnet, group(tcp(2049, **ranges("10.5.1.0/24"))))
    assert may_connect(end_of_interface(eni), target, NFS_PORT).open
    assert end_of(REGION, "127.105.1.4").name == client.name


def test_networks_that_are_not_peered_do_not_meet(ec2: Any, vpc: str, subnet: str, group: Any) -> None:
    other = ec2.create_vpc(CidrBlock="10.6.0.0/16")["Vpc"]["VpcId"]
    there = ec2.create_subnet(VpcId=other, CidrBlock="10.6.1.0/24")["Subnet"]["SubnetId"]
    client = interface(ec2, there, group(where=other))
    target = interface(ec2, subnet, group(EVERYWHERE))
    assert "not peered" in may_connect(client, target, NFS_PORT).why
    peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)["VpcPeeringConnection"]
    assert not may_connect(client, target, NFS_PORT).open
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnectionId"])
    assert may_connect(client, target, NFS_PORT).open
