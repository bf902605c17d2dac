# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which stopped tasks are told as the reasons of a failed deployment."""

from __future__ import annotations

from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments.post_mortem import TASKS_TOLD, stopped_tasks
from tests.support.fake_ecs import ACCOUNT, FakeEcs


class Crowded(FakeEcs):
    """250 tasks stopped in the last hour, listed by 100. The last 120 are those of the deployment that failed."""

    def paginate(self, service: str, operation: str, region: str | None = None, **arguments: Any) -> list[str]:
        assert (operation, arguments["desiredStatus"]) == ("list_tasks", "STOPPED")
        return [f"{ACCOUNT}:task/sales/{number}" for number in range(250)]

    def list_tasks(self, **request: Any) -> dict[str, Any]:
        return {"taskArns": self.paginate("ecs", "list_tasks", **request)[:100], "nextToken": "more"}

    def describe_tasks(self, cluster: str, tasks: list[str]) -> dict[str, Any]:
        assert 0 < len(tasks) <= 100
        return {"tasks": [_task(arn, int(arn.rpartition("/")[2])) for arn in tasks]}


def _task(arn: str, number: int) -> dict[str, Any]:
    return {
        "taskArn": arn,
        "startedBy": "ecs-svc/2" if number >= 130 else "ecs-svc/1",
        "stoppedAt": f"2026-01-01T00:{(number * 7) % 250:04}",
        "stoppedReason": "Essential container in task exited",
    }


def test_the_latest_tasks_of_the_deployment_are_told_wherever_they_are_listed() -> None:
    told = [task["task"] for task in stopped_tasks(Crowded(), "sa-east-1", "sales", "api", "ecs-svc/2")]  # type: ignore[arg-type]
    latest = sorted(range(130, 250), key=lambda number: (number * 7) % 250, reverse=True)
    assert told == [str(number) for number in latest[:TASKS_TOLD]]


def test_no_stopped_tasks_are_no_reasons() -> None:
    cloud = Crowded()
    cloud.paginate = lambda *_asked, **_arguments: []  # type: ignore[method-assign]
    assert stopped_tasks(cloud, "sa-east-1", "sales", "api", "ecs-svc/2") == []  # type: ignore[arg-type]
