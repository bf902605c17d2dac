# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP server, byte by byte."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from localcloud.http_server import Connection, NoAnswer, Request, Response


class Transport:
    """Stands in for a socket."""

    def __init__(self) -> None:
        self.sent = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.sent += data

    def close(self) -> None:
        self.closed = True

    abort = close


def serve(*pieces: bytes, handler: Callable[[Request], Any] | None = None) -> tuple[list[Request], Transport]:
    """Feed a connection with `pieces`; returns the requests it made of them, and what it answered."""
    requests: list[Request] = []

    def echo(request: Request) -> Response | Awaitable[Response]:
        requests.append(request)
        return handler(request) if handler else Response(200, {}, request.body)

    async def run() -> Transport:
        transport = Transport()
        connection = Connection(echo, set())
        connection.connection_made(transport)  # type: ignore[arg-type]
        for piece in pieces:
            connection.data_received(piece)
        while connection.task is not None:
            await asyncio.sleep(0)
        return transport

    return requests, asyncio.run(run())


POST = b"POST /a%20b?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"


def undated(sent: bytes) -> bytes:
    """What was sent, less the time, which every answer of AWS tells to the second."""
    left, dates = re.subn(rb"date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n", b"", sent)
    assert dates == 1
    return left


def test_a_request_in_one_piece() -> None:
    requests, transport = serve(POST)
    assert (requests[0].method, requests[0].path, requests[0].query, requests[0].body) == (
        "POST",
        "/a%20b",
        "x=1",
        b"hello",
    )
    assert undated(transport.sent) == b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"


def test_a_request_in_single_bytes() -> None:
    requests, _ = serve(*[POST[i : i + 1] for i in range(len(POST))])
    assert [request.body for request in requests] == [b"hello"]


def test_several_requests_in_one_piece_are_answered_in_order() -> None:
    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.01)
        return Response(200, {}, b"slow")

    requests, transport = serve(POST + POST, handler=slow)
    assert len(requests) == 2
    assert transport.sent.count(b"slow") == 2


def test_chunks_are_put_together() -> None:
    head = b"PUT /k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    requests, _ = serve(head, b"3\r\nabc\r\n", b"2;ext=1\r\nde\r\n0\r\n", b"\r\n" + POST)
    assert [request.body for request in requests] == [b"abcde", b"hello"]


def test_trailers_after_chunks_are_dropped() -> None:
    requests, _ = serve(
        b"PUT /k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-checksum: 1\r\n\r\n" + POST
    )
    assert [request.body for request in requests] == [b"a", b"hello"]


def test_a_client_that_asks_is_told_to_continue_once() -> None:
    head = b"PUT /k HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
    requests, transport = serve(head, b"a", b"b")
    assert requests[0].body == b"ab"
    assert transport.sent.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200")
    assert transport.sent.count(b"100 Continue") == 1


def test_head_keeps_the_length_of_what_it_does_not_send() -> None:
    _, transport = serve(b"HEAD /k HTTP/1.1\r\n\r\n", handler=lambda _: Response(200, {"Content-Length": "7"}, b""))
    assert undated(transport.sent) == b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n"


def test_nonsense_is_refused_and_the_connection_closed() -> None:
    requests, transport = serve(b"hello\r\n\r\n")
    assert (requests, transport.closed) == ([], True)
    assert transport.sent.startswith(b"HTTP/1.1 400")


def test_a_failing_handler_answers_500_and_keeps_the_connection() -> None:
    requests, transport = serve(POST + POST, handler=lambda _: 1 / 0)
    assert transport.sent.count(b"HTTP/1.1 500") == 2
    assert not transport.closed


def test_a_header_given_twice_is_joined_and_metadata_names_are_kept() -> None:
    requests, _ = serve(b"GET / HTTP/1.1\r\nA: 1\r\na: 2\r\nx-amz-meta-My_Key: v\r\n\r\n")
    assert requests[0].headers["a"] == "1,2"
    assert requests[0].raw_names == {"x-amz-meta-my_key": "x-amz-meta-My_Key"}


def test_who_shall_hear_nothing_loses_the_connection() -> None:
    def refuse(_request: Request) -> Response:
        raise NoAnswer

    async def refuse_later(_request: Request) -> Response:
        raise NoAnswer

    for handler in (refuse, refuse_later):
        _requests, transport = serve(POST, handler=handler)
        assert (transport.sent, transport.closed) == (b"", True)
