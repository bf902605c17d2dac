# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that sells: posts sales at a steady rate through the public door, and remembers what was acknowledged."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal

PRODUCTS = ("O Pequeno Principe", "Dom Casmurro", "Grande Sertão: Veredas", "A Hora da Estrela")


@dataclass
class Sales:
    """What the client knows: acknowledged ids with what was sold, requests that failed, and who answered."""

    acknowledged: dict[str, tuple[str, Decimal]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    served_by: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def posted(self) -> int:
        return len(self.acknowledged)


class Traffic:
    """Posts `rate` sales a second to `host` through `door` (host:port) until `stop`, at least `at_least` of them."""

    def __init__(self, door: str, host: str, rate: float, connections: int = 8) -> None:
        self.sales = Sales()
        self._door, self._host, self._rate = door, host, rate
        self._lock = threading.Lock()
        self._local = threading.local()
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(connections)
        self._clock = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Traffic:
        self._clock.start()
        return self

    def stop_after(self, at_least: int, patience: float) -> Sales:
        """Go on until `at_least` sales were acknowledged (at most `patience` seconds), and return what happened."""
        deadline = time.monotonic() + patience
        while self.sales.posted < at_least and time.monotonic() < deadline:
            time.sleep(0.1)
        self._stop.set()
        self._clock.join()
        self._pool.shutdown(wait=True)
        return self.sales

    def _run(self) -> None:
        start, sent = time.monotonic(), 0
        while not self._stop.is_set():
            due = start + sent / self._rate
            pause = due - time.monotonic()
            if pause > 0 and self._stop.wait(pause):
                return
            self._pool.submit(self._sell, sent)
            sent += 1

    def _sell(self, number: int) -> None:
        product, amount = PRODUCTS[number % len(PRODUCTS)], Decimal(100 + number) / 100
        began = time.monotonic()
        try:
            answer, body = self._post(json.dumps({"product": product, "amount": float(amount)}))
        except (OSError, http.client.HTTPException) as error:
            self._local.connection = None
            with self._lock:
                self.sales.failures.append(f"{type(error).__name__}: {error}")
            return
        with self._lock:
            self.sales.seconds.append(time.monotonic() - began)
            if answer.status == 201:
                self.sales.acknowledged[json.loads(body)["id"]] = (product, amount)
                self.sales.served_by[region_of(answer.headers.get("X-Served-By", ""))] += 1
            else:
                self.sales.failures.append(f"HTTP {answer.status}: {body[:200]!r}")

    def _post(self, body: str) -> tuple[http.client.HTTPResponse, bytes]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection(self._door, timeout=10)
        connection.request("POST", "/sales", body, {"Host": self._host, "Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer, answer.read()


def region_of(served_by: str) -> str:
    """The region in an `X-Served-By` header (`region=sa-east-1; service=…`)."""
    parts = dict(part.strip().split("=", 1) for part in served_by.split(";") if "=" in part)
    return parts.get("region", "unknown")
