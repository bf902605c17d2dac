# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both processes need: their address, clients, log lines, and an HTTP server. SIGTERM ends them at once."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import botocore.session
from botocore.config import Config

Answer = tuple[int, Any]
"""An HTTP status, and what is its JSON body."""


def parse_address(program: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=program)
    parser.add_argument("--address", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=8080)
    return parser.parse_args()


def make_clients(*services: str) -> dict[str, Any]:
    """A botocore client of each service, in the region that AWS_REGION names."""
    session = botocore.session.Session()
    config = Config(max_pool_connections=32)
    return {each: session.create_client(each, region_name=os.environ["AWS_REGION"], config=config) for each in services}


def log(event: str, **fields: Any) -> None:
    line = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "event": event, **fields}
    print(json.dumps(line, default=str), flush=True)


class Server(ThreadingHTTPServer):
    """`answer` gets method, path and body of each request."""

    request_queue_size = 128

    def __init__(self, address: str, port: int, answer: Callable[[str, str, bytes], Answer]) -> None:
        self.answer = answer
        super().__init__((address, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, said = self.server.answer(self.command, self.path.partition("?")[0], body)
        content = b"" if said is None else json.dumps(said, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _handle

    def log_message(self, *_: Any) -> None:
        pass
