# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small HTTP/1.1 server: keep-alive, pipelining, chunked bodies, 100-continue, and nothing else.

It exists because moto's own (werkzeug's development server behind Flask) opens a connection and a thread per call and
answers some 200 calls/s. Here one event loop parses requests and calls the handler; a handler that has to wait (a long
poll) returns an awaitable and costs nothing while it waits.
"""

from __future__ import annotations

import asyncio
import http
import io
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote_to_bytes

log = logging.getLogger(__name__)

MAX_HEAD = 64 * 1024
MAX_BODY = 512 * 1024 * 1024
REASONS = {status.value: status.phrase for status in http.HTTPStatus}


@dataclass
class Request:
    """One HTTP request. Header names are lower case; a repeated header is joined with commas."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    raw_names: dict[str, str] = field(default_factory=dict)
    """Header names as they were sent, for the few (S3 metadata) whose spelling matters."""

    @property
    def path(self) -> str:
        """The path as it was sent, still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def to_environ(self, host: str, port: int) -> dict[str, Any]:
        """The request as WSGI spells it, which is what moto's request class is made from."""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(self.path).decode("latin-1"),
            "QUERY_STRING": self.query,
            "RAW_URI": self.target,
            "REQUEST_URI": self.target,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": host,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.input_terminated": True,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "CONTENT_LENGTH": str(len(self.body)),
        }
        for name, value in self.headers.items():
            if name == "content-type":
                environ["CONTENT_TYPE"] = value
            elif name not in ("content-length", "transfer-encoding"):
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ


@dataclass
class Response:
    """One HTTP response. A given content-length wins over the body's (HEAD answers carry one without a body)."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def encode(self, method: str) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, '')}"]
        length = str(len(self.body))
        for name, value in self.headers.items():
            lowered = name.lower()
            if lowered == "content-length":
                if method == "HEAD":
                    length = str(value)
            elif lowered not in ("transfer-encoding", "connection", "status"):
                lines.append(f"{name}: {value}")
        if "date" not in map(str.lower, self.headers):  # as every answer of AWS has
            lines.append(f"date: {formatdate(usegmt=True)}")
        if self.status != 204:
            lines.append(f"content-length: {length}")
        head = "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n"
        return head if method == "HEAD" else head + self.body


Handler = Callable[[Request], "Response | Awaitable[Response]"]


class NoAnswer(Exception):
    """Raised by a handler whose caller shall hear nothing: the connection is closed."""


class BadRequest(Exception):
    """What arrived is not HTTP/1.1 as we speak it."""


class Connection(asyncio.Protocol):
    """One client connection: collects bytes into requests and answers them in order."""

    def __init__(self, handler: Handler, open_connections: set[Connection]):
        self.handler = handler
        self.open_connections = open_connections
        self.buffer = bytearray()
        self.transport: asyncio.Transport | None = None
        self.task: asyncio.Task[None] | None = None
        self.continued = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.open_connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_connections.discard(self)
        self.transport = None
        if self.task:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.task is None:
            self._serve_buffer()

    def _serve_buffer(self) -> None:
        while self.transport is not None and self.buffer:
            try:
                request = self._take_request()
            except BadRequest as error:
                self._write(Response(400, {"content-type": "text/plain"}, str(error).encode()), "GET", close=True)
                return
            if request is None:
                return
            close = request.headers.get("connection", "").lower() == "close"
            try:
                result = self._call(request)
            except NoAnswer:
                self._hang_up()
                return
            if isinstance(result, Response):
                self._write(result, request.method, close)
            else:
                self.task = asyncio.ensure_future(self._finish(result, request.method, close))
                return

    def _call(self, request: Request) -> Response | Awaitable[Response]:
        try:
            return self.handler(request)
        except NoAnswer:
            raise
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            return Response(500, {"content-type": "text/plain"}, b"internal failure, see the server's log")

    async def _finish(self, result: Awaitable[Response], method: str, close: bool) -> None:
        try:
            response = await result
        except asyncio.CancelledError:
            raise
        except NoAnswer:
            self.task = None
            self._hang_up()
            return
        except Exception:
            log.exception("a waiting request failed")
            response = Response(500, {"content-type": "text/plain"}, b"internal failure, see the server's log")
        self.task = None
        self._write(response, method, close)
        self._serve_buffer()

    def _hang_up(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def _write(self, response: Response, method: str, close: bool) -> None:
        if self.transport is None:
            return
        self.transport.write(response.encode(method))
        if close:
            self.transport.close()

    def _take_request(self) -> Request | None:
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self.buffer) > MAX_HEAD:
                raise BadRequest(f"request head longer than {MAX_HEAD} bytes")
            return None
        method, target, headers, raw_names = _parse_head(bytes(self.buffer[:end]))
        if headers.get("expect", "").lower() == "100-continue" and not self.continued:
            # botocore waits a second for this line before it sends an S3 body.
            self.continued = True
            if self.transport:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        start = end + 4
        if "chunked" in headers.get("transfer-encoding", "").lower():
            taken = _take_chunks(self.buffer, start)
            if taken is None:
                return None
            body, used = taken
        else:
            try:
                length = int(headers.get("content-length") or 0)
            except ValueError:
                raise BadRequest("content-length is not a number") from None
            if length > MAX_BODY:
                raise BadRequest(f"body longer than {MAX_BODY} bytes")
            used = start + length
            if len(self.buffer) < used:
                return None
            body = bytes(self.buffer[start:used])
        del self.buffer[:used]
        self.continued = False
        return Request(method, target, headers, body, raw_names)


def _parse_head(head: bytes) -> tuple[str, str, dict[str, str], dict[str, str]]:
    lines = head.decode("latin-1").split("\r\n")
    try:
        method, target, _version = lines[0].split(" ", 2)
    except ValueError:
        raise BadRequest(f"not a request line: {lines[0][:80]!r}") from None
    headers: dict[str, str] = {}
    raw_names: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest(f"not a header: {line[:80]!r}")
        lowered = name.lower()
        if lowered.startswith("x-amz-meta-") and "_" in name:
            raw_names[lowered] = name
        value = value.strip()
        headers[lowered] = f"{headers[lowered]},{value}" if lowered in headers else value
    if target.startswith(("http://", "https://")):
        target = "/" + target.split("://", 1)[1].partition("/")[2]
    return method, target, headers, raw_names


def _take_chunks(buffer: bytearray, start: int) -> tuple[bytes, int] | None:
    body = bytearray()
    while True:
        line_end = buffer.find(b"\r\n", start)
        if line_end < 0:
            return None
        try:
            size = int(bytes(buffer[start:line_end]).split(b";")[0], 16)
        except ValueError:
            raise BadRequest("bad chunk size") from None
        data = line_end + 2
        if size == 0:
            end = (
                buffer.find(b"\r\n", data) if buffer[data : data + 2] == b"\r\n" else buffer.find(b"\r\n\r\n", data) + 2
            )
            return (bytes(body), end + 2) if end >= data else None
        if len(buffer) < data + size + 2:
            return None
        body += buffer[data : data + size]
        start = data + size + 2


class HttpServer:
    """Listens on one loopback port and hands every request to `handler`, on the running event loop."""

    def __init__(self, handler: Handler):
        self.handler = handler
        self.connections: set[Connection] = set()
        self.server: asyncio.Server | None = None
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(
            lambda: Connection(self.handler, self.connections), host, port, backlog=512, reuse_address=True
        )
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self.server:
            self.server.close()
        for connection in list(self.connections):
            if connection.transport:
                connection.transport.abort()
