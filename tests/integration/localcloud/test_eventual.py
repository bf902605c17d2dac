# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is just made is hidden from who looks for it or names it, as each service says it, and then it is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import Cloud
from localcloud.visibility import KINDS
from tests.support.expectations import refused
from tests.support.waiting import eventually

REGION = "sa-east-1"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
CONTAINER = {"name": "main", "image": "shop/api", "memory": 64}
NOT_FOUND = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
TAGS = [{"Key": "a", "Value": "b"}]
VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}
SCHEDULE = {
    "ScheduledActionName": "night",
    "Schedule": "cron(0 3 * * ? *)",
    "ScalableTargetAction": {"MinCapacity": 1},
}
CPU = "ECSServiceAverageCPUUtilization"
PORT = {"IpPermissions": [{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]}
SEEN = {
    "Scope": "REGIONAL",
    "VisibilityConfig": {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "acl-x"},
}
KEYED = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Nothing appears in it before a test says so."""
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0, eventual=3600.0, network_quota=50) as running:
        yield running


class Account:
    """Makes things in one region, and shows them when it is told so."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        services = ("ec2", "iam", "s3", "ecs", "logs", "elbv2", "ecr", "sqs", "sns", "dynamodb")
        self.ec2, self.iam, self.s3, self.ecs, self.logs, self.elb, self.ecr, self.sqs, self.sns, self.dynamodb = (
            cloud.client(service, REGION) for service in services
        )
        self.scaling = cloud.client("application-autoscaling", REGION)
        self.ssm = cloud.client("ssm", REGION)
        self.waf = cloud.client("wafv2", REGION)

    def shown(self, thing: Any) -> Any:
        self.cloud.ask("settle")
        return thing

    def parameter(self, name: str) -> str:
        self.ssm.put_parameter(Name=name, Value="1", Type="String")
        return name

    def vpc(self) -> str:
        return self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def subnet(self, vpc: str, number: int = 0) -> str:
        zone = REGION + "ab"[number]
        made = self.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=zone)
        return made["Subnet"]["SubnetId"]

    def group(self) -> str:
        vpc = self.shown(self.vpc())
        return self.ec2.create_security_group(GroupName="group", Description="of a test", VpcId=vpc)["GroupId"]

    def gateway(self) -> str:
        return self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]

    def route_table(self) -> str:
        return self.ec2.create_route_table(VpcId=self.shown(self.vpc()))["RouteTable"]["RouteTableId"]

    def nat_gateway(self) -> str:
        subnet = self.shown(self.subnet(self.shown(self.vpc())))
        address = self.shown(self.ec2.allocate_address(Domain="vpc"))["AllocationId"]
        return self.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]

    def endpoint(self) -> str:
        vpc = self.shown(self.vpc())
        made = self.ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3")
        return made["VpcEndpoint"]["VpcEndpointId"]

    def peering(self) -> str:
        one = self.shown(self.vpc())
        other = self.shown(self.ec2.create_vpc(CidrBlock="10.1.0.0/16"))["Vpc"]["VpcId"]
        made = self.ec2.create_vpc_peering_connection(VpcId=one, PeerVpcId=other)
        return made["VpcPeeringConnection"]["VpcPeeringConnectionId"]

    def balancer(self) -> str:
        vpc = self.shown(self.vpc())
        self.ec2.attach_internet_gateway(InternetGatewayId=self.shown(self.gateway()), VpcId=vpc)
        subnets = [self.shown(self.subnet(vpc, number)) for number in range(2)]
        made = self.elb.create_load_balancer(Name=f"lb-{vpc[-8:]}", Subnets=subnets)
        return made["LoadBalancers"][0]["LoadBalancerArn"]

    def target_group(self) -> str:
        vpc = self.shown(self.vpc())
        made = self.elb.create_target_group(Name=f"tg-{vpc[-8:]}", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
        return made["TargetGroups"][0]["TargetGroupArn"]

    def listener(self) -> str:
        balancer = self.shown(self.balancer())
        made = self.elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[NOT_FOUND])
        return made["Listeners"][0]["ListenerArn"]

    def rule(self) -> str:
        listener = self.shown(self.listener())
        paths = [{"Field": "path-pattern", "Values": ["/a"]}]
        made = self.elb.create_rule(ListenerArn=listener, Priority=1, Conditions=paths, Actions=[NOT_FOUND])
        return made["Rules"][0]["RuleArn"]

    def cluster(self, name: str) -> str:
        return self.ecs.create_cluster(clusterName=name)["cluster"]["clusterArn"]

    def service(self, cluster: str) -> str:
        self.shown(self.cluster(cluster))
        self.ecs.register_task_definition(family=cluster, containerDefinitions=[CONTAINER])
        made = self.ecs.create_service(cluster=cluster, serviceName="api", taskDefinition=cluster, desiredCount=0)
        return made["service"]["serviceArn"]

    def scalable_target(self, cluster: str) -> str:
        self.shown(self.service(cluster))
        eventually(lambda: self._register(cluster), what="the role of the scaling can be assumed")
        return f"service/{cluster}/api"

    def _register(self, cluster: str) -> bool:
        with suppress(ClientError):
            return bool(self.scaling.register_scalable_target(**self.scaled(cluster), MinCapacity=1, MaxCapacity=2))
        return False

    @staticmethod
    def scaled(cluster: str) -> dict[str, str]:
        dimension = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
        return {"ResourceId": f"service/{cluster}/api", **dimension}

    def policy(self, cluster: str) -> dict[str, Any]:
        tracked = {"TargetValue": 50, "PredefinedMetricSpecification": {"PredefinedMetricType": CPU}}
        kind = {"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling"}
        return {**self.scaled(cluster), **kind, "TargetTrackingScalingPolicyConfiguration": tracked}


Uses = dict[str, Callable[[Account, str], Any]]
"""Code of the refusal → a call that names the thing."""

CASES: dict[str, tuple[Callable[[Account], str], Uses, Callable[[Account], Any]]] = {
    "CreateVpc": (
        lambda a: a.vpc(),
        {
            "InvalidVpcID.NotFound": lambda a, vpc: a.subnet(vpc),
            "ValidationError": lambda a, vpc: a.elb.create_target_group(Name="t", Protocol="HTTP", Port=80, VpcId=vpc),
        },
        lambda a: (a.ec2.describe_vpcs(), a.ec2.describe_security_groups(), a.ec2.describe_route_tables()),
    ),
    "CreateSubnet": (
        lambda a: a.subnet(a.shown(a.vpc())),
        {
            "InvalidSubnetID.NotFound": lambda a, subnet: a.ec2.describe_subnets(SubnetIds=[subnet]),
            "SubnetNotFound": lambda a, subnet: a.elb.create_load_balancer(Name="b", Subnets=[subnet]),
        },
        lambda a: a.ec2.describe_subnets(),
    ),
    "CreateSecurityGroup": (
        lambda a: a.group(),
        {"InvalidGroup.NotFound": lambda a, group: a.ec2.authorize_security_group_ingress(GroupId=group, **PORT)},
        lambda a: a.ec2.describe_security_groups(),
    ),
    "AllocateAddress": (
        lambda a: a.ec2.allocate_address(Domain="vpc")["AllocationId"],
        {"InvalidAllocationID.NotFound": lambda a, address: a.ec2.create_tags(Resources=[address], Tags=TAGS)},
        lambda a: a.ec2.describe_addresses(),
    ),
    "CreateInternetGateway": (
        lambda a: a.gateway(),
        {"InvalidInternetGatewayID.NotFound": lambda a, gateway: a.ec2.create_tags(Resources=[gateway], Tags=TAGS)},
        lambda a: a.ec2.describe_internet_gateways(),
    ),
    "CreateRouteTable": (
        lambda a: a.route_table(),
        {"InvalidRouteTableID.NotFound": lambda a, table: a.ec2.describe_route_tables(RouteTableIds=[table])},
        lambda a: a.ec2.describe_route_tables(),
    ),
    "CreateNatGateway": (
        lambda a: a.nat_gateway(),
        {"InvalidNatGatewayID.NotFound": lambda a, gateway: a.ec2.describe_nat_gateways(NatGatewayIds=[gateway])},
        lambda a: a.ec2.describe_nat_gateways(),
    ),
    "CreateVpcEndpoint": (
        lambda a: a.endpoint(),
        {"InvalidVpcEndpointId.NotFound": lambda a, each: a.ec2.describe_vpc_endpoints(VpcEndpointIds=[each])},
        lambda a: a.ec2.describe_vpc_endpoints(),
    ),
    "CreateVpcPeeringConnection": (
        lambda a: a.peering(),
        {
            "InvalidVpcPeeringConnectionID.NotFound": lambda a, each: a.ec2.accept_vpc_peering_connection(
                VpcPeeringConnectionId=each
            )
        },
        lambda a: a.ec2.describe_vpc_peering_connections(),
    ),
    "CreateRole": (
        lambda a: a.iam.create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)["Role"]["RoleName"],
        {"NoSuchEntity": lambda a, role: a.iam.get_role(RoleName=role)},
        lambda a: (a.iam.list_roles()["Roles"], a.iam.get_account_authorization_details(Filter=["Role"])),
    ),
    "CreateBucket": (
        lambda a: (
            a.s3.create_bucket(Bucket="lake-x", CreateBucketConfiguration={"LocationConstraint": REGION}) and "lake-x"
        ),
        {
            "NoSuchBucket": lambda a, bucket: a.s3.put_bucket_versioning(Bucket=bucket, **VERSIONED),
            "404": lambda a, bucket: a.s3.head_bucket(Bucket=bucket),
        },
        lambda a: a.s3.list_buckets(),
    ),
    "RegisterScalableTarget": (
        lambda a: a.scalable_target("scaled"),
        {"ObjectNotFoundException": lambda a, _: a.scaling.put_scheduled_action(**a.scaled("scaled"), **SCHEDULE)},
        lambda a: a.scaling.describe_scalable_targets(ServiceNamespace="ecs"),
    ),
    "CreateLogGroup": (
        lambda a: a.logs.create_log_group(logGroupName="/ecs/api") and "/ecs/api",
        {
            "ResourceNotFoundException": lambda a, name: a.logs.put_retention_policy(
                logGroupName=name, retentionInDays=1
            )
        },
        lambda a: a.logs.describe_log_groups(logGroupNamePrefix="/ecs/api"),
    ),
    "CreateCluster": (
        lambda a: a.cluster("cluster-x"),
        {"ClusterNotFoundException": lambda a, cluster: a.ecs.list_services(cluster=cluster)},
        lambda a: (a.ecs.list_clusters(), a.ecs.describe_clusters(clusters=["cluster-x"])["clusters"]),
    ),
    "CreateService": (
        lambda a: a.service("serving"),
        {
            "ServiceNotFoundException": lambda a, _: a.ecs.update_service(cluster="serving", service="api"),
            "ValidationException": lambda a, _: a.scaling.register_scalable_target(**a.scaled("serving")),
        },
        lambda a: (
            a.ecs.list_services(cluster="serving"),
            a.ecs.describe_services(cluster="serving", services=["api"])["services"],
        ),
    ),
    "CreateLoadBalancer": (
        lambda a: a.balancer(),
        {"LoadBalancerNotFound": lambda a, arn: a.elb.describe_load_balancers(Names=[arn.split("/")[-2]])},
        lambda a: a.elb.describe_load_balancers(),
    ),
    "CreateTargetGroup": (
        lambda a: a.target_group(),
        {"TargetGroupNotFound": lambda a, arn: a.elb.describe_target_health(TargetGroupArn=arn)},
        lambda a: a.elb.describe_target_groups(),
    ),
    "CreateListener": (
        lambda a: a.listener(),
        {"ListenerNotFound": lambda a, arn: a.elb.describe_rules(ListenerArn=arn)},
        lambda a: [a.elb.describe_listeners(LoadBalancerArn=b) for b in balancers(a)],
    ),
    "CreateRule": (
        lambda a: a.rule(),
        {"RuleNotFound": lambda a, arn: a.elb.describe_rules(RuleArns=[arn])},
        lambda a: [a.elb.describe_rules(ListenerArn=each) for each in listeners(a)],
    ),
    "CreateRepository": (
        lambda a: a.ecr.create_repository(repositoryName="shop/api")["repository"]["repositoryName"],
        {"RepositoryNotFoundException": lambda a, name: a.ecr.list_images(repositoryName=name)},
        lambda a: a.ecr.describe_repositories(),
    ),
    "CreateQueue": (
        lambda a: a.sqs.create_queue(QueueName="queue-x")["QueueUrl"],
        {"AWS.SimpleQueueService.NonExistentQueue": lambda a, url: a.sqs.get_queue_attributes(QueueUrl=url)},
        lambda a: a.sqs.list_queues(),
    ),
    "CreateTopic": (
        lambda a: a.sns.create_topic(Name="topic-x")["TopicArn"],
        {"NotFound": lambda a, arn: a.sns.publish(TopicArn=arn, Message="m")},
        lambda a: a.sns.list_topics(),
    ),
    "PutParameter": (
        lambda a: a.parameter("/shop/x"),
        {"ParameterNotFound": lambda a, name: a.ssm.get_parameter(Name=name)},
        lambda a: a.ssm.get_parameters(Names=["/shop/x"])["Parameters"],
    ),
    "CreateWebACL": (
        lambda a: a.waf.create_web_acl(Name="acl-x", DefaultAction={"Allow": {}}, **SEEN)["Summary"]["ARN"],
        {"WAFNonexistentItemException": lambda a, arn: a.waf.list_tags_for_resource(ResourceARN=arn)},
        lambda a: a.waf.list_web_acls(Scope="REGIONAL"),
    ),
    "CreateIPSet": (
        lambda a: a.waf.create_ip_set(Name="set-x", IPAddressVersion="IPV4", Addresses=[], Scope="REGIONAL")["Summary"][
            "ARN"
        ],
        {"WAFNonexistentItemException": lambda a, arn: a.waf.list_tags_for_resource(ResourceARN=arn)},
        lambda a: a.waf.list_ip_sets(Scope="REGIONAL"),
    ),
    "CreateTable": (
        lambda a: a.dynamodb.create_table(TableName="table-x", **KEYED)["TableDescription"]["TableName"],
        {"ResourceNotFoundException": lambda a, name: a.dynamodb.describe_table(TableName=name)},
        lambda a: a.dynamodb.list_tables(),
    ),
}
IN_THE_CONTRACT = {"RunTask", "RequestCertificate"}
"""Needs real tasks, or a hosted zone: tests/contract/cases/ecs_run_task.yml, certificate.yml."""


def balancers(account: Account) -> list[str]:
    return [each["LoadBalancerArn"] for each in account.elb.describe_load_balancers()["LoadBalancers"]]


def listeners(account: Account) -> list[str]:
    found = [account.elb.describe_listeners(LoadBalancerArn=each)["Listeners"] for each in balancers(account)]
    return [each["ListenerArn"] for some in found for each in some]


def test_every_kind_has_a_case() -> None:
    assert {kind.made_by for kind in KINDS} == CASES.keys() | IN_THE_CONTRACT


@pytest.mark.parametrize("operation", CASES)
def test_what_is_just_made_is_hidden_and_then_there(cloud: Cloud, operation: str) -> None:
    account = Account(cloud)
    make, uses, listed = CASES[operation]
    thing = make(account)
    for code, use in uses.items():
        assert refused(lambda u=use: u(account, thing)) == code
    name = thing.rpartition("/")[2] if operation in ("CreateCluster", "CreateService") else thing
    assert name not in json.dumps(listed(account), default=str)
    account.shown(thing)
    next(iter(uses.values()))(account, thing)
    assert name in json.dumps(listed(account), default=str)


def test_a_policy_of_a_new_scalable_target_is_refused_in_two_ways(cloud: Cloud) -> None:
    account = Account(cloud)
    account.scalable_target("policed")
    codes = {refused(account.scaling.put_scaling_policy, **account.policy("policed")) for _ in range(20)}
    assert codes == {"ObjectNotFoundException", "FailedResourceAccessException"}
    account.shown(account)
    account.scaling.put_scaling_policy(**account.policy("policed"))


def test_making_it_again_is_as_ever(cloud: Cloud) -> None:
    account = Account(cloud)
    account.iam.create_role(RoleName="again", AssumeRolePolicyDocument=TRUST)
    assert refused(account.iam.create_role, RoleName="again", AssumeRolePolicyDocument=TRUST) == "EntityAlreadyExists"
    arn = account.shown(account.sns.create_topic(Name="again")["TopicArn"])
    assert account.sns.create_topic(Name="again")["TopicArn"] == arn
    account.sns.get_topic_attributes(TopicArn=arn)
    account.sns.delete_topic(TopicArn=arn)
    account.sns.create_topic(Name="again")
    assert refused(account.sns.get_topic_attributes, TopicArn=arn) == "NotFound"


def test_s3_is_busy_with_a_bucket_after_some_settings_and_after_its_deletion(cloud: Cloud) -> None:
    account = Account(cloud)
    account.s3.create_bucket(Bucket="busy-x", CreateBucketConfiguration={"LocationConstraint": REGION})
    account.shown("busy-x")
    codes = set()
    for _ in range(20):
        account.s3.put_bucket_versioning(Bucket="busy-x", **VERSIONED)
        try:
            account.s3.put_bucket_versioning(Bucket="busy-x", **VERSIONED)
        except ClientError as error:
            codes.add(error.response["Error"]["Code"])
        account.shown("busy-x")
    assert codes == {"OperationAborted"}
    account.s3.delete_bucket(Bucket="busy-x")
    place = {"LocationConstraint": REGION}
    assert refused(account.s3.create_bucket, Bucket="busy-x", CreateBucketConfiguration=place) == "OperationAborted"
