# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of a few containers on an embedded cloud: started, looked at, stopped."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from typing import Any

from localcloud import Cloud
from tests.support.waiting import eventually

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}

PATIENCE = 40.0

_numbers = itertools.count(1)


class Runs:
    """Runs tasks in one subnet, and tells what became of them."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.ecs, self.ec2, self.efs = cloud.client("ecs"), cloud.client("ec2"), cloud.client("efs")
        self.iam, self.logs = cloud.client("iam"), cloud.client("logs")
        vpc = self.ec2.create_vpc(CidrBlock="10.84.0.0/16")["Vpc"]["VpcId"]
        zone = f"{self.ec2.meta.region_name}a"
        subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.84.1.0/24", AvailabilityZone=zone)
        self.vpc, self.subnet = vpc, subnet["Subnet"]["SubnetId"]
        self.clients, self.storage = self.group("clients"), self.group("storage")
        self.admit(self.clients)
        self.ecs.create_cluster(clusterName="runs")
        self.logs.create_log_group(logGroupName="/runs")
        self.role = self.iam.create_role(RoleName="runs", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        pulling = ("GetAuthorizationToken", "BatchCheckLayerAvailability", "GetDownloadUrlForLayer", "BatchGetImage")
        self.allow("runs", "ecs", *(f"ecr:{each}" for each in pulling), "logs:CreateLogStream", "logs:PutLogEvents")

    def allow(self, role: str, policy: str, *actions: str, resource: str = "*") -> None:
        """Give a role an inline policy of this name, which allows these actions."""
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=document)

    def group(self, name: str) -> str:
        return self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]

    def admit(self, group: str) -> None:
        rule = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": [{"GroupId": group}]}
        self.ec2.authorize_security_group_ingress(GroupId=self.storage, IpPermissions=[rule])

    def file_system(self) -> str:
        """The id of a new file system with a mount target in the subnet."""
        identifier = self.efs.create_file_system(CreationToken=f"fs-{next(_numbers)}")["FileSystemId"]
        self.reaches(lambda: self.efs.describe_file_systems(FileSystemId=identifier)["FileSystems"][0], "available")
        target = self.efs.create_mount_target(
            FileSystemId=identifier, SubnetId=self.subnet, SecurityGroups=[self.storage]
        )["MountTargetId"]
        self.reaches(lambda: self.efs.describe_mount_targets(MountTargetId=target)["MountTargets"][0], "available")
        return identifier

    def reaches(self, look: Callable[[], dict[str, Any]], state: str) -> None:
        eventually(lambda: look()["LifeCycleState"] == state, PATIENCE, what=look)

    def register(self, *containers: dict[str, Any], **given: Any) -> str:
        """The ARN of a new task definition with these containers."""
        logs = {
            "logDriver": "awslogs",
            "options": {"awslogs-group": "/runs", "awslogs-region": "sa-east-1", "awslogs-stream-prefix": "run"},
        }
        return self.ecs.register_task_definition(
            family=f"run-{next(_numbers)}",
            cpu="256",
            memory="512",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            executionRoleArn=self.role,
            containerDefinitions=[{"logConfiguration": logs, **container} for container in containers],
            **given,
        )["taskDefinition"]["taskDefinitionArn"]

    def network(self, groups: list[str] | None = None) -> dict[str, Any]:
        return {"awsvpcConfiguration": {"subnets": [self.subnet], "securityGroups": groups or [self.clients]}}

    def run(self, *containers: dict[str, Any], groups: list[str] | None = None, **given: Any) -> str:
        """The ARN of a task started with these containers."""
        return self.start(self.register(*containers, **given), groups)

    def start(self, definition: str, groups: list[str] | None = None, **given: Any) -> str:
        """The ARN of a task started from a definition."""
        asked = {
            "cluster": "runs",
            "taskDefinition": definition,
            "launchType": "FARGATE",
            "networkConfiguration": self.network(groups),
            **given,
        }
        return self.patiently(self.ecs.run_task, **asked)["tasks"][0]["taskArn"]

    def serve(self, name: str, definition: str) -> dict[str, Any]:
        """A service of one task, once it is steady."""
        breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
        self.patiently(
            self.ecs.create_service,
            cluster="runs",
            serviceName=name,
            taskDefinition=definition,
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration=self.network(),
            deploymentConfiguration=breaker,
        )
        return self.steady(name)

    def patiently(self, call: Callable[..., Any], **asked: Any) -> Any:
        """Call again while a new role cannot be assumed yet."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return call(**asked)
            except self.ecs.exceptions.ClientError as error:
                assert "assume" in str(error) and time.monotonic() < deadline, error
                time.sleep(0.2)

    def steady(self, name: str, holds: Callable[[Any], bool] = lambda _service: True) -> dict[str, Any]:
        """A service once its only deployment is completed."""
        deadline = time.monotonic() + PATIENCE
        while True:
            service = self.ecs.describe_services(cluster="runs", services=[name])["services"][0]
            states = [deployment["rolloutState"] for deployment in service["deployments"]]
            if states == ["COMPLETED"] and service["runningCount"] == 1 and holds(service):
                return service
            assert time.monotonic() < deadline, service["events"][:10]
            time.sleep(0.05)

    def tasks_of(self, service: str, status: str) -> list[str]:
        return self.ecs.list_tasks(cluster="runs", serviceName=service, desiredStatus=status)["taskArns"]

    def task(self, arn: str) -> dict[str, Any]:
        return self.ecs.describe_tasks(cluster="runs", tasks=[arn])["tasks"][0]

    def containers(self, arn: str) -> dict[str, dict[str, Any]]:
        return {container["name"]: container for container in self.task(arn)["containers"]}

    def wait(self, arn: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The task once it is so."""

        def look() -> dict[str, Any] | None:
            return task if holds(task := self.task(arn)) else None

        return eventually(look, PATIENCE, what=lambda: self.task(arn))

    def finish(self, arn: str) -> dict[str, Any]:
        """The task once it has ended, with its containers by name."""
        task = self.wait(arn, lambda task: task["lastStatus"] == "STOPPED")
        return {**task, "by_name": {container["name"]: container for container in task["containers"]}}

    def stop(self, arn: str) -> dict[str, Any]:
        self.ecs.stop_task(cluster="runs", task=arn)
        return self.finish(arn)

    def lines(self, arn: str, container: str, expected: int = 1) -> list[str]:
        """What a container printed, once it is at least so many lines."""
        stream = f"run/{container}/{arn.rpartition('/')[2]}"
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                asked = {"logGroupName": "/runs", "logStreamName": stream, "startFromHead": True}
                events = self.logs.get_log_events(**asked)["events"]
            except self.logs.exceptions.ResourceNotFoundException:
                events = []  # the container has not started yet
            if len(events) >= expected:
                return [event["message"] for event in events]
            assert time.monotonic() < deadline, events
            time.sleep(0.1)


def shell(name: str, script: str, **more: Any) -> dict[str, Any]:
    """A container that runs a shell script."""
    return {"name": name, "image": "shell:1", "command": [script], **more}
