# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate between the AWS port and the services: where requests feel what is wrong with a region (faults.py)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from localcloud.dispatch import Answer, credential_of
from localcloud.faults import Call, Fault, Faults, Way
from localcloud.http_server import NoAnswer, Request, Response
from localcloud.sickness import draw, ill
from localcloud.throttling import closed, throttled

LOOK_AGAIN = 0.25
"""How soon, in seconds, a request that waits (a long poll, a call into a black hole) notices that the world changed."""


class Gate:
    """Lets requests pass to `answer` as far as `faults` allow.

    `home_of` says in which region a bucket lives, since any region's endpoint may be asked for it.
    """

    def __init__(self, faults: Faults, answer: Callable[[Request], Answer], home_of: Callable[[str], str | None]):
        self.faults = faults
        self.answer = answer
        self.home_of = home_of

    def pass_on(self, request: Request) -> Answer:
        """Answer one request, now or later.

        Raises:
            NoAnswer: it gets none, here or from what is awaited.
        """
        if self.faults:
            call = self.call_of(request)
            way, fault = self.faults.way(call)
            if way is Way.CLOSE:
                raise NoAnswer
            if way is Way.HANG:
                return self._hang(call)
            if way is Way.REFUSE:
                return closed(call.service, request)
            if way is Way.DELAY:
                assert fault is not None
                return self._delay(request, call, fault)
            if way is Way.THROTTLE and fault is not None and self.faults.chance.random() < fault.share:
                return throttled(call.service, request)
            if way is Way.LOSE and fault is not None and self.faults.chance.random() < fault.share:
                return self._lose(self.answer(request))
            if way is Way.FAIL and fault is not None and self.faults.chance.random() < fault.share:
                return self._fail(call.service, request)
        answer = self.answer(request)
        return answer if isinstance(answer, Response) else self._see_through(request, answer)

    def call_of(self, request: Request) -> Call:
        """Who asks whom, from the signature; without one, nobody asks nothing, and that passes."""
        access_key, service, region = credential_of(request)
        bucket = request.path.lstrip("/").partition("/")[0] if service == "s3" else ""
        home = self.home_of(bucket) if bucket else None
        return Call(service, (region, home) if home else (region,), access_key)

    async def _hang(self, call: Call) -> Response:
        """Say nothing for as long as nothing gets through; a client that has given up cancels this."""
        while self.faults.way(call)[0] is Way.HANG:
            await asyncio.sleep(LOOK_AGAIN)
        raise NoAnswer

    async def _lose(self, answer: Answer) -> Response:
        """Carry it out, and close the connection instead of telling."""
        if not isinstance(answer, Response):
            await answer
        raise NoAnswer

    def _fail(self, service: str, request: Request) -> Answer:
        """Answer with a server's fault; whether it was carried out, nobody is told."""
        form, status, carried_out = draw(self.faults.chance)
        answer = ill(service, request, form, status)
        made = self.answer(request) if carried_out else answer
        return answer if isinstance(made, Response) else _instead(made, answer)

    async def _delay(self, request: Request, call: Call, fault: Fault) -> Response:
        await asyncio.sleep(fault.latency)
        await self._check(call)
        answer = self.answer(request)
        return answer if isinstance(answer, Response) else await self._see_through(request, answer)

    async def _see_through(self, request: Request, answer: Awaitable[Response]) -> Response:
        """Wait for an answer that takes its time, unless its region dies meanwhile."""
        under_way = asyncio.ensure_future(answer)
        try:
            while True:
                await asyncio.wait({under_way}, timeout=LOOK_AGAIN)
                if self.faults:
                    await self._check(self.call_of(request))
                if under_way.done():
                    return under_way.result()
        finally:
            under_way.cancel()

    async def _check(self, call: Call) -> None:
        """Let a call's answer out, unless its region died or went out of reach meanwhile.

        Raises:
            NoAnswer: the answer would not get out; raised after the silence that belongs to it.
        """
        way = self.faults.way(call)[0]
        if way is Way.HANG:
            await self._hang(call)
        if way is Way.CLOSE:
            raise NoAnswer


async def _instead(awaited: Awaitable[Response], answer: Response) -> Response:
    """Answer so, once what was asked for is done."""
    await awaited
    return answer
