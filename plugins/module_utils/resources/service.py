# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ECS service. Creating or updating one ends when its deployment is finished."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from dataclasses import replace
from typing import Any, ClassVar

from ..aws.names import tag_changes, to_tag_list
from ..deployments import rollout, single_writer
from ..deployments.recreate import Memory, Patience, Recreation
from ..deployments.service_tasks import ServiceTasks
from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none
from ..kernel.cloud import ClientError
from ..kernel.values import is_unknown
from .assuming import until_assumable
from .same_thing import namespace_as_wanted
from .service_conversion import TO_AWS, attributes, groups_apart

DESCRIBE_AT_ONCE = 10
GONE = ("ServiceNotFoundException", "ServiceNotActiveException", "ClusterNotFoundException")


class Service(Resource):
    """A service; `name` is `cluster/service`.

    Wanted: `task_definition`, `desired_count`, `load_balancers`, `deployment`, `enable_execute_command`,
    `propagate_tags`, `enable_ecs_managed_tags`, `tags`; and, if they are managed, `network`,
    `launch_type`, `capacity_provider_strategy`, `platform_version`, `health_check_grace_period`,
    `availability_zone_rebalancing`, `service_registries`, `service_connect`, `placement_constraints`,
    `placement_strategy`, `rollout` ("COMPLETED": whoever waits wants an interrupted deployment finished).

    With `patience` the tasks are replaced instead of rolled (see recreate.py).

    `desired_count` is what a new service starts with. That of an existing one is left alone if `keeps_count`, or as
    long as it lies within `scaling_range` (minimum, maximum), because then it is scaled automatically.
    Gives `arn`, `desired_count`, `running_count`, `deployment_id`, `downtime_seconds`.
    """

    kind = "ecs_service"
    unordered: ClassVar[frozenset[str]] = frozenset(
        {"load_balancers", "capacity_provider_strategy", "service_registries", "placement_constraints"}
    )
    fixed: ClassVar[frozenset[str]] = frozenset({"launch_type"})
    deploying: ClassVar[frozenset[str]] = frozenset(
        {"task_definition", "network", "load_balancers", "platform_version", "force_new_deployment"}
        | {"service_registries", "service_connect", "capacity_provider_strategy"}
    )
    """What makes ECS start a new deployment. `UpdateService` says so of each parameter, or wants it forced."""
    forced: ClassVar[frozenset[str]] = frozenset({"force_new_deployment", "capacity_provider_strategy"})
    meeting: ClassVar[frozenset[str]] = deploying | {"deployment", "desired_count", "availability_zone_rebalancing"}
    """What may make two tasks of a service that is rolled meet, now or later."""

    def __init__(
        self,
        cluster: str,
        service: str,
        region: str,
        *,
        scaling_range: tuple[int, int] | None = None,
        keeps_count: bool = False,
        force_new_deployment: bool = False,
        force_delete: bool = False,
        patience: Patience | None = None,
        **wanted: Any,
    ) -> None:
        super().__init__(f"{rollout.revision(cluster)}/{service}", region, **wanted)
        self.cluster = cluster
        self.service = service
        self.scaling_range = scaling_range
        self.keeps_count = keeps_count
        self.force_new_deployment = force_new_deployment
        self.force_delete = force_delete
        self.patience = patience

    def differences(self, actual: Attributes, wanted: Attributes) -> dict[str, Difference]:
        found = super().differences(actual, wanted)
        if rollout.revision(actual["task_definition"]) == rollout.revision(wanted["task_definition"]):
            found.pop("task_definition", None)
        network = wanted.get("network")
        # Without security groups AWS takes the VPC's default one, whatever that is.
        if network and not network["security_groups"] and groups_apart(actual["network"]) == network:
            found.pop("network", None)
        if actual["capacity_provider_strategy"]:  # then AWS tells no launch type, and an empty strategy restores it
            found.pop("launch_type", None)
        if self.keeps_count or self.scaling_range:
            found.pop("desired_count", None)
        if self.scaling_range:
            least, most = self.scaling_range
            now = actual["desired_count"]
            if not least <= now <= most:
                found["desired_count"] = (now, min(max(now, least), most))
        memory = Memory.read(actual["recreate"]) if actual.get("recreate") else None
        if memory and "rollout" in wanted:
            found["recreate"] = (actual["recreate"], None)
        if memory and actual["desired_count"] == 0 and "desired_count" not in found and self._keeps(memory.count):
            found["desired_count"] = (0, memory.count)
        # What an interrupted run has deployed already need not be deployed again.
        deployed = memory is not None and memory.deployment != actual["deployment_id"]
        if self.force_new_deployment and not deployed and not found.keys() & self.deploying:
            found["force_new_deployment"] = (False, True)
        return found

    def _keeps(self, count: int) -> bool:
        return bool(count) and (self.keeps_count or self.scaling_range is not None)

    def renewed_by(self, differences: dict[str, Difference]) -> frozenset[str]:
        """The tasks that run are counted when all is done; a new deployment has a new id."""
        renewed = {"running_count"}
        if differences.keys() & self.deploying or differences.get("rollout", ("",))[0] == "FAILED":
            renewed |= {"deployment_id", "downtime_seconds"}
        if "recreate" in differences:
            renewed |= {"deployment_id", "downtime_seconds"}
        return frozenset(renewed)

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Service], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("ecs", region)
        clusters: dict[str, dict[str, Service]] = defaultdict(dict)
        for resource in resources:
            clusters[resource.cluster][resource.service] = resource
        actual = {}
        for cluster, services in clusters.items():
            names = sorted(services)
            for start in range(0, len(names), DESCRIBE_AT_ONCE):
                asked = names[start : start + DESCRIBE_AT_ONCE]
                with absent_is_none("ClusterNotFoundException"):
                    answer = client.describe_services(cluster=cluster, services=asked, include=["TAGS"])
                    for service in answer["services"]:
                        resource = services[service["serviceName"]]
                        if resource._counts(cloud, service):
                            actual[resource.name] = resource._in_its_words(cloud, attributes(service))
        for resource in resources:
            resource._refuse_two_writers(cloud, actual.get(resource.name), resource.wanted)
        return actual

    def _in_its_words(self, cloud: Cloud, actual: Attributes) -> Attributes:
        """What was read, with the namespace of Service Connect spelled as it is wanted."""
        wanted, told = self.wanted.get("service_connect") or {}, actual.get("service_connect") or {}
        if not (wanted.get("namespace") and told.get("namespace")):
            return actual
        name = namespace_as_wanted(cloud, self.region, told["namespace"], wanted["namespace"])
        return {**actual, "service_connect": {**told, "namespace": name}}

    def _refuse_two_writers(self, cloud: Cloud, actual: Attributes | None, wanted: Attributes) -> None:
        """Asked only when something would change: it takes a call more.

        Raises:
            CollectionError: two tasks would write to one volume.
        """
        definition = wanted.get("task_definition")
        if self.state == "absent" or is_unknown(definition):
            return
        changing: dict[str, Any] = {"desired_count": ()} if actual is None else self.differences(actual, wanted)
        count = actual["desired_count"] if actual and self.keeps_count else wanted["desired_count"]
        if self.patience and count > 1 and changing:
            single_writer.refuse_several(cloud, self.region, self.name, definition, count)
        elif not self.patience and (actual is None or self._may_meet(actual, changing)):
            single_writer.refuse_rolling(cloud, self.region, self.name, definition)

    def _may_meet(self, actual: Attributes, changing: dict[str, Difference]) -> bool:
        return bool(changing) and (bool(changing.keys() & self.meeting) or _deploys(actual, changing))

    def _counts(self, cloud: Cloud, service: dict[str, Any]) -> bool:
        """A DRAINING service is on its way out: no more to whoever wants one, not yet gone to whoever wants none."""
        if service["status"] == "DRAINING":
            return self.state == "absent" and cloud.wait
        return service["status"] == "ACTIVE"

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        self._wait_until_drained(cloud)
        client = cloud.client("ecs", self.region)
        arguments = self._arguments(wanted, set(wanted))
        arguments["serviceName"] = self.service
        if "launch_type" in wanted:
            arguments["launchType"] = wanted["launch_type"]
            arguments.pop("capacityProviderStrategy", None)
        # The token makes a create whose answer was lost be found again when it is retried, not made twice.
        answer = until_assumable(
            cloud,
            lambda: client.create_service(
                **arguments,
                clientToken=uuid.uuid4().hex,
                schedulingStrategy="REPLICA",
                tags=to_tag_list(wanted["tags"], "key", "value"),
            ),
        )
        return self._finished(cloud, answer["service"], wanted, arguments["desiredCount"])

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("ecs", self.region)
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            if to_remove:
                client.untag_resource(resourceArn=actual["arn"], tagKeys=to_remove)
            if to_set:
                client.tag_resource(resourceArn=actual["arn"], tags=to_tag_list(to_set, "key", "value"))
        changed = {**wanted, **{key: after for key, (_before, after) in differences.items()}}
        if actual["recreate"] or self.patience and _deploys(actual, differences):
            return self._recreate(cloud, actual, changed, differences)
        if self.patience and "desired_count" in differences:
            prepare = self._arguments(changed, set(differences) - {"desired_count"})
            count = changed["desired_count"]
            service = self._recreation(cloud, actual).scale(prepare, count, stopped=not actual["desired_count"])
            return self._finished(cloud, service, wanted, count)
        arguments = self._arguments(changed, set(differences))
        if differences.keys() & self.forced or actual["rollout"] == "FAILED":
            arguments["forceNewDeployment"] = True
        if len(arguments) == 1 and "rollout" not in differences:
            return {**actual, **wanted}
        if len(arguments) > 1:
            service = self._send(cloud, **arguments)
        else:
            service = rollout.describe(cloud, self.region, self.cluster, self.service) or {}
        return self._finished(cloud, service, wanted, arguments.get("desiredCount"))

    def _send(self, cloud: Cloud, *, once: bool = False, **arguments: Any) -> dict[str, Any]:
        """`UpdateService`, and the service as it answers. With `once` botocore does not repeat it."""
        client = cloud.client("ecs", self.region, **({"retries": {"max_attempts": 0}} if once else {}))
        arguments = {"cluster": self.cluster, **arguments}
        return until_assumable(cloud, lambda: client.update_service(service=self.service, **arguments))["service"]

    def _recreate(
        self, cloud: Cloud, actual: Attributes, changed: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        """Stop, then start; or go on where a run that was killed left off."""
        recreation = self._recreation(cloud, actual)
        memory = self._memory(actual, set(differences) & self.deploying)
        count = changed["desired_count"] if "desired_count" in differences else actual["desired_count"]
        prepare = self._arguments(changed, set(differences) - self.deploying - {"desired_count"})
        deploy = self._arguments(changed, set(differences) & self.deploying)
        revision, deployment = changed["task_definition"], actual["deployment_id"]
        deploys, stopped = _deploys(actual, differences), not actual["desired_count"]
        if deploys:
            now = recreation.stop(memory, revision, prepare, remembered=bool(actual["recreate"]))
        try:
            if deploys:
                deployment = recreation.start(now, deploy, count)
            elif len(prepare) > 1 or "desired_count" in differences:
                resumed = recreation.scale(prepare, count, stopped=stopped)
                deployment = rollout.primary(resumed).get("id", "")
            service, downtime = recreation.finish(memory, deployment, revision, count)
        except (ClientError, rollout.DeploymentFailed) as error:
            if isinstance(error, ClientError) and not (deploys or stopped):  # refused, so it runs as before
                raise
            raise recreation.go_back(memory, deployment, error) from error
        runs = f"Service {self.service} in {self.region} runs {rollout.revision(revision)} as wanted"
        recreation.forget(memory, runs)
        return {**attributes(service), "tags": changed["tags"], "recreate": None, "downtime_seconds": downtime}

    def _recreation(self, cloud: Cloud, actual: Attributes) -> Recreation:
        return Recreation(
            cloud,
            self.region,
            self.cluster,
            self.service,
            actual["arn"],
            lambda **arguments: self._send(cloud, **arguments),
            self.patience or Patience(cloud.wait_timeout),
        )

    def _memory(self, actual: Attributes, deploying: set[str]) -> Memory:
        """What to go back to if these attributes fail. What an earlier run remembered is older, so it holds."""
        known = {name for name in deploying - {"task_definition"} if actual.get(name) is not None}
        former = self._arguments(actual, known)
        del former["cluster"]
        if actual["recreate"]:
            memory = Memory.read(actual["recreate"], actual["recreate_former"])
            return replace(memory, former={**former, **memory.former})
        revision = rollout.revision(actual["task_definition"])
        return Memory(actual["desired_count"], revision, actual["deployment_id"], time.time(), former)

    def _arguments(self, wanted: Attributes, names: set[str]) -> dict[str, Any]:
        """The parameters of `CreateService` or `UpdateService` for the attributes called `names`."""
        arguments: dict[str, Any] = {"cluster": self.cluster}
        for name in sorted(names & TO_AWS.keys()):
            parameter, convert = TO_AWS[name]
            arguments[parameter] = convert(wanted[name])
        return arguments

    def _finished(
        self, cloud: Cloud, service: dict[str, Any], wanted: Attributes, count: int | None = None
    ) -> Attributes:
        """The service when its deployment is finished. `count` is the desired count that was sent."""
        if cloud.wait:
            service = rollout.wait_until_finished(
                cloud,
                self.region,
                self.cluster,
                self.service,
                rollout.primary(service).get("id", ""),
                wanted["task_definition"],
                count,
            )
        return {**attributes(service), "tags": wanted["tags"]}

    def _wait_until_drained(self, cloud: Cloud) -> None:
        """AWS makes no service while one of the same name is DRAINING, and a single writer waits for its last task."""
        tasks = ServiceTasks(cloud, self.region, self.cluster, self.service)

        def drained() -> bool:
            service = rollout.describe(cloud, self.region, self.cluster, self.service)
            if service is None:
                return True
            if service["status"] == "DRAINING":
                with absent_is_none(*GONE):
                    tasks.living()
                return False
            if self.patience:
                tasks.seek(rollout.revision(service["taskDefinition"]).rpartition(":")[0])
            return True

        cloud.wait_until(f"the former service {self.name} in {self.region} to stop DRAINING", drained)
        self._wait_until_stopped(cloud, tasks)

    def _wait_until_stopped(self, cloud: Cloud, tasks: ServiceTasks) -> None:
        """A service is INACTIVE as soon as its tasks are STOPPING; they still write."""

        def stopped() -> bool:
            with absent_is_none(*GONE):
                return not tasks.remaining()
            return True

        cloud.wait_until(f"the tasks of service {self.name} in {self.region} to have STOPPED", stopped)

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("ecs", self.region)
        daemon = actual["scheduling_strategy"] == "DAEMON"  # has no desired count to set to 0
        tasks = ServiceTasks(cloud, self.region, self.cluster, self.service)
        with absent_is_none(*GONE):
            if cloud.wait:
                tasks.living()  # known before they are asked to stop
            if actual["status"] == "ACTIVE":
                if actual["desired_count"] and not self.force_delete and not daemon:
                    client.update_service(cluster=self.cluster, service=self.service, desiredCount=0)
                client.delete_service(cluster=self.cluster, service=self.service, force=self.force_delete or daemon)
        if cloud.wait:

            def gone() -> bool:
                service = rollout.describe(cloud, self.region, self.cluster, self.service)
                return service is None or service["status"] == "INACTIVE"

            cloud.wait_until(f"service {self.name} in {self.region} to be INACTIVE", gone)
            self._wait_until_stopped(cloud, tasks)


def _deploys(actual: Attributes, differences: dict[str, Difference]) -> bool:
    """Whether the differences make a new deployment. One that failed is made anew, unless it can be gone back from."""
    return bool(differences.keys() & Service.deploying) or (actual["rollout"] == "FAILED" and not actual["recreate"])
