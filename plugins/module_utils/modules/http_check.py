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
from typing import Any

from ..kernel import Cloud, CollectionError
from ..kernel.run import ModuleDefinition

PAUSE_SECONDS = 0.5


def problems(params: dict[str, Any]) -> list[str]:
    parts = urllib.parse.urlsplit(params["url"])
    found = []
    if parts.scheme not in ("http", "https") or not parts.hostname:
        found.append(f"url is {params['url']!r}; expected http:// or https:// and a host name.")
    if params["connect_to"] and not params["connect_to"].rpartition(":")[2].isdigit():
        found.append(f"connect_to is {params['connect_to']!r}; expected host:port, such as 127.0.0.1:8000.")
    return found


def read(params: dict[str, Any], cloud: Cloud) -> dict[str, Any]:
    started, attempts, last = time.monotonic(), 0, "nothing yet"
    while True:
        attempts += 1
        try:
            answer = _ask(params)
        except (OSError, http.client.HTTPException) as error:
            last = f"{type(error).__name__}: {error}"
        else:
            if answer["status"] in params["status"]:
                seconds = round(time.monotonic() - started, 3)
                return {**answer, "attempts": attempts, "seconds": seconds}
            last = f"HTTP {answer['status']}: {answer['body'][:200]}"
        if time.monotonic() - started >= params["wait_timeout"]:
            wanted = ", ".join(map(str, params["status"]))
            raise CollectionError(
                f"{params['method']} {params['url']} did not answer with {wanted} within {params['wait_timeout']} s "
                f"({attempts} attempts). Last answer: {last}. Look at the services' events and the targets' health."
            )
        time.sleep(PAUSE_SECONDS)


def _ask(params: dict[str, Any]) -> dict[str, Any]:
    parts = urllib.parse.urlsplit(params["url"])
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    host, _colon, other_port = (params["connect_to"] or f"{parts.hostname}:{port}").rpartition(":")
    connection: http.client.HTTPConnection
    if secure:
        connection = http.client.HTTPSConnection(
            host, int(other_port), timeout=params["timeout"], context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host, int(other_port), timeout=params["timeout"])
    try:
        path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        body = json.dumps(params["body"]) if params["body"] is not None else None
        headers = {"Host": parts.netloc, **({"Content-Type": "application/json"} if body else {})}
        connection.request(params["method"], path, body, headers)
        answer = connection.getresponse()
        return {
            "status": answer.status,
            "body": answer.read(65536).decode("utf-8", "replace"),
            "served_by": answer.headers.get("X-Served-By", ""),
        }
    finally:
        connection.close()


MODULE = ModuleDefinition(
    arguments={
        "url": {"type": "str", "required": True},
        "connect_to": {"type": "str"},
        "method": {"type": "str", "choices": ["GET", "POST", "DELETE"], "default": "GET"},
        "body": {"type": "raw"},
        "status": {"type": "list", "elements": "int", "default": [200]},
        "timeout": {"type": "int", "default": 5},
        "wait_timeout": {"type": "int", "default": 60},
    },
    services=(),
    read=read,
    problems=problems,
)
