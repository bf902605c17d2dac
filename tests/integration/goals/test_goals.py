# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The goals system, built by its playbook: what survives a deployment, and what a rolling one does to a database.

The tests go on where the one before left off, as a person would.
"""

from __future__ import annotations

import functools
import http.client
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.playbooks import ROOT, Run, run_playbook
from localcloud import Cloud
from tests.support.images import build_images
from tests.support.waiting import eventually

INVENTORY = ROOT / "inventories" / "goals"
REGION = "us-east-1"
NAME = {"cluster": "goals", "service": "goals"}
PATIENCE = 90.0
LOCKED = (
    "DBPathInUse: Unable to lock the lock file: /data/db/mongod.lock (Resource temporarily unavailable). "
    "Another mongod instance is already running on the /data/db directory"
)


class Goals:
    """The running system, seen from outside and from ECS."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self._cloud, self._folder = cloud, folder
        self.ecs, self.logs = cloud.client("ecs", REGION), cloud.client("logs", REGION)
        build_images(cloud, INVENTORY)
        self.built = self.play("site.yml")
        balancers = cloud.client("elbv2", REGION).describe_load_balancers(Names=["goals"])["LoadBalancers"]
        self.name = balancers[0]["DNSName"]

    def play(self, playbook: str, *arguments: str) -> Run:
        log = self._folder / f"{time.monotonic_ns()}.log"
        return run_playbook(playbook, INVENTORY, self._cloud.env(), log, *arguments)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(self._cloud.door, timeout=10)
        try:
            connection.request(method, path, body and json.dumps(body), {"Host": self.name})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null") if answer.status < 500 else None
        finally:
            connection.close()

    def post(self, count: int) -> list[str]:
        """Post goals; returns their texts."""
        texts = [f"goal {number} of {time.monotonic_ns()}" for number in range(count)]
        for text in texts:
            status, goal = self.ask("POST", "/goals", {"text": text})
            assert (status, goal["text"]) == (201, text)
        return texts

    def texts(self) -> list[str]:
        status, told = self.ask("GET", "/goals")
        assert status == 200
        return [goal["text"] for goal in told["goals"]]

    def service(self) -> Any:
        return self.ecs.describe_services(cluster="goals", services=["goals"])["services"][0]

    def wait(self, holds: Callable[[Any], bool]) -> Any:
        def look() -> Any:
            return service if holds(service := self.service()) else None

        return eventually(look, PATIENCE, what=lambda: self.service()["events"][:10])

    def deploy_anew(self) -> None:
        """Stop the task, and start another by a forced deployment."""
        self.ecs.update_service(**NAME, desiredCount=0)
        self.wait(lambda service: service["runningCount"] == 0 and not self.tasks("RUNNING") and not self.is_stopping())
        self.ecs.update_service(**NAME, desiredCount=1, forceNewDeployment=True)
        self.wait(is_finished)

    def tasks(self, status: str) -> list[Any]:
        arns = self.ecs.list_tasks(cluster="goals", serviceName="goals", desiredStatus=status)["taskArns"]
        return self.ecs.describe_tasks(cluster="goals", tasks=arns)["tasks"] if arns else []

    def is_stopping(self) -> bool:
        return any(task["lastStatus"] != "STOPPED" for task in self.tasks("STOPPED"))

    def lines(self, task: Any, container: str) -> list[str]:
        stream = f"ecs/{container}/{task['taskArn'].rpartition('/')[2]}"
        told = self.logs.get_log_events(logGroupName="/ecs/goals/goals", logStreamName=stream, startFromHead=True)
        return [event["message"] for event in told["events"]]

    def wait_for_line(self, task: Any, container: str, text: str) -> None:
        """What a container wrote last arrives some time after its end."""
        lines = functools.partial(self.lines, task, container)
        eventually(lambda: any(text in line for line in lines()), PATIENCE, what=lines)


def is_finished(service: Any) -> bool:
    deployments = service["deployments"]
    return len(deployments) == 1 and deployments[0]["rolloutState"] == "COMPLETED" and service["runningCount"] == 1


@pytest.fixture(scope="module")
def goals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Goals]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0, eventual=0.5) as cloud:
        yield Goals(cloud, tmp_path_factory.mktemp("logs"))


def test_the_second_run_changes_nothing(goals: Goals) -> None:
    assert goals.built.changed > 0
    assert goals.play("site.yml").changed == 0


def test_the_task_is_healthy_and_its_database_started_first(goals: Goals) -> None:
    (task,) = goals.tasks("RUNNING")
    assert task["healthStatus"] == "HEALTHY"
    assert {each["name"]: each["healthStatus"] for each in task["containers"]} == {
        "goals-api": "HEALTHY",
        "mongo": "HEALTHY",
    }


def test_goals_outlive_a_new_deployment_on_the_volume(goals: Goals) -> None:
    posted = goals.post(20)
    before = {task["taskArn"] for task in goals.tasks("RUNNING")}
    goals.deploy_anew()
    assert before.isdisjoint(task["taskArn"] for task in goals.tasks("RUNNING"))
    assert goals.texts() == posted
    _status, told = goals.ask("GET", "/goals")
    assert goals.ask("DELETE", f"/goals/{told['goals'][0]['id']}")[0] == 200
    assert goals.texts() == posted[1:]


def test_a_rolling_deployment_dies_at_the_lock_and_is_rolled_back(goals: Goals) -> None:
    before, (serving,) = goals.texts(), goals.tasks("RUNNING")
    # The inventory recreates; this is what a service has by default.
    rolling = {
        "minimumHealthyPercent": 100,
        "maximumPercent": 200,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
    }
    update = goals.ecs.update_service(**NAME, deploymentConfiguration=rolling, forceNewDeployment=True)["service"]
    deployment = update["deployments"][0]["id"]
    service = goals.wait(lambda service: is_finished(service) and service["deployments"][0]["id"] != deployment)
    told = "\n".join(event["message"] for event in service["events"])
    assert f"(deployment {deployment}) deployment failed: tasks failed to start." in told
    assert "rolling back to deployment" in told
    failed = [task for task in goals.tasks("STOPPED") if task["startedBy"] == deployment]
    assert len(failed) >= 3
    for task in failed:
        codes = {each["name"]: each.get("exitCode") for each in task["containers"]}
        assert (task["stoppedReason"], codes) == (
            "Essential container in task exited",
            {"goals-api": None, "mongo": 100},
        )
        goals.wait_for_line(task, "mongo", LOCKED)
    # The old task has served all the while.
    assert [task["taskArn"] for task in goals.tasks("RUNNING")] == [serving["taskArn"]]
    assert goals.texts() == before


@pytest.fixture
def stranger(goals: Goals) -> Iterator[str]:
    """A security group of somebody else in the network. Whatever becomes of the test, it must not keep the VPC."""
    ec2 = goals._cloud.client("ec2", REGION)
    vpc = ec2.describe_vpcs(Filters=[{"Name": "tag:workload", "Values": ["goals"]}])["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="stranger", Description="stranger", VpcId=vpc)["GroupId"]
    goals._cloud.ask("settle")
    yield group
    ec2.delete_security_group(GroupId=group)


def test_only_the_tasks_group_reaches_the_file_system(goals: Goals, stranger: str) -> None:
    service = goals.service()
    network = service["networkConfiguration"]["awsvpcConfiguration"] | {"securityGroups": [stranger]}
    task = goals.ecs.run_task(
        cluster="goals",
        taskDefinition=service["taskDefinition"],
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": network},
    )["tasks"][0]["taskArn"]
    goals._cloud.ask("settle")

    def look() -> Any:
        return goals.ecs.describe_tasks(cluster="goals", tasks=[task])["tasks"][0]

    eventually(lambda: look()["lastStatus"] == "STOPPED", PATIENCE, what=look)
    found = look()
    assert found["stopCode"] == "TaskFailedToStart"
    assert "mount.nfs4: Connection timed out" in found["stoppedReason"]


def test_without_the_volume_goals_end_with_their_task(goals: Goals) -> None:
    goals.play("site.yml", "-e", "goals_volume=false", "--tags", "service")
    assert goals.texts() == []
    posted = goals.post(3)
    assert goals.texts() == posted
    goals.deploy_anew()
    assert goals.texts() == []


def test_all_of_it_goes(goals: Goals) -> None:
    goals.play("playbooks/destroy.yml", "-e", "destroy=goals", "-e", "approve=true")
    left = goals._cloud.ask("inventory")
    assert "goals" not in json.dumps({region: found for region, found in left.items() if found}), left
