# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sales system's data layer in two regions of the embedded cloud, and its API and workers as real processes.

Built with plain boto3, without the collection's modules: what fails here is the workload's fault.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud import Cloud
from protocol.encoding import from_attributes
from protocol.region_map import RegionMap, state_write
from tests.support.waiting import eventually

ACCOUNT = "123456789012"
REGIONS = ("sa-east-1", "us-east-1")
ROOT = Path(__file__).resolve().parents[2]

# Short, so that a test sees a view run out and a poll end.
PACE = {
    "VIEW_TTL_SECONDS": "3",
    "VIEW_REFRESH_SECONDS": "0.5",
    "JOIN_PATIENCE_SECONDS": "20",
    "CLAIM_TO_EFFECT_SECONDS": "6",
    "RECEIVE_WAIT_SECONDS": "1",
}

INDEX = {
    "IndexName": "unprocessed",
    "KeySchema": [
        {"AttributeName": "unprocessed", "KeyType": "HASH"},
        {"AttributeName": "timestamp", "KeyType": "RANGE"},
    ],
    "Projection": {"ProjectionType": "ALL"},
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@dataclass
class Task:
    """A process of one image."""

    process: subprocess.Popen
    port: int
    log: Path

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            text = json.dumps(body) if body is not None else None
            connection.request(method, path, text, {name.replace("_", "-"): each for name, each in headers.items()})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def is_answering(self, path: str) -> bool:
        try:
            return self.ask("GET", path)[0] == 200
        except OSError:
            return False

    def events(self, name: str) -> list[dict[str, Any]]:
        """The log lines of one event; every line must be JSON."""
        lines = map(json.loads, self.log.read_text().splitlines())
        return [line for line in lines if line["event"] == name]

    def stop(self, how: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(30)


@dataclass
class System:
    """Both regions, and what runs in them."""

    cloud: Cloud
    logs: Path
    tasks: list[Task] = field(default_factory=list)
    epoch: int = 0

    def build(self) -> None:
        for region in REGIONS:
            queue = self.client("sqs", region)
            queue.create_queue(QueueName="sales-queue-dlq")
            dead = f"arn:aws:sqs:{region}:{ACCOUNT}:sales-queue-dlq"
            statement = {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": f"arn:aws:sqs:{region}:{ACCOUNT}:sales-queue",
                "Condition": {"ArnEquals": {"aws:SourceArn": [self.topic(each) for each in REGIONS]}},
            }
            queue.create_queue(
                QueueName="sales-queue",
                Attributes={
                    "VisibilityTimeout": "60",
                    "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": "1000"}),
                    "Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
                },
            )
            lake = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            self.client("s3", region).create_bucket(Bucket=f"sales-lake-{region}", **lake)
            self.client("s3", region).put_bucket_versioning(
                Bucket=f"sales-lake-{region}", VersioningConfiguration={"Status": "Enabled"}
            )
            self.client("sns", region).create_topic(Name="sales-processing")
        for source in REGIONS:
            for target in REGIONS:
                self.client("sns", source).subscribe(
                    TopicArn=self.topic(source),
                    Protocol="sqs",
                    Endpoint=f"arn:aws:sqs:{target}:{ACCOUNT}:sales-queue",
                    Attributes={"RawMessageDelivery": "true"},
                )
        first, second = REGIONS
        dynamodb = self.client("dynamodb", first)
        for table, key in (("sales", "id"), ("sales-idempotency", "id"), ("sales-state", "region")):
            attributes, index = {key: "S"}, {}
            if table == "sales":
                attributes |= {"unprocessed": "S", "timestamp": "N"}
                index = {"GlobalSecondaryIndexes": [INDEX]}
            dynamodb.create_table(
                TableName=table,
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in attributes.items()],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
                **index,
            )
            dynamodb.get_waiter("table_exists").wait(TableName=table)
            dynamodb.update_table(TableName=table, ReplicaUpdates=[{"Create": {"RegionName": second}}])
        for table in ("sales", "sales-idempotency", "sales-state"):
            eventually(lambda table=table: self._is_replicated(table), what=f"the replica of {table}")

    def _is_replicated(self, table: str) -> bool:
        description = self.client("dynamodb", REGIONS[0]).describe_table(TableName=table)["Table"]
        return "ACTIVE" in [
            each["ReplicaStatus"] for each in description.get("Replicas", []) if each["RegionName"] == REGIONS[1]
        ]

    def client(self, service: str, region: str) -> Any:
        return self.cloud.client(service, region)

    @staticmethod
    def topic(region: str) -> str:
        return f"arn:aws:sns:{region}:{ACCOUNT}:sales-processing"

    def queue_url(self, region: str) -> str:
        return self.client("sqs", region).get_queue_url(QueueName="sales-queue")["QueueUrl"]

    def set_states(self, only: tuple[str, ...] = REGIONS, **states: str) -> None:
        """Write the next epoch's map in the regions named by `only` (default: all), as an operator does."""
        self.epoch += 1
        states = {name.replace("_", "-"): state for name, state in states.items()}
        new = RegionMap(self.epoch, states, f"run-{self.epoch}", "sales-lease@here")
        for region in only:
            self.client("dynamodb", region).put_item(**state_write("sales-state", region, new))

    def told(self, region: str) -> dict[str, str]:
        """What the environment of a task says."""
        return {
            "AWS_REGION": region,
            "SNS_SALES_PROCESSING_TOPIC": self.topic(region),
            "SQS_SALES_QUEUE": self.queue_url(region),
            "SSM_PARAMETER_STORE_STATE": f"/sales/{region}/state",
            "DYNAMO_SALES_TABLE": "sales",
            "DYNAMO_SALES_IDEMPOTENCY_TABLE": "sales-idempotency",
            "S3_SALES_BUCKET": f"sales-lake-{region}",
            "STATE_TABLE": "sales-state",
            "AWS_ENDPOINT_URL": self.cloud.endpoint,
            "AWS_ACCESS_KEY_ID": "AKIATASK0WORKLOAD000",
            "AWS_SECRET_ACCESS_KEY": "a-secret-that-no-log-may-show",
        }

    def start(self, image: str, region: str, **environment: str) -> Task:
        """Start a task and wait until it is alive."""
        port = free_port()
        log = self.logs / f"{image}-{region}-{len(self.tasks)}.log"
        told = {
            **self.told(region),
            "PYTHONPATH": f"{ROOT}/workloads:{ROOT}/plugins/module_utils",
            "PATH": os.environ["PATH"],
        }
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", image, "--address", "127.0.0.1", "--port", str(port)],
                env=told | PACE | environment,
                stdout=output,
                stderr=output,
            )
        task = Task(process, port, log)
        self.tasks.append(task)
        eventually(lambda: task.is_answering("/healthcheck") or process.poll() is not None, what=f"{image} in {region}")
        return task

    def stop_tasks(self) -> None:
        """Stop in order what still runs; every log must be clean of secrets."""
        running = [task for task in self.tasks if task.process.poll() is None]
        for task in running:
            task.process.terminate()
        for task in running:
            assert task.process.wait(30) == 0, task.log.read_text()[-2000:]
        for task in self.tasks:
            assert "a-secret-that-no-log-may-show" not in task.log.read_text()
        self.tasks.clear()

    def item(self, table: str, key: str, region: str) -> dict[str, Any] | None:
        found = self.client("dynamodb", region).get_item(TableName=table, Key={"id": {"S": key}}, ConsistentRead=True)
        return from_attributes(found["Item"]) if "Item" in found else None

    def is_processed(self, sale_id: str, region: str) -> bool:
        item = self.item("sales", sale_id, region)
        done = self.item("sales-idempotency", sale_id, region)
        return bool(done and item and item["sale_processed"] and "unprocessed" not in item)

    def lake(self) -> dict[str, set[tuple[str, bytes]]]:
        """Sale id → every distinct (key, content) of every version in both regions' lakes."""
        found: dict[str, set[tuple[str, bytes]]] = {}
        for region in REGIONS:
            s3, bucket = self.client("s3", region), f"sales-lake-{region}"
            for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
                for each in page.get("Versions", []):
                    got = s3.get_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
                    sale_id = each["Key"].rsplit("/")[-1].removesuffix(".json")
                    found.setdefault(sale_id, set()).add((each["Key"], got["Body"].read()))
        return found
