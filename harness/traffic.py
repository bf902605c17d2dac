# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that sells: posts sales at a steady rate through the public door, and remembers what was acknowledged.

It is a process of its own, so that nothing else slows it down: `Traffic` starts it and reads its record, a file with a
line of JSON for every request. Now and then it also asks for a sale again, as a customer does who follows an order.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TextIO

PRODUCTS = ("O Pequeno Principe", "Dom Casmurro", "Grande Sertão: Veredas", "A Hora da Estrela")
FOLLOW_EVERY = 10
"""Of so many sales one is asked for again."""

FOLLOW_AFTER_SECONDS = 2.0


@dataclass(frozen=True)
class Request:
    """One request. began: unix seconds; seconds: until its answer; status: 0 when no answer came, then see error.

    id: of the sale that was acknowledged or asked for; product, amount: what was sold (amount as text).
    passed: what the embedded cloud says that it went through on its way to the task, in order.
    """

    began: float
    seconds: float
    method: str
    status: int
    region: str = ""
    id: str = ""
    product: str = ""
    amount: str = ""
    error: str = ""
    passed: str = ""

    @property
    def ended(self) -> float:
        return self.began + self.seconds

    @property
    def acknowledged(self) -> bool:
        return self.method == "POST" and self.status == 201

    @property
    def failed(self) -> bool:
        """Whether the system failed the client. A sale that a region does not know yet (404) is only not visible."""
        return not (self.acknowledged or (self.method == "GET" and self.status in (200, 404)))

    @property
    def cause(self) -> str:
        """Why it failed."""
        return f"{self.method} {self.error or f'HTTP {self.status}'}"


@dataclass
class Sales:
    """What the client knows: acknowledged ids with what was sold, requests that failed, and who answered."""

    acknowledged: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    served_by: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    @property
    def posted(self) -> int:
        return len(self.acknowledged)

    def add(self, request: Request) -> None:
        self.requests.append(request)
        if request.failed:
            self.failures.append(request.cause)
        elif request.acknowledged:
            self.acknowledged[request.id] = (request.product, Decimal(request.amount))
            self.served_by[request.region] += 1
            self.seconds.append(request.seconds)


class Traffic:
    """The client's process, as whoever started it sees it. It ends with `stop_after`, or when its starter has gone."""

    def __init__(self, door: str, host: str, rate: float, record: Path | None = None, authorities: str = "") -> None:
        if record is None:
            record = Path(tempfile.mkdtemp(prefix="sales-")) / "requests.jsonl"
        self.record = record
        self._command = [sys.executable, "-m", "harness.traffic", "--door", door, "--host", host, "--rate", str(rate)]
        if authorities:
            self._command += ["--authorities", authorities]
        self._process: subprocess.Popen[bytes] | None = None
        self._sales, self._read_to = Sales(), 0

    def start(self) -> Traffic:
        self.record.parent.mkdir(parents=True, exist_ok=True)
        self.record.write_bytes(b"")
        root = Path(__file__).resolve().parents[1]
        self._process = subprocess.Popen(
            [*self._command, "--record", str(self.record)], cwd=root, stdin=subprocess.PIPE, start_new_session=True
        )
        return self

    @property
    def sales(self) -> Sales:
        """What is in the record by now."""
        with self.record.open("rb") as lines:
            lines.seek(self._read_to)
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                self._read_to += len(line)
                self._sales.add(Request(**json.loads(line)))
        return self._sales

    def stop_after(self, at_least: int, patience: float) -> Sales:
        """Go on until `at_least` sales were acknowledged (at most `patience` seconds), and return what happened."""
        deadline = time.monotonic() + patience
        while self.sales.posted < at_least and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.stop()

    def stop(self) -> Sales:
        """Let the requests under way end, and return what happened."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None
        return self.sales


class SecureConnection(http.client.HTTPSConnection):
    """A connection to an address, which is to have the certificate of `name`."""

    def __init__(self, name: str, address: str, port: int, *, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(address, port, timeout=timeout, context=context)
        self.name, self.tls = name, context

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.name)


class Client:
    """What runs in the process: `rate` sales a second to `host` through `door` (host:port), recorded line by line.

    authorities: the file of those whose certificates are trusted; "" to speak without TLS.
    """

    def __init__(
        self, door: str, host: str, rate: float, record: TextIO, connections: int = 16, authorities: str = ""
    ) -> None:
        self._door, self._host, self._rate = door, host, rate
        self._record = record
        self._tls = ssl.create_default_context(cafile=authorities) if authorities else None
        self._lock = threading.Lock()
        self._local = threading.local()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(connections)
        self._followers = ThreadPoolExecutor(2)

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        """Sell until stopped; then wait for the requests under way."""
        start, sent = time.monotonic(), 0
        while not self._stopping.is_set():
            pause = start + sent / self._rate - time.monotonic()
            if pause > 0 and self._stopping.wait(pause):
                break
            self._pool.submit(self._sell, sent)
            sent += 1
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._followers.shutdown(wait=True, cancel_futures=True)

    def _sell(self, number: int) -> None:
        product, amount = PRODUCTS[number % len(PRODUCTS)], Decimal(100 + number) / 100
        body = json.dumps({"product": product, "amount": float(amount)})
        request = self._ask("POST", "/sales", body, product=product, amount=str(amount))
        if request.acknowledged and number % FOLLOW_EVERY == 0 and not self._stopping.is_set():
            self._followers.submit(self._follow, request)

    def _follow(self, sold: Request) -> None:
        if not self._stopping.wait(max(0.0, sold.ended + FOLLOW_AFTER_SECONDS - time.time())):
            self._ask("GET", f"/sales/{sold.id}", None, id=sold.id)

    def _ask(self, method: str, path: str, body: str | None, **about: str) -> Request:
        began, clock = time.time(), time.monotonic()
        try:
            answer, content = self._send(method, path, body)
            about["region"] = region_of(answer.headers.get("X-Served-By", ""))
            about["passed"] = answer.headers.get("X-Passed", "")
            status = answer.status
            if status == 201:
                about["id"] = json.loads(content)["id"]
            elif status not in (200, 404):
                about["error"] = f"HTTP {status}: {content[:200].decode(errors='replace')}"
        except (OSError, http.client.HTTPException) as error:
            self._local.connection = None
            status, about["error"] = 0, f"{type(error).__name__}: {error}"
        request = Request(began, round(time.monotonic() - clock, 4), method, status, **about)
        with self._lock:
            self._record.write(json.dumps(asdict(request), ensure_ascii=False) + "\n")
            self._record.flush()
        return request

    def _send(self, method: str, path: str, body: str | None) -> tuple[http.client.HTTPResponse, bytes]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
        headers = {"Host": self._host, **({"Content-Type": "application/json"} if body else {})}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read()

    def _connect(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection(self._door, timeout=10)
        address, _colon, port = self._door.rpartition(":")
        return SecureConnection(self._host, address, int(port), timeout=10, context=self._tls)


def region_of(served_by: str) -> str:
    """The region in an `X-Served-By` header (`region=sa-east-1; service=…`)."""
    parts = dict(part.strip().split("=", 1) for part in served_by.split(";") if "=" in part)
    return parts.get("region", "unknown")


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m harness.traffic", description=__doc__)
    parser.add_argument("--door", required=True, help="host:port to connect to")
    parser.add_argument("--host", required=True, help="the public name")
    parser.add_argument("--rate", type=float, default=20.0, help="sales each second")
    parser.add_argument("--authorities", default="", help="file of those whose certificates are trusted, with TLS")
    parser.add_argument("--record", type=Path, required=True, help="file for a line of JSON for each request")
    options = parser.parse_args(None if arguments is None else list(arguments))
    with options.record.open("a", encoding="utf-8") as record:
        client = Client(options.door, options.host, options.rate, record, authorities=options.authorities)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: client.stop())
        # Standard input is a pipe of whoever started this: it ends when they do.
        threading.Thread(target=lambda: (os.read(sys.stdin.fileno(), 1), client.stop()), daemon=True).start()
        client.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
