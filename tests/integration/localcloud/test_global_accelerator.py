# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Global Accelerator over the real API: the whole life of an accelerator, and what is refused on the way."""

from __future__ import annotations

from typing import Any

from localcloud import Cloud
from tests.support.accelerators import make_listener, make_load_balancer
from tests.support.expectations import refusal, refused
from tests.support.waiting import eventually


def status(client: Any, arn: str) -> str:
    return client.describe_accelerator(AcceleratorArn=arn)["Accelerator"]["Status"]


def test_an_accelerator_lives_and_is_taken_apart_in_order(cloud: Cloud, name: str) -> None:
    client = cloud.client("globalaccelerator", "us-west-2")
    balancer, _, _ = make_load_balancer(cloud, name)
    accelerator, listener = make_listener(client, name)
    assert status(client, accelerator) == "IN_PROGRESS"
    eventually(lambda: status(client, accelerator) == "DEPLOYED")
    group = client.create_endpoint_group(
        ListenerArn=listener,
        EndpointGroupRegion="sa-east-1",
        EndpointConfigurations=[{"EndpointId": balancer, "Weight": 100}],
        TrafficDialPercentage=0,
        IdempotencyToken=name,
    )["EndpointGroup"]
    assert group["TrafficDialPercentage"] == 0.0
    assert group["EndpointDescriptions"][0]["Weight"] == 100
    assert status(client, accelerator) == "IN_PROGRESS"
    changed = client.update_endpoint_group(EndpointGroupArn=group["EndpointGroupArn"], TrafficDialPercentage=55.5)
    assert changed["EndpointGroup"]["TrafficDialPercentage"] == 55.5
    assert len(changed["EndpointGroup"]["EndpointDescriptions"]) == 1

    assert refused(client.delete_accelerator, AcceleratorArn=accelerator) == "AcceleratorNotDisabledException"
    client.update_accelerator(AcceleratorArn=accelerator, Enabled=False)
    assert refused(client.delete_accelerator, AcceleratorArn=accelerator) == "AcceleratorNotDisabledException"
    eventually(lambda: status(client, accelerator) == "DEPLOYED")
    assert refused(client.delete_accelerator, AcceleratorArn=accelerator) == "AssociatedListenerFoundException"
    assert refused(client.delete_listener, ListenerArn=listener) == "AssociatedEndpointGroupFoundException"
    client.delete_endpoint_group(EndpointGroupArn=group["EndpointGroupArn"])
    going = refused(client.delete_listener, ListenerArn=listener)
    assert going == "AssociatedEndpointGroupFoundException", "a deleted group is there for a while"
    eventually(lambda: status(client, accelerator) == "DEPLOYED")
    client.delete_listener(ListenerArn=listener)
    eventually(lambda: status(client, accelerator) == "DEPLOYED")
    client.delete_accelerator(AcceleratorArn=accelerator)
    assert refused(client.describe_accelerator, AcceleratorArn=accelerator) == "AcceleratorNotFoundException"


def test_it_answers_in_us_west_2_only(cloud: Cloud, name: str) -> None:
    elsewhere = cloud.client("globalaccelerator", "sa-east-1")
    assert "us-west-2 only" in refusal(elsewhere.list_accelerators)


def test_a_token_makes_creation_happen_once(cloud: Cloud, name: str) -> None:
    client = cloud.client("globalaccelerator", "us-west-2")
    first = client.create_accelerator(Name=name, IdempotencyToken=name)["Accelerator"]
    again = client.create_accelerator(Name=name, IdempotencyToken=name)["Accelerator"]
    assert first["AcceleratorArn"] == again["AcceleratorArn"]
    assert [a["Name"] for a in client.list_accelerators()["Accelerators"]].count(name) == 1


def test_endpoint_groups_are_refused_for_what_the_service_refuses(cloud: Cloud, name: str) -> None:
    client = cloud.client("globalaccelerator", "us-west-2")
    balancer, _, _ = make_load_balancer(cloud, name)
    _, listener = make_listener(client, name)
    tokens = iter(f"{name}-{number}" for number in range(10))

    def create(region: str, **more: Any) -> Any:
        return client.create_endpoint_group(
            ListenerArn=listener, EndpointGroupRegion=region, IdempotencyToken=next(tokens), **more
        )

    wrong_region = [{"EndpointId": balancer}]
    assert "region" in refusal(create, region="us-east-1", EndpointConfigurations=wrong_region)
    missing = [{"EndpointId": balancer[:-4] + "0000"}]
    assert "does not exist" in refusal(create, region="sa-east-1", EndpointConfigurations=missing)
    create("sa-east-1")
    assert refused(create, region="sa-east-1") == "EndpointGroupAlreadyExistsException"


def test_invalid_numbers_are_refused_by_the_server_too(cloud: Cloud, name: str) -> None:
    from botocore.config import Config

    client = cloud.client("globalaccelerator", "us-west-2", config=Config(parameter_validation=False))
    _, listener = make_listener(client, name)
    too_much = {"ListenerArn": listener, "EndpointGroupRegion": "sa-east-1", "IdempotencyToken": name}
    assert refused(client.create_endpoint_group, TrafficDialPercentage=101, **too_much) == "InvalidArgumentException"


def test_listeners_of_one_accelerator_do_not_overlap(cloud: Cloud, name: str) -> None:
    client = cloud.client("globalaccelerator", "us-west-2")
    accelerator, _ = make_listener(client, name)
    overlapping = {"AcceleratorArn": accelerator, "Protocol": "TCP", "IdempotencyToken": name + "-2"}
    ranges = [{"FromPort": 70, "ToPort": 90}]
    assert refused(client.create_listener, PortRanges=ranges, **overlapping) == "InvalidPortRangeException"


def test_an_endpoints_health_is_its_load_balancers(cloud: Cloud, name: str) -> None:
    client = cloud.client("globalaccelerator", "us-west-2")
    balancer, group_arn, _ = make_load_balancer(cloud, name)
    _, listener = make_listener(client, name)
    group = client.create_endpoint_group(
        ListenerArn=listener,
        EndpointGroupRegion="sa-east-1",
        EndpointConfigurations=[{"EndpointId": balancer}],
        IdempotencyToken=name,
    )["EndpointGroup"]["EndpointGroupArn"]
    endpoint = client.describe_endpoint_group(EndpointGroupArn=group)["EndpointGroup"]["EndpointDescriptions"][0]
    assert (endpoint["HealthState"], endpoint["ClientIPPreservationEnabled"]) == ("UNHEALTHY", True)


def test_tags_are_kept_with_the_accelerator(cloud: Cloud, name: str) -> None:
    client = cloud.client("globalaccelerator", "us-west-2")
    tags = [{"Key": "workload", "Value": "sales"}]
    arn = client.create_accelerator(Name=name, IdempotencyToken=name, Tags=tags)["Accelerator"]["AcceleratorArn"]
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "region", "Value": "global"}])
    client.untag_resource(ResourceArn=arn, TagKeys=["workload"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "region", "Value": "global"}]


def test_preserved_addresses_leave_a_security_group_in_the_vpc(cloud: Cloud, name: str) -> None:
    client, ec2 = cloud.client("globalaccelerator", "us-west-2"), cloud.client("ec2", "sa-east-1")
    balancer, _, vpc = make_load_balancer(cloud, name)
    inside = [{"Name": "vpc-id", "Values": [vpc]}]

    def interfaces() -> list[Any]:
        found = ec2.describe_network_interfaces(Filters=inside)["NetworkInterfaces"]
        return [each for each in found if each["InterfaceType"] == "global_accelerator_managed"]

    def groups() -> list[str]:
        found = ec2.describe_security_groups(Filters=inside)["SecurityGroups"]
        return [each["GroupId"] for each in found if each["GroupName"] == "GlobalAccelerator"]

    _accelerator, listener = make_listener(client, name)
    group = client.create_endpoint_group(
        ListenerArn=listener,
        EndpointGroupRegion="sa-east-1",
        EndpointConfigurations=[{"EndpointId": balancer, "ClientIPPreservationEnabled": False}],
        IdempotencyToken=name,
    )["EndpointGroup"]["EndpointGroupArn"]
    assert (interfaces(), groups()) == ([], [])
    client.update_endpoint_group(EndpointGroupArn=group, EndpointConfigurations=[{"EndpointId": balancer}])
    assert len(interfaces()) == 2, "one in each subnet of the load balancer"
    (made,) = groups()
    client.delete_endpoint_group(EndpointGroupArn=group)
    assert refused(ec2.delete_security_group, GroupId=made) == "DependencyViolation"
    eventually(lambda: not interfaces())
    assert groups() == [made]
    assert refused(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
    ec2.delete_security_group(GroupId=made)
