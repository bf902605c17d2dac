# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategy recreate on the embedded cloud: real tasks that take their time to stop, and runs that are really killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.recreate import MEMORY_TAG
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import ChangeFailed
from localcloud import Cloud
from tests.support.shop import Shop

PATIENCE = 60.0


class RecreatedShop(Shop):
    """A shop whose service is recreated, never rolled."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__(cloud)
        self.ecs = cloud.client("ecs", "sa-east-1")

    def deploy(self, task_definition: str, **given: Any) -> dict[str, Any]:  # type: ignore[override]
        return super().deploy(task_definition, **{"strategy": "recreate", **given})

    def service(self) -> dict[str, Any]:
        return self.ecs.describe_services(cluster="shop", services=["api"], include=["TAGS"])["services"][0]

    def tasks(self) -> list[dict[str, Any]]:
        """Those that run and those that stopped."""
        arns = [
            arn
            for status in ("RUNNING", "STOPPED")
            for arn in self.ecs.list_tasks(cluster="shop", serviceName="api", desiredStatus=status)["taskArns"]
        ]
        return self.ecs.describe_tasks(cluster="shop", tasks=arns)["tasks"] if arns else []

    def remembers(self) -> bool:
        return MEMORY_TAG in {tag["key"] for tag in self.service()["tags"]}

    def kill_when(self, holds: Callable[[], bool], definition: str) -> None:
        """Deploy in a process of its own, and kill that as soon as something holds."""
        process = multiprocessing.get_context("fork").Process(target=self.deploy, args=(definition,))
        process.start()
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert process.is_alive(), "it was finished before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()


def never_met(tasks: list[dict[str, Any]]) -> bool:
    """Whether every task was created after the containers of those before it had ended.

    ECS replaces a task that crashed as soon as its containers have ended, before it has been taken apart.
    """
    ordered = sorted(tasks, key=lambda task: task["createdAt"])
    return all(
        before.get("executionStoppedAt") is not None and before["executionStoppedAt"] <= after["createdAt"]
        for before, after in zip(ordered, ordered[1:], strict=False)
    )


def without_rollout(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What changes, but for how far the deployment had come."""

    def rest(told: dict[str, Any] | None) -> dict[str, Any] | None:
        return told and {key: value for key, value in told.items() if key != "rollout"}

    return [{**change, "before": rest(change["before"]), "after": rest(change["after"])} for change in changes]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecreatedShop]:
    with Cloud(home=tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as cloud:
        shop = RecreatedShop(cloud)
        shop.deploy(shop.define())
        yield shop


def test_the_plan_says_what_is_done_and_the_tasks_never_meet(shop: RecreatedShop) -> None:
    new = shop.define(COLOUR="blue")
    planned = shop.deploy(new, check_mode=True)
    made = shop.deploy(new)
    assert made["changes"] == planned["changes"]
    assert made["downtime_seconds"] > 0
    assert never_met(shop.tasks())
    assert not shop.remembers()
    again = shop.deploy(new)
    assert (again["changed"], again["downtime_seconds"]) == (False, 0)


def test_a_revision_that_crashes_goes_and_the_former_one_comes_back(shop: RecreatedShop) -> None:
    good = shop.service()["taskDefinition"]
    with pytest.raises(ChangeFailed) as failure:
        shop.deploy(shop.define(VIEW_TTL_SECONDS="nonsense"))
    message, details = failure.value.message, failure.value.details
    for told in (f"{good.rsplit('/', 1)[-1]} is back and serves again", "api exited with 2", "VIEW_TTL_SECONDS"):
        assert told in message
    assert details["downtime_seconds"] > 0
    assert details["log_lines"]["api"]
    service = shop.service()
    assert (service["taskDefinition"], service["runningCount"]) == (good, 1)
    assert never_met(shop.tasks())
    assert not shop.remembers()


@pytest.mark.parametrize(
    "moment",
    ["remembered", "scaled to nothing", "started again"],
)
def test_a_run_that_is_killed_is_completed_by_the_next(shop: RecreatedShop, moment: str) -> None:
    before = shop.service()["deployments"][0]["id"]
    holds: dict[str, Callable[[], bool]] = {
        "remembered": shop.remembers,
        "scaled to nothing": lambda: shop.service()["desiredCount"] == 0,
        "started again": lambda: shop.service()["deployments"][0]["id"] != before,
    }
    new = shop.define(COLOUR=moment)
    shop.kill_when(holds[moment], new)
    assert shop.remembers()
    planned = shop.deploy(new, desired_count=None, check_mode=True)
    made = shop.deploy(new, desired_count=None)
    if moment == "started again":  # how far that has come goes on by itself between the plan and the run
        made["changes"], planned["changes"] = without_rollout(made["changes"]), without_rollout(planned["changes"])
    assert made["changes"] == planned["changes"]
    service = shop.service()
    assert (service["taskDefinition"], service["desiredCount"], service["runningCount"]) == (new, 1, 1)
    assert never_met(shop.tasks())
    assert not shop.remembers()
    assert not shop.deploy(new)["changed"]
