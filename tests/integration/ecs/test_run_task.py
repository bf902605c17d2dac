# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `ecs_run_task` runs real jobs on the embedded cloud, and tells what becomes of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_run_task import MODULE
from localcloud import Cloud
from tests.support.container_runs import Runs, shell
from tests.support.modules import checked
from tests.support.waiting import eventually

IMAGES = Path(__file__).parents[1] / "runner" / "images.yml"

JOB = "echo working on $WHAT; sleep ${LASTS:-0.5}; echo done with $WHAT; exit ${CODE:-0}"


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    home = tmp_path_factory.mktemp("cloud")
    running = Cloud(home, port=0, door_port=0, tick=0.1, image_tables=str(IMAGES))
    with running as cloud, pytest.MonkeyPatch.context() as patch:
        for name, value in cloud.env().items():
            patch.setenv(name, value)
        yield Jobs(cloud)


class Jobs:
    """A cluster with a job's task definition and a service, and the module run on it."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.runs = Runs(cloud)
        self.definition = self.runs.register(shell("job", JOB))
        self.network = {"subnets": [self.runs.subnet], "security_groups": [self.runs.clients]}
        self.told: list[str] = []

    def arguments(self, **given: Any) -> dict[str, Any]:
        arguments = {
            "workload": "runs",
            "region": "sa-east-1",
            "cluster": "runs",
            "task_definition": self.definition,
            "network": self.network,
            "launch_type": "FARGATE",
            "wait_timeout": 40,
            **given,
        }
        return {name: value for name, value in arguments.items() if value is not None}

    def run(self, *, check_mode: bool = False, **given: Any) -> dict[str, Any]:
        self.told = []
        parameters = checked(MODULE, **self.arguments(**given))
        return run(MODULE, parameters, check_mode=check_mode, diff_mode=True, tell=self.told.append)

    def fail(self, **given: Any) -> CollectionError:
        with pytest.raises(CollectionError) as failure:
            self.run(**given)
        return failure.value

    def started(self, run_id: str) -> list[str]:
        """The ids of all tasks that were started for a run."""
        arns = [
            arn
            for status in ("RUNNING", "STOPPED")
            for arn in self.runs.ecs.list_tasks(cluster="runs", desiredStatus=status)["taskArns"]
        ]
        tasks = self.runs.ecs.describe_tasks(cluster="runs", tasks=arns, include=["TAGS"])["tasks"] if arns else []
        return [t["taskArn"].rsplit("/", 1)[-1] for t in tasks if {"key": "run", "value": run_id} in t["tags"]]


def environment(**variables: str) -> dict[str, Any]:
    return {"containers": [{"environment": variables}]}


def test_a_job_is_followed_to_its_end_and_run_once(jobs: Jobs) -> None:
    asked = {"run_id": "migrate 1", "overrides": environment(WHAT="sales", API_TOKEN="not-to-be-shown", LASTS="3")}
    plan = jobs.run(check_mode=True, **asked)
    assert [change["action"] for change in plan["changes"]] == ["create"]
    assert "not-to-be-shown" not in json.dumps(plan) and not jobs.started("migrate 1")
    result = jobs.run(**asked)
    assert (result["changed"], result["exit_code"], result["counted_container"]) == (True, 0, "job")
    (task,) = result["tasks"]
    assert task["log_lines"] == {"job": ["working on sales", "done with sales"]}
    assert (task["stop_code"], task["public_address"]) == ("EssentialContainerExited", None)
    states = [line for line in jobs.told if task["task"] in line]
    assert "RUNNING at 127." in "".join(states) and states[-1].endswith("stopped: Essential container in task exited")
    assert jobs.told.index("  job | working on sales") < jobs.told.index("  job | done with sales")
    for check_mode in (True, False):
        again = jobs.run(check_mode=check_mode, **asked)
        assert (again["changed"], again["tasks"], again["exit_code"]) == (False, result["tasks"], 0)
    assert len(jobs.started("migrate 1")) == 1
    assert "other parameters" in jobs.fail(**{**asked, "count": 2}).message


def test_a_job_that_exits_with_3_fails_with_3_and_its_last_lines(jobs: Jobs) -> None:
    asked = {"run_id": "three", "overrides": environment(WHAT="lake", CODE="3")}
    failure = jobs.fail(**asked)
    assert "job exited with 3" in failure.message
    assert "Last lines of job: working on lake | done with lake" in failure.message
    assert (failure.details["exit_code"], failure.details["changed"]) == (3, True)
    assert failure.details["tasks"][0]["log_lines"]["job"][-1] == "done with lake"
    # Told again, and not run again, unless asked to.
    again = jobs.fail(**asked)
    assert (again.details["exit_code"], again.details["changed"]) == (3, False)
    assert len(jobs.started("three")) == 1
    assert jobs.run(**asked, retry_failed=True, check_mode=True)["changed"]
    assert jobs.fail(**asked, retry_failed=True).details["changed"]
    assert len(jobs.started("three")) == 2


def test_a_job_that_cannot_start_says_why(jobs: Jobs) -> None:
    bad = jobs.runs.register({"name": "job", "image": "nobody/nothing:1"})
    failure = jobs.fail(task_definition=bad)
    assert "job has no exit code" in failure.message and "CannotPullContainerError" in failure.message
    assert failure.details["exit_code"] is None


def test_a_run_that_was_killed_is_taken_up_again(jobs: Jobs) -> None:
    asked = {"run_id": "killed", "overrides": {"containers": [{"command": "'echo begun; sleep 3; echo ended'"}]}}
    code = (
        "import json, sys; sys.path.insert(0, 'collections');"
        "from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run;"
        "from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_run_task import MODULE;"
        "run(MODULE, json.loads(sys.argv[1]))"
    )
    given = json.dumps(checked(MODULE, **jobs.arguments(**asked)))
    first = subprocess.Popen([sys.executable, "-c", code, given], env={**os.environ, **jobs.cloud.env()})
    try:
        (task,) = eventually(lambda: jobs.started("killed"), 30)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    result = jobs.run(**asked)
    assert (result["tasks"][0]["task"], result["exit_code"]) == (task, 0)
    assert result["tasks"][0]["log_lines"] == {"job": ["begun", "ended"]}
    assert jobs.started("killed") == [task]


def test_without_keep_a_server_is_stopped_once_it_runs(jobs: Jobs) -> None:
    network = {**jobs.network, "assign_public_ip": True}
    server = {"containers": [{"command": ["trap 'echo ending; exit 0' TERM; echo serving; sleep 60 & wait"]}]}
    result = jobs.run(network=network, overrides=server, until="RUNNING", keep=False)
    (task,) = result["tasks"]
    assert task["last_status"] == "STOPPED" and "keep is false" in task["stopped_reason"]
    assert any("RUNNING at 127." in line and "public 127." in line for line in jobs.told)
    assert task["log_lines"] == {"job": ["serving", "ending"]}


def test_what_takes_too_long_goes_on_or_is_stopped(jobs: Jobs) -> None:
    endless = {"containers": [{"command": ["sleep 60 & wait"]}]}
    message = jobs.fail(overrides=endless, run_id="long", wait_timeout=2).message
    assert "Waited 2 s for the task in sa-east-1 to be STOPPED" in message and "the same run_id finds them" in message
    (task,) = jobs.started("long")
    assert jobs.runs.task(f"runs/{task}")["desiredStatus"] == "RUNNING"
    absent = {"state": "absent", "run_id": "long"}
    assert jobs.run(**absent, check_mode=True)["changes"][0]["before"] == {"tasks": [task]}
    assert jobs.run(**absent)["changed"] and not jobs.run(**absent)["changed"]
    assert "because keep is false" in jobs.fail(overrides=endless, run_id="short", wait_timeout=2, keep=False).message
    (task,) = jobs.started("short")
    assert jobs.runs.task(f"runs/{task}")["desiredStatus"] == "STOPPED"


def test_a_service_lends_its_revision_and_its_network(jobs: Jobs) -> None:
    definition = jobs.runs.register(shell("web", "sleep 600 & wait"))
    jobs.runs.serve("web", definition)
    lent = {"service": "web", "task_definition": None, "network": None, "launch_type": None}
    overrides = {"containers": [{"name": "web", "command": ["exit 0"]}]}
    result = jobs.run(**lent, overrides=overrides)
    assert (result["tasks"][0]["task_definition_arn"], result["exit_code"]) == (definition, 0)
    # What comes before a service is not run for the revision that it has.
    before = {"unless_deployed": "web", "overrides": overrides}
    skipped = jobs.run(task_definition=definition, **before)
    assert (skipped["changed"], skipped["tasks"]) == (False, [])
    assert skipped["not_run_because"].startswith("service web runs run-")
    assert jobs.run(**before, task_definition=jobs.definition, check_mode=True)["changed"]
    assert "no ACTIVE service" in jobs.fail(service="nobody", task_definition=None).message
    jobs.runs.ecs.delete_service(cluster="runs", service="web", force=True)


def test_several_tasks_are_told_apart_and_one_failure_fails_all(jobs: Jobs) -> None:
    result = jobs.run(count=2, overrides=environment(WHAT="both"))
    assert [task["exit_code"] for task in result["tasks"]] == [0, 0]
    first = result["tasks"][0]["task"]
    assert f"  job {first[:8]} | done with both" in jobs.told
    nowhere = jobs.fail(cluster="elsewhere")
    assert "ClusterNotFoundException" in nowhere.message
