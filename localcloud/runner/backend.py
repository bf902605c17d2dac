# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto's ECS with services that run: deployments that go somewhere, tasks that are processes.

What is asked for is checked before it comes here (localcloud/ecs); here it is noted, and the scheduler does it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.ecs.exceptions import EcsClientException, InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend, ecs_backends

from localcloud.ecs.fargate_quota import REACHED, room
from localcloud.ecs.placement import choose_instance, providers_of
from localcloud.runner import service_deployments
from localcloud.runner.task import Task

EVENTS = 100
"""How many events DescribeServices tells."""

DEPLOYING = (
    "network_configuration",
    "load_balancers",
    "platform_version",
    "capacity_provider_strategy",
    "service_registries",
    "service_connect_configuration",
)
"""Parameters of UpdateService that need new tasks."""


TOKEN_SECONDS = 24 * 3600
"""How long ECS knows the token of a RunTask."""


@dataclass
class Run:
    """What a RunTask with a token asked for, and what came of it."""

    asked: str
    arns: list[str]
    failures: list[dict[str, str]]
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class EcsBackend(EC2ContainerServiceBackend):
    """The ECS of one region. `tasks` maps a cluster's name to its tasks by ARN."""

    def create_service(self, *arguments: Any, **given: Any) -> Any:
        service = super().create_service(*arguments, **given)
        service.running_count = service.pending_count = 0
        service.deployments = []
        service.events = []
        service.completed_deployment = None
        service.rollouts = {}
        # The call's settings arrive just after this; a deployment takes them up when it starts tasks.
        service_deployments.begin(service, deploy(service, network=given.get("network_configuration")))
        return service

    def update_service(self, service_properties: dict[str, Any]) -> Any:
        given = dict(service_properties)
        force = given.pop("force_new_deployment", False)
        service = self._get_service(given.get("cluster", "default"), given["service"])
        before = {name: getattr(service, name, None) for name in DEPLOYING}
        revision = service.task_definition
        counts = service.running_count, service.pending_count
        if given.get("task_definition"):
            given["task_definition"] = self.describe_task_definition(given["task_definition"]).arn
        if given.get("deployment_configuration"):  # what is not said of it stays as it is
            given["deployment_configuration"] = {
                **service.deployment_configuration,
                **given["deployment_configuration"],
            }
        super().update_service(given)
        service.running_count, service.pending_count = counts
        changed = any(given.get(name) is not None and given[name] != before[name] for name in DEPLOYING)
        if force or changed or service.task_definition != revision:
            service_deployments.begin(service, deploy(service, network=service.network_configuration))
        elif given.get("desired_count") is not None:
            primary = service.deployments[0]
            primary["desiredCount"] = service.desired_count
            primary["updatedAt"] = datetime.now(UTC)
        return service

    def delete_service(self, cluster_name: str, service_name: str, force: bool) -> Any:
        service = self._get_service(cluster_name, service_name)
        if service.status != "ACTIVE":
            return service
        if service.desired_count > 0 and not force:
            raise InvalidParameterException("The service cannot be stopped while it is scaled above 0.")
        service.status = "DRAINING"
        service.desired_count = 0
        for deployment in service.deployments:
            deployment["desiredCount"] = 0
        return service

    def run_tasks(self, given: dict[str, Any], definition: Any, asked: str) -> tuple[list[Task], list[dict[str, str]]]:
        """(tasks of a RunTask that was checked, failures of those that found no place)."""
        cluster = self._get_cluster(given.get("cluster") or "default")
        launch_type = given.get("launchType")
        strategy = given.get("capacityProviderStrategy") or []
        if not strategy and not launch_type:
            strategy = cluster.default_capacity_provider_strategy or []
        tasks: list[Task] = []
        failures: list[dict[str, str]] = []
        providers = providers_of(strategy, given.get("count", 1))
        cpu = (given.get("overrides") or {}).get("cpu") or definition.cpu
        for provider in set(providers):
            if self.room_for(cpu, launch_type, provider) < providers.count(provider):
                raise EcsClientException(f"{REACHED}.")
        for number, provider in enumerate(providers):
            on_instances = not strategy and launch_type != "FARGATE"
            instance, lacking = self._instance(cluster, definition) if on_instances else (None, [])
            failures += lacking
            if on_instances and instance is None:
                continue
            task = self.add_task(
                cluster,
                definition,
                group=given.get("group") or f"family:{definition.family}",
                started_by=given.get("startedBy") or "",
                network=given.get("networkConfiguration"),
                number=number,
                launch_type=launch_type or (None if strategy else "EC2"),
                capacity_provider_name=provider,
                platform_version=given.get("platformVersion"),
                overrides=given.get("overrides"),
                tags=_tags(given, definition),
            )
            task.container_instance_arn = instance
            task.enable_execute_command = bool(given.get("enableExecuteCommand"))
            tasks.append(task)
        if given.get("clientToken"):
            self._tokens()[cluster.name, given["clientToken"]] = Run(asked, [t.task_arn for t in tasks], failures)
        return tasks, failures

    def room_for(self, cpu: str | None, launch_type: str | None, provider: str | None) -> float:
        """How many more such tasks the quota of Fargate's vCPU admits."""
        running = (task for task in self.all_tasks() if task.last_status != "STOPPED")
        return room(self.account_id, self.region_name, running, cpu, launch_type, provider)

    def _instance(self, cluster: Any, definition: Any) -> tuple[str | None, list[dict[str, str]]]:
        instances = list(self.container_instances.get(cluster.name, {}).values())
        running = [task for task in self.all_tasks() if task.last_status != "STOPPED"]
        return choose_instance(instances, running, definition)

    def _tokens(self) -> dict[tuple[str, str], Run]:
        if not hasattr(self, "runs_by_token"):
            self.runs_by_token: dict[tuple[str, str], Run] = {}
        return self.runs_by_token

    def tasks_of_token(self, cluster_str: str, token: str | None) -> Run | None:
        """What an earlier RunTask with this token started, for as long as ECS knows the token in the cluster.

        That is a day, or until an hour after the tasks have stopped, which is when they are forgotten.
        """
        cluster = self._get_cluster(cluster_str)
        run = self._tokens().get((cluster.name, token or ""))
        if run is None:
            return None
        too_old = (datetime.now(UTC) - run.at).total_seconds() > TOKEN_SECONDS
        forgotten = bool(run.arns) and not self.described(run.arns)
        if too_old or forgotten:
            del self._tokens()[cluster.name, token or ""]
            return None
        return run

    def described(self, arns: list[str]) -> list[Task]:
        """The tasks of these ARNs that are still known."""
        return [task for task in self.all_tasks() if task.task_arn in arns]

    def add_task(
        self, cluster: Any, definition: Any, *, network: dict[str, Any] | None, number: int = 0, **given: Any
    ) -> Task:
        """A task in PROVISIONING. `number` spreads tasks over the subnets of their network, and so over zones."""
        subnets = (network or {}).get("awsvpcConfiguration", {}).get("subnets") or [None]
        task = Task(self, cluster, definition, subnet=subnets[number % len(subnets)], network=network, **given)
        self.tasks.setdefault(cluster.name, {})[task.task_arn] = task  # type: ignore[assignment]
        return task

    def all_tasks(self) -> list[Task]:
        return [task for tasks in self.tasks.values() for task in tasks.values() if isinstance(task, Task)]

    def describe_tasks(self, cluster_str: str, tasks: list[str]) -> list[Any]:
        cluster = self._get_cluster(cluster_str)
        if not tasks:
            raise InvalidParameterException("Tasks cannot be empty.")
        wanted = {name.rpartition("/")[2] for name in tasks}
        return [task for task in self.all_tasks() if task.cluster_name == cluster.name and task.id in wanted]

    def list_tasks(
        self,
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desiredStatus: str | None = None,
    ) -> list[Any]:
        """As ListTasks: those that are to run, unless STOPPED ones are asked for."""
        cluster = self._get_cluster(cluster_str or "default")
        found = [t for t in self.all_tasks() if t.cluster_name == cluster.name]
        if family:
            found = [t for t in found if t._definition.family == family]
        if started_by:
            found = [t for t in found if t.started_by == started_by]
        if service_name:
            found = [t for t in found if t.group == f"service:{service_name.rpartition('/')[2]}"]
        return [t for t in found if t.desired_status == (desiredStatus or "RUNNING")]

    def stop_task(self, cluster_str: str, task_str: str, reason: str) -> Any:
        found = self.describe_tasks(cluster_str, [task_str])
        if not found:
            raise InvalidParameterException("The referenced task was not found.")
        found[0].ask_to_stop(reason or "Task stopped by user", "UserInitiated", expected=True)
        return found[0]


def _tags(given: dict[str, Any], definition: Any) -> list[dict[str, str]]:
    """The tags of a task: those given, and those of its definition if they are to be propagated."""
    tags = {}
    if given.get("propagateTags") == "TASK_DEFINITION":
        tags = {tag["key"]: tag["value"] for tag in definition.tags or []}
    tags |= {tag["key"]: tag["value"] for tag in given.get("tags") or []}
    return [{"key": key, "value": value} for key, value in tags.items()]


def deploy(service: Any, network: dict[str, Any] | None, revision: str | None = None, reason: str = "") -> str:
    """Make a new PRIMARY deployment; the former ones become ACTIVE. Returns its id."""
    now = datetime.now(UTC)
    identifier = f"ecs-svc/{secrets.randbelow(9 * 10**18) + 10**18}"
    for former in service.deployments:
        former["status"] = "ACTIVE"
        former["updatedAt"] = now
    if revision:
        service.task_definition = revision
    kept = {each["id"] for each in [*service.deployments, service.completed_deployment or {"id": ""}]}
    service.balancers = {name: told for name, told in getattr(service, "balancers", {}).items() if name in kept}
    service.balancers[identifier] = service.load_balancers
    service.deployments.insert(
        0,
        {
            "id": identifier,
            "status": "PRIMARY",
            "taskDefinition": service.task_definition,
            "desiredCount": service.desired_count,
            "pendingCount": 0,
            "runningCount": 0,
            "failedTasks": 0,
            "createdAt": now,
            "updatedAt": now,
            "launchType": service.launch_type,
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "networkConfiguration": network or service.network_configuration,
            "serviceConnectConfiguration": getattr(service, "service_connect_configuration", None),
            "rolloutState": "IN_PROGRESS",
            "rolloutStateReason": reason or f"ECS deployment {identifier} in progress.",
        },
    )
    return identifier


def balancers_of(service: Any, deployment: str) -> list[dict[str, Any]]:
    """The load balancers that a deployment came with."""
    return getattr(service, "balancers", {}).get(deployment, service.load_balancers) or []


def promote(service: Any, deployment: dict[str, Any], reason: str) -> None:
    """Make one of a service's deployments the PRIMARY one again; the others become ACTIVE."""
    now = datetime.now(UTC)
    service.deployments.remove(deployment)
    for other in service.deployments:
        other.update(status="ACTIVE", updatedAt=now)
    service.deployments.insert(0, deployment)
    service.task_definition = deployment["taskDefinition"]
    service.load_balancers = balancers_of(service, deployment["id"])
    deployment.update(
        status="PRIMARY",
        desiredCount=service.desired_count,
        failedTasks=0,
        updatedAt=now,
        rolloutState="IN_PROGRESS",
        rolloutStateReason=reason,
    )


def tell(service: Any, message: str) -> None:
    """Add an event, as DescribeServices lists them: the newest first."""
    event = {
        "id": secrets.token_hex(16),
        "createdAt": datetime.now(UTC),
        "message": f"(service {service.name}) {message}",
    }
    service.events.insert(0, event)
    del service.events[EVENTS:]


def register() -> None:
    """Have moto make this backend from now on; before any region's is asked for."""
    ecs_backends.backend = EcsBackend
