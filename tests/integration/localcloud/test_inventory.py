# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory names what exists, of every service this system touches, and forgets what is gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localcloud import Cloud
from tests.support.waiting import eventually

REGION = "eu-central-1"
MACHINE = json.dumps({"StartAt": "a", "States": {"a": {"Type": "Succeed"}}})
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


def services(cloud: Cloud, name: str) -> dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]]:
    """Service → how to make one of its resources, and how to remove what that returned."""

    def client(service: str) -> Any:
        return cloud.client(service, REGION)

    table = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }
    definition = {"family": name, "containerDefinitions": [{"name": "a", "image": "a", "memory": 64}]}
    accelerator = cloud.client("globalaccelerator", "us-west-2")
    return {
        "ec2": (
            lambda: client("ec2").allocate_address(Domain="vpc")["AllocationId"],
            lambda made: client("ec2").release_address(AllocationId=made),
        ),
        "sqs": (
            lambda: client("sqs").create_queue(QueueName=name)["QueueUrl"],
            lambda made: client("sqs").delete_queue(QueueUrl=made),
        ),
        "sns": (
            lambda: client("sns").create_topic(Name=name)["TopicArn"],
            lambda made: client("sns").delete_topic(TopicArn=made),
        ),
        "dynamodb": (
            lambda: client("dynamodb").create_table(**table),
            lambda _: client("dynamodb").delete_table(TableName=name),
        ),
        "ssm": (
            lambda: client("ssm").put_parameter(Name=name, Value="1", Type="String"),
            lambda _: client("ssm").delete_parameter(Name=name),
        ),
        "logs": (
            lambda: client("logs").create_log_group(logGroupName=name),
            lambda _: client("logs").delete_log_group(logGroupName=name),
        ),
        "ecr": (
            lambda: client("ecr").create_repository(repositoryName=name),
            lambda _: client("ecr").delete_repository(repositoryName=name),
        ),
        "kms": (
            lambda: client("kms").create_key()["KeyMetadata"]["KeyId"],
            lambda made: client("kms").schedule_key_deletion(KeyId=made),
        ),
        "ecs": (
            lambda: client("ecs").register_task_definition(**definition)["taskDefinition"]["taskDefinitionArn"],
            lambda made: client("ecs").deregister_task_definition(taskDefinition=made),
        ),
        "iam": (
            lambda: client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST),
            lambda _: client("iam").delete_role(RoleName=name),
        ),
        "s3": (
            lambda: cloud.client("s3", "us-east-1").create_bucket(Bucket=name),
            lambda _: cloud.client("s3", "us-east-1").delete_bucket(Bucket=name),
        ),
        "route53": (
            lambda: client("route53").create_hosted_zone(Name=f"{name}.org", CallerReference=name)["HostedZone"]["Id"],
            lambda made: client("route53").delete_hosted_zone(Id=made),
        ),
        "efs": (
            lambda: client("efs").create_file_system(CreationToken=name)["FileSystemId"],
            lambda made: client("efs").delete_file_system(FileSystemId=made),
        ),
        "cloudwatch": (
            lambda: client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}'),
            lambda _: client("cloudwatch").delete_dashboards(DashboardNames=[name]),
        ),
        "secretsmanager": (
            lambda: client("secretsmanager").create_secret(Name=name, SecretString="x"),
            lambda _: client("secretsmanager").delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True),
        ),
        "globalaccelerator": (
            lambda: accelerator.create_accelerator(Name=name, IdempotencyToken=name, Enabled=False),
            lambda made: remove_accelerator(accelerator, made["Accelerator"]["AcceleratorArn"]),
        ),
        # A service without a list of its own in inventory.py.
        "stepfunctions": (
            lambda: client("stepfunctions").create_state_machine(
                name=name, definition=MACHINE, roleArn="arn:aws:iam::123456789012:role/none"
            )["stateMachineArn"],
            lambda made: client("stepfunctions").delete_state_machine(stateMachineArn=made),
        ),
    }


def remove_accelerator(client: Any, arn: str) -> None:
    eventually(lambda: client.describe_accelerator(AcceleratorArn=arn)["Accelerator"]["Status"] == "DEPLOYED")
    client.delete_accelerator(AcceleratorArn=arn)


def listed(cloud: Cloud) -> set[str]:
    """Every line of the inventory."""
    regions = cloud.ask("inventory")["resources"].items()
    return {f"{region} {service} {entry}" for region, found in regions for service in found for entry in found[service]}


SERVICES = (
    "ec2 sqs sns dynamodb ssm logs ecr kms ecs iam s3 route53 efs cloudwatch secretsmanager globalaccelerator "
    "stepfunctions"
)


@pytest.mark.parametrize("service", SERVICES.split())
def test_a_resource_is_listed_while_it_exists(cloud: Cloud, name: str, service: str) -> None:
    make, remove = services(cloud, name)[service]
    before = listed(cloud)
    made = make()
    new = listed(cloud) - before
    assert len(new) == 1, new
    assert f" {service} " in new.pop()
    remove(made)
    # Some things take a moment to go, as on AWS.
    eventually(lambda: listed(cloud) == before, 5, what=lambda: listed(cloud) ^ before)


def test_what_aws_has_by_itself_is_not_listed(cloud: Cloud) -> None:
    region = "ap-southeast-2"
    assert cloud.client("ec2", region).describe_vpcs()["Vpcs"][0]["IsDefault"]
    cloud.client("kms", region).list_aliases()
    cloud.client("events", region).list_rules()
    cloud.client("ssm", region).describe_parameters()
    assert region not in cloud.ask("inventory")["resources"]


def test_inactive_definitions_are_told_apart(cloud: Cloud, name: str) -> None:
    client = cloud.client("ecs", REGION)
    container = {"name": "a", "image": "a", "memory": 64}
    arn = client.register_task_definition(family=name, containerDefinitions=[container])["taskDefinition"][
        "taskDefinitionArn"
    ]
    assert any(f"task definition: {name}:1" in entry for entry in listed(cloud))
    client.deregister_task_definition(taskDefinition=arn)
    assert not any(name in entry for entry in listed(cloud))
    assert arn in cloud.ask("inventory")["inactive"]
