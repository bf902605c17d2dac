# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS refuses to make because it is there: one's own after a lost answer, or somebody else's, which stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.aws.names import to_tag_list
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Cloud, CollectionError, Resource
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.ecr_repository import EcrRepository
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.listener_action import fixed_response
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.listener_rule import ListenerRule, condition
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.load_balancer_listing import LoadBalancerListing
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.log_group import LogGroup
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.parameter import Parameter
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.queue import Queue
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.role import Role

REGION = "sa-east-1"
ACCOUNT = "123456789012"
OURS = {"workload": "shop", "region": REGION}

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}

Tags = dict[str, str]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud({"region": REGION})


def client(service: str) -> Any:
    return boto3.client(service, REGION)


def log_group(cloud: Cloud, tags: Tags) -> Resource:
    client("logs").create_log_group(logGroupName="/ecs/shop", tags=tags)
    return LogGroup("/ecs/shop", REGION, retention_in_days=14, tags=OURS)


def repository(cloud: Cloud, tags: Tags) -> Resource:
    client("ecr").create_repository(repositoryName="shop", tags=to_tag_list(tags))
    wanted = {"immutable": True, "scan_on_push": True, "kms_key_id": None, "lifecycle": None}
    return EcrRepository("shop", REGION, tags=OURS, **wanted)


def role(cloud: Cloud, tags: Tags) -> Resource:
    client("iam").create_role(RoleName="shop", AssumeRolePolicyDocument="{}", Tags=to_tag_list(tags))
    return Role("shop", REGION, trust={}, policies={"all": POLICY}, managed_policies=[], path="/", tags=OURS)


def queue(cloud: Cloud, tags: Tags) -> Resource:
    client("sqs").create_queue(QueueName="shop", Attributes={"VisibilityTimeout": "7"}, tags=tags)
    wanted = {"visibility_timeout": 30, "receive_wait": 20, "retention": 600, "kms_key_id": None}
    return Queue("shop", REGION, account=ACCOUNT, policy=None, dead_letters=None, tags=OURS, **wanted)


def parameter(cloud: Cloud, tags: Tags) -> Resource:
    client("ssm").put_parameter(Name="/shop/x", Value="theirs", Type="String", Tags=to_tag_list(tags))
    return Parameter("/shop/x", REGION, value="ours", tags=OURS)


def rule(cloud: Cloud, tags: Tags) -> Resource:
    ec2, elb = client("ec2"), client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=REGION + "ab"[n])["Subnet"]
        for n in range(2)
    ]
    made = elb.create_load_balancer(Name="shop", Subnets=[each["SubnetId"] for each in subnets])
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "theirs"}}
    listener = elb.create_listener(
        LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[answer]
    )["Listeners"][0]["ListenerArn"]
    elb.create_rule(
        ListenerArn=listener,
        Priority=7,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/theirs"]}}],
        Actions=[answer],
        Tags=to_tag_list(tags),
    )
    return ListenerRule(
        "shop:80/7",
        REGION,
        port=80,
        listing=LoadBalancerListing(cloud, REGION, "shop", "shop"),
        listener=listener,
        priority=7,
        conditions=[condition("path-pattern", ["/ours"])],
        action=fixed_response(status_code=404, content_type="text/plain", body=""),
        tags=OURS,
    )


KINDS = (log_group, repository, role, queue, parameter, rule)


def found(cloud: Cloud, resource: Resource) -> dict[str, Any]:
    if resource.listing is not None:
        resource.listing.forget()
    return type(resource).find(cloud, REGION, [resource], {})[resource.name]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("tags", [{"team": "bank"}, {"workload": "bank"}], ids=["nobodys", "anothers"])
def test_what_somebody_else_made_meanwhile_is_left_as_it_is(
    cloud: Cloud, make: Callable[[Cloud, Tags], Resource], tags: Tags
) -> None:
    resource = make(cloud, tags)
    before = found(cloud, resource)

    with pytest.raises(CollectionError) as refused:
        resource.create(cloud, resource.wanted)

    whose = "belongs to the workload 'bank'" if "workload" in tags else "carries no tag `workload`"
    assert f"{resource.kind} {resource.name} in {REGION} {whose}" in refused.value.message
    assert "adopt" in refused.value.advice
    assert found(cloud, resource) == before


@pytest.mark.parametrize("make", KINDS)
def test_what_an_earlier_attempt_made_is_completed(cloud: Cloud, make: Callable[[Cloud, Tags], Resource]) -> None:
    resource = make(cloud, OURS)
    resource.create(cloud, resource.wanted)
    left = resource.differences(found(cloud, resource), resource.wanted)
    # The next run sets what a repository was made with.
    assert set(left) <= {"immutable", "scan_on_push"}
