# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failovers of the reference images: with what is declared of them nothing is lost, and without it sales are gone.

The data layer is built with plain boto3, the workers are ECS services, and the switch is the real module.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from tests.support.modules import checked, module_named
from tests.support.sales_system import REGIONS, ROOT, System, Task
from tests.support.waiting import eventually

FIRST, SECOND = REGIONS
BOOK = {"product": "O Pequeno Principe", "amount": 14.1}
WORKER = {"cluster": "sales", "name": "sales-worker"}
LEASE = {"lease_regions": [SECOND], "lease_duration": 6.0, "lease_heartbeat": 0.5}
SWITCH = {"regions": list(REGIONS), "reason": "test", "view_ttl": 0.2, "claim_to_effect": 0.2, **LEASE}
TABLE = {"table": "sales", "topic": "sales-processing", "minimum_age": 1}
PARAMETER = "/sales/region/state"
CALLS = (
    "ssm:GetParameter",
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "s3:PutObject",
)
WORK = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(CALLS), "Resource": "*"}]}


class Reference:
    """The reference images in two regions: FIRST is ACTIVE."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.networks: dict[str, dict[str, Any]] = {}
        self.revisions: dict[str, str] = {}
        self.ask("global_table", SECOND, name="sales-lease", regions=[SECOND], hash_key="id", deletion_protection=False)
        self.ask("region_toggle", SECOND, regions={FIRST: "ACTIVE", SECOND: "PASSIVE"}, **LEASE)
        self.apis = {region: self.start_api(region) for region in REGIONS}
        for number, region in enumerate(REGIONS):
            self.define_worker(region, number)

    def ask(self, module: str, region: str, **given: Any) -> dict[str, Any]:
        """What a task with this module returns."""
        environment = self.system.cloud.env()
        connection = {
            "endpoint_url": environment["AWS_ENDPOINT_URL"],
            "access_key": environment["AWS_ACCESS_KEY_ID"],
            "secret_key": environment["AWS_SECRET_ACCESS_KEY"],
            "region": region,
            "workload": "sales",
        }
        return run(module_named(module), checked(module_named(module), **connection, **given))

    def start_api(self, region: str) -> Task:
        module, told = "localcloud.reference_images.api", {"SSM_PARAMETER_STORE_STATE": PARAMETER}
        return self.system.start(module, region, PYTHONPATH=str(ROOT), **told)

    def define_worker(self, region: str, number: int) -> None:
        network = self.ask(
            "region_network",
            region,
            cidr=f"10.{90 + number}.0.0/16",
            zones=["a", "b"],
            nat="none",
            gateway_endpoints=[],
            security_groups=[{"name": "tasks"}],
        )
        self.networks[region] = {
            "subnets": network["subnets"]["private"],
            "security_groups": [network["security_groups"]["tasks"]],
        }
        self.ask("ecs_cluster", region, name="sales")
        roles = [
            {"name": f"worker-{region}", "kind": "execution"},
            {"name": f"worker-task-{region}", "kind": "task", "policies": {"work": WORK}},
        ]
        made = self.ask("service_roles", region, roles=roles)["roles"]
        environment = {
            "AWS_REGION": region,
            "SQS_SALES_QUEUE": self.system.queue_url(region),
            "SSM_PARAMETER_STORE_STATE": PARAMETER,
            "DYNAMO_SALES_TABLE": "sales",
            "DYNAMO_SALES_IDEMPOTENCY_TABLE": "sales-idempotency",
            "S3_SALES_BUCKET": f"sales-lake-{region}",
        }
        image = "fidelissauro/sales-worker:latest"
        self.revisions[region] = self.ask(
            "ecs_taskdef_revision",
            region,
            family="sales-worker",
            cpu="256",
            memory="512",
            execution_role_arn=made[f"worker-{region}"]["arn"],
            task_role_arn=made[f"worker-task-{region}"]["arn"],
            containers=[{"name": "worker", "image": image, "port_mappings": [8080], "environment": environment}],
        )["task_definition_arn"]

    def run_workers(self, region: str, count: int) -> None:
        """The service of workers has so many tasks, and they are stable."""
        self.ask(
            "ecs_service",
            region,
            **WORKER,
            task_definition=self.revisions[region],
            desired_count=count,
            launch_type="FARGATE",
            network=self.networks[region],
            wait_timeout=60,
        )

    def running(self, region: str) -> int:
        ecs = self.system.client("ecs", region)
        return ecs.describe_services(cluster="sales", services=["sales-worker"])["services"][0]["runningCount"]

    def sell(self, region: str, count: int) -> list[str]:
        """Ids of sales that the API acknowledged."""
        answers = [self.apis[region].ask("POST", "/sales", BOOK) for _ in range(count)]
        assert {status for status, _ in answers} == {201}
        return [sale["id"] for _, sale in answers]

    def queued(self, region: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        sqs, url = self.system.client("sqs", region), self.system.queue_url(region)
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def lost(self, ids: list[str]) -> set[str]:
        return set(ids) - self.system.lake().keys()


@pytest.fixture(scope="module")
def reference(built: System) -> Iterator[Reference]:
    made = Reference(built)
    yield made
    for task in made.apis.values():
        task.stop()
    built.stop_tasks()


def test_with_the_declarations_a_failover_under_traffic_loses_nothing(reference: Reference) -> None:
    reference.run_workers(FIRST, 1)
    reference.run_workers(SECOND, 0)
    sold: list[str] = []
    stopping = threading.Event()

    def sell() -> None:
        while not stopping.wait(0.1):
            sold.extend(reference.sell(FIRST, 1))

    selling = threading.Thread(target=sell)
    selling.start()
    try:
        eventually(lambda: len(sold) > 10, what="sales before the switch")
        moved = reference.ask(
            "region_switch",
            SECOND,
            to=SECOND,
            drops=[{**WORKER, "min": 1, "max": 1}],
            reconcile=[{**TABLE, "scan": True, "done_table": "sales-idempotency"}],
            **SWITCH,
        )
        before = len(sold)
        eventually(lambda: len(sold) > before + 10, what="sales after the switch")
    finally:
        stopping.set()
        selling.join(30)

    assert moved["states"] == {FIRST: "PASSIVE", SECOND: "ACTIVE"}
    eventually(lambda: not reference.lost(sold), 90, what="every acknowledged sale in the lake")
    assert (reference.running(FIRST), reference.running(SECOND)) == (0, 1)
    assert {sale for sale in sold if not reference.system.item("sales-idempotency", sale, SECOND)} == set()


def test_without_them_what_the_region_that_fails_had_not_done_is_gone(reference: Reference) -> None:
    """Workers run in both regions, and the switch looks into the index: as if they were our own images."""
    reference.run_workers(FIRST, 1)
    reference.run_workers(SECOND, 0)  # the ACTIVE region takes sales, and its workers have died
    sold = reference.sell(SECOND, 10)
    eventually(lambda: reference.queued(FIRST) == 0, 60, what="the PASSIVE region to delete its copies")

    moved = reference.ask("region_switch", SECOND, to=FIRST, reconcile=[TABLE], **SWITCH)
    reference.run_workers(SECOND, 1)  # it is back, PASSIVE
    eventually(lambda: reference.queued(SECOND) == reference.queued(FIRST) == 0, 60, what="two empty queues")

    assert moved["states"] == {FIRST: "ACTIVE", SECOND: "PASSIVE"}
    assert reference.lost(sold) == set(sold)


def test_a_worker_ends_at_once_when_it_cannot_read_the_state(reference: Reference) -> None:
    module = "localcloud.reference_images.worker"
    task = reference.system.start(module, FIRST, PYTHONPATH=str(ROOT), SSM_PARAMETER_STORE_STATE="/nowhere")
    assert task.process.wait(20) == 1
    assert "ParameterNotFound" in task.events("not_started")[0]["error"]
