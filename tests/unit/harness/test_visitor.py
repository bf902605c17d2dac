# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The visitor keeps his rate, and everything but an answer with 200 is a failure that he tells."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harness.visitor import Visitor, ask


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        content = f'{{"host": "{self.headers["Host"]}"}}'.encode()
        self.send_response(200 if self.path == "/there" else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def door() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_place_is_asked_by_its_public_name(door: str) -> None:
    assert ask(door, "GET", "/there", "the.name") == (200, {"host": "the.name"})


def test_pages_are_asked_for_in_turn_at_the_rate(door: str) -> None:
    with Visitor(door, "name", [("GET", "/there"), ("GET", "/gone")], rate=50) as visitor:
        time.sleep(1)
    assert set(visitor.answered) == {("GET", "/there")}
    assert 20 < visitor.answered.total() + len(visitor.failed) <= 60
    assert abs(visitor.answered.total() - len(visitor.failed)) <= 1
    assert "GET /gone: 404" in visitor.failed[0]


def test_no_answer_is_a_failure(door: str) -> None:
    with Visitor("127.0.0.1:1", "name", [("GET", "/there")], rate=50) as visitor:
        time.sleep(0.3)
    assert visitor.failed and not visitor.answered
    assert "ConnectionRefusedError" in visitor.failed[0]
