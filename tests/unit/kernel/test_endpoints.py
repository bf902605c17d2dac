# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever fails says which service of which region it was, to people and as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import Attributes, Cloud, CollectionError, Resource
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.endpoints import unreachable
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import Composition, ModuleDefinition, run

NOBODY = "http://127.0.0.1:1"
KEYS = {"access_key": "k", "secret_key": "s"}


class Sick(BaseHTTPRequestHandler):
    """Answers everything with this."""

    status: ClassVar[int] = 503
    body: ClassVar[bytes] = b""

    def do_POST(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_GET = do_POST

    def log_message(self, *arguments: Any) -> None:
        """Tests have their own output."""


@pytest.fixture
def endpoint() -> Iterator[Callable[[int, bytes], str]]:
    """An endpoint that gives one answer."""
    servers: list[ThreadingHTTPServer] = []

    def serve(status: int, body: bytes) -> str:
        handler = type("Handler", (Sick,), {"status": status, "body": body})
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), handler))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def failed(url: str, ask: Callable[[Cloud], Any], services: tuple[str, ...] = ("sqs",)) -> CollectionError:
    limits = {"retries": {"mode": "standard", "total_max_attempts": 1}}
    module = ModuleDefinition({}, services, read=lambda params, cloud: ask(cloud))
    with pytest.raises(CollectionError) as failure:
        run(module, {"workload": "w", "region": "sa-east-1", "endpoint_url": url, "aws_config": limits, **KEYS})
    return failure.value


def list_queues(cloud: Cloud) -> Any:
    return cloud.client("sqs", "us-east-1").list_queues()


def test_who_does_not_answer_is_named() -> None:
    told = failed(NOBODY, list_queues)
    assert "AWS could not be asked: sqs in us-east-1: " in told.message
    assert told.details == {"unreachable_service": "sqs", "unreachable_region": "us-east-1"}


def test_so_is_who_answers_with_a_fault_of_its_own(endpoint: Callable[[int, bytes], str]) -> None:
    told = failed(endpoint(503, b"<html>no</html>"), list_queues)
    assert "AWS answered: sqs in us-east-1: " in told.message
    assert told.details["unreachable_region"] == "us-east-1" and told.details["operation"] == "ListQueues"


def test_who_refuses_is_named_and_was_reached(endpoint: Callable[[int, bytes], str]) -> None:
    told = failed(endpoint(400, b'{"__type": "AccessDenied", "message": "no"}'), list_queues)
    assert "sqs in us-east-1: " in told.message and "unreachable_region" not in told.details


def test_a_global_service_says_nothing_of_a_region() -> None:
    told = failed(NOBODY, lambda cloud: cloud.client("iam").list_roles(), ("iam",))
    assert "AWS could not be asked: iam: " in told.message
    assert told.details == {"unreachable_service": "iam"}


class Queue(Resource):
    """Its calls go to another region than its own."""

    kind = "queue"

    @classmethod
    def find(cls, cloud: Cloud, region: str, resources: list[Any], found: Any) -> dict[str, Attributes]:
        return {}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        list_queues(cloud)
        return wanted


def test_a_change_that_fails_names_the_endpoint_too() -> None:
    module = ModuleDefinition({}, ("sqs",), build=lambda params, cloud: Composition([Queue("q", "sa-east-1")]))
    limits = {"retries": {"mode": "standard", "total_max_attempts": 1}}
    with pytest.raises(CollectionError, match="create queue q in sa-east-1: sqs in us-east-1: ") as failure:
        run(module, {"workload": "w", "region": "sa-east-1", "endpoint_url": NOBODY, "aws_config": limits, **KEYS})
    assert failure.value.details["unreachable_region"] == "us-east-1"
    assert failure.value.details["not_made"], "what else a failure tells stays"


def test_an_error_that_is_its_own_cause_is_told_once() -> None:
    error = CollectionError("again")
    error.__cause__ = other = ValueError("the same")
    other.__cause__ = error
    assert unreachable(error) == {}
