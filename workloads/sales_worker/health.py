# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's two HTTP routes, for ECS and for people: `/healthcheck` (alive) and `/readiness` (takes part)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

Answer = tuple[bool, dict[str, object]]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, where: tuple[str, int], routes: dict[str, Callable[[], Answer]]) -> None:
        self.routes = routes
        super().__init__(where, _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own asks DNS for the machine's name, which can take seconds, and nobody uses it here.
        TCPServer.server_bind(self)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    # A client that connects and says nothing must not keep its thread for ever.
    timeout = 10

    def do_GET(self) -> None:
        route = self.server.routes.get(self.path.partition("?")[0])
        if route is None:
            status, body = 404, {"error": "not_found", "message": f"the worker has {', '.join(self.server.routes)}"}
        else:
            good, body = route()
            status = 200 if good else 503
        text = json.dumps(body).encode() + b"\n"
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a health check every few seconds is no event."""


def serve_health(address: str, port: int, routes: dict[str, Callable[[], Answer]]) -> ThreadingHTTPServer:
    """Answer `routes` (path → whether 200 or 503, and the JSON body) from a thread of its own.

    Raises:
        OSError: the address is taken or not ours.
    """
    server = _Server((address, port), routes)
    # It is never shut down, so it need not look twice a second whether it was.
    threading.Thread(target=server.serve_forever, args=(3600,), name="health", daemon=True).start()
    return server
