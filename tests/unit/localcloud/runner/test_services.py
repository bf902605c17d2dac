# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the scheduler lets a service go."""

from __future__ import annotations

from types import SimpleNamespace

from localcloud.runner.options import RunnerOptions
from localcloud.runner.services import tend
from localcloud.runner.task import Task


def test_a_deleted_service_is_inactive_while_its_tasks_still_stop() -> None:
    """As in ECS; whoever needs the tasks gone has to look at them."""
    cluster = SimpleNamespace(name="sales", arn="cluster/sales")
    backend = SimpleNamespace(region_name="sa-east-1", account_id="123456789012", tasks={})
    definition = SimpleNamespace(arn="task-definition/api:1", cpu="256", memory="512", container_definitions=[])
    task = Task(backend, cluster, definition, group="service:api", started_by="ecs-svc/1")
    task.last_status = "RUNNING"
    backend.tasks["sales"] = {task.task_arn: task}
    service = SimpleNamespace(
        name="api",
        cluster_name="sales",
        region_name="sa-east-1",
        _account_id="123456789012",
        status="DRAINING",
        deployments=[{"id": "ecs-svc/1"}],
        rollouts={},
        load_balancers=[],
        events=[],
        health_check_grace_period_seconds=0,
    )
    tend(backend, service, RunnerOptions())
    assert (service.status, task.desired_status) == ("DRAINING", "STOPPED")
    tend(backend, service, RunnerOptions())
    assert (service.status, service.running_count, task.last_status) == ("INACTIVE", 0, "RUNNING")
