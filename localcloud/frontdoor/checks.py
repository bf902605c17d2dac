# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Route 53's health checkers: they ask endpoints through the front door, and the door's answers follow what they see.

They need no control plane. A new health check counts as healthy until as many requests in a row have failed as its
threshold says, and one that changed its mind needs as many the other way. An endpoint has 4 seconds to take the
connection and 2 to answer, with 2xx or 3xx. See "How Route 53 determines whether a health check is healthy".
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from localcloud.ports import on_this_machine

log = logging.getLogger("localcloud.frontdoor")

CONNECT_SECONDS, ANSWER_SECONDS = 4.0, 2.0
SEARCHED_BYTES = 5120
"""How much of an answer is searched for the text of a check whose type ends in STR_MATCH."""

USER_AGENT = "Amazon-Route53-Health-Check-Service (ref localcloud; report http://amzn.to/1vsZADi)"


@dataclass
class Opinion:
    """What the checkers think of one endpoint."""

    healthy: bool = True
    in_a_row: int = 0

    def note(self, good: bool, threshold: int) -> None:
        """Take in one answer."""
        if good == self.healthy:
            self.in_a_row = 0
            return
        self.in_a_row += 1
        if self.in_a_row >= threshold:
            self.healthy, self.in_a_row = good, 0


@dataclass
class Watched:
    """One health check as the routes table tells it, and the task that asks."""

    check: dict[str, Any]
    opinion: Opinion = field(default_factory=Opinion)
    task: asyncio.Task[None] | None = None


class Checkers:
    """The checkers of one front door, which answers at `port` for every public name."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session, self._port = session, port
        self._watched: dict[str, Watched] = {}
        self._seen: dict[str, dict[str, Any]] = {}

    def follow(self, checks: list[dict[str, Any]]) -> None:
        """Check these from now on, and no others."""
        wanted = {each["id"]: each for each in checks}
        for identifier in self._watched.keys() - wanted.keys():
            self._end(self._watched.pop(identifier))
        for identifier, check in wanted.items():
            watched = self._watched.setdefault(identifier, Watched(check))
            watched.check = check
            if watched.task is None:
                watched.task = asyncio.create_task(self._watch(watched))

    def unhealthy(self) -> list[str]:
        """The ids of the checks that fail, or that hold and are inverted."""
        return [key for key, each in self._watched.items() if each.opinion.healthy is bool(each.check["inverted"])]

    def take(self) -> dict[str, dict[str, Any]]:
        """What was seen since it was asked last, by id: `status` in Route 53's words, and `at` in unix seconds."""
        seen, self._seen = self._seen, {}
        return seen

    def stop(self) -> None:
        for each in self._watched.values():
            self._end(each)

    @staticmethod
    def _end(watched: Watched) -> None:
        if watched.task is not None:
            watched.task.cancel()

    async def _watch(self, watched: Watched) -> None:
        while True:
            good, told = await self._ask(watched.check)
            watched.opinion.note(good, watched.check["threshold"])
            self._seen[watched.check["id"]] = {
                "status": f"{'Success' if good else 'Failure'}: {told}",
                "at": time.time(),
            }
            await asyncio.sleep(watched.check["interval"])

    async def _ask(self, check: dict[str, Any]) -> tuple[bool, str]:
        try:
            if check["type"] == "TCP":
                return await self._connect(check)
            return await self._request(check)
        except TimeoutError:
            return False, "The health checker could not get an answer in time."
        except (aiohttp.ClientError, OSError) as error:
            log.info("health check %s of %s: %r", check["id"], check["host"] or check["address"], error)
            return False, "The health checker could not establish a connection within the timeout limit."

    def _place(self, check: dict[str, Any]) -> tuple[str, int]:
        """Where a check connects to: an address of its own, or the front door, which stands for every name."""
        if check["address"]:
            return check["address"], on_this_machine(check["port"])
        return "127.0.0.1", self._port

    async def _connect(self, check: dict[str, Any]) -> tuple[bool, str]:
        address, port = self._place(check)
        async with asyncio.timeout(CONNECT_SECONDS):
            _reader, writer = await asyncio.open_connection(address, port)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True, "TCP connection established"

    async def _request(self, check: dict[str, Any]) -> tuple[bool, str]:
        address, port = self._place(check)
        secure = check["type"].startswith("HTTPS")
        host = check["host"] or address
        usual = check["port"] == (443 if secure else 80)
        scheme = "https" if secure else "http"
        path = check["path"] if check["path"].startswith("/") else f"/{check['path']}"
        # It asks anew each time, and believes any certificate.
        async with self._session.get(
            URL(f"{scheme}://{address}:{port}{path}", encoded=True),
            headers={
                "Host": host if usual else f"{host}:{check['port']}",
                "User-Agent": USER_AGENT,
                "Connection": "close",
            },
            allow_redirects=False,
            ssl=False,
            server_hostname=check["host"] if secure and check["sni"] else None,
            timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=ANSWER_SECONDS),
        ) as answer:
            told = f"HTTP Status Code {answer.status}, {answer.reason}"
            if not 200 <= answer.status < 400:
                return False, told
            if check["search"]:
                head = await answer.content.read(SEARCHED_BYTES)
                if check["search"].encode() not in head:
                    return False, f"{told}. The text that was searched for was not found."
            return True, told
