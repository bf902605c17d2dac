# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services of several regions in memory, and deployments of them as the module makes them; the lease is in moto.

What an image does is in its name: `bad` never starts, `sick` starts and then its tasks stop, all others do well.
"""

from __future__ import annotations

import copy
import datetime
import hashlib
import itertools
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError, EndpointConnectionError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.cloud import Cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import workload_deployment
from tests.support.aws_clients import aws_client
from tests.support.modules import checked

IN_MEMORY = ("ecs", "elbv2", "cloudwatch", "logs")
READS = ("describe_", "get_", "list_", "scan", "query", "batch_get_image")


class Killed(BaseException):
    """Caught by nothing, as `kill -9`."""


class EcsOfRegion:
    """The calls that a deployment makes in one region: ECS, the load balancer's, and CloudWatch's."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.services: dict[str, dict[str, Any]] = {}
        self.definitions: dict[str, dict[str, Any]] = {}
        self.alarms: dict[str, str] = {}
        self.metrics: dict[tuple[str, str], float] = {}
        """What CloudWatch tells of the load balancer: its metrics by their name and the service they are of, or ""."""
        self.moved_tag = ""
        self.jobs: list[dict[str, Any]] = []
        """The tasks of jobs, the last started last."""
        self.job_exits = 0
        """With which code jobs exit."""
        self._ids = itertools.count(1)

    def _arn(self, kind: str, name: str, service: str = "ecs") -> str:
        return f"arn:aws:{service}:{self.region}:123456789012:{kind}/{name}"

    def make(self, name: str, image: str, count: int = 2) -> None:
        container = {"name": name, "image": image, "essential": True, "environment": [{"name": "A", "value": "1"}]}
        options = {"awslogs-group": name, "awslogs-stream-prefix": "ecs"}
        container["logConfiguration"] = {"logDriver": "awslogs", "options": options}
        made = self.register_task_definition(
            family=name,
            containerDefinitions=[container],
            cpu="256",
            memory="512",
            requiresCompatibilities=["FARGATE"],
        )
        self.services[name] = {
            "serviceArn": self._arn("service", f"sales/{name}"),
            "serviceName": name,
            "tags": [{"key": "workload", "value": "sales"}],
            "status": "ACTIVE",
            "desiredCount": count,
            "runningCount": count,
            "taskDefinition": made["taskDefinition"]["taskDefinitionArn"],
            "events": [],
            "deployments": [],
        }
        self._deploy(self.services[name])

    # ECS

    def register_task_definition(self, tags: Any = (), **definition: Any) -> dict[str, Any]:
        family = definition["family"]
        number = 1 + max((d["revision"] for d in self.definitions.values() if d["family"] == family), default=0)
        arn = self._arn("task-definition", f"{family}:{number}")
        self.definitions[arn] = {
            **copy.deepcopy(definition),
            "taskDefinitionArn": arn,
            "revision": number,
            "status": "ACTIVE",
        }
        return {"taskDefinition": copy.deepcopy(self.definitions[arn]), "tags": list(tags)}

    def describe_task_definition(self, taskDefinition: str, include: Any = ()) -> dict[str, Any]:
        name = taskDefinition.rsplit("/", 1)[-1]
        found = [
            each
            for arn, each in self.definitions.items()
            if arn.endswith(f"/{name}") or (each["family"] == name and each["status"] == "ACTIVE")
        ]
        if not found:
            raise ClientError({"Error": {"Code": "ClientException", "Message": "none"}}, "DescribeTaskDefinition")
        return {"taskDefinition": copy.deepcopy(max(found, key=lambda each: each["revision"])), "tags": []}

    def deregister_task_definition(self, taskDefinition: str) -> None:
        assert self.definitions[taskDefinition]["status"] == "ACTIVE"
        self.definitions[taskDefinition]["status"] = "INACTIVE"

    def describe_services(self, cluster: str, services: list[str], include: Any = ()) -> dict[str, Any]:
        for name in services:
            if name in self.services and "sick" in self.images(name)[0]:
                self._stop_one(self.services[name])
        return {"services": [copy.deepcopy(self.services[name]) for name in services if name in self.services]}

    def _stop_one(self, service: dict[str, Any]) -> None:
        number = next(self._ids)
        service["stopped"] = [*service.get("stopped", []), f"stopped/{service['serviceName']}/{number}"]
        service["events"].insert(0, {"id": str(number), "message": f"(task {number}) stopped"})

    def update_service(self, service: str, cluster: str, **changed: Any) -> dict[str, Any]:
        actual = self.services[service]
        former = actual["taskDefinition"]
        arn = changed.get("taskDefinition", former)
        assert self.definitions[arn]["status"] == "ACTIVE"
        if arn == former and not changed.get("forceNewDeployment"):
            return {"service": copy.deepcopy(actual)}
        actual["taskDefinition"] = arn
        self._deploy(actual)
        answer = copy.deepcopy(actual)
        if "bad" in self.images(service)[0]:
            failed = actual["deployments"][0]["id"]
            actual["taskDefinition"] = former
            self._deploy(actual)
            actual["events"].insert(0, {"id": failed, "message": f"(deployment {failed}) deployment failed: no task."})
        return {"service": answer}

    def _deploy(self, service: dict[str, Any]) -> None:
        deployment = {
            "id": f"ecs-svc/{next(self._ids)}",
            "status": "PRIMARY",
            "taskDefinition": service["taskDefinition"],
            "rolloutState": "COMPLETED",
            "desiredCount": service["desiredCount"],
            "runningCount": service["desiredCount"],
        }
        service["deployments"] = [deployment]
        service["stopped"] = []

    def run_task(self, taskDefinition: str, startedBy: str, clientToken: str, **asked: Any) -> dict[str, Any]:
        again = [each for each in self.jobs if each["clientToken"] == clientToken]
        if not again:
            definition = self.definitions[taskDefinition]
            assert definition["status"] == "ACTIVE"
            container = {"name": definition["containerDefinitions"][0]["name"], "exitCode": self.job_exits}
            self.jobs.append(
                {
                    "taskArn": f"job/{startedBy}/{len(self.jobs)}",
                    "taskDefinitionArn": taskDefinition,
                    "startedBy": startedBy,
                    "clientToken": clientToken,
                    "lastStatus": "STOPPED",
                    "stoppedReason": "Essential container in task exited",
                    "containers": [container],
                    **asked,
                }
            )
        return {"tasks": again or [copy.deepcopy(self.jobs[-1])], "failures": []}

    def list_tasks(
        self, cluster: str, desiredStatus: str, serviceName: str = "", startedBy: str = "", **_others: Any
    ) -> dict[str, Any]:
        if startedBy:
            found = [each["taskArn"] for each in self.jobs if each["startedBy"] == startedBy]
            return {"taskArns": found if desiredStatus == "STOPPED" else []}
        service = self.services[serviceName]
        if desiredStatus == "STOPPED":
            return {"taskArns": list(service.get("stopped", []))}
        return {"taskArns": [f"running/{serviceName}/{number}" for number in range(service["desiredCount"])]}

    def describe_tasks(self, cluster: str, tasks: list[str], include: Any = ()) -> dict[str, Any]:
        jobs = {each["taskArn"]: copy.deepcopy(each) for each in self.jobs}
        return {"tasks": [jobs.get(arn) or self._task(arn) for arn in tasks]}

    def _task(self, arn: str) -> dict[str, Any]:
        kind, name, _number = arn.split("/")
        service = self.services[name]
        image = self.images(name)[0]
        pinned = image.partition("@sha256:")[2]
        digest = pinned or hashlib.sha256((self.moved_tag or image).encode()).hexdigest()
        deployment = service["deployments"][0]["id"]
        return {
            "taskArn": arn,
            "taskDefinitionArn": service["taskDefinition"],
            "lastStatus": "STOPPED" if kind == "stopped" else "RUNNING",
            "desiredStatus": "STOPPED" if kind == "stopped" else "RUNNING",
            "startedBy": deployment,
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "containers": [{"name": name, "image": image, "imageDigest": f"sha256:{digest}", "exitCode": 3}],
        }

    def images(self, service: str) -> list[str]:
        definition = self.definitions[self.services[service]["taskDefinition"]]
        return [container["image"] for container in definition["containerDefinitions"]]

    # The others

    def describe_alarms(self, AlarmNames: list[str], AlarmTypes: list[str], MaxRecords: int) -> dict[str, Any]:
        often = {"Period": 60, "EvaluationPeriods": 5, "DatapointsToAlarm": 3}
        told = [
            {"AlarmName": name, "StateValue": self.alarms[name], **often} for name in AlarmNames if name in self.alarms
        ]
        return {"MetricAlarms": told}

    def balance(self, *names: str) -> None:
        """Put these services behind one load balancer, each with a target group."""
        for name in names:
            group = self._arn("targetgroup", f"{name}/1", "elasticloadbalancing")
            self.services[name]["loadBalancers"] = [
                {"targetGroupArn": group, "containerName": name, "containerPort": 80}
            ]

    def describe_target_groups(self, TargetGroupArns: Any = (), LoadBalancerArn: str = "") -> dict[str, Any]:
        balanced = [b["targetGroupArn"] for each in self.services.values() for b in each.get("loadBalancers", [])]
        assert LoadBalancerArn or set(TargetGroupArns) <= set(balanced)
        balancer = self._arn("loadbalancer", "app/web/1", "elasticloadbalancing")
        wanted = balanced if LoadBalancerArn else TargetGroupArns
        return {"TargetGroups": [{"TargetGroupArn": arn, "LoadBalancerArns": [balancer]} for arn in wanted]}

    def describe_target_health(self, TargetGroupArn: str) -> dict[str, Any]:
        return {"TargetHealthDescriptions": []}

    def get_metric_data(self, MetricDataQueries: list[dict[str, Any]], StartTime: Any, EndTime: Any) -> dict[str, Any]:
        """Everything is told as the latest point that there can be."""
        results = []
        for query in MetricDataQueries:
            stat = query["MetricStat"]
            at = EndTime - datetime.timedelta(seconds=stat["Period"])
            group = stat["Metric"]["Dimensions"][0]["Value"] if len(stat["Metric"]["Dimensions"]) > 1 else ""
            value = self.metrics.get((stat["Metric"]["MetricName"], group.removeprefix("targetgroup/")[:-2]))
            points = [] if value is None else [value]
            results.append({"Id": query["Id"], "Timestamps": [at] * len(points), "Values": points})
        return {"MetricDataResults": results}

    def get_log_events(self, logStreamName: str, nextToken: str = "", **_others: Any) -> dict[str, Any]:
        numbers = [each["taskArn"].rpartition("/")[2] for each in self.jobs]
        if nextToken or logStreamName.rpartition("/")[2] not in numbers:
            return {"events": [], "nextForwardToken": "end"}
        return {"events": [{"message": f"exits with {self.job_exits}"}], "nextForwardToken": "end"}


class Counted:
    """A client whose writes are counted; from the limit on, nothing of the run reaches it any more."""

    def __init__(self, client: Any, world: World) -> None:
        self._client, self._world = client, world

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if not callable(method) or name == "meta":
            return method

        def call(*arguments: Any, **named: Any) -> Any:
            self._world.before(name, named)
            return method(*arguments, **named)

        return call


class Silent:
    """A client of a region that does not answer."""

    def __init__(self, region: str) -> None:
        self._region = region

    def __getattr__(self, name: str) -> Any:
        def call(*_arguments: Any, **_named: Any) -> Any:
            raise EndpointConnectionError(endpoint_url=self._region)

        return call


class World:
    """A workload in some regions, and what is done to it."""

    def __init__(
        self, states: dict[str, str], services: tuple[str, ...] = ("api", "worker"), jobs: tuple[str, ...] = ()
    ) -> None:
        """jobs: what runs before each service gets a new revision."""
        self.states, self.services, self.jobs = states, services, jobs
        self.regions = {region: EcsOfRegion(region) for region in states}
        for region in self.regions.values():
            for name in services:
                region.make(name, f"shop/{name}:v1")
        self.left = float("inf")
        """How many writes a run may still make."""
        self.writes: list[str] = []
        self.watchers: list[Any] = []
        self.registries: dict[str, Any] = {}
        """Region → the client of its ECR, where images are in one."""
        self.silent: set[str] = set()
        """Regions that do not answer."""

    def before(self, operation: str, arguments: dict[str, Any]) -> None:
        for watcher in self.watchers:
            watcher(operation, arguments)
        if not operation.startswith(READS):
            self.left -= 1
            self.writes.append(operation)
        if self.left < 0:
            raise Killed

    def client(self, service: str, region: str | None = None, **_config: Any) -> Any:
        assert region is not None
        if region in self.silent:
            return Silent(region)
        client = self._in_memory(service, region) or aws_client(service, region)
        return Counted(client, self)

    def _in_memory(self, service: str, region: str) -> Any:
        return (
            self.registries.get(region) if service == "ecr" else self.regions[region] if service in IN_MEMORY else None
        )

    def paginate(self, service: str, operation: str, region: str | None = None, **arguments: Any) -> list[Any]:
        arguments.pop("limits", None)
        (items,) = getattr(self.client(service, region), operation)(**arguments).values()
        return items

    def install(self, patch: Any) -> None:
        patch.setattr(Cloud, "client", lambda cloud, *given, **config: self.client(*given, **config))
        patch.setattr(Cloud, "paginate", lambda cloud, *given, **arguments: self.paginate(*given, **arguments))

    def deploy(self, wish: str | None = None, *, check: bool = False, **given: Any) -> dict[str, Any]:
        """What the module tells when the workload is deployed; `wish` is for every service."""
        jobs = [{"name": each, "environment": {"TABLE": {"table": "sales"}}} for each in self.jobs]
        services = [
            {"cluster": "sales", "name": name, "images": {name: wish} if wish else {}, "before_deploy": jobs}
            for name in self.services
        ]
        arguments = {
            "workload": "sales",
            "region": next(iter(self.states)),
            "regions": list(self.states),
            "services": services,
            "lease_regions": ["us-east-2"],
            "lease_duration": 0.2,
            "lease_heartbeat": 0.08,
            "operator": "Ana",
            "reason": "test",
            **given,
        }
        return run(workload_deployment.MODULE, checked(workload_deployment.MODULE, **arguments), check_mode=check)

    def rollback(self, **given: Any) -> dict[str, Any]:
        return self.deploy(rollback=True, **given)

    def images(self) -> dict[str, list[str]]:
        """Region → the images that its services run."""
        return {r: [i for name in self.services for i in ecs.images(name)] for r, ecs in self.regions.items()}

    def versions(self) -> dict[str, str]:
        """Region → the tags that its services run."""
        return {r: "+".join(sorted({i.rpartition(":")[2] for i in told})) for r, told in self.images().items()}

    def started(self) -> dict[str, list[str]]:
        """Region → the revisions with which jobs were started."""
        return {r: [each["taskDefinitionArn"].rpartition("/")[2] for each in e.jobs] for r, e in self.regions.items()}

    def latest(self) -> Iterator[tuple[str, str]]:
        """For each service in each region: what it runs, and the family's latest active revision."""
        for ecs in self.regions.values():
            for name in self.services:
                yield (
                    ecs.services[name]["taskDefinition"],
                    ecs.describe_task_definition(name)["taskDefinition"]["taskDefinitionArn"],
                )
