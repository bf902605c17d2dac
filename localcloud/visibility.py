# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS does not show at once after it was made, and what each service says to who asks for it too early.

One table; `eventual.py` makes requests feel it. docs/aws-rules.md tells where each row comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from localcloud.options import ACCOUNT_ID

Place = tuple[str, str]
"""Where an answer lists things: the name of the list, and the member of an item that holds the identifier; "" if the
items are the identifiers."""


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of thing. In messages, `{id}` is what the request named it by."""

    service: str
    """The signing name of the service that makes it."""
    made_by: str
    code: str
    message: str
    status: int = 400
    told: str = ""
    """The member of the answer that tells its identifier, which no other thing has: it is a use wherever it stands."""
    named: str = ""
    """The member of the request that names it."""
    uses: tuple[str, ...] = ()
    """The members of requests in which that name is a use; with an operation before a dot, only in those of that."""
    resource: str = ""
    """How ARNs of it end, with `{}` for the name."""
    within: str = ""
    """The member of requests that says in which other thing the name is meant."""
    lists: Mapping[str, Place] = field(default_factory=dict)
    """Operation → where its answer has it."""
    silent: bool = False
    """Whether a listing that is asked for it by name leaves it out, and does not refuse."""
    missing: bool = False
    """Whether it tells what it left out as `failures`."""
    only: tuple[str, ...] = ()
    """The operations that do not see it; none means all."""
    elsewhere: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Signing name of another service → what that one says of it. Services that are not named here see it at once."""
    also: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Operation → what it may say instead, now and then."""
    everywhere: bool = False
    """Whether names are the same in all regions."""


def of_ec2(operation: str, told: str, code: str, called: str, *also: str, **elsewhere: tuple[str, str]) -> Kind:
    """A kind of EC2's. `operation` is made by Create… and listed by Describe…s, as `<told without Id>Set`; `also` are
    further operations and lists, as "operation:list", whose items name it as theirs."""
    lists = {each.partition(":")[0]: (each.partition(":")[2], told) for each in also}
    services = {LONG.get(service, service): says for service, says in elsewhere.items()}
    return Kind(
        "ec2", operation, code, f"The {called} '{{id}}' does not exist", told=told, lists=lists, elsewhere=services
    )


LONG = {"elb": "elasticloadbalancing", "efs": "elasticfilesystem"}


KINDS = (
    of_ec2(
        "CreateVpc", "vpcId", "InvalidVpcID.NotFound", "vpc ID",
        "DescribeVpcs:vpcSet", "DescribeSecurityGroups:securityGroupInfo", "DescribeRouteTables:routeTableSet",
        elb=("ValidationError", "The VPC ID '{id}' is not found"),
    ),
    of_ec2(
        "CreateSubnet", "subnetId", "InvalidSubnetID.NotFound", "subnet ID", "DescribeSubnets:subnetSet",
        elb=("SubnetNotFound", "The subnet ID '{id}' is not valid"),
        efs=("SubnetNotFound", "The subnet ID '{id}' does not exist"),
        ecs=("InvalidParameterException", "Error retrieving subnet information for [{id}]: The subnet ID '{id}' does "
             "not exist (ErrorCode: InvalidSubnetID.NotFound)"),
    ),
    of_ec2(
        "CreateSecurityGroup", "groupId", "InvalidGroup.NotFound", "security group",
        "DescribeSecurityGroups:securityGroupInfo",
        elb=("InvalidSecurityGroup", "One or more security groups are invalid"),
        efs=("SecurityGroupNotFound", "The security group '{id}' does not exist"),
        ecs=("InvalidParameterException", "Error retrieving security group information for [{id}]: The security group "
             "'{id}' does not exist (ErrorCode: InvalidGroup.NotFound)"),
    ),
    of_ec2(
        "AllocateAddress", "allocationId", "InvalidAllocationID.NotFound", "allocation ID",
        "DescribeAddresses:addressesSet",
    ),
    of_ec2(
        "CreateInternetGateway", "internetGatewayId", "InvalidInternetGatewayID.NotFound", "internetGateway ID",
        "DescribeInternetGateways:internetGatewaySet",
    ),
    of_ec2(
        "CreateRouteTable", "routeTableId", "InvalidRouteTableID.NotFound", "routeTable ID",
        "DescribeRouteTables:routeTableSet",
    ),
    of_ec2(
        "CreateNatGateway", "natGatewayId", "InvalidNatGatewayID.NotFound", "NatGateway ID",
        "DescribeNatGateways:natGatewaySet",
    ),
    of_ec2(
        "CreateVpcEndpoint", "vpcEndpointId", "InvalidVpcEndpointId.NotFound", "Vpc Endpoint Id",
        "DescribeVpcEndpoints:vpcEndpointSet",
    ),
    of_ec2(
        "CreateVpcPeeringConnection", "vpcPeeringConnectionId", "InvalidVpcPeeringConnectionID.NotFound",
        "vpcPeeringConnection ID", "DescribeVpcPeeringConnections:vpcPeeringConnectionSet",
    ),
    Kind(
        "iam", "CreateRole", "NoSuchEntity", "The role with name {id} cannot be found.", 404, named="RoleName",
        uses=("RoleName",), everywhere=True,
        lists={"ListRoles": ("Roles", "RoleName"), "GetAccountAuthorizationDetails": ("RoleDetailList", "RoleName")},
    ),
    Kind(
        "s3", "CreateBucket", "NoSuchBucket", "The specified bucket does not exist", 404, named="Bucket",
        uses=("Bucket",), everywhere=True, lists={"ListBuckets": ("Buckets", "Name")},
    ),
    Kind(
        "application-autoscaling", "RegisterScalableTarget", "ObjectNotFoundException",
        "No scalable target registered for service namespace, resource ID and scalable dimension of {id}",
        named="ResourceId", uses=("ResourceId",), within="ScalableDimension", silent=True,
        lists={"DescribeScalableTargets": ("ScalableTargets", "ResourceId"), "DescribeScalingPolicies": ("", ""),
               "DescribeScheduledActions": ("", "")},
        also={"PutScalingPolicy": ("FailedResourceAccessException", "Unable to retrieve capacity for {id}")},
    ),
    Kind(
        "logs", "CreateLogGroup", "ResourceNotFoundException", "The specified log group does not exist.",
        named="logGroupName", uses=("logGroupName",), resource="log-group:{}", silent=True,
        lists={"DescribeLogGroups": ("logGroups", "logGroupName")},
    ),
    Kind(
        "ecs", "CreateCluster", "ClusterNotFoundException", "Cluster not found.", told="clusterArn",
        named="clusterName", uses=("cluster", "clusters"), silent=True, missing=True,
        lists={"DescribeClusters": ("clusters", "clusterArn"), "ListClusters": ("clusterArns", "")},
    ),
    Kind(
        "ecs", "CreateService", "ServiceNotFoundException", "Service not found.", told="serviceArn",
        named="serviceName", uses=("service", "services"), within="cluster", silent=True, missing=True,
        lists={"DescribeServices": ("services", "serviceArn"), "ListServices": ("serviceArns", "")},
        elsewhere={"application-autoscaling": ("ValidationException", "ECS service doesn't exist: {id}")},
    ),
    Kind(
        "ecs", "RunTask", "InvalidParameterException", "The referenced task was not found.", told="taskArn",
        silent=True, missing=True,
        lists={"DescribeTasks": ("tasks", "taskArn"), "ListTasks": ("taskArns", "")},
    ),
    Kind(
        "elasticloadbalancing", "CreateLoadBalancer", "LoadBalancerNotFound", "Load balancer '{id}' not found",
        told="LoadBalancerArn", named="Name", uses=("DescribeLoadBalancers.Names",),
        lists={"DescribeLoadBalancers": ("LoadBalancers", "LoadBalancerArn")},
    ),
    Kind(
        "elasticloadbalancing", "CreateTargetGroup", "TargetGroupNotFound", "Target group '{id}' not found",
        told="TargetGroupArn", named="Name", uses=("DescribeTargetGroups.Names",),
        lists={"DescribeTargetGroups": ("TargetGroups", "TargetGroupArn")},
        elsewhere={"ecs": ("InvalidParameterException", "The target group {id} does not exist.")},
    ),
    Kind(
        "elasticloadbalancing", "CreateListener", "ListenerNotFound", "Listener '{id}' not found",
        told="ListenerArn", lists={"DescribeListeners": ("Listeners", "ListenerArn")},
    ),
    Kind(
        "elasticloadbalancing", "CreateRule", "RuleNotFound", "Rule '{id}' not found",
        told="RuleArn", lists={"DescribeRules": ("Rules", "RuleArn")},
    ),
    Kind(
        "ecr", "CreateRepository", "RepositoryNotFoundException",
        f"The repository with name '{{id}}' does not exist in the registry with id '{ACCOUNT_ID}'",
        named="repositoryName", uses=("repositoryName", "repositoryNames"), resource="repository/{}",
        lists={"DescribeRepositories": ("repositories", "repositoryName")},
    ),
    Kind(
        "sqs", "CreateQueue", "QueueDoesNotExist", "The specified queue does not exist.", told="QueueUrl",
        named="QueueName", uses=("QueueName",), lists={"ListQueues": ("QueueUrls", "")},
    ),
    Kind(
        "sns", "CreateTopic", "NotFound", "Topic does not exist", 404, told="TopicArn",
        lists={"ListTopics": ("Topics", "TopicArn")},
    ),
    Kind(
        "ssm", "PutParameter", "ParameterNotFound", "Parameter {id} not found.", named="Name",
        uses=("Name", "Names"), silent=True,
        lists={"GetParameters": ("Parameters", "Name"), "GetParametersByPath": ("Parameters", "Name"),
               "DescribeParameters": ("Parameters", "Name")},
    ),
    Kind(
        "acm", "RequestCertificate", "ResourceNotFoundException", "Could not find certificate {id}.",
        told="CertificateArn", lists={"ListCertificates": ("CertificateSummaryList", "CertificateArn")},
    ),
    *(
        Kind(
            "wafv2", f"Create{name}", "WAFNonexistentItemException",
            "AWS WAF couldn't perform the operation because your resource doesn't exist.", told="ARN",
            lists={f"List{name}s": (f"{name}s", "ARN")},
            also={operation: ("WAFUnavailableEntityException", "AWS WAF couldn't retrieve the resource that you "
                              "requested. Retry your request.")
                  for operation in ("AssociateWebACL", "CreateWebACL", "UpdateWebACL")},
        )
        for name in ("WebACL", "IPSet")
    ),
    Kind(
        "dynamodb", "CreateTable", "ResourceNotFoundException", "Requested resource not found: Table: {id} not found",
        named="TableName", uses=("TableName",), only=("DescribeTable",), lists={"ListTables": ("TableNames", "")},
    ),
)  # fmt: skip

BY_OPERATION = {(kind.service, kind.made_by): kind for kind in KINDS}
