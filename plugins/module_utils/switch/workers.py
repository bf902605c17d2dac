# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services that lose what they receive in a region that is not ACTIVE: they run only where the region is ACTIVE.

Nobody may scale them meanwhile, so the bounds of a service's scalable target move with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..kernel import Cloud, LayerError, absent_is_none
from ..resources.scaling import DIMENSION, GONE, NAMESPACE, SERVICE
from ..toggle.control import SHORT

TASKS_AT_ONCE = 100

Counts = dict[str, Any]
"""`desired`, and `min` and `max` of the scalable target, None when there is none."""


class Workers:
    """The services of one region that are to be stopped or started: `names` are of the cluster `cluster`."""

    def __init__(self, cloud: Cloud, region: str, cluster: str, names: list[str]) -> None:
        self.cloud, self.region, self.cluster, self.names = cloud, region, cluster, names

    def counts(self) -> dict[str, Counts]:
        """How many tasks each service wants now. LayerError for a service that does not exist."""
        answer = self._ecs().describe_services(cluster=self.cluster, services=self.names)
        wanted = {each["serviceName"]: each["desiredCount"] for each in answer["services"]}
        if missing := [name for name in self.names if name not in wanted]:
            raise LayerError(f"{self.region} has no service {', '.join(missing)} in cluster {self.cluster}")
        bounds = self._bounds()
        return {name: {"desired": wanted[name], **bounds.get(name, {"min": None, "max": None})} for name in self.names}

    def set(self, counts: Mapping[str, Counts]) -> None:
        """Make each service want so many tasks, and be scaled within these bounds."""
        for name, count in counts.items():
            if count["min"] is not None:
                self.cloud.client(SERVICE, self.region, **SHORT).register_scalable_target(
                    ServiceNamespace=NAMESPACE,
                    ResourceId=f"service/{self.cluster}/{name}",
                    ScalableDimension=DIMENSION,
                    MinCapacity=count["min"],
                    MaxCapacity=count["max"],
                )
            self._ecs().update_service(cluster=self.cluster, service=name, desiredCount=count["desired"])

    def stop(self, counts: Mapping[str, Counts]) -> None:
        """Want no task any more, and wait until every task is seen STOPPED.

        A service's running count leaves out tasks that are being stopped, so the tasks themselves are looked at.
        """
        tasks = self._tasks()
        self.set({name: {**count, "desired": 0, **_zero(count)} for name, count in counts.items()})
        tasks |= self._tasks()
        self.cloud.wait_until(
            f"the tasks of {', '.join(self.names)} in {self.region} to be STOPPED", lambda: self._are_stopped(tasks)
        )

    def _tasks(self) -> set[str]:
        found = set()
        for name in self.names:
            for wanted in ("RUNNING", "STOPPED"):
                pages = (
                    self._ecs()
                    .get_paginator("list_tasks")
                    .paginate(cluster=self.cluster, serviceName=name, desiredStatus=wanted)
                )
                found |= {arn for page in pages for arn in page["taskArns"]}
        return found

    def _are_stopped(self, tasks: set[str]) -> bool:
        arns = sorted(tasks)
        for start in range(0, len(arns), TASKS_AT_ONCE):
            some = arns[start : start + TASKS_AT_ONCE]
            answer = self._ecs().describe_tasks(cluster=self.cluster, tasks=some)
            # A task that ECS does not remember any more has long been stopped.
            if any(task["lastStatus"] != "STOPPED" for task in answer["tasks"]):
                return False
        return True

    def _bounds(self) -> dict[str, Counts]:
        found = {}
        with absent_is_none(GONE):
            answer = self.cloud.client(SERVICE, self.region, **SHORT).describe_scalable_targets(
                ServiceNamespace=NAMESPACE,
                ResourceIds=[f"service/{self.cluster}/{name}" for name in self.names],
                ScalableDimension=DIMENSION,
            )
            for target in answer["ScalableTargets"]:
                name = target["ResourceId"].rpartition("/")[2]
                found[name] = {"min": target["MinCapacity"], "max": target["MaxCapacity"]}
        return found

    def _ecs(self) -> Any:
        return self.cloud.client("ecs", self.region, **SHORT)


def _zero(count: Counts) -> Counts:
    return {"min": None, "max": None} if count["min"] is None else {"min": 0, "max": 0}


def every(regions: list[str], do: Any) -> dict[str, Any]:
    """What `do` answers for each region, asked side by side."""
    if not regions:
        return {}
    with ThreadPoolExecutor(max_workers=len(regions)) as pool:
        return dict(zip(regions, pool.map(do, regions), strict=True))
