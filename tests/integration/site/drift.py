# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For each kind of resource that site.yml makes, a change that somebody might make by hand.

`DRIFTS` maps a kind to a function that changes one resource of that kind behind the project's back, and returns its
(region, name) as a plan tells it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from localcloud import Cloud

R = "sa-east-1"
PEER = "us-east-1"
GLOBAL = "us-west-2"
Place = tuple[str, str]


def _tagged(cloud: Cloud, operation: str, key: str, name: str, identifier: str) -> Any:
    answer = getattr(cloud.client("ec2", R), operation)(
        Filters=[{"Name": "tag:Name", "Values": [name]}, {"Name": "tag:workload", "Values": ["sales"]}]
    )
    return answer[key][0][identifier]


def _retag(operation: str, key: str, name: str, identifier: str) -> Callable[[Cloud], Place]:
    def drift(cloud: Cloud) -> Place:
        found = _tagged(cloud, operation, key, name, identifier)
        cloud.client("ec2", R).create_tags(Resources=[found], Tags=[{"Key": "owner", "Value": "somebody"}])
        return R, name

    return drift


def _vpc(cloud: Cloud) -> Place:
    vpc = _tagged(cloud, "describe_vpcs", "Vpcs", "sales", "VpcId")
    cloud.client("ec2", R).modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": False})
    return R, "sales"


def _group_id(cloud: Cloud, name: str) -> str:
    groups = cloud.client("ec2", R).describe_security_groups(
        Filters=[
            {"Name": "group-name", "Values": [name]},
            {"Name": "vpc-id", "Values": [_tagged(cloud, "describe_vpcs", "Vpcs", "sales", "VpcId")]},
        ]
    )
    return groups["SecurityGroups"][0]["GroupId"]


def _open_port(cloud: Cloud, name: str) -> None:
    cloud.client("ec2", R).authorize_security_group_ingress(
        GroupId=_group_id(cloud, name), IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )


def _rules(cloud: Cloud) -> Place:
    _open_port(cloud, "tasks")
    return R, "tasks"


def _default_rules(cloud: Cloud) -> Place:
    _open_port(cloud, "default")
    return R, "sales-default"


def _group(cloud: Cloud) -> Place:
    cloud.client("ec2", R).create_tags(
        Resources=[_group_id(cloud, "edge")], Tags=[{"Key": "owner", "Value": "somebody"}]
    )
    return R, "edge"


def _route_table(cloud: Cloud) -> Place:
    table = _tagged(cloud, "describe_route_tables", "RouteTables", "sales-private-a", "RouteTableId")
    cloud.client("ec2", R).delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    return R, "sales-private-a"


def _peering_id(cloud: Cloud) -> str:
    return cloud.client("ec2", R).describe_vpc_peering_connections(
        Filters=[{"Name": "status-code", "Values": ["active"]}]
    )["VpcPeeringConnections"][0]["VpcPeeringConnectionId"]


def _peering(cloud: Cloud) -> Place:
    cloud.client("ec2", R).create_tags(Resources=[_peering_id(cloud)], Tags=[{"Key": "owner", "Value": "somebody"}])
    return R, f"{R} {PEER}"


def _peering_options(cloud: Cloud) -> Place:
    cloud.client("ec2", R).modify_vpc_peering_connection_options(
        VpcPeeringConnectionId=_peering_id(cloud),
        RequesterPeeringConnectionOptions={"AllowDnsResolutionFromRemoteVpc": False},
    )
    return R, f"{R} {PEER}"


def _peering_routes(cloud: Cloud) -> Place:
    table = _tagged(cloud, "describe_route_tables", "RouteTables", "sales-private-b", "RouteTableId")
    cloud.client("ec2", R).delete_route(RouteTableId=table, DestinationCidrBlock="10.20.0.0/16")
    return R, f"{R} to {PEER}"


def _parameter(cloud: Cloud) -> Place:
    name = "/sales/outputs/cluster"
    cloud.client("ssm", R).put_parameter(Name=name, Value=json.dumps({"name": "other"}), Overwrite=True)
    return R, name


def _bucket_name(cloud: Cloud) -> str:
    return f"sales-lake-{cloud.client('sts', R).get_caller_identity()['Account']}-{R}"


def _bucket(cloud: Cloud) -> Place:
    cloud.client("s3", R).delete_public_access_block(Bucket=_bucket_name(cloud))
    return R, _bucket_name(cloud)


def _bucket_replication(cloud: Cloud) -> Place:
    name = f"sales-lake-{cloud.client('sts', PEER).get_caller_identity()['Account']}-{PEER}"
    cloud.client("s3", PEER).delete_bucket_replication(Bucket=name)
    return PEER, name


def _topic_arn(cloud: Cloud) -> str:
    return next(
        t["TopicArn"]
        for t in cloud.client("sns", R).list_topics()["Topics"]
        if t["TopicArn"].endswith(":sales-processing")
    )


def _topic(cloud: Cloud) -> Place:
    cloud.client("sns", R).tag_resource(ResourceArn=_topic_arn(cloud), Tags=[{"Key": "owner", "Value": "somebody"}])
    return R, "sales-processing"


def _subscription(cloud: Cloud) -> Place:
    client = cloud.client("sns", R)
    listed = client.list_subscriptions_by_topic(TopicArn=_topic_arn(cloud))["Subscriptions"]
    there = next(each for each in listed if PEER in each["Endpoint"])
    client.set_subscription_attributes(
        SubscriptionArn=there["SubscriptionArn"], AttributeName="RawMessageDelivery", AttributeValue="false"
    )
    return R, f"sales-processing to sales-queue in {PEER}"


def _queue(cloud: Cloud) -> Place:
    client = cloud.client("sqs", R)
    url = client.get_queue_url(QueueName="sales-queue")["QueueUrl"]
    client.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "60"})
    return R, "sales-queue"


def _table(cloud: Cloud) -> Place:
    cloud.client("dynamodb", R).update_continuous_backups(
        TableName="sales", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    return R, "sales"


def _replica(cloud: Cloud) -> Place:
    cloud.client("dynamodb", PEER).update_table(TableName="sales-idempotency", DeletionProtectionEnabled=False)
    return PEER, "sales-idempotency"


def _cluster(cloud: Cloud) -> Place:
    cloud.client("ecs", R).update_cluster(cluster="sales", settings=[{"name": "containerInsights", "value": "enabled"}])
    return R, "sales"


def _task_definition(cloud: Cloud) -> Place:
    client = cloud.client("ecs", PEER)
    latest = client.list_task_definitions(familyPrefix="sales-sales-worker", sort="DESC")["taskDefinitionArns"][0]
    client.tag_resource(resourceArn=latest, tags=[{"key": "owner", "value": "somebody"}])
    return PEER, "sales-sales-worker"


def _service(cloud: Cloud) -> Place:
    cloud.client("ecs", R).update_service(
        cluster="sales",
        service="sales-worker",
        deploymentConfiguration={"minimumHealthyPercent": 50, "maximumPercent": 150},
    )
    return R, "sales/sales-worker"


def _scalable_target(cloud: Cloud) -> Place:
    cloud.client("application-autoscaling", R).register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId="service/sales/sales-api",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=2,
        MaxCapacity=40,
    )
    return R, "sales/sales-api"


def _scaling_policy(cloud: Cloud) -> Place:
    client = cloud.client("application-autoscaling", PEER)
    policy = client.describe_scaling_policies(ServiceNamespace="ecs", ResourceId="service/sales/sales-api")[
        "ScalingPolicies"
    ][0]
    settings = {**policy["TargetTrackingScalingPolicyConfiguration"], "TargetValue": 95.0}
    client.put_scaling_policy(
        PolicyName=policy["PolicyName"],
        ServiceNamespace="ecs",
        ResourceId=policy["ResourceId"],
        ScalableDimension=policy["ScalableDimension"],
        PolicyType=policy["PolicyType"],
        TargetTrackingScalingPolicyConfiguration=settings,
    )
    return PEER, "sales/sales-api/cpu"


def _load_balancer(cloud: Cloud) -> Place:
    client = cloud.client("elbv2", R)
    arn = client.describe_load_balancers(Names=["sales"])["LoadBalancers"][0]["LoadBalancerArn"]
    client.add_tags(ResourceArns=[arn], Tags=[{"Key": "owner", "Value": "somebody"}])
    return R, "sales"


def _target_group(cloud: Cloud) -> Place:
    client = cloud.client("elbv2", R)
    arn = client.describe_target_groups(Names=["sales-api"])["TargetGroups"][0]["TargetGroupArn"]
    client.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/readiness")
    return R, "sales-api"


def _listener(cloud: Cloud) -> Place:
    client = cloud.client("elbv2", PEER)
    arn = client.describe_load_balancers(Names=["sales"])["LoadBalancers"][0]["LoadBalancerArn"]
    listener = client.describe_listeners(LoadBalancerArn=arn)["Listeners"][0]["ListenerArn"]
    client.modify_listener(
        ListenerArn=listener,
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )
    return PEER, "sales:80"


def _log_group(cloud: Cloud) -> Place:
    cloud.client("logs", R).put_retention_policy(logGroupName="/ecs/sales/sales-api", retentionInDays=1)
    return R, "/ecs/sales/sales-api"


def _alarm(cloud: Cloud) -> Place:
    name = f"sales-{R}-dead-letters-sales-queue-dlq"
    cloud.client("cloudwatch", R).put_metric_alarm(
        AlarmName=name, Namespace="AWS/SQS", MetricName="NumberOfMessagesSent", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1e9, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    return R, name


def _dashboard(cloud: Cloud) -> Place:
    cloud.client("cloudwatch", R).put_dashboard(DashboardName="sales", DashboardBody='{"widgets": []}')
    return R, "sales"


def _role(cloud: Cloud) -> Place:
    name = f"sales-sales-api-task-{R}"
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}],
    }
    cloud.client("iam", R).put_role_policy(RoleName=name, PolicyName="uses", PolicyDocument=json.dumps(document))
    return R, name


def _accelerator(cloud: Cloud) -> Place:
    client = cloud.client("globalaccelerator", GLOBAL)
    arn = client.list_accelerators()["Accelerators"][0]["AcceleratorArn"]
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "owner", "Value": "somebody"}])
    return GLOBAL, "sales"


def _accelerator_listener(cloud: Cloud) -> Place:
    client = cloud.client("globalaccelerator", GLOBAL)
    arn = client.list_accelerators()["Accelerators"][0]["AcceleratorArn"]
    listener = client.list_listeners(AcceleratorArn=arn)["Listeners"][0]["ListenerArn"]
    client.update_listener(ListenerArn=listener, ClientAffinity="SOURCE_IP")
    return GLOBAL, "sales/1"


def _endpoint_group(cloud: Cloud) -> Place:
    client = cloud.client("globalaccelerator", GLOBAL)
    arn = client.list_accelerators()["Accelerators"][0]["AcceleratorArn"]
    listener = client.list_listeners(AcceleratorArn=arn)["Listeners"][0]["ListenerArn"]
    groups = client.list_endpoint_groups(ListenerArn=listener)["EndpointGroups"]
    group = next(each for each in groups if each["EndpointGroupRegion"] == PEER)
    endpoint = group["EndpointDescriptions"][0]["EndpointId"]
    client.update_endpoint_group(
        EndpointGroupArn=group["EndpointGroupArn"],
        EndpointConfigurations=[{"EndpointId": endpoint, "Weight": 3}],
    )
    return GLOBAL, f"sales/1/{PEER}"


def _region_state(cloud: Cloud) -> Place:
    cloud.client("dynamodb", PEER).delete_item(TableName="sales-state", Key={"region": {"S": PEER}})
    return PEER, "sales-state"


DRIFTS: dict[str, Callable[[Cloud], Place]] = {
    "ec2_vpc": _vpc,
    "ec2_elastic_ip": _retag("describe_addresses", "Addresses", "sales-a", "AllocationId"),
    "ec2_subnet": _retag("describe_subnets", "Subnets", "sales-private-a", "SubnetId"),
    "ec2_internet_gateway": _retag("describe_internet_gateways", "InternetGateways", "sales", "InternetGatewayId"),
    "ec2_nat_gateway": _retag("describe_nat_gateways", "NatGateways", "sales-a", "NatGatewayId"),
    "ec2_vpc_endpoint": _retag("describe_vpc_endpoints", "VpcEndpoints", "sales-s3", "VpcEndpointId"),
    "ec2_security_group": _group,
    "ec2_security_group_rules": _rules,
    "ec2_default_security_group_rules": _default_rules,
    "ec2_route_table": _route_table,
    "ec2_vpc_peering": _peering,
    "ec2_vpc_peering_options": _peering_options,
    "ec2_vpc_peering_routes": _peering_routes,
    "ssm_parameter": _parameter,
    "s3_bucket": _bucket,
    "s3_bucket_replication": _bucket_replication,
    "metric_alarm": _alarm,
    "cloudwatch_dashboard": _dashboard,
    "sns_topic": _topic,
    "sns_subscription": _subscription,
    "sqs_queue": _queue,
    "dynamodb_table": _table,
    "dynamodb_replica": _replica,
    "ecs_cluster": _cluster,
    "ecs_task_definition": _task_definition,
    "ecs_service": _service,
    "scalable_target": _scalable_target,
    "scaling_policy": _scaling_policy,
    "elbv2_load_balancer": _load_balancer,
    "elbv2_target_group": _target_group,
    "elbv2_listener": _listener,
    "log_group": _log_group,
    "iam_role": _role,
    "globalaccelerator_accelerator": _accelerator,
    "globalaccelerator_listener": _accelerator_listener,
    "globalaccelerator_endpoint_group": _endpoint_group,
    "region_state": _region_state,
}

UNCHANGEABLE = {
    "dynamodb_strong_group": "AWS changes neither the mode nor the regions of a strongly consistent table",
    "region_lease": "only a run that holds the lease writes it",
    "iam_service_linked_role": "IAM lets nobody change what a service assumes",
}
"""Kinds that nobody can change by hand, and why."""
