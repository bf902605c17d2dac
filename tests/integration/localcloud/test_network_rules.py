# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks and load balancers over the real API: what may be made, and what may not go while something stands in it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from localcloud import Cloud
from tests.support.expectations import refusal, refused
from tests.support.waiting import eventually


class Network:
    """A VPC with two public subnets, a security group and whatever a test adds; taken apart in order by `remove`."""

    def __init__(self, cloud: Cloud, name: str, cidr: str = "10.50.0.0/16", region: str = "sa-east-1"):
        self.ec2, self.elb, self.name = cloud.client("ec2", region), cloud.client("elbv2", region), name
        self.vpc = self.ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
        blocks = [cidr.replace("0.0/16", f"{n}.0/24") for n in range(2)]
        self.subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=block, AvailabilityZone=region + zone)["Subnet"][
                "SubnetId"
            ]
            for block, zone in zip(blocks, "ab", strict=True)
        ]
        self.group = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
        self.gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)

    def balancer(self, name: str | None = None, **changes: Any) -> str:
        wanted = {"Name": name or self.name, "Subnets": self.subnets, "SecurityGroups": [self.group]} | changes
        return self.elb.create_load_balancer(**wanted)["LoadBalancers"][0]["LoadBalancerArn"]

    def target_group(self, name: str | None = None) -> str:
        made = self.elb.create_target_group(
            Name=name or self.name, Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="ip"
        )
        return made["TargetGroups"][0]["TargetGroupArn"]

    def listener(self, balancer: str, group: str, port: int = 80) -> str:
        forward = [{"Type": "forward", "TargetGroupArn": group}]
        made = self.elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=port, DefaultActions=forward)
        return made["Listeners"][0]["ListenerArn"]

    def remove(self) -> None:
        self.ec2.detach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.ec2.delete_internet_gateway(InternetGatewayId=self.gateway)
        self.ec2.delete_security_group(GroupId=self.group)
        for subnet in self.subnets:
            self.ec2.delete_subnet(SubnetId=subnet)
        self.ec2.delete_vpc(VpcId=self.vpc)


@pytest.fixture
def network(cloud: Cloud, name: str) -> Network:
    return Network(cloud, name)


def test_nothing_goes_while_a_load_balancer_stands_in_it(network: Network) -> None:
    balancer = network.balancer()
    assert "load balancer" in refusal(network.ec2.delete_subnet, SubnetId=network.subnets[0])
    assert "load balancer" in refusal(network.ec2.delete_security_group, GroupId=network.group)
    detach = {"InternetGatewayId": network.gateway, "VpcId": network.vpc}
    assert "mapped public address" in refusal(network.ec2.detach_internet_gateway, **detach)
    assert refused(network.ec2.delete_vpc, VpcId=network.vpc) == "DependencyViolation"
    network.elb.delete_load_balancer(LoadBalancerArn=balancer)
    network.remove()


def test_a_group_named_by_anothers_rule_stays(network: Network) -> None:
    other = network.ec2.create_security_group(GroupName="other", Description="x", VpcId=network.vpc)["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": network.group}]}
    network.ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[rule])
    assert f"rule of security group {other}" in refusal(network.ec2.delete_security_group, GroupId=network.group)
    network.ec2.delete_security_group(GroupId=other)
    network.remove()


def test_a_nat_gateway_takes_its_time_and_its_address_with_it(network: Network) -> None:
    ec2 = network.ec2
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=network.subnets[0], AllocationId=address, ClientToken=network.name)
    gateway = made["NatGateway"]["NatGatewayId"]
    again = ec2.create_nat_gateway(SubnetId=network.subnets[0], AllocationId=address, ClientToken=network.name)
    assert again["NatGateway"]["NatGatewayId"] == gateway

    def state() -> str:
        return ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"][0]["State"]

    assert made["NatGateway"]["State"] == "pending"
    eventually(lambda: state() == "available")
    assert refused(ec2.release_address, AllocationId=address) == "InvalidIPAddress.InUse"
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    assert refused(ec2.release_address, AllocationId=address) == "InvalidIPAddress.InUse"
    eventually(lambda: state() == "deleted")
    ec2.release_address(AllocationId=address)
    network.remove()


def test_overlapping_networks_cannot_be_peered(cloud: Cloud, network: Network, name: str) -> None:
    for cidr, state in (("10.50.128.0/17", "failed"), ("10.51.0.0/16", "pending-acceptance")):
        far = cloud.client("ec2", "us-east-1")
        vpc = far.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
        peering = network.ec2.create_vpc_peering_connection(VpcId=network.vpc, PeerVpcId=vpc, PeerRegion="us-east-1")
        identifier = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        mine = [{"Name": "accepter-vpc-info.vpc-id", "Values": [vpc]}]
        found = network.ec2.describe_vpc_peering_connections(Filters=mine)["VpcPeeringConnections"]
        assert [(p["VpcPeeringConnectionId"], p["Status"]["Code"]) for p in found] == [(identifier, state)]
    near = network.ec2.accept_vpc_peering_connection
    assert refused(near, VpcPeeringConnectionId=identifier) == "OperationNotPermitted"
    far.accept_vpc_peering_connection(VpcPeeringConnectionId=identifier)
    far.create_tags(Resources=[identifier], Tags=[{"Key": "side", "Value": "far"}])
    assert far.describe_vpc_peering_connections(VpcPeeringConnectionIds=[identifier])["VpcPeeringConnections"][0][
        "Tags"
    ]
    near_side = network.ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[identifier])
    assert near_side["VpcPeeringConnections"][0]["Tags"] == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"Name": "x" * 33}, "longer than 32"),
        ({"Name": "-x"}, "hyphen"),
        ({"Name": "x-"}, "hyphen"),
        ({"Name": "internal-x"}, "internal-"),
        ({"SecurityGroups": ["sg-00000000"]}, "does not exist"),
    ],
)
def test_load_balancers_are_refused_for_what_elb_refuses(
    network: Network, wrong: dict[str, Any], complaint: str
) -> None:
    assert complaint in refusal(network.balancer, **wrong)


def test_a_load_balancer_needs_two_zones(network: Network) -> None:
    assert "two different" in refusal(network.balancer, Subnets=network.subnets[:1])


def test_a_name_is_used_once(network: Network) -> None:
    assert network.balancer() == network.balancer()
    assert "DuplicateLoadBalancerName" in refusal(network.balancer, Scheme="internal")
    assert network.target_group() == network.target_group()


def test_a_target_group_stays_while_something_forwards_to_it(network: Network) -> None:
    balancer, group, other = network.balancer(), network.target_group(), network.target_group(network.name + "-b")
    listener = network.listener(balancer, group)
    assert network.listener(balancer, group) == listener, "made again with the same settings it is the same"
    assert refused(network.listener, balancer=balancer, group=other) == "DuplicateListener"
    rule = {
        "ListenerArn": listener,
        "Priority": 1,
        "Conditions": [{"Field": "path-pattern", "Values": ["/mysfits/*/like"]}],
        "Actions": [{"Type": "forward", "TargetGroupArn": other}],
    }
    made = network.elb.create_rule(**rule)["Rules"][0]["RuleArn"]
    assert refused(network.elb.create_rule, **rule) == "PriorityInUse"
    assert refused(network.elb.delete_target_group, TargetGroupArn=other) == "ResourceInUse"
    second = network.balancer(network.name + "-b")
    assert refused(network.listener, balancer=second, group=group) == "TargetGroupAssociationLimit"
    network.elb.delete_rule(RuleArn=made)
    described = network.elb.describe_target_groups(TargetGroupArns=[other])["TargetGroups"][0]
    assert described["LoadBalancerArns"] == []
    network.elb.delete_target_group(TargetGroupArn=other)
    network.elb.delete_load_balancer(LoadBalancerArn=balancer)
    network.elb.delete_target_group(TargetGroupArn=group)


def test_what_is_unknown_has_no_tags(network: Network) -> None:
    group = network.target_group()
    assert network.elb.describe_tags(ResourceArns=[group])["TagDescriptions"][0]["Tags"] == []
    network.elb.delete_target_group(TargetGroupArn=group)
    balancer = group.replace(":targetgroup/", ":loadbalancer/app/")
    for arn, code in ((group, "TargetGroupNotFound"), (balancer, "LoadBalancerNotFound")):
        assert refused(network.elb.describe_tags, ResourceArns=[arn]) == code
    network.remove()


def test_scaling_refuses_what_it_does_not_know(cloud: Cloud, name: str) -> None:
    client = cloud.client("application-autoscaling", "sa-east-1")
    which = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": f"table/{name}",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    action = {"Schedule": "rate(1 hour)", "ScheduledActionName": name, "ScalableTargetAction": {"MinCapacity": 1}}
    tracking = {
        "TargetValue": 50.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
    }
    policy = {
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracking,
    }

    def codes() -> set[str]:
        return {
            refused(client.delete_scaling_policy, **which, PolicyName=name),
            refused(client.delete_scheduled_action, **which, ScheduledActionName=name),
            refused(client.put_scaling_policy, **which, **policy),
            refused(client.put_scheduled_action, **which, **action),
            refused(client.deregister_scalable_target, **which),
        }

    assert codes() == {"ObjectNotFoundException"}
    client.register_scalable_target(**which, MinCapacity=1, MaxCapacity=2)
    client.put_scheduled_action(**which, **action)
    client.put_scaling_policy(**which, **policy)
    client.deregister_scalable_target(**which)
    assert client.describe_scheduled_actions(ServiceNamespace="dynamodb")["ScheduledActions"] == []
    assert codes() == {"ObjectNotFoundException"}


def test_deletion_protection_protects(network: Network) -> None:
    balancer = network.balancer()
    protect = {"Key": "deletion_protection.enabled", "Value": "true"}
    network.elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[protect])
    assert refused(network.elb.delete_load_balancer, LoadBalancerArn=balancer) == "OperationNotPermitted"


def test_a_network_taken_apart_leaves_nothing(cloud: Cloud, name: str) -> None:
    region = "eu-west-1"
    network = Network(cloud, name, region=region)
    group = network.target_group()
    balancer = network.balancer()
    network.listener(balancer, group)
    endpoint = network.ec2.create_vpc_endpoint(
        VpcId=network.vpc,
        ServiceName=f"com.amazonaws.{region}.sqs",
        VpcEndpointType="Interface",
        SubnetIds=network.subnets,
        SecurityGroupIds=[network.group],
    )["VpcEndpoint"]["VpcEndpointId"]
    listed = cloud.ask("inventory")["resources"][region]
    assert any(endpoint in entry for entry in listed["ec2"])
    assert listed["elbv2"] == [f"listener: {name}:80", f"load balancer: {name}", f"target group: {name}"]
    network.elb.delete_load_balancer(LoadBalancerArn=balancer)
    network.elb.delete_target_group(TargetGroupArn=group)
    network.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    network.remove()
    time.sleep(0.05)
    assert region not in cloud.ask("inventory")["resources"]


def test_a_network_load_balancer_has_security_groups_from_the_beginning_or_never(
    cloud: Cloud, network: Network, name: str
) -> None:
    elb, ec2 = cloud.client("elbv2", "sa-east-1"), network.ec2
    group = ec2.create_security_group(GroupName=f"{name}-nlb", Description=name, VpcId=network.vpc)["GroupId"]
    subnet = ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.50.200.0/24", AvailabilityZone="sa-east-1a")
    common = {"Type": "network", "Scheme": "internal", "Subnets": [subnet["Subnet"]["SubnetId"]]}
    made = {}
    for kind, groups in (("without", []), ("with", [group])):
        given = {"SecurityGroups": groups} if groups else {}
        answer = elb.create_load_balancer(Name=f"{kind}-{name}"[:30], **common, **given)
        made[kind] = answer["LoadBalancers"][0]["LoadBalancerArn"]
    set_groups = elb.set_security_groups
    assert refused(set_groups, LoadBalancerArn=made["without"], SecurityGroups=[group]) == "InvalidConfigurationRequest"
    assert refused(set_groups, LoadBalancerArn=made["with"], SecurityGroups=[]) == "InvalidConfigurationRequest"
    set_groups(LoadBalancerArn=made["with"], SecurityGroups=[group])
