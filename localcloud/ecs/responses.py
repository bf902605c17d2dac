# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS's requests and answers: moto's, checked first and completed afterwards.

The rules are in service_rules.py, task_definition_rules.py and task_rules.py, the completing is in services.py and
task_definitions.py; deployments and tasks are the task runner's.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from botocore import xform_name
from moto.core.responses import TYPE_RESPONSE, ActionResult
from moto.ecs.exceptions import (
    EcsClientException,
    ECSException,
    InvalidParameterException,
    TaskDefinitionNotFoundException,
)
from moto.ecs.responses import EC2ContainerServiceResponse as MotoResponse
from moto.utilities.utils import get_partition

from localcloud import service_linked_roles
from localcloud.ecs import service_rules, services, task_definition_rules, task_definitions, task_rules
from localcloud.options import OPERATOR_ACCESS_KEY
from localcloud.runner.hooks import CONTINUE
from localcloud.runner.service_deployments import history
from localcloud.validation import tag_complaints

DESCRIBE_SERVICES_LIMIT, DESCRIBE_TASKS_LIMIT = 10, 100
"""Most items of one call."""

DESCRIBE_SERVICE_DEPLOYMENTS_LIMIT = SERVICE_DEPLOYMENTS_PAGE = 20

SERVICES_PAGE, PAGE = 10, 100
"""ListServices gives ten at a time unless asked for more; the other lists a hundred."""


class EC2ContainerServiceResponse(MotoResponse):
    """Answers AmazonEC2ContainerServiceV20141113 targets."""

    def call_action(self) -> TYPE_RESPONSE:
        for complaint in tag_complaints(self.params.get("tags")):
            raise InvalidParameterException(f"Invalid parameter: {complaint}")
        return super().call_action()

    def _parameters(self) -> dict[str, Any]:
        return {name: value for name, value in self.params.items() if value is not None}

    def _page(self, name: str, arns: list[Any], size: int = PAGE) -> ActionResult:
        start = int(self._get_param("nextToken") or 0)
        end = start + (self._get_param("maxResults") or size)
        answer: dict[str, Any] = {name: arns[start:end]}
        if end < len(arns):
            answer["nextToken"] = str(end)
        return ActionResult(answer)

    # Task definitions

    def register_task_definition(self) -> ActionResult:
        given = self._parameters()
        try:
            task_definition_rules.check(given)
            cpu = task_definition_rules.size_in_units(given.get("cpu"), "cpu")
            memory = task_definition_rules.size_in_units(given.get("memory"), "memory")
        except task_definition_rules.Refused as refusal:
            raise EcsClientException(refusal.message) from None
        definition = super().register_task_definition().result["taskDefinition"]  # type: ignore[index]
        self._number(definition)
        described = task_definitions.described(given)
        definition.container_definitions = described["containerDefinitions"]
        definition.volumes, definition.network_mode = described["volumes"], described["networkMode"]
        definition.cpu, definition.memory = cpu, memory
        definition.compatibilities = task_definitions.compatibilities(given)
        definition.requires_attributes = task_definitions.capabilities(given)
        definition.registered_at = datetime.now(UTC)
        definition.registered_by = caller_arn(self.current_account, self.access_key)
        for name, value in given.items():  # what moto does not know comes back as it was given
            if not hasattr(definition, xform_name(name)):
                setattr(definition, xform_name(name), value)
        return ActionResult({"taskDefinition": definition, "tags": definition.tags})

    def _number(self, definition: Any) -> None:
        """Give a new revision a number that none of its family ever had: deleted revisions keep theirs."""
        backend: Any = self.ecs_backend
        if not hasattr(backend, "last_revisions"):
            backend.last_revisions = {}
        revisions = backend.task_definitions[definition.family]
        number = max(definition.revision, backend.last_revisions.get(definition.family, 0) + 1)
        backend.last_revisions[definition.family] = number
        if number != definition.revision:
            del revisions[definition.revision]
            definition.revision = number
            definition.arn = f"{definition.arn.rpartition(':')[0]}:{number}"
            revisions[number] = definition

    def describe_task_definition(self) -> ActionResult:
        name = self._get_param("taskDefinition") or ""
        family = name.split("/")[-1]
        if ":" not in family:
            active = [d for d in self.ecs_backend.task_definitions.get(family, {}).values() if d.status == "ACTIVE"]
            if not active:
                raise TaskDefinitionNotFoundException()
            self.params["taskDefinition"] = max(active, key=lambda d: d.revision).arn
        return super().describe_task_definition()

    def list_task_definitions(self) -> ActionResult:
        arns = super().list_task_definitions().result["taskDefinitionArns"]  # type: ignore[index]
        ordered = sorted(arns, key=lambda arn: (arn.rpartition(":")[0], int(arn.rpartition(":")[2])))
        return self._page("taskDefinitionArns", ordered[::-1] if self._get_param("sort") == "DESC" else ordered)

    # Clusters

    def create_cluster(self) -> ActionResult:
        existing = self.ecs_backend.clusters.get(self._get_param("clusterName") or "default")
        if existing is not None and existing.status == "ACTIVE":
            return ActionResult({"cluster": self._counted(existing)})
        if self._get_param("capacityProviders"):
            self._check_own_role()
        cluster = super().create_cluster().result["cluster"]  # type: ignore[index]
        return ActionResult({"cluster": self._counted(cluster)})

    def describe_clusters(self) -> ActionResult:
        result = super().describe_clusters()
        for cluster in result.result["clusters"]:  # type: ignore[index]
            self._counted(cluster)
        return result

    def list_clusters(self) -> ActionResult:
        clusters = self.ecs_backend.clusters.values()
        return self._page("clusterArns", [cluster.arn for cluster in clusters if cluster.status == "ACTIVE"])

    def delete_cluster(self) -> ActionResult:
        cluster = self._counted(self.ecs_backend._get_cluster(self._get_param("cluster")))
        if cluster.active_services_count:
            raise ECSException(
                "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."
            )
        tasks = self.ecs_backend.tasks.get(cluster.name, {}).values()
        if any(task.last_status != "STOPPED" for task in tasks):  # those that are stopping are not counted, but there
            raise ECSException("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
        return super().delete_cluster()

    def _check_own_role(self) -> None:
        if not service_linked_roles.is_assumable(self.current_account, self.region, service_linked_roles.ECS):
            raise InvalidParameterException(
                "Unable to assume the service linked role. Please verify that the ECS service linked role exists."
            )

    def put_cluster_capacity_providers(self) -> ActionResult:
        known = {"FARGATE", "FARGATE_SPOT", *self.ecs_backend.capacity_providers}
        unknown = [name for name in self._get_param("capacityProviders") or [] if name not in known]
        if unknown:
            raise InvalidParameterException(f"The specified capacity providers do not exist: {', '.join(unknown)}")
        self._check_own_role()
        return super().put_cluster_capacity_providers()

    def _counted(self, cluster: Any) -> Any:
        cluster.capacity_providers = cluster.capacity_providers or []
        cluster.default_capacity_provider_strategy = cluster.default_capacity_provider_strategy or []
        tasks = self.ecs_backend.tasks.get(cluster.name, {}).values()
        statuses = [task.last_status for task in tasks]
        cluster.running_tasks_count = statuses.count("RUNNING")
        cluster.pending_tasks_count = sum(status in ("PROVISIONING", "PENDING", "ACTIVATING") for status in statuses)
        mine = [s for s in self.ecs_backend.services.values() if s.cluster_name == cluster.name]
        cluster.active_services_count = sum(service.status != "INACTIVE" for service in mine)
        return cluster

    # Services

    def create_service(self) -> ActionResult:
        given = self._parameters()
        asked = deepcopy(given)
        earlier = services.made_with_token(self.ecs_backend, asked)
        if earlier is not None:
            return ActionResult({"service": earlier})
        service_rules.check_create(self.ecs_backend, given)
        result = super().create_service()
        service = result.result["service"]  # type: ignore[index]
        services.keep_settings(service, given, creating=True)
        service.created_with = asked
        return result

    def update_service(self) -> ActionResult:
        given = self._parameters()
        service = self.ecs_backend._get_service(given.get("cluster") or "default", given["service"])
        if service.status != "ACTIVE":
            raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
        service_rules.check_update(self.ecs_backend, service, given)
        result = super().update_service()
        services.keep_settings(result.result["service"], given, creating=False)  # type: ignore[index]
        return result

    def describe_services(self) -> ActionResult:
        wanted = self._get_param("services") or []
        if not 1 <= len(wanted) <= DESCRIBE_SERVICES_LIMIT:
            raise InvalidParameterException(f"Services must be 1 to {DESCRIBE_SERVICES_LIMIT} in number.")
        return super().describe_services()

    def list_services(self) -> ActionResult:
        arns = super().list_services().result["serviceArns"]  # type: ignore[index]
        gone = {service.arn for service in self.ecs_backend.services.values() if service.status == "INACTIVE"}
        return self._page("serviceArns", [arn for arn in arns if arn not in gone], SERVICES_PAGE)

    # Service deployments

    def list_service_deployments(self) -> ActionResult:
        service = self.ecs_backend._get_service(self._get_param("cluster") or "default", self._get_param("service"))
        wanted = self._get_param("status") or []
        found = [each.brief() for each in history(service) if not wanted or each.status in wanted]
        return self._page("serviceDeployments", found, SERVICE_DEPLOYMENTS_PAGE)

    def describe_service_deployments(self) -> ActionResult:
        asked = self._get_param("serviceDeploymentArns") or []
        if not 1 <= len(asked) <= DESCRIBE_SERVICE_DEPLOYMENTS_LIMIT:
            raise InvalidParameterException(
                f"serviceDeploymentArns must be 1 to {DESCRIBE_SERVICE_DEPLOYMENTS_LIMIT} in number."
            )
        known = self._service_deployments()
        missing = [{"arn": arn, "reason": "MISSING"} for arn in asked if arn not in known]
        return ActionResult(
            {"serviceDeployments": [known[arn].whole() for arn in asked if arn in known], "failures": missing}
        )

    def continue_service_deployment(self) -> ActionResult:
        arn, hook = self._get_param("serviceDeploymentArn"), self._get_param("hookId")
        record = self._service_deployments().get(arn)
        if record is None:
            raise ECSException("ServiceDeploymentNotFoundException", f"The service deployment {arn} was not found.")
        waiting = next((each for each in record.hooks if (each.id, each.status) == (hook, "AWAITING_ACTION")), None)
        if waiting is None or record.status != "IN_PROGRESS":
            raise InvalidParameterException(f"The lifecycle hook {hook} is not awaiting an action.")
        waiting.decide(self._get_param("action") or CONTINUE)
        return ActionResult({"serviceDeploymentArn": arn})

    def _service_deployments(self) -> dict[str, Any]:
        return {each.arn: each for service in self.ecs_backend.services.values() for each in history(service)}

    # Tasks

    def run_task(self) -> ActionResult:
        backend: Any = self.ecs_backend
        given = self._parameters()
        asked = task_rules.asked_of(given)
        earlier = backend.tasks_of_token(given.get("cluster") or "default", given.get("clientToken"))
        if earlier is not None:
            if earlier.asked != asked:
                raise task_rules.TokenInUse(earlier.arns)
            return ActionResult({"tasks": backend.described(earlier.arns), "failures": earlier.failures})
        definition = task_rules.check_run(backend, given)
        tasks, failures = backend.run_tasks(given, definition, asked)
        return ActionResult({"tasks": tasks, "failures": failures})

    def describe_tasks(self) -> ActionResult:
        asked = self._get_param("tasks") or []
        if len(asked) > DESCRIBE_TASKS_LIMIT:
            raise InvalidParameterException(f"Tasks can be at most {DESCRIBE_TASKS_LIMIT} in number.")
        result = super().describe_tasks()
        found = {task.task_arn.rpartition("/")[2] for task in result.result["tasks"]}  # type: ignore[index]
        cluster = self.ecs_backend._get_cluster(self._get_param("cluster") or "default").name
        result.result["failures"] = [  # type: ignore[index]
            {"arn": self._task_arn(cluster, name), "reason": "MISSING"}
            for name in asked
            if name.rpartition("/")[2] not in found
        ]
        return result

    def _task_arn(self, cluster: str, name: str) -> str:
        if name.startswith("arn:"):
            return name
        return f"arn:{get_partition(self.region)}:ecs:{self.region}:{self.current_account}:task/{cluster}/{name}"

    def list_tasks(self) -> ActionResult:
        # moto forgets the tasks whose revision was deregistered when it is asked for those of a family.
        family = self.params.pop("family", None)
        arns = super().list_tasks().result["taskArns"]  # type: ignore[index]
        if family:
            tasks = {task.task_arn: task for tasks in self.ecs_backend.tasks.values() for task in tasks.values()}
            arns = [a for a in arns if tasks[a].task_definition_arn.rpartition("/")[2].rpartition(":")[0] == family]
        return self._page("taskArns", arns)


def caller_arn(account: str, access_key: str) -> str:
    """Whom a registration is attributed to: the operator, or whatever else holds the key."""
    user = "operator" if access_key == OPERATOR_ACCESS_KEY else access_key
    return f"arn:aws:iam::{account}:user/{user}"
