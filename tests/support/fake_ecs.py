# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS's services in memory: deployments that go the way the test says, one step each time they are looked at."""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from typing import Any

from botocore.exceptions import ClientError

ACCOUNT = "arn:aws:ecs:sa-east-1:123456789012"
DEPLOYING = ("taskDefinition", "networkConfiguration", "loadBalancers", "serviceRegistries")


def refusal(code: str, message: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FakeEcs:
    """Answers the calls that a service needs. `outcome` of new deployments: completes, fails, rolls_back or hangs."""

    def __init__(self, outcome: str = "completes") -> None:
        self.outcome = outcome
        self.services: dict[str, dict[str, Any]] = {}
        self.refuse: list[ClientError] = []
        self.calls: Counter[str] = Counter()
        self.sent: list[dict[str, Any]] = []
        self.told: list[str] = []
        self._ids = itertools.count(1)

    # What the kernel's Cloud offers to resources.
    wait = True
    wait_timeout = 2.0

    def has_parent(self) -> bool:
        return True

    def tell(self, line: str) -> None:
        self.told.append(line)

    def paginate(self, service: str, operation: str, region: str | None = None, **arguments: Any) -> list[Any]:
        return getattr(self, operation)(**arguments)["taskArns"]

    def client(self, service: str, region: str | None = None, **_config: Any) -> FakeEcs:
        return self

    def wait_until(self, what: str, ready: Any, *, timeout: float | None = None) -> Any:
        from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import NotReadyInTime

        for _attempt in range(20):
            answer = ready()
            if answer:
                return answer
        raise NotReadyInTime(f"Waited for {what}.")

    # What ECS offers.
    def create_service(self, **request: Any) -> dict[str, Any]:
        self.calls["create_service"] += 1
        if self.refuse:
            raise self.refuse.pop(0)
        name = request["serviceName"]
        if self.services.get(name, {}).get("status") == "DRAINING":
            raise refusal(
                "InvalidParameterException", "Unable to Start a service that is still Draining.", "CreateService"
            )
        self.sent.append(request)
        service = {key: value for key, value in request.items() if key not in ("cluster", "clientToken")}
        service.update(
            serviceArn=f"{ACCOUNT}:service/{request['cluster']}/{name}",
            status="ACTIVE",
            runningCount=0,
            deployments=[],
            events=[],
            propagateTags=request.get("propagateTags", "NONE"),
        )
        self.services[name] = service
        self._deploy(service)
        return {"service": copy.deepcopy(service)}

    def update_service(self, **request: Any) -> dict[str, Any]:
        self.calls["update_service"] += 1
        if self.refuse:
            raise self.refuse.pop(0)
        self.sent.append(request)
        service = self.services[request["service"]]
        force = request.get("forceNewDeployment")
        changed = {name for name in DEPLOYING if request.get(name, service.get(name)) != service.get(name)}
        strategy = service.get("capacityProviderStrategy") or []
        if request.get("capacityProviderStrategy", strategy) != strategy and not force:
            raise refusal(
                "InvalidParameterException",
                "When making a change to a capacity provider strategy you must force a new deployment.",
                "UpdateService",
            )
        service.update({k: v for k, v in request.items() if k not in ("cluster", "service", "forceNewDeployment")})
        if force or changed:
            self._deploy(service)
        return {"service": copy.deepcopy(service)}

    def _deploy(self, service: dict[str, Any]) -> None:
        for deployment in service["deployments"]:
            deployment["status"] = "ACTIVE"
        deployment = {
            "id": f"ecs-svc/{next(self._ids)}",
            "status": "PRIMARY",
            "taskDefinition": service["taskDefinition"],
            "rolloutState": "IN_PROGRESS",
            "looks": 0,
        }
        service["deployments"].insert(0, deployment)

    def describe_services(self, cluster: str, services: list[str], include: Any = ()) -> dict[str, Any]:
        self.calls["describe_services"] += 1
        found = []
        for name in services:
            if name in self.services:
                found.append(copy.deepcopy(self.services[name]))
                self._step(self.services[name])
        return {"services": found}

    def _step(self, service: dict[str, Any]) -> None:
        if service["status"] == "DRAINING":
            service["status"] = "INACTIVE"
            return
        now = service["deployments"][0]
        if now["rolloutState"] != "IN_PROGRESS" or self.outcome == "hangs":
            service["runningCount"] = service["desiredCount"]
            return
        now["looks"] += 1
        if now["looks"] < 2:
            return
        if self.outcome == "completes":
            now["rolloutState"] = "COMPLETED"
            service["deployments"] = [now]
            service["runningCount"] = service["desiredCount"]
            return
        now["rolloutState"] = "FAILED"
        now["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
        service["events"].insert(0, {"message": "(service api) was unable to place a task."})
        if self.outcome == "rolls_back" and len(service["deployments"]) > 1:
            service["taskDefinition"] = service["deployments"][1]["taskDefinition"]
            self.outcome = "completes"
            self._deploy(service)

    def delete_service(self, cluster: str, service: str, force: bool) -> dict[str, Any]:
        self.calls["delete_service"] += 1
        actual = self.services[service]
        if actual["desiredCount"] and not force:
            raise refusal(
                "InvalidParameterException", "The service cannot be stopped while scaled above 0.", "DeleteService"
            )
        actual["status"] = "DRAINING"
        return {"service": copy.deepcopy(actual)}

    def list_tasks(self, cluster: str, serviceName: str, desiredStatus: str) -> dict[str, Any]:
        return {"taskArns": [f"{ACCOUNT}:task/{cluster}/{number}" for number in (1, 2, 3)]}

    def describe_tasks(self, cluster: str, tasks: list[str]) -> dict[str, Any]:
        failing = self.services["api"]["deployments"]
        mine = next((d["id"] for d in failing if d["rolloutState"] == "FAILED"), "none")
        return {
            "tasks": [
                {
                    "taskArn": arn,
                    "taskDefinitionArn": f"{ACCOUNT}:task-definition/api:2",
                    "lastStatus": "STOPPED",
                    "startedBy": mine if not arn.endswith("3") else "ecs-svc/other",
                    "stopCode": "EssentialContainerExited",
                    "stoppedReason": "Essential container in task exited",
                    "containers": [{"name": "api", "exitCode": 3}],
                }
                for arn in tasks
            ]
        }

    def describe_task_definition(self, taskDefinition: str) -> dict[str, Any]:
        options = {"awslogs-group": "/ecs/api", "awslogs-region": "sa-east-1", "awslogs-stream-prefix": "ecs"}
        container = {"name": "api", "logConfiguration": {"logDriver": "awslogs", "options": options}}
        return {"taskDefinition": {"containerDefinitions": [container, {"name": "silent"}]}}

    def get_log_events(self, logGroupName: str, logStreamName: str, **_others: Any) -> dict[str, Any]:
        if (logGroupName, logStreamName) != ("/ecs/api", "ecs/api/1"):
            raise refusal("ResourceNotFoundException", "The specified log stream does not exist.", "GetLogEvents")
        return {"events": [{"message": "starting\n"}, {"message": "no such table\n"}]}

    def describe_target_health(self, TargetGroupArn: str) -> dict[str, Any]:
        return {"TargetHealthDescriptions": []}

    def tag_resource(self, **request: Any) -> None:
        self.calls["tag_resource"] += 1

    untag_resource = tag_resource
