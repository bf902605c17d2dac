# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries HTTP requests from the front door to targets, and their answers back."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import ssl
import time
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from localcloud.frontdoor.answers import SILENCE, Answer
from localcloud.frontdoor.checks import Checkers
from localcloud.frontdoor.choice import Asked, Target, Turns, Website, choose
from localcloud.frontdoor.meter import Meter
from localcloud.frontdoor.tls import Authority, accept, is_for
from localcloud.ports import on_this_machine

log = logging.getLogger("localcloud.frontdoor")

TELL_SECONDS = 0.12
"""How often what was counted and observed is told, in seconds; and how long the door waits for a silent server."""

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
     "upgrade", "content-length", "host", "expect"}
)  # fmt: skip
"""What belongs to one connection and not to the message."""

FORWARDED = frozenset({"x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"})
KEEP_ALIVE_SECONDS = 15
"""Shorter than targets keep idle connections, so that a connection is not reused just as the target closes it."""

IDLE_SECONDS = 60
"""An Application Load Balancer's idle timeout."""

LARGEST_BODY = 10 * 1024 * 1024


class FrontDoor:
    """The proxy and the routes it goes by. `metric_seconds`: how long a point of its metrics stands for. `tls_folder`:
    where the authority is that signs for the names that are served over TLS.
    """

    def __init__(self, server: str, metric_seconds: float, tls_folder: Path) -> None:
        self._server = server
        self._tls_folder = tls_folder
        self._authority: Authority | None = None
        self._meter = Meter(metric_seconds)
        self._table: dict[str, Any] = {}
        self._etag = ""
        self._turns = Turns()
        self._chance = random.Random()
        self._session: aiohttp.ClientSession | None = None
        self._checkers: Checkers | None = None

    async def serve(self, host: str, port: int, stopped: asyncio.Event) -> None:
        """Answer on host:port until `stopped`."""
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=IDLE_SECONDS)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, auto_decompress=False, skip_auto_headers=["User-Agent"]
        ) as session:
            self._session, self._checkers = session, Checkers(session, port)
            await self._refresh()
            beside = [asyncio.create_task(self._follow()), asyncio.create_task(self._tell())]
            runner = web.ServerRunner(web.Server(self._handle, access_log=None))
            await runner.setup()
            accepting = asyncio.create_task(accept(runner.server, host, port, self._tls))
            ended = asyncio.create_task(stopped.wait())
            try:
                # A port that is taken ends it.
                await asyncio.wait((accepting, ended), return_when=asyncio.FIRST_COMPLETED)
                if accepting.done():
                    accepting.result()
            finally:
                for each in beside:
                    each.cancel()
                self._checkers.stop()
                accepting.cancel()
                await runner.cleanup()

    def _tls(self) -> ssl.SSLContext | None:
        return None if self._authority is None else self._authority.context()

    def _is_served(self, name: str) -> bool:
        """Whether API Gateway serves this name, which it does over TLS only, or a listener has a certificate for it."""
        if any(name in api["names"] for api in self._table["apis"]) or name in self._table["domains"]:
            return True
        return any(is_for(each, name) for each in self._certified())

    def _certified(self) -> list[str]:
        """The names in the certificates of listeners."""
        balancers = self._table.get("load_balancers", {}).values()
        return [name for each in balancers for listener in each["listeners"] for name in listener["names"]]

    async def _follow(self) -> None:
        while True:
            if not await self._refresh():
                await asyncio.sleep(TELL_SECONDS)

    async def _refresh(self) -> bool:
        """Take the server's table as soon as it is another one; whether the server answered."""
        assert self._session is not None and self._checkers is not None
        # Without an answer the door goes on with what it knows, as AWS's data plane does without the control plane.
        with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError, json.JSONDecodeError):
            known = {"If-None-Match": self._etag}
            async with self._session.get(f"{self._server}/_localcloud/routes", headers=known) as answer:
                if answer.status == 200:
                    self._table = json.loads(await answer.read())
                    self._etag = answer.headers["ETag"]
                    if self._authority is None and (self._table.get("apis") or self._certified()):
                        self._authority = Authority(self._tls_folder, self._is_served)
                    self._checkers.follow(self._table.get("health_checks", []))
                return answer.status in (200, 304)
        return False

    async def _tell(self) -> None:
        assert self._session is not None and self._checkers is not None
        while True:
            await asyncio.sleep(TELL_SECONDS)
            with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError):
                if seen := self._checkers.take():
                    async with self._session.post(f"{self._server}/_localcloud/observed", json=seen):
                        pass
                if points := self._meter.take():
                    async with self._session.post(f"{self._server}/_localcloud/counted", json=points):
                        pass

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = read(request)
        assert self._checkers is not None
        table = {**self._table, "unhealthy": self._checkers.unhealthy()}
        chosen = choose(table, asked, self._turns, self._chance)
        if chosen is SILENCE and request.transport is not None:
            request.transport.abort()
            return web.Response(status=503)  # that nobody reads
        if isinstance(chosen, Answer):
            self._meter.failed(chosen.balancer)
            headers = {"Location": chosen.location} if chosen.location else {}
            return web.Response(
                status=chosen.status, text=chosen.body, content_type=chosen.content_type, headers=headers
            )
        if isinstance(chosen, Website):
            return await self._show(request, asked, chosen)
        return await self._carry(request, asked, chosen)

    async def _show(self, request: web.BaseRequest, asked: Asked, website: Website) -> web.Response:
        """What S3 answers for a bucket's website."""
        assert self._session is not None
        if not asked.path.startswith("/"):
            return web.Response(status=400, text="400 Bad Request\n")
        url = URL(f"{self._server}/_localcloud/website/{website.region}/{website.bucket}{asked.path}", encoded=True)
        conditions = {name: value for name, value in request.headers.items() if name.lower() == "if-none-match"}
        try:
            async with self._session.request(request.method, url, headers=conditions, allow_redirects=False) as answer:
                response = web.Response(status=answer.status, reason=answer.reason, body=await answer.read())
        except aiohttp.ClientError as error:
            log.info("%s %s of website %s failed: %r", request.method, asked.path, website.bucket, error)
            return web.Response(status=503, text="503 Slow Down\n")
        return copied(request, answer, response)

    async def _carry(self, request: web.BaseRequest, asked: Asked, target: Target) -> web.StreamResponse:
        assert self._session is not None
        if not request.raw_path.startswith("/"):
            return _failed(400, "400 Bad Request", target)
        body = await read_body(request)
        if body is None:
            return _failed(413, "413 Request Entity Too Large", target)
        path, mark, query = request.raw_path.partition("?")
        path = (target.path or path) + mark + query
        url = URL(f"http://{target.id}:{on_this_machine(target.port)}{path}", encoded=True)
        asked_at = time.monotonic()
        try:
            async with self._session.request(
                request.method,
                url,
                data=body or None,
                headers=forwarded(request, asked, target.host),
                allow_redirects=False,
            ) as answer:
                seconds = time.monotonic() - asked_at  # until the first of the headers
                # Taken as a whole: an answer that breaks off must become a 502, and not half an answer.
                content = await answer.read()
        except TimeoutError:
            self._meter.failed(target.balancer, target.group)
            return _failed(504, "504 Gateway Time-out", target)
        except aiohttp.ClientError as error:
            self._meter.failed(target.balancer, target.group)
            log.info("%s %s to %s failed: %r", request.method, request.path, url, error)
            return _failed(502, "502 Bad Gateway", target)
        self._meter.answered(target.balancer, target.group, answer.status, seconds)
        response = copied(request, answer, web.Response(status=answer.status, reason=answer.reason, body=content))
        response.headers["X-Served-By"] = target.served_by
        response.headers["X-Passed"] = "; ".join(target.hops)
        return response


async def read_body(request: web.BaseRequest) -> bytes | None:
    """The whole body, or None if it is too large."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def forwarded(request: web.BaseRequest, asked: Asked, host: str | None = None) -> list[tuple[str, str]]:
    """A request's headers as a load balancer passes them on; `host` if it was told another one."""
    kept = [(name, value) for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP | FORWARDED]
    path = [*request.headers.getall("X-Forwarded-For", []), asked.client]
    scheme = "https" if asked.secure else "http"
    added = {"Host": host or request.host, "X-Forwarded-For": ", ".join(path), "X-Forwarded-Proto": scheme}
    return [*kept, *added.items(), ("X-Forwarded-Port", str(asked.port))]


def copied(request: web.BaseRequest, answer: aiohttp.ClientResponse, response: web.Response) -> web.Response:
    """The response with the headers of the answer that it passes on."""
    response.headers.popall("Content-Type", None)
    for name, value in answer.headers.items():
        if name.lower() not in HOP_BY_HOP:
            response.headers.add(name, value)
    if request.method == "HEAD" and "Content-Length" in answer.headers:
        response.headers["Content-Length"] = answer.headers["Content-Length"]
    return response


def _failed(status: int, words: str, target: Target) -> web.Response:
    return web.Response(status=status, text=words + "\n", headers={"X-Served-By": target.served_by})


def read(request: web.BaseRequest) -> Asked:
    """What decides about a request's way.

    The door's own port says nothing: the listener's is the one in the Host header of a public name, or 80.
    """
    host, _colon, port = request.host.partition(":")
    by_address = host in ("localhost", "") or host.replace(".", "").isdigit()
    path, _mark, query = request.raw_path.partition("?")
    secure = request.transport is not None and request.transport.get_extra_info("sslcontext") is not None
    return Asked(
        host=host,
        secure=secure,
        port=int(port) if port.isdigit() and not by_address else 443 if secure else 80,
        method=request.method,
        path=path,
        query=query,
        headers=request.headers,
        client=request.remote or "127.0.0.1",
    )
