# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of a region is told as data, whether the region answers, refuses, talks nonsense or says nothing."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_status_info import MODULE

REGION = "sa-east-1"
ASKED: dict[str, Any] = {
    "workload": "sales",
    "region": REGION,
    "services": [{"cluster": "sales", "name": "api"}],
    "target_groups": ["api"],
    "queues": ["sales-queue"],
    "tables": ["sales"],
    "lake": [],
    "regions": [],
    "timeout": 1,
}


def status(**others: Any) -> dict[str, Any]:
    return run(MODULE, {**ASKED, **others})


@contextmanager
def answering(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server on the loopback that answers every request so; its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self)

        def log_message(self, *_args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_region_that_answers() -> None:
    with mock_aws():
        ecs = boto3.client("ecs", REGION)
        ecs.create_cluster(clusterName="sales")
        container = {"name": "api", "image": "sales-api:7", "memory": 512}
        ecs.register_task_definition(family="api", containerDefinitions=[container])
        ecs.create_service(cluster="sales", serviceName="api", taskDefinition="api", desiredCount=2)
        sqs = boto3.client("sqs", REGION)
        dead = sqs.create_queue(QueueName="sales-queue-dlq")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 4})
        queue = sqs.create_queue(QueueName="sales-queue", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
        sqs.send_message(QueueUrl=queue, MessageBody="one")
        told = status(services=[*ASKED["services"], {"cluster": "sales", "name": "worker"}])
    assert (told["reachable"], told["why"]) == (True, "")
    assert told["services"]["api"]["revision"] == "api:1"
    assert (told["services"]["api"]["desired"], told["services"]["api"]["running"]) == (2, 0)
    assert told["services"]["api"]["images"] == ["sales-api:7"]
    assert told["services"]["worker"] == {"cluster": "sales", "status": "MISSING"}
    empty = {"visible": 0, "in_flight": 0, "delayed": 0}
    assert told["queues"]["sales-queue"] == {**empty, "visible": 1, "dlq": {"name": "sales-queue-dlq", **empty}}
    assert set(told["errors"]) == {"target group api", "table sales"}
    assert "ResourceNotFoundException" in told["errors"]["table sales"]


def test_a_region_that_refuses_connections() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: nobody else gets the port
        told = status(endpoint_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert told["reachable"] is False
    assert "Could not connect" in told["why"]


def test_a_region_that_says_nothing_costs_the_time_limit_once() -> None:
    hung = threading.Event()
    with answering(lambda request: hung.wait(20) and None) as url:
        start = time.monotonic()
        told = status(endpoint_url=url)
        took = time.monotonic() - start
        hung.set()
    assert told["reachable"] is False
    assert "timeout" in told["why"].lower()
    assert took < 5
    assert told["aws_calls"] == 5  # a call for each part, none tried again


def test_a_region_whose_servers_are_ill() -> None:
    def fail(request: BaseHTTPRequestHandler) -> None:
        request.send_error(503)

    with answering(fail) as url:
        told = status(endpoint_url=url)
    assert told["reachable"] is False


def test_something_else_answers_in_place_of_aws() -> None:
    def not_found(request: BaseHTTPRequestHandler) -> None:
        request.send_response(404)
        request.end_headers()
        request.wfile.write(b"<html>captive portal</html>")

    with answering(not_found) as url:
        told = status(endpoint_url=url)
    assert told["reachable"] is False


def test_nothing_asked_is_no_failure() -> None:
    told = status(services=[], target_groups=[], queues=[], tables=[])
    assert (told["reachable"], told["why"], told["errors"], told["aws_calls"]) == (True, "", {}, 0)
    assert [told[part] for part in ("services", "target_groups", "queues", "tables")] == [{}, {}, {}, {}]
