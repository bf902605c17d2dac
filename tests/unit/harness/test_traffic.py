# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client that sells, against a server that answers, refuses, and hangs up."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness.traffic import PRODUCTS, Request, Sales, Traffic, region_of


class Shop(BaseHTTPRequestHandler):
    """Acknowledges; every fifth sale is refused, every seventh gets no answer."""

    protocol_version = "HTTP/1.1"
    posted = 0
    lock = threading.Lock()

    def do_POST(self) -> None:
        with self.lock:
            type(self).posted += 1
            number = self.posted
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if number % 7 == 0:
            self.close_connection = True
            return
        status = 503 if number % 5 == 0 else 201
        self._answer(status, {"id": f"sale-{number}", **json.loads(body)})

    def do_GET(self) -> None:
        self._answer(404, {})

    def _answer(self, status: int, body: dict) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("X-Served-By", "region=us-east-1; service=sales-api")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def door() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_it_sells_at_its_rate_and_remembers_everything(door: str, tmp_path: Path) -> None:
    traffic = Traffic(door, "shop.example", rate=40, record=tmp_path / "requests.jsonl").start()
    began = time.monotonic()
    sold = traffic.stop_after(40, patience=20)
    seconds = time.monotonic() - began

    assert sold.posted >= 40 and set(sold.served_by) == {"us-east-1"}
    failed = [request for request in sold.requests if request.failed]
    assert {request.status for request in failed} == {0, 503} and len(failed) == len(sold.failures)
    product, amount = next(iter(sold.acknowledged.values()))
    assert product in PRODUCTS and isinstance(amount, Decimal)
    assert all(time.time() - 60 < request.began <= time.time() and request.seconds >= 0 for request in sold.requests)
    posts = [request for request in sold.requests if request.method == "POST"]
    assert len(posts) <= 40 * (seconds + 1)
    assert traffic.sales is sold and traffic.stop() is sold


def test_it_ends_with_whoever_started_it(door: str, tmp_path: Path) -> None:
    traffic = Traffic(door, "shop.example", rate=20, record=tmp_path / "requests.jsonl").start()
    process = traffic._process
    process.stdin.close()
    assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("method", "status", "failed"),
    [
        ("POST", 201, False),
        ("POST", 200, True),
        ("POST", 404, True),
        ("POST", 0, True),
        ("GET", 200, False),
        ("GET", 404, False),
        ("GET", 500, True),
    ],
)
def test_what_counts_as_failed(method: str, status: int, failed: bool) -> None:
    assert Request(1.0, 0.1, method, status).failed is failed


def test_the_region_is_read_from_the_header() -> None:
    assert region_of("region=sa-east-1; service=sales-api; task=1") == "sa-east-1"
    assert region_of("") == "unknown"
    sales = Sales()
    sales.add(Request(1.0, 0.2, "POST", 201, "sa-east-1", "a", "Dom Casmurro", "1.50"))
    assert sales.acknowledged == {"a": ("Dom Casmurro", Decimal("1.50"))} and sales.served_by == {"sa-east-1": 1}
