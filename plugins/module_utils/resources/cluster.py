# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ECS cluster."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource, absent_is_none, error_code
from ..kernel.cloud import ClientError
from ..kernel.retrying import let_go
from .assuming import until_assumable

DESCRIBE_AT_ONCE = 100

INSIGHTS = "containerInsights"

BUSY = "UpdateInProgressException"
"""An answer that passes by itself: capacity providers are still being attached."""


class Cluster(Resource):
    """Wanted: `capacity_providers`, `default_strategy`, `container_insights`, `tags`. Gives `arn`.

    `default_strategy` is a list of `{capacity_provider, weight, base}`.
    """

    kind = "ecs_cluster"
    unordered: ClassVar[frozenset[str]] = frozenset({"capacity_providers", "default_strategy"})

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Cluster], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {}
        names = [resource.name for resource in resources]
        for start in range(0, len(names), DESCRIBE_AT_ONCE):
            answer = cloud.client("ecs", region).describe_clusters(
                clusters=names[start : start + DESCRIBE_AT_ONCE], include=["SETTINGS", "TAGS"]
            )
            for cluster in answer["clusters"]:
                if cluster["status"] != "INACTIVE":  # a deleted cluster is still described for a while
                    actual[cluster["clusterName"]] = _attributes(cluster)
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        client = cloud.client("ecs", self.region)
        # ECS makes its service-linked role at the first call in an account, which fails all the same.
        until_assumable(
            cloud,
            lambda: client.create_cluster(
                clusterName=self.name,
                settings=[{"name": INSIGHTS, "value": wanted["container_insights"]}],
                capacityProviders=wanted["capacity_providers"],
                defaultCapacityProviderStrategy=strategy_to_aws(wanted["default_strategy"]),
                tags=to_tag_list(wanted["tags"], "key", "value"),
            ),
        )
        return cloud.wait_until(f"cluster {self.name} to be ACTIVE", lambda: self._settled(cloud))

    def _settled(self, cloud: Cloud) -> Attributes | None:
        actual = self.find(cloud, self.region, [self], {}).get(self.name)
        return actual if actual and actual["status"] == "ACTIVE" else None

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("ecs", self.region)
        if "container_insights" in differences:
            client.update_cluster(
                cluster=self.name, settings=[{"name": INSIGHTS, "value": wanted["container_insights"]}]
            )
        if {"capacity_providers", "default_strategy"} & differences.keys():
            put = partial(
                client.put_cluster_capacity_providers,
                cluster=self.name,
                capacityProviders=wanted["capacity_providers"],
                defaultCapacityProviderStrategy=strategy_to_aws(wanted["default_strategy"]),
            )
            self._unless_busy(cloud, lambda: until_assumable(cloud, put))
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            if to_remove:
                client.untag_resource(resourceArn=actual["arn"], tagKeys=to_remove)
            if to_set:
                client.tag_resource(resourceArn=actual["arn"], tags=to_tag_list(to_set, "key", "value"))
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        client = cloud.client("ecs", self.region)
        with absent_is_none("ClusterNotFoundException"):
            try:
                # Tasks of services that are gone may still be stopping.
                let_go(
                    cloud,
                    f"cluster {self.name}",
                    lambda: client.delete_cluster(cluster=self.name),
                    busy=(BUSY, "ClusterContainsTasksException"),
                    users=lambda: self._tasks(cloud),
                )
            except ClientError as error:
                if error_code(error) != "ClusterContainsServicesException":
                    raise
                services = cloud.paginate("ecs", "list_services", self.region, cluster=self.name)
                names = ", ".join(sorted(arn.rsplit("/", 1)[-1] for arn in services))
                raise CollectionError(
                    f"cluster {self.name} in {self.region} has services that this removal does not know: {names}",
                    advice="remove them, then run it again",
                ) from error

    def _tasks(self, cloud: Cloud) -> list[str]:
        told = []
        for desired in ("RUNNING", "STOPPED"):
            arns = cloud.paginate("ecs", "list_tasks", self.region, cluster=self.name, desiredStatus=desired)
            for start in range(0, len(arns), DESCRIBE_AT_ONCE):
                batch = arns[start : start + DESCRIBE_AT_ONCE]
                tasks = cloud.client("ecs", self.region).describe_tasks(cluster=self.name, tasks=batch)["tasks"]
                told += [
                    f"task {task['taskArn'].rsplit('/', 1)[-1]} of {task.get('group')} ({task['lastStatus']})"
                    for task in tasks
                    if task["lastStatus"] != "STOPPED"
                ]
        return told

    def _unless_busy(self, cloud: Cloud, call: Any) -> None:
        def attempt() -> bool:
            try:
                call()
            except ClientError as error:
                if error_code(error) != BUSY:
                    raise
                return False
            return True

        cloud.wait_until(f"an earlier update of cluster {self.name} to end", attempt)


def strategy_to_aws(strategy: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"capacityProvider": item["capacity_provider"], "weight": item["weight"], "base": item["base"]}
        for item in strategy
    ]


def strategy_from_aws(strategy: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """A capacity provider strategy as we write it; AWS leaves out weights and bases of 0 at times."""
    return [
        {"capacity_provider": item["capacityProvider"], "weight": item.get("weight", 0), "base": item.get("base", 0)}
        for item in strategy or []
    ]


def _attributes(cluster: dict[str, Any]) -> Attributes:
    settings = {item["name"]: item["value"] for item in cluster.get("settings") or []}
    return {
        "arn": cluster["clusterArn"],
        "status": cluster["status"],
        "capacity_providers": cluster.get("capacityProviders") or [],
        "default_strategy": strategy_from_aws(cluster.get("defaultCapacityProviderStrategy")),
        "container_insights": settings.get(INSIGHTS, "disabled"),
        "tags": from_tag_list(cluster.get("tags"), "key", "value"),
    }
