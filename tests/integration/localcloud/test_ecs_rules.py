# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS refuses, and what its descriptions say, over the real API (tasks themselves are the runner's tests)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud import Cloud
from localcloud.options import ACCOUNT_ID
from tests.support.expectations import refusal, refused
from tests.support.waiting import eventually

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def register(client: Any, family: str, **changes: Any) -> Any:
    container = {
        "name": "web",
        "image": "example/sales-api:latest",
        "portMappings": [{"containerPort": 8080}],
        "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    }
    definition = {
        "family": family,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [container],
    } | changes
    return client.register_task_definition(**definition)["taskDefinition"]


class Place:
    """A network, a cluster and a target group for services."""

    def __init__(self, cloud: Cloud, name: str):
        ec2, elb, self.ecs = cloud.client("ec2"), cloud.client("elbv2"), cloud.client("ecs")
        vpc = ec2.create_vpc(CidrBlock="10.66.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.66.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
            for n, zone in enumerate(("sa-east-1a", "sa-east-1b"))
        ]
        group = elb.create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")
        self.group = group["TargetGroups"][0]["TargetGroupArn"]
        self.elb = elb
        self.name = name
        self.ecs.create_cluster(clusterName=name)

    def attach(self) -> None:
        balancer = self.elb.create_load_balancer(Name=self.name, Subnets=self.subnets)
        self.elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.group}],
        )

    def create(self, definition: str, balanced: bool = False, **changes: Any) -> Any:
        balancers = [{"targetGroupArn": self.group, "containerName": "web", "containerPort": 8080}]
        wanted = {
            "cluster": self.name,
            "serviceName": self.name,
            "taskDefinition": definition,
            "desiredCount": 0,
            "launchType": "FARGATE",
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": self.subnets}},
            **({"loadBalancers": balancers} if balanced else {}),
        } | changes
        return self.ecs.create_service(**wanted)["service"]


@pytest.fixture
def place(cloud: Cloud, name: str) -> Place:
    return Place(cloud, name)


def test_a_description_says_more_than_was_registered(cloud: Cloud, name: str) -> None:
    client = cloud.client("ecs")
    register(client, name)
    described = client.describe_task_definition(taskDefinition=name)["taskDefinition"]
    container = described["containerDefinitions"][0]
    assert container["portMappings"] == [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}]
    assert [pair["name"] for pair in container["environment"]] == ["B", "A"]
    assert (container["cpu"], container["essential"], container["volumesFrom"]) == (0, True, [])
    assert (described["volumes"], described["placementConstraints"]) == ([], [])
    assert described["compatibilities"] == ["EC2", "FARGATE"]
    assert {"name": "ecs.capability.task-eni"} in described["requiresAttributes"]
    assert described["registeredBy"].endswith("user/operator")
    assert (described["revision"], described["status"], described["cpu"]) == (1, "ACTIVE", "256")


def test_impossible_definitions_are_refused(cloud: Cloud, name: str) -> None:
    client = cloud.client("ecs")
    assert "No Fargate configuration" in refusal(register, client=client, family=name, memory="4096")
    assert refused(client.describe_task_definition, taskDefinition=name) == "ClientException"


def test_revisions_are_never_numbered_twice_and_deleted_only_when_inactive(cloud: Cloud, name: str) -> None:
    client = cloud.client("ecs")
    arns = [register(client, name)["taskDefinitionArn"] for _ in range(2)]
    assert client.delete_task_definitions(taskDefinitions=arns)["failures"][0]["reason"].startswith("The specified")
    client.deregister_task_definition(taskDefinition=arns[1])
    assert client.describe_task_definition(taskDefinition=name)["taskDefinition"]["revision"] == 1
    client.delete_task_definitions(taskDefinitions=arns[1:])
    assert register(client, name)["revision"] == 3
    eleven = [f"{name}:{number}" for number in range(11)]
    assert refused(client.delete_task_definitions, taskDefinitions=eleven) == "InvalidParameterException"


def test_a_target_group_must_be_attached_first(place: Place) -> None:
    definition = register(place.ecs, place.name)["taskDefinitionArn"]
    assert "associated load balancer" in refusal(place.create, definition=definition, balanced=True)
    place.attach()
    service = place.create(definition, balanced=True)
    assert service["healthCheckGracePeriodSeconds"] == 0


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0"]}}}, "subnet-0"),
        ({"deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100}}, "leave no way"),
        ({"healthCheckGracePeriodSeconds": 10}, "load balancers"),
        ({"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]}, "capacity provider"),
        ({"taskDefinition": "nothing"}, "task definition"),
    ],
)
def test_services_are_refused_for_what_ecs_refuses(place: Place, changes: dict[str, Any], complaint: str) -> None:
    definition = register(place.ecs, place.name)["taskDefinitionArn"]
    assert complaint in refusal(place.create, definition=definition, **changes)


def test_a_client_token_makes_one_service(place: Place) -> None:
    definition = register(place.ecs, place.name)["taskDefinitionArn"]
    made = place.create(definition, clientToken="once")
    assert place.create(definition, clientToken="once")["serviceArn"] == made["serviceArn"]
    for token, count in (("once", 1), ("twice", 0)):
        assert "not idempotent" in refusal(place.create, definition=definition, clientToken=token, desiredCount=count)


def test_another_capacity_provider_strategy_needs_a_new_deployment(place: Place) -> None:
    place.create(register(place.ecs, place.name)["taskDefinitionArn"])

    def update(providers: list[str], **others: Any) -> Any:
        strategy = [{"capacityProvider": name, "weight": 1} for name in providers]
        which = {"cluster": place.name, "service": place.name}
        return place.ecs.update_service(**which, capacityProviderStrategy=strategy, **others)["service"]

    update([])
    assert "InvalidParameterException: When switching from launch" in refusal(update, providers=["FARGATE_SPOT"])
    update(["FARGATE", "FARGATE_SPOT"], forceNewDeployment=True)
    update(["FARGATE_SPOT", "FARGATE"])
    for providers in ([], ["FARGATE_SPOT"]):
        assert "you must force a new deployment" in refusal(update, providers=providers)


def test_a_service_says_its_settings(place: Place) -> None:
    definition = register(place.ecs, place.name)["taskDefinitionArn"]
    place.create(
        definition,
        deploymentConfiguration={"minimumHealthyPercent": 0, "maximumPercent": 100},
        availabilityZoneRebalancing="DISABLED",
    )
    described = place.ecs.describe_services(cluster=place.name, services=[place.name])["services"][0]
    deployment = described["deploymentConfiguration"]
    assert (deployment["minimumHealthyPercent"], deployment["maximumPercent"]) == (0, 100)
    assert deployment["deploymentCircuitBreaker"] == {"enable": False, "rollback": False}
    assert described["availabilityZoneRebalancing"] == "DISABLED"
    assert described["enableExecuteCommand"] is False
    assert described["roleArn"].endswith("AWSServiceRoleForECS")


def test_a_role_that_cannot_be_assumed_fails_launches_and_ecs_tries_again(cloud: Cloud, place: Place) -> None:
    iam = cloud.client("iam")
    arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{place.name}"
    definition = register(place.ecs, place.name, taskRoleArn=arn)["taskDefinitionArn"]
    run = {"cluster": place.name, "taskDefinition": definition, "launchType": "FARGATE"}
    network = {"awsvpcConfiguration": {"subnets": place.subnets}}
    assert "does not exist" in refusal(place.ecs.run_task, **run, networkConfiguration=network)
    place.create(definition, desiredCount=1)

    def service() -> Any:
        return place.ecs.describe_services(cluster=place.name, services=[place.name])["services"][0]

    def told() -> bool:
        found = service()
        messages = [event["message"] for event in found["events"]]
        failed = any("failed to launch a task with (error ECS was unable to assume" in text for text in messages)
        return failed and found["deployments"][0].get("failedTasks", 0) > 0

    eventually(told)
    assert place.ecs.list_tasks(cluster=place.name)["taskArns"] == []
    assert iam.create_role(RoleName=place.name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"] == arn
    assert "unable to assume" in refusal(place.ecs.run_task, **run, networkConfiguration=network)
    eventually(lambda: place.ecs.list_tasks(cluster=place.name)["taskArns"])
    place.ecs.delete_service(cluster=place.name, service=place.name, force=True)


def test_tasks_of_fargate_have_no_more_vcpu_than_the_account_may(cloud: Cloud, place: Place) -> None:
    quotas = cloud.client("service-quotas")
    fargate = {"ServiceCode": "fargate", "QuotaCode": "L-3032A538"}
    usual = quotas.get_service_quota(**fargate)["Quota"]["Value"]
    definition = register(place.ecs, place.name)["taskDefinitionArn"]
    run = {"cluster": place.name, "taskDefinition": definition, "launchType": "FARGATE"}
    network = {"awsvpcConfiguration": {"subnets": place.subnets}}
    quotas.request_service_quota_increase(**fargate, DesiredValue=0)
    try:
        assert "the number of vCPUs" in refusal(place.ecs.run_task, **run, networkConfiguration=network)
        place.create(definition, desiredCount=1)

        def told() -> bool:
            found = place.ecs.describe_services(cluster=place.name, services=[place.name])["services"][0]
            return any("was unable to place a task. Reason: You've reached" in e["message"] for e in found["events"])

        eventually(told)
        assert place.ecs.list_tasks(cluster=place.name)["taskArns"] == []
    finally:
        quotas.request_service_quota_increase(**fargate, DesiredValue=usual)
    eventually(lambda: place.ecs.list_tasks(cluster=place.name)["taskArns"])
    place.ecs.delete_service(cluster=place.name, service=place.name, force=True)


def test_a_cluster_goes_after_its_services(place: Place) -> None:
    definition = register(place.ecs, place.name)["taskDefinitionArn"]
    place.create(definition, desiredCount=1)
    assert refused(place.ecs.delete_cluster, cluster=place.name) == "ClusterContainsServicesException"
    assert refused(place.ecs.delete_service, cluster=place.name, service=place.name) == "InvalidParameterException"
    eventually(lambda: place.ecs.list_tasks(cluster=place.name)["taskArns"])
    place.ecs.delete_service(cluster=place.name, service=place.name, force=True)
    answers: list[str] = []
    eventually(lambda: can_delete(place, answers))
    assert "ClusterContainsTasksException" in answers, "tasks of a service that is gone are stopping"
    assert place.name not in str(place.ecs.list_clusters()["clusterArns"])


def can_delete(place: Place, answers: list[str]) -> bool:
    kinds = place.ecs.exceptions
    try:
        place.ecs.delete_cluster(cluster=place.name)
    except (kinds.ClusterContainsServicesException, kinds.ClusterContainsTasksException) as error:
        answers.append(error.response["Error"]["Code"])
        return False
    return True


def test_creating_a_cluster_again_keeps_it(cloud: Cloud, name: str) -> None:
    client = cloud.client("ecs")
    client.create_cluster(clusterName=name, tags=[{"key": "workload", "value": "sales"}])
    client.create_cluster(clusterName=name)
    cluster = client.describe_clusters(clusters=[name], include=["TAGS"])["clusters"][0]
    assert cluster["tags"] == [{"key": "workload", "value": "sales"}]
    assert (cluster["capacityProviders"], cluster["defaultCapacityProviderStrategy"]) == ([], [])


def test_lists_come_in_pages(place: Place) -> None:
    definition = register(place.ecs, place.name)["taskDefinitionArn"]
    for number in range(11):
        place.create(definition, serviceName=f"s{number}")
    first = place.ecs.list_services(cluster=place.name)
    assert len(first["serviceArns"]) == 10
    assert len(place.ecs.list_services(cluster=place.name, nextToken=first["nextToken"])["serviceArns"]) == 1
    eleven = [f"s{number}" for number in range(11)]
    assert refused(place.ecs.describe_services, cluster=place.name, services=eleven) == "InvalidParameterException"
