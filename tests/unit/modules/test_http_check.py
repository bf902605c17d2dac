# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""http_check asks until the answer is right, and says what the last answer was when it never is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError, InvalidInput
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.http_check import MODULE

PARAMS: dict[str, Any] = {
    "workload": "w", "region": "sa-east-1", "url": "http://public.example/healthcheck", "connect_to": None,
    "method": "GET", "body": None, "status": [200], "timeout": 2, "wait_timeout": 5,
}  # fmt: skip


class Answers(BaseHTTPRequestHandler):
    statuses: list[int]
    hosts: list[str]

    def do_GET(self) -> None:
        type(self).hosts.append(self.headers["Host"])
        self.send_response(self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])
        self.send_header("X-Served-By", "region=sa-east-1; service=api")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[type[Answers], str]]:
    handler = type("Handler", (Answers,), {"statuses": [200], "hosts": []})
    http = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield handler, f"127.0.0.1:{http.server_port}"
    http.shutdown()
    thread.join()
    http.server_close()


def test_it_connects_elsewhere_but_asks_for_the_name(server: Any) -> None:
    handler, address = server
    handler.statuses[:] = [503, 200]
    answer = run(MODULE, {**PARAMS, "connect_to": address})
    assert (answer["status"], answer["attempts"], answer["body"]) == (200, 2, "hello")
    assert answer["served_by"].startswith("region=sa-east-1") and answer["changed"] is False
    assert handler.hosts == ["public.example", "public.example"]


def test_it_gives_up_in_time_and_says_what_it_saw(server: Any) -> None:
    handler, address = server
    handler.statuses[:] = [503]
    with pytest.raises(CollectionError, match=r"did not answer with 200 within 1 s.*Last answer: HTTP 503: hello"):
        run(MODULE, {**PARAMS, "connect_to": address, "wait_timeout": 1})


def test_nobody_listening_is_a_reason_too() -> None:
    with pytest.raises(CollectionError, match="ConnectionRefusedError"):
        run(MODULE, {**PARAMS, "connect_to": "127.0.0.1:1", "wait_timeout": 0})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"url": "public.example"}, "expected http:// or https://"), ({"connect_to": "door"}, "expected host:port")],
)
def test_bad_input_is_refused_before_anything_is_sent(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        run(MODULE, {**PARAMS, **wrong})
