# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody changed by hand is seen, named and mended, and nothing else is touched.

One account serves all tests, because moto takes a second to make one: each test mends what it broke.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import ChangeFailed, CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.resources import vpc_endpoint
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.nat_gateway import NatGateway
from tests.support.modules import told

Run = Callable[..., dict[str, Any]]
REGION = "sa-east-1"

NETWORK: dict[str, Any] = {
    "region": REGION,
    "cidr": "10.10.0.0/16",
    "zones": ["a", "b"],
    "nat": "single",
    "security_groups": [
        {"name": "alb", "ingress": [{"port": 80, "cidrs": ["0.0.0.0/0"], "description": "Anybody"}]},
        {"name": "api", "ingress": [{"port": 8080, "security_group": "alb"}]},
    ],
}


@pytest.fixture(scope="module")
def ec2() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("ec2", REGION)


@pytest.fixture(scope="module")
def network(ec2: Any, run_module: Run) -> dict[str, Any]:
    return run_module("region_network", **NETWORK)


def open_port(ec2: Any, made: dict[str, Any]) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=made["security_groups"]["api"], IpPermissions=[rule])


def describe_otherwise(ec2: Any, made: dict[str, Any]) -> None:
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 80,
        "ToPort": 80,
        "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "Who?"}],
    }
    ec2.update_security_group_rule_descriptions_ingress(GroupId=made["security_groups"]["alb"], IpPermissions=[rule])


def fill_default_group(ec2: Any, made: dict[str, Any]) -> None:
    filters = [{"Name": "vpc-id", "Values": [made["vpc_id"]]}, {"Name": "group-name", "Values": ["default"]}]
    group = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    )


def lose_route(ec2: Any, made: dict[str, Any]) -> None:
    ec2.delete_route(RouteTableId=made["route_table_ids"][1], DestinationCidrBlock="0.0.0.0/0")


def lose_association(ec2: Any, made: dict[str, Any]) -> None:
    table = ec2.describe_route_tables(RouteTableIds=[made["route_table_ids"][0]])["RouteTables"][0]
    ec2.disassociate_route_table(AssociationId=table["Associations"][0]["RouteTableAssociationId"])


def give_public_addresses(ec2: Any, made: dict[str, Any]) -> None:
    ec2.modify_subnet_attribute(SubnetId=made["subnets"]["private"][0], MapPublicIpOnLaunch={"Value": True})


def forget_host_names(ec2: Any, made: dict[str, Any]) -> None:
    ec2.modify_vpc_attribute(VpcId=made["vpc_id"], EnableDnsHostnames={"Value": False})


def tag_subnet(ec2: Any, made: dict[str, Any]) -> None:
    ec2.create_tags(Resources=[made["subnets"]["public"][1]], Tags=[{"Key": "Name", "Value": "mine"}])


@pytest.mark.parametrize(
    ("hand", "seen"),
    [
        (open_port, ("update", "ec2_security_group_rules", "api")),
        (describe_otherwise, ("update", "ec2_security_group_rules", "alb")),
        (fill_default_group, ("update", "ec2_default_security_group_rules", "sales-default")),
        (lose_route, ("update", "ec2_route_table", "sales-private-a")),
        (lose_association, ("update", "ec2_route_table", "sales-public")),
        (give_public_addresses, ("update", "ec2_subnet", "sales-private-a")),
        (forget_host_names, ("update", "ec2_vpc", "sales")),
        (tag_subnet, ("update", "ec2_subnet", "sales-public-b")),
    ],
)
def test_drift_is_seen_and_mended(
    ec2: Any,
    network: dict[str, Any],
    run_module: Run,
    hand: Callable[[Any, dict[str, Any]], None],
    seen: tuple[str, str, str],
) -> None:
    hand(ec2, network)
    assert told(run_module("region_network", check_mode=True, **NETWORK)) == [seen]
    assert told(run_module("region_network", **NETWORK)) == [seen]
    assert run_module("region_network", **NETWORK)["changes"] == []


def test_an_unchanged_network_costs_a_call_for_each_kind_in_it(network: dict[str, Any], run_module: Run) -> None:
    again = run_module("region_network", **NETWORK)
    assert again["changes"] == [] and again["aws_calls"] <= 11


def test_what_others_made_in_the_network_stays(ec2: Any, network: dict[str, Any], run_module: Run) -> None:
    """Peering routes and a file system's security group belong to other layers."""
    efs = ec2.create_security_group(GroupName="efs", Description="x", VpcId=network["vpc_id"])["GroupId"]
    peer = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    peering = ec2.create_vpc_peering_connection(VpcId=network["vpc_id"], PeerVpcId=peer)["VpcPeeringConnection"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnectionId"])
    ec2.create_route(
        RouteTableId=network["route_table_ids"][0],
        DestinationCidrBlock="10.20.0.0/16",
        VpcPeeringConnectionId=peering["VpcPeeringConnectionId"],
    )
    assert run_module("region_network", **NETWORK)["changes"] == []
    assert ec2.describe_security_groups(GroupIds=[efs])["SecurityGroups"]
    ec2.delete_route(RouteTableId=network["route_table_ids"][0], DestinationCidrBlock="10.20.0.0/16")
    ec2.delete_security_group(GroupId=efs)


def test_an_endpoint_whose_answer_was_lost_is_not_taken_for_the_deleted_one(
    ec2: Any, network: dict[str, Any], run_module: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EC2 lists a deleted endpoint for a while, with its tags."""
    gone = network["vpc_endpoints"]["s3"]
    ec2.delete_vpc_endpoints(VpcEndpointIds=[gone])

    def make_once(make: Callable[[], Any], find_again: Callable[[], Any]) -> Any:
        assert find_again() is None
        make()
        return find_again()

    monkeypatch.setattr(vpc_endpoint, "make_once", make_once)
    assert run_module("region_network", **NETWORK)["vpc_endpoints"]["s3"] != gone


def test_another_range_for_a_vpc_that_exists_is_refused(network: dict[str, Any], run_module: Run) -> None:
    with pytest.raises(CollectionError, match=r"10\.10\.0\.0/16.*wanted '10\.11\.0\.0/16'"):
        run_module("region_network", **{**NETWORK, "cidr": "10.11.0.0/16"})


def test_two_vpcs_with_the_same_tags_are_nobodys_guess(ec2: Any, network: dict[str, Any], run_module: Run) -> None:
    tags = [{"Key": "workload", "Value": "sales"}, {"Key": "network", "Value": "sales"}]
    specification = [{"ResourceType": "vpc", "Tags": tags}]
    other = ec2.create_vpc(CidrBlock="10.10.0.0/16", TagSpecifications=specification)["Vpc"]["VpcId"]
    with pytest.raises(CollectionError, match=rf"2 VPCs in sa-east-1.*Keep {network['vpc_id']} .*Delete vpc-"):
        run_module("region_network", **NETWORK)
    ec2.delete_vpc(VpcId=other)


def test_a_run_that_was_cut_off_is_completed_by_the_next(
    ec2: Any, run_module: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = {**NETWORK, "workload": "goals"}

    def fail(*_arguments: Any) -> None:
        raise CollectionError("the power went out")

    with monkeypatch.context() as patch:
        patch.setattr(NatGateway, "create", fail)
        with pytest.raises(ChangeFailed, match="the power went out"):
            run_module("region_network", **network)
    made = told(run_module("region_network", **network))
    assert ("create", "ec2_nat_gateway", "goals-a") in made
    assert ("create", "ec2_vpc", "goals") not in made
    assert run_module("region_network", **network)["changes"] == []
    filters = [{"Name": "tag:workload", "Values": ["goals"]}]
    assert len(ec2.describe_addresses(Filters=filters)["Addresses"]) == 1


def test_a_load_balancer_that_belongs_to_another_workload_is_left_alone(
    network: dict[str, Any], run_module: Run
) -> None:
    balancer = {
        "region": REGION,
        "name": "shared",
        "subnets": network["subnets"]["public"],
        "security_groups": [network["security_groups"]["alb"]],
    }
    run_module("load_balancer", **balancer)
    for change in ({}, {"state": "absent"}):
        with pytest.raises(CollectionError, match="shared in sa-east-1 belongs to the workload 'sales'.*adopt: true"):
            run_module("load_balancer", **{**balancer, "workload": "goals", **change})


def test_targets_that_services_registered_stay(network: dict[str, Any], run_module: Run) -> None:
    balancer = {
        "region": REGION,
        "name": "sales",
        "subnets": network["subnets"]["public"],
        "security_groups": [network["security_groups"]["alb"]],
        "vpc_id": network["vpc_id"],
        "target_groups": [{"name": "sales-api", "port": 8080, "health_check": {"path": "/healthcheck"}}],
        "listeners": [{"port": 80, "default": {"target_group": "sales-api"}}],
    }
    group = run_module("load_balancer", **balancer)["target_groups"]["sales-api"]
    elb = boto3.client("elbv2", REGION)
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.10.64.9", "Port": 8080}])
    again = run_module("load_balancer", **balancer)
    assert again["changes"] == [] and again["aws_calls"] <= 8
    assert len(elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]) == 1

    exact = {**balancer["target_groups"][0], "targets": [{"id": "10.10.64.7"}]}
    assert told(run_module("load_balancer", **{**balancer, "target_groups": [exact]})) == [
        ("update", "elbv2_target_group", "sales-api")
    ]
    (left,) = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    assert left["Target"]["Id"] == "10.10.64.7"
