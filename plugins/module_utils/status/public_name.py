# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a public name until it answers as expected: the last word on whether a workload works."""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.parse
from collections.abc import Mapping
from typing import Any

from ..kernel import CollectionError

PAUSE_SECONDS = 0.5

BODY_BYTES = 65536
"""How much of an answer is read."""


def ask_until_answered(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The first answer whose status is one of those wanted: `status`, `body`, `served_by`, `attempts`, `seconds`.

    asked: the arguments of the module `http_check`: `url`, `connect_to` (host:port, or None for the URL's own),
        `ca_file` (path, or None for the system's authorities), `method`, `body` (sent as JSON unless None), `status` (a
        list), `timeout` and `wait_timeout` (seconds).

    Raises:
        CollectionError: no such answer came within `wait_timeout`.
    """
    started, attempts, last = time.monotonic(), 0, "nothing yet"
    while True:
        attempts += 1
        try:
            answer = _ask(asked)
        except (OSError, http.client.HTTPException) as error:
            last = f"{type(error).__name__}: {error}"
        else:
            if answer["status"] in asked["status"]:
                seconds = round(time.monotonic() - started, 3)
                return {**answer, "attempts": attempts, "seconds": seconds}
            last = f"HTTP {answer['status']}: {answer['body'][:200]}"
        if time.monotonic() - started >= asked["wait_timeout"]:
            wanted = ", ".join(map(str, asked["status"]))
            raise CollectionError(
                f"{asked['method']} {asked['url']} did not answer with {wanted} within {asked['wait_timeout']} s "
                f"({attempts} attempts). Last answer: {last}. Look at the services' events and the targets' health."
            )
        time.sleep(PAUSE_SECONDS)


class _Elsewhere(http.client.HTTPSConnection):
    """A connection to `host`, which is to have the certificate of `name`."""

    def __init__(self, name: str, host: str, port: int, *, timeout: float, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=timeout, context=context)
        self.name, self.tls = name, context

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.name)


def _ask(asked: Mapping[str, Any]) -> dict[str, Any]:
    parts = urllib.parse.urlsplit(asked["url"])
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    host, _colon, other_port = (asked["connect_to"] or f"{parts.hostname}:{port}").rpartition(":")
    connection: http.client.HTTPConnection
    if secure:
        context = ssl.create_default_context(cafile=asked.get("ca_file"))
        connection = _Elsewhere(parts.hostname or "", host, int(other_port), timeout=asked["timeout"], context=context)
    else:
        connection = http.client.HTTPConnection(host, int(other_port), timeout=asked["timeout"])
    try:
        path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        body = json.dumps(asked["body"]) if asked["body"] is not None else None
        headers = {"Host": parts.netloc, **({"Content-Type": "application/json"} if body else {})}
        connection.request(asked["method"], path, body, headers)
        answer = connection.getresponse()
        return {
            "status": answer.status,
            "body": answer.read(BODY_BYTES).decode("utf-8", "replace"),
            "served_by": answer.headers.get("X-Served-By", ""),
        }
    finally:
        connection.close()
