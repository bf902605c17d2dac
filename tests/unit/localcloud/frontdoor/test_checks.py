# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Route 53's checkers at the front door: what counts as an answer, and how many answers change their mind."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from localcloud.frontdoor.checks import Checkers, Opinion

CHECK = {
    "id": "c",
    "type": "HTTP",
    "address": None,
    "host": "one.example.com",
    "port": 80,
    "path": "/readiness",
    "search": "",
    "sni": False,
    "interval": 0.01,
    "threshold": 2,
    "inverted": False,
}


def test_a_new_check_is_healthy_and_a_threshold_in_a_row_changes_that() -> None:
    opinion, seen = Opinion(), []
    for good in (False, False, True, False, False, False, True, True, False, True, True, True):
        opinion.note(good, threshold=3)
        seen.append(opinion.healthy)
    assert seen == [True] * 5 + [False] * 6 + [True]


async def look(check: dict[str, Any], answer: web.Response | None) -> tuple[list[str], str, list[str]]:
    """What is unhealthy and was seen last after some checks of an endpoint, and the hosts and paths it was asked for.

    answer: None ends the connection without one.
    """
    asked: list[str] = []

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(f"{request.host}{request.raw_path}")
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
        given = answer or web.Response()
        return web.Response(status=given.status, body=given.body, headers=given.headers)

    runner = web.ServerRunner(web.Server(serve))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    seen: list[str] = []
    async with aiohttp.ClientSession() as session:
        checkers = Checkers(session, runner.addresses[0][1])
        checkers.follow([check])
        while len(seen) <= check["threshold"]:
            await asyncio.sleep(0.005)
            seen += [each["status"] for each in checkers.take().values()]
        unhealthy = checkers.unhealthy()
        checkers.follow([])
        assert checkers.unhealthy() == []
    await runner.cleanup()
    return unhealthy, seen[-1], asked


@pytest.mark.parametrize(
    ("changed", "answer", "unhealthy", "told"),
    [
        ({}, web.Response(status=200), [], "Success: HTTP Status Code 200, OK"),
        # It does not follow a redirect, and is content with it.
        ({}, web.Response(status=302, headers={"Location": "/other"}), [], "Success: HTTP Status Code 302, Found"),
        ({}, web.Response(status=503), ["c"], "Failure: HTTP Status Code 503, Service Unavailable"),
        ({}, None, ["c"], "Failure: The health checker could not establish a connection"),
        ({"inverted": True}, web.Response(status=503), [], "Failure: HTTP Status Code 503"),
        ({"inverted": True}, web.Response(status=200), ["c"], "Success: HTTP Status Code 200"),
        ({"type": "HTTP_STR_MATCH", "search": "ready"}, web.Response(body=b"is ready"), [], "Success: HTTP"),
        ({"type": "HTTP_STR_MATCH", "search": "ready"}, web.Response(body=b" " * 5120 + b"ready"), ["c"], "Failure"),
        ({"type": "TCP"}, None, [], "Success: TCP connection established"),
    ],
)
def test_an_endpoint_is_healthy_while_it_answers(
    changed: dict[str, Any], answer: web.Response | None, unhealthy: list[str], told: str
) -> None:
    found, seen, asked = asyncio.run(look({**CHECK, **changed}, answer))
    assert found == unhealthy and seen.startswith(told)
    assert set(asked) <= {"one.example.com/readiness"}
