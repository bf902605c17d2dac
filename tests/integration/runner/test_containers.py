# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of several containers: order, health, ends, one network."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from localcloud.options import ACCOUNT_ID
from tests.support.container_runs import TRUST, Runs, shell

FOREVER = "sleep 600 & wait"
QUICK = {"interval": 5, "timeout": 2, "retries": 2}


def after(name: str, condition: str) -> dict[str, Any]:
    return {"dependsOn": [{"containerName": name, "condition": condition}]}


def test_containers_start_when_what_they_depend_on_has_come_far_enough(runs: Runs) -> None:
    arn = runs.run(
        shell("migrate", "sleep 2; echo migrated; exit 0", essential=False),
        shell("warm", "sleep 0.2; exit 3", essential=False),
        shell("web", "date +%s.%N; sleep 600 & wait", **{
            "dependsOn": [
                {"containerName": "migrate", "condition": "SUCCESS"},
                {"containerName": "warm", "condition": "COMPLETE"},
            ]
        }),
    )  # fmt: skip
    pending = runs.wait(arn, lambda task: any(c["lastStatus"] == "RUNNING" for c in task["containers"]))
    assert pending["lastStatus"] == "PENDING"
    task = runs.wait(arn, lambda task: task["lastStatus"] == "RUNNING")
    found = {
        container["name"]: (container["lastStatus"], container.get("exitCode")) for container in task["containers"]
    }
    assert found == {"migrate": ("STOPPED", 0), "warm": ("STOPPED", 3), "web": ("RUNNING", None)}
    runs.stop(arn)


def test_a_container_whose_dependency_fails_never_starts(runs: Runs) -> None:
    task = runs.finish(
        runs.run(shell("migrate", "exit 4", essential=False), shell("web", "echo no", **after("migrate", "SUCCESS")))
    )
    assert task["stopCode"] == "TaskFailedToStart"
    assert "container web needs migrate to end with 0; it ended with 4" in task["stoppedReason"]
    assert "exitCode" not in task["by_name"]["web"]


def test_health_is_told_and_awaited(runs: Runs) -> None:
    check = {"command": ["CMD-SHELL", "test -e healthy"], **QUICK}
    arn = runs.run(
        shell("database", "sleep 2; touch healthy; " + FOREVER, healthCheck=check),
        shell("web", "echo up; " + FOREVER, **after("database", "HEALTHY")),
    )
    waiting = runs.wait(arn, lambda task: task["lastStatus"] == "PENDING")
    assert waiting["healthStatus"] == "UNKNOWN"
    task = runs.wait(arn, lambda task: task["lastStatus"] == "RUNNING")
    assert task["healthStatus"] == "HEALTHY"
    assert {c["name"]: c["healthStatus"] for c in task["containers"]} == {"database": "HEALTHY", "web": "UNKNOWN"}
    runs.stop(arn)


@pytest.mark.parametrize("command", [["CMD", "false"], ["CMD-SHELL", "exit 1"], ["CMD", "no-such-program"]])
def test_a_check_that_fails_makes_unhealthy(runs: Runs, command: list[str]) -> None:
    arn = runs.run(shell("web", FOREVER, healthCheck={"command": command, **QUICK}))
    task = runs.wait(arn, lambda task: task["healthStatus"] == "UNHEALTHY")
    assert task["lastStatus"] == "RUNNING"  # only a service replaces it
    runs.stop(arn)


def test_a_dependency_that_stays_ill_is_given_up(runs: Runs) -> None:
    check = {"command": ["CMD", "false"], **QUICK}
    task = runs.finish(
        runs.run(
            shell("database", FOREVER, healthCheck=check, startTimeout=2),
            shell("web", "echo never", **after("database", "HEALTHY")),
        )
    )
    assert "waited longer than 2 s (startTimeout) for database to be HEALTHY" in task["stoppedReason"]


def test_the_end_of_an_essential_container_ends_the_task(runs: Runs) -> None:
    task = runs.finish(runs.run(shell("one", "sleep 0.3; exit 7"), shell("two", FOREVER)))
    assert task["stoppedReason"] == "Essential container in task exited"
    assert task["stopCode"] == "EssentialContainerExited"
    assert task["by_name"]["one"]["exitCode"] == 7
    assert task["by_name"]["two"]["exitCode"] == 128 + 15


def test_the_end_of_another_container_does_not(runs: Runs) -> None:
    arn = runs.run(shell("one", "exit 0", essential=False), shell("two", "sleep 3; exit 0"))
    runs.wait(arn, lambda task: task["lastStatus"] == "RUNNING")
    assert runs.finish(arn)["by_name"]["two"]["exitCode"] == 0


def test_whoever_depends_on_a_container_ends_before_it(runs: Runs) -> None:
    slow = "trap 'sleep 0.6; date +%s.%N; exit 0' TERM; echo ready; sleep 600 & wait"
    quick = "trap 'date +%s.%N; exit 0' TERM; echo ready; sleep 600 & wait"
    arn = runs.run(shell("database", quick), shell("web", slow, **after("database", "START")))
    for container in ("database", "web"):
        runs.lines(arn, container)
    runs.stop(arn)
    assert float(runs.lines(arn, "web", 2)[1]) < float(runs.lines(arn, "database", 2)[1])


def test_who_does_not_listen_is_killed_after_its_stop_timeout(runs: Runs) -> None:
    arn = runs.run(shell("deaf", "trap '' TERM; echo ready; while true; do sleep 0.1; done", stopTimeout=2))
    runs.lines(arn, "deaf")
    task = runs.stop(arn)
    assert task["by_name"]["deaf"]["exitCode"] == 128 + 9
    assert 1.5 < (task["stoppedAt"] - task["stoppingAt"]).total_seconds() < 5


LISTEN = """
import socket
listener = socket.create_server((%r, 27017))
while True:
    with listener.accept()[0] as connection:
        connection.sendall(%r)
"""
ASK = """
import os, socket, sys, time, urllib.request
for name in ("localhost", "127.0.0.1", "::1"):
    for attempt in range(100):
        try:
            with socket.create_connection((name, 27017), 2) as connection:
                print(name, connection.recv(100).decode(), flush=True)
            break
        except OSError:
            time.sleep(0.05)
told = urllib.request.urlopen(os.environ["ECS_CONTAINER_METADATA_URI_V4"]).read()
print("metadata", b'"Name": "web"' in told, flush=True)
time.sleep(600)
"""


def test_localhost_is_the_task(runs: Runs) -> None:
    """Two tasks use the same port at localhost, and each container finds its own neighbour there."""
    arns = []
    for number, where in ((1, "localhost"), (2, "0.0.0.0")):
        listen = LISTEN % (where if where == "localhost" else "127.0.0.1", f"task {number}".encode())
        arns.append(
            runs.run(
                {"name": "database", "image": "python:1", "command": [listen]},
                {"name": "web", "image": "python:1", "command": [ASK]},
            )
        )
    for number, arn in enumerate(arns, 1):
        said = [f"{name} task {number}" for name in ("localhost", "127.0.0.1", "::1")]
        assert runs.lines(arn, "web", 4) == [*said, "metadata True"]
    for arn in arns:
        runs.stop(arn)


def test_a_service_replaces_a_task_that_is_unhealthy(runs: Runs) -> None:
    check = {"command": ["CMD-SHELL", "test ! -e ill"], **QUICK}
    definition = runs.register(shell("web", "sleep 1.5; touch ill; " + FOREVER, healthCheck=check, stopTimeout=2))
    runs.serve("web", definition)
    first = runs.tasks_of("web", "RUNNING")[0]
    task = runs.finish(first)
    assert (task["stoppedReason"], task["stopCode"]) == (
        "Task failed container health checks",
        "ServiceSchedulerInitiated",
    )
    events = runs.ecs.describe_services(cluster="runs", services=["web"])["services"][0]["events"]
    assert any(event["message"].endswith("failed container health checks.") for event in events)
    assert first not in runs.tasks_of("web", "RUNNING")
    runs.ecs.delete_service(cluster="runs", service="web", force=True)


def test_a_rollback_keeps_the_tasks_that_still_run(runs: Runs) -> None:
    good = runs.register(shell("roll", FOREVER))
    bad = runs.register(shell("roll", "exit 1"))
    before = runs.serve("roll", good)
    (task,) = runs.tasks_of("roll", "RUNNING")
    failed = runs.ecs.update_service(cluster="runs", service="roll", taskDefinition=bad)["service"]["deployments"][0]
    service = runs.steady("roll", lambda service: service["deployments"][0]["id"] != failed["id"])
    assert service["deployments"][0]["id"] == before["deployments"][0]["id"]
    assert (service["taskDefinition"], runs.tasks_of("roll", "RUNNING")) == (good, [task])
    told = [event["message"] for event in service["events"]]
    assert any(f"(deployment {failed['id']}) deployment failed" in message for message in told)
    runs.ecs.delete_service(cluster="runs", service="roll", force=True)


def test_secrets_are_fetched_as_the_execution_role_may(runs: Runs) -> None:
    key = runs.cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    ssm = runs.cloud.client("ssm")
    ssm.put_parameter(Name="/runs/pin", Value="4711", Type="SecureString")
    ssm.put_parameter(Name="/runs/token", Value="tangerine", Type="SecureString", KeyId=key)
    secret = runs.cloud.client("secretsmanager").create_secret(Name="runs/db", SecretString='{"user": "ana"}')["ARN"]
    given = {"PIN": "/runs/pin", "TOKEN": "/runs/token", "DB_USER": f"{secret}:user::"}
    secrets = [{"name": name, "valueFrom": source} for name, source in given.items()]
    needed = {
        "ssm:GetParameters": "arn:aws:ssm:*:*:parameter/runs/*",
        "kms:Decrypt": key,
        "secretsmanager:GetSecretValue": secret,
    }
    allowed: list[dict[str, Any]] = []
    for action, resource in needed.items():
        refused = runs.finish(runs.run(shell("web", "echo never", secrets=secrets)))
        assert refused["stopCode"] == "TaskFailedToStart"
        assert refused["stoppedReason"].startswith("ResourceInitializationError: unable to pull secrets")
        assert f"is not authorized to perform: {action} on resource: arn:aws:" in refused["stoppedReason"]
        allowed.append({"Effect": "Allow", "Action": action, "Resource": resource})
        document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        runs.iam.put_role_policy(RoleName="runs", PolicyName="secrets", PolicyDocument=document)
    arn = runs.run(shell("web", "echo $PIN $TOKEN $DB_USER", secrets=secrets))
    assert runs.lines(arn, "web") == ["4711 tangerine ana"]


def test_an_execution_role_that_is_too_narrow_stops_the_task(runs: Runs) -> None:
    image = f"{ACCOUNT_ID}.dkr.ecr.sa-east-1.amazonaws.com/runs/none:1"
    web = {**shell("web", "echo never"), "image": image}
    role = runs.iam.create_role(RoleName="narrow", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    overrides = {"executionRoleArn": role}
    definition = runs.register(web)
    for allowed, refused in (
        ([], "ecr:GetAuthorizationToken on resource: *"),
        (["ecr:GetAuthorizationToken", "ecr:BatchCheck*"], "ecr:BatchGetImage on resource: arn:aws:ecr:sa-east-1:"),
        (["ecr:*"], "repository does not exist|not found"),
    ):
        if allowed:
            runs.allow("narrow", "ecs", *allowed)
        task = runs.finish(runs.start(definition, overrides=overrides))
        assert task["stopCode"] == "TaskFailedToStart"
        assert re.search(re.escape(refused).replace(r"\|", "|"), task["stoppedReason"])
    quiet = runs.finish(runs.start(runs.register(shell("web", "echo never")), overrides=overrides))
    assert "logs:CreateLogStream on resource: arn:aws:logs:sa-east-1:" in quiet["stoppedReason"]


def test_a_container_calls_aws_as_its_task_role_may(runs: Runs) -> None:
    code = """
import botocore.session
for service, operation, given in (
    ("sqs", "list_queues", {}),
    ("ssm", "get_parameter", {"Name": "/runs/pin"}),
    ("dynamodb", "scan", {"TableName": "runs"}),
    ("s3", "put_object", {"Bucket": "runs", "Key": "a/b"}),
    ("sns", "publish", {"TopicArn": "arn:aws:sns:sa-east-1:123456789012:runs", "Message": "m"}),
):
    try:
        getattr(botocore.session.Session().create_client(service), operation)(**given)
    except Exception as error:
        print(service, getattr(error, "response", {}).get("Error", {}).get("Code") or type(error).__name__)
print("end")
"""
    web = {"name": "web", "image": "python:1", "command": [code]}
    refused = [
        "ssm AccessDeniedException",
        "dynamodb AccessDeniedException",
        "s3 AccessDenied",
        "sns AuthorizationError",
    ]
    assert runs.lines(runs.run(web), "web", 6) == [
        *(f"{service} NoCredentialsError" for service in ("sqs", "ssm", "dynamodb", "s3", "sns")),
        "end",
    ]
    role = runs.iam.create_role(RoleName="calls", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    assert runs.lines(runs.run(web, taskRoleArn=role), "web", 5) == [*refused, "end"]
    runs.allow("calls", "uses", "ssm:GetParameter", "dynamodb:Scan", "s3:PutObject", "sns:Publish")
    there = runs.lines(runs.run(web, taskRoleArn=role), "web", 4)
    assert not set(refused) & set(there) and there[-1] == "end", "what is called is not there, and may be called"
