# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RunTask over the real API: tokens, overrides, what is refused, and what becomes of a job."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.options import ACCOUNT_ID
from tests.support.container_runs import Runs, shell
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def job(runs: Runs) -> str:
    """The ARN of a task definition whose container ends at once."""
    return runs.register(shell("job", "echo $GREETING; exit ${CODE:-0}"), shell("side", "sleep 60", essential=False))


def asked(runs: Runs, definition: str, **more: Any) -> dict[str, Any]:
    return {
        "cluster": "runs",
        "taskDefinition": definition,
        "launchType": "FARGATE",
        "networkConfiguration": runs.network(),
        **more,
    }


def run(runs: Runs, definition: str, **more: Any) -> list[dict[str, Any]]:
    answer = runs.patiently(runs.ecs.run_task, **asked(runs, definition, **more))
    assert not answer["failures"]
    return answer["tasks"]


def test_a_job_runs_to_its_end_with_what_it_was_told(runs: Runs, job: str) -> None:
    environment = [{"name": "GREETING", "value": "hello"}, {"name": "CODE", "value": "3"}]
    overrides = {"containerOverrides": [{"name": "job", "environment": environment}], "cpu": "512", "memory": "1024"}
    tags = [{"key": "team", "value": "sales"}]
    (task,) = run(runs, job, overrides=overrides, startedBy="run/1", group="jobs", tags=tags)
    assert (task["lastStatus"], task["desiredStatus"], task["startedBy"]) == ("PROVISIONING", "RUNNING", "run/1")
    assert (task["cpu"], task["memory"], task["group"]) == ("512", "1024", "jobs")
    seen = []

    def ended() -> dict[str, Any] | None:
        now = runs.task(task["taskArn"])
        seen.append(now["lastStatus"])
        return now if now["lastStatus"] == "STOPPED" else None

    now = eventually(ended, 20)
    assert {"PENDING", "RUNNING"} & set(seen) and list(dict.fromkeys(seen))[-1] == "STOPPED"
    assert (now["stopCode"], now["stoppedReason"]) == ("EssentialContainerExited", "Essential container in task exited")
    assert {c["name"]: c["exitCode"] for c in now["containers"]} == {"job": 3, "side": 143}
    assert now["createdAt"] <= now["startedAt"] <= now["executionStoppedAt"] <= now["stoppedAt"]
    assert runs.lines(task["taskArn"], "job") == ["hello"]
    listed = runs.ecs.list_tasks(cluster="runs", startedBy="run/1", desiredStatus="STOPPED")["taskArns"]
    assert listed == [task["taskArn"]]


def test_a_token_starts_tasks_once_in_a_cluster(runs: Runs, job: str) -> None:
    first = run(runs, job, clientToken="once", count=2)
    again = run(runs, job, clientToken="once", count=2)
    assert [t["taskArn"] for t in first] == [t["taskArn"] for t in again] and len(first) == 2
    with pytest.raises(ClientError) as refusal:
        runs.ecs.run_task(**asked(runs, job, clientToken="once", count=1))
    error = refusal.value.response
    assert error["Error"]["Code"] == "ConflictException"
    assert all(t["taskArn"] in error["Error"]["Message"] for t in first)
    runs.ecs.create_cluster(clusterName="other")
    elsewhere = run(runs, job, clientToken="once", count=1, cluster="other")
    assert elsewhere[0]["taskArn"] not in [t["taskArn"] for t in first]
    # The result of the first request, however far its tasks are by now.
    runs.finish(first[0]["taskArn"])
    assert runs.finish(run(runs, job, clientToken="once", count=2)[0]["taskArn"])["taskArn"] == first[0]["taskArn"]


def test_a_strategy_spreads_tasks_over_its_providers(runs: Runs) -> None:
    providers = {"capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategy": []}
    with pytest.raises(ClientError, match="Unable to assume the service linked role"):  # the account is new
        runs.ecs.put_cluster_capacity_providers(cluster="runs", **providers)

    def can_put() -> bool:
        with suppress(ClientError):
            return bool(runs.ecs.put_cluster_capacity_providers(cluster="runs", **providers))
        return False

    eventually(can_put)
    strategy = [
        {"capacityProvider": "FARGATE", "weight": 1, "base": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 3},
    ]
    staying = runs.register(shell("job", "sleep 60"))
    answer = {**asked(runs, staying), "capacityProviderStrategy": strategy, "count": 5}
    del answer["launchType"]
    tasks = runs.ecs.run_task(**answer)["tasks"]
    assert [t["capacityProviderName"] for t in tasks].count("FARGATE_SPOT") == 3
    assert {t["launchType"] for t in tasks} == {"FARGATE"}
    for task in tasks:
        runs.ecs.stop_task(cluster="runs", task=task["taskArn"], reason="enough")
    assert runs.finish(tasks[0]["taskArn"])["stoppedReason"] == "enough"


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"count": 0}, "InvalidParameterException", "Count must be 1 to 10"),
        ({"count": 11}, "InvalidParameterException", "Count must be 1 to 10"),
        ({"clientToken": "with blank"}, "InvalidParameterException", "Client token"),
        ({"startedBy": "somebody!"}, "InvalidParameterException", "startedBy"),
        ({"group": "service:web"}, "InvalidParameterException", "Group name"),
        ({"propagateTags": "SERVICE"}, "InvalidParameterException", "propagateTags"),
        ({"tags": [{"key": "aws:x", "value": "1"}]}, "InvalidParameterException", "aws:"),
        ({"cluster": "nowhere"}, "ClusterNotFoundException", "Cluster not found"),
        ({"taskDefinition": "no-family"}, "ClientException", "TaskDefinition not found"),
        ({"networkConfiguration": None}, "InvalidParameterException", "Network Configuration must be provided"),
        (
            {"overrides": {"containerOverrides": [{"name": "nobody"}]}},
            "InvalidParameterException",
            "Override for container named nobody is not a container in the TaskDefinition",
        ),
        ({"overrides": {"cpu": "256", "memory": "8192"}}, "InvalidParameterException", "No Fargate configuration"),
        ({"overrides": {"taskRoleArn": "arn:aws:iam::123456789012:role/none"}}, "ClientException", "unable to assume"),
        (
            {"overrides": {"containerOverrides": [{"name": "job", "command": ["x" * 8200]}]}},
            "InvalidParameterException",
            "8192",
        ),
        ({"launchType": "EC2"}, "InvalidParameterException", "No Container Instances were found in your cluster"),
        (
            {"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]},
            "InvalidParameterException",
            "both a launch type and capacity provider strategy",
        ),
        (
            {"launchType": None, "capacityProviderStrategy": [{"capacityProvider": "mine", "weight": 1}]},
            "InvalidParameterException",
            "not associated with the cluster",
        ),
    ],
)
def test_run_task_refuses(runs: Runs, job: str, change: dict[str, Any], code: str, message: str) -> None:
    wanted = {key: value for key, value in (asked(runs, job) | change).items() if value is not None}
    with pytest.raises(ClientError) as refusal:
        runs.ecs.run_task(**wanted)
    assert refusal.value.response["Error"]["Code"] == code
    assert message in refusal.value.response["Error"]["Message"]


def test_an_inactive_cluster_runs_nothing(runs: Runs, job: str) -> None:
    runs.ecs.create_cluster(clusterName="gone")
    runs.ecs.delete_cluster(cluster="gone")
    with pytest.raises(runs.ecs.exceptions.ClusterNotFoundException, match="inactive"):
        runs.ecs.run_task(**asked(runs, job, cluster="gone"))


def test_a_network_is_refused_where_the_definition_has_none(runs: Runs) -> None:
    containers = [{"name": "job", "image": "shell:1", "command": ["exit 0"], "memory": 4096}]
    bridge = runs.ecs.register_task_definition(family="bridge", networkMode="bridge", containerDefinitions=containers)
    name = bridge["taskDefinition"]["taskDefinitionArn"]
    machine(runs)
    with pytest.raises(ClientError, match="Network Configuration is not valid"):
        runs.ecs.run_task(**asked(runs, name, launchType="EC2", cluster="machines"))
    # An instance has 7482 MiB: room for one of the two.
    answer = runs.ecs.run_task(cluster="machines", taskDefinition=name, launchType="EC2", count=2)
    (task,), (failure,) = answer["tasks"], answer["failures"]
    assert (failure["reason"], failure["arn"]) == ("RESOURCE:MEMORY", task["containerInstanceArn"])
    runs.ecs.stop_task(cluster="machines", task=task["taskArn"])


def machine(runs: Runs) -> None:
    """A cluster with one container instance."""
    runs.ecs.create_cluster(clusterName="machines")
    made = runs.ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=runs.subnet)["Instances"][0]
    document = {"instanceId": made["InstanceId"], "region": "sa-east-1", "accountId": ACCOUNT_ID}
    runs.ecs.register_container_instance(cluster="machines", instanceIdentityDocument=json.dumps(document))


def test_what_is_not_there_is_told_as_missing(runs: Runs) -> None:
    answer = runs.ecs.describe_tasks(cluster="runs", tasks=["0" * 32])
    assert (answer["tasks"], answer["failures"][0]["reason"]) == ([], "MISSING")


def test_a_public_address_is_where_the_task_answers(runs: Runs) -> None:
    network = runs.network()
    network["awsvpcConfiguration"]["assignPublicIp"] = "ENABLED"
    definition = runs.register(shell("web", "sleep 60 & wait"))
    (task,) = run(runs, definition, networkConfiguration=network)
    task = runs.wait(task["taskArn"], lambda now: now["lastStatus"] == "RUNNING")
    details = {each["name"]: each["value"] for each in task["attachments"][0]["details"]}
    found = runs.ec2.describe_network_interfaces(NetworkInterfaceIds=[details["networkInterfaceId"]])
    assert found["NetworkInterfaces"][0]["Association"]["PublicIp"] == details["privateIPv4Address"]
    runs.stop(task["taskArn"])
