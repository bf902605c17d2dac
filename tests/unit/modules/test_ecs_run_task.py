# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `ecs_run_task` refuses before any call, how it spells overrides, and how runs are named."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.deployments import task_run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_run_task import MODULE
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.task_run import started_by
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.task_overrides import to_aws, without_secrets
from tests.support.modules import checked


def asked(**given: Any) -> dict[str, Any]:
    arguments = {"workload": "sales", "region": "sa-east-1", "cluster": "sales", "task_definition": "job:1", **given}
    return checked(MODULE, **{name: value for name, value in arguments.items() if value is not None})


def of_container(**given: Any) -> dict[str, Any]:
    return {"overrides": {"containers": [given]}}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"task_definition": None}, "task_definition and service are missing"),
        ({"task_definition": "a b"}, "task_definition is 'a b'"),
        ({"run_id": "what?"}, "run_id is 'what?'"),
        ({"retry_failed": True}, "retry_failed is given without run_id"),
        ({"state": "absent"}, "run_id is missing"),
        ({"count": 11}, "count is 11; AWS starts 1 to 10"),
        ({"log_lines": 0}, "log_lines is 0"),
        ({"launch_type": "FARGATE"}, "network is missing"),
        ({"network": {"subnets": []}}, "network.subnets is empty"),
        ({"network": {"subnets": ["s"] * 17}}, "network.subnets has 17 entries"),
        (
            {"launch_type": "EC2", "capacity_provider_strategy": [{"capacity_provider": "FARGATE"}]},
            "both given",
        ),
        ({"group": "service:api"}, "AWS reserves"),
        ({"unless_deployed": "api", "task_definition": "job"}, "names no revision"),
        ({"unless_deployed": "api", "task_definition": None, "service": "api"}, "without task_definition"),
        ({"overrides": {"cpu": "half"}}, "overrides.cpu is 'half'; expected 512"),
        ({"overrides": {"ephemeral_storage_gib": 20}}, "AWS accepts 21 to 200"),
        (of_container(command="echo 'no end"), "the command of a container is not valid: No closing quotation"),
        (of_container(command={"a": 1}), "a dict is no command"),
        (of_container(command=["x" * 8200]), "AWS accepts 8192"),
        ({"overrides": {"containers": [{"name": "a"}, {"name": "a"}]}}, "names a more than once"),
        ({"overrides": {"containers": [{}, {}]}}, "names the container that counts more than once"),
    ],
)
def test_what_cannot_be_right_is_refused_in_words(given: dict[str, Any], told: str) -> None:
    found = MODULE.problems(asked(**given))
    assert len(found) == 1 and told in found[0]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"service": "api", "task_definition": None, "launch_type": "FARGATE"},
        {"task_definition": "(known after apply)", "unless_deployed": "api", "run_id": "(known after apply)"},
        {"state": "absent", "task_definition": None, "run_id": "x"},
    ],
)
def test_what_may_be_right_is_not_refused(given: dict[str, Any]) -> None:
    assert MODULE.problems(asked(**given)) == []


def test_overrides_are_spelled_as_aws_does() -> None:
    given = {
        "containers": [
            {"name": "job", "command": "migrate --to 'the end'", "environment": {"B": True, "A": 1}, "cpu": 128},
            {"command": ["one", 2], "memory_reservation": 64},
        ],
        "cpu": ".5 vcpu",
        "memory": "1 GB",
        "task_role_arn": "arn:role",
        "ephemeral_storage_gib": 30,
    }
    assert to_aws(given) == {
        "cpu": "512",
        "memory": "1024",
        "taskRoleArn": "arn:role",
        "ephemeralStorage": {"sizeInGiB": 30},
        "containerOverrides": [
            {
                "name": "job",
                "command": ["migrate", "--to", "the end"],
                "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "true"}],
                "cpu": 128,
            },
            {"command": ["one", "2"], "memoryReservation": 64},
        ],
    }
    assert to_aws(None) == to_aws({"containers": []}) == {}


def test_secrets_are_neither_in_a_plan_nor_in_an_invocation() -> None:
    given = of_container(command="migrate --password hunter22 --all", environment={"DB_PASSWORD": "s3cret-s3cret"})
    shown = str(without_secrets({"overrides": to_aws(given["overrides"]), "count": 1}))
    assert "hunter22" not in shown and "s3cret-s3cret" not in shown and "--all" in shown and "DB_PASSWORD" in shown
    assert {"hunter22", "s3cret-s3cret"} <= MODULE.secrets(asked(**given))


def test_a_run_is_found_by_its_id_in_its_cluster() -> None:
    names = {started_by(cluster, run) for cluster in ("a", "b") for run in ("1", "migrate: über " + "x" * 180)}
    assert len(names) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9_/-]{1,128}", name) for name in names)


def fact(**given: Any) -> dict[str, Any]:
    ended = {"last_status": "STOPPED", "stopped_reason": "Essential container in task exited", "exit_code": 0}
    return {"task": "t", "reasons": {}, "log_lines": {}, **ended, **given}


def test_a_task_failed_if_it_ended_otherwise_than_well_or_as_asked() -> None:
    assert not task_run.has_failed(fact())
    assert task_run.has_failed(fact(exit_code=3))
    assert task_run.has_failed(fact(exit_code=None, stopped_reason="CannotPullContainerError"))
    assert not task_run.has_failed(fact(exit_code=143, stopped_reason=task_run.STOPPED_AS_ASKED))
    assert not task_run.has_failed(fact(exit_code=None, last_status="RUNNING"))
    assert task_run.overall_exit_code([fact(), fact(exit_code=3)]) == 3
    assert task_run.overall_exit_code([fact(), fact(exit_code=None)]) is None
    assert task_run.overall_exit_code([fact()]) == 0


def test_of_several_states_the_one_furthest_behind_counts() -> None:
    assert task_run.reached(["STOPPED", "STOPPED"]) == "STOPPED"
    assert task_run.reached(["STOPPED", "DEPROVISIONING", "RUNNING"]) == "RUNNING"
    assert task_run.reached(["RUNNING", "PENDING"]) == "PENDING"
    assert not task_run.has_reached("HIBERNATING", "RUNNING")


def test_a_failure_tells_the_last_lines_of_the_container_that_counts() -> None:
    lines = {"job": [f"line {n}" for n in range(9)], "side": ["noise"]}
    told = task_run.failure_in_words(fact(exit_code=3, log_lines=lines), "job")
    assert told.startswith("task t: job exited with 3 (Essential container in task exited). Last lines of job: line 4")
    assert "noise" not in told
    silent = task_run.failure_in_words(fact(exit_code=None, reasons={"job": "cannot pull"}), "job")
    assert silent == "task t: job has no exit code (cannot pull). It wrote no line"
