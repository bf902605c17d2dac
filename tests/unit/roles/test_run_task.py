# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles hand to `ecs_run_task`: for the command line's words, and for the jobs before a deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.multiregion.ecs.plugins.filter.wiring import FilterModule
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_run_task import MODULE
from tests.support.modules import checked

ROLES = Path(__file__).resolve().parents[3] / "roles"
NETWORK = {
    "subnets": {"private": ["subnet-a"], "public": ["subnet-p"]},
    "security_groups": {"tasks": "sg-1", "jobs": "sg-2"},
}
HERE = {"workload": "sales", "region": "sa-east-1", "regions": ["sa-east-1"], "account": "123456789012"}
API = {"name": "api", "security_groups": ["tasks"]}


def read(file: str) -> Any:
    return DataLoader().load_from_file(str(ROLES / file), trusted_as_template=True)


def asked(tasks: list[Any], **variables: Any) -> dict[str, Any]:
    """The module's arguments in a task file, rendered; they must be right."""
    whole = [inner for task in tasks for inner in task.get("block", [task])]
    task = next(task for task in whole if "multiregion.ecs.ecs_run_task" in task)
    known = {"workload": "sales", "workload_tags": {}, **task.get("vars", {}), **variables}
    given = Templar(loader=DataLoader(), variables=known).template(task["multiregion.ecs.ecs_run_task"])
    assert MODULE.problems(checked(MODULE, **given)) == []
    return given


def requested(**words: Any) -> dict[str, Any]:
    """What the words of a command line become."""
    return asked(
        read("run_task/tasks/main.yml"),
        **{
            **read("run_task/defaults/main.yml"),
            **read("run_task/vars/main.yml"),
            "groups": {"regions": ["sa-east-1", "us-east-1"]},
            "service_definitions": [API],
            "run_task_place": "us-east-1",
            "run_task_below": {"outputs": {"network": NETWORK}},
            **words,
        },
    )


def test_a_service_lends_everything_that_is_not_asked_for() -> None:
    given = requested(task="api", command="migrate --all", variables={"A": "1"}, run_id="m-1")
    assert (given["service"], given["cluster"], given["region"], given["run_id"]) == (
        "api",
        "sales",
        "us-east-1",
        "m-1",
    )
    assert given["overrides"] == {"containers": [{"command": "migrate --all", "environment": {"A": "1"}}]}
    lent = {"task_definition", "network", "launch_type", "capacity_provider_strategy"}
    assert not given.keys() & lent
    assert requested(task="api")["overrides"] == {"containers": []}


def test_a_family_runs_on_fargate_in_private_subnets() -> None:
    given = requested(task="report:3", cpu="512", memory="1 GB")
    assert (given["task_definition"], given["launch_type"]) == ("report:3", "FARGATE")
    assert given["network"] == {"subnets": ["subnet-a"], "security_groups": [], "assign_public_ip": False}
    assert given["overrides"] == {"cpu": "512", "memory": "1 GB", "containers": []}


@pytest.mark.parametrize("groups", ["jobs,tasks", "[jobs, tasks]", ["jobs", "tasks"]])
def test_another_network_is_named_as_the_inventory_names_it(groups: Any) -> None:
    given = requested(task="api", subnets="public", public_ip="true", security_groups=groups, spot=True)
    assert given["network"] == {"subnets": ["subnet-p"], "security_groups": ["sg-2", "sg-1"], "assign_public_ip": True}
    assert given["capacity_provider_strategy"] == [{"capacity_provider": "FARGATE_SPOT"}]
    assert requested(task="api", subnets="public")["network"]["security_groups"] == ["sg-1"]


def before(job: dict[str, Any], revision: str = "arn:aws:ecs:sa-east-1:123456789012:task-definition/api:7") -> Any:
    """What a job before the deployment of a revision becomes."""
    return asked(
        read("service/tasks/before_deploy.yml"),
        service_region="sa-east-1",
        service_wait_timeout=900,
        # Filters of the collection are not loaded here.
        service_run=FilterModule().filters()["job_run"](job, HERE, "api", revision),
        service_next={"api": revision},
        service_pair=[API, job],
        ansible_facts={"cluster_outputs": {"name": "sales"}, "network_outputs": NETWORK},
    )


def test_a_job_before_a_deployment_runs_once_with_the_new_revision() -> None:
    job = {"name": "migrate", "command": "migrate", "environment": {"TABLE": {"table": "sales"}}, "cpu": 512}
    given = before(job)
    assert (given["unless_deployed"], given["retry_failed"], given["wait_timeout"]) == ("api", True, 900)
    assert given["network"] == {"subnets": ["subnet-a"], "security_groups": ["sg-1"], "assign_public_ip": False}
    assert given["overrides"] == {
        "cpu": "512",
        "containers": [{"command": "migrate", "environment": {"TABLE": "sales"}}],
    }
    other = before(job, "arn:aws:ecs:sa-east-1:123456789012:task-definition/api:8")
    changed = before({**job, "command": "migrate --all"})
    assert given["run_id"] == before(job)["run_id"]
    assert len({given["run_id"], other["run_id"], changed["run_id"]}) == 3
    assert "known after apply" in before(job, "(known after apply)")["run_id"]
