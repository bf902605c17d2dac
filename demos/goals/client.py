# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the goals system, who sees no more of it than its public name: what is there, and when nobody answers."""

from __future__ import annotations

import threading
import time
from typing import Any

from harness.visitor import TIMEOUT_SECONDS, ask

PAUSE_SECONDS = 0.05


class Client:
    """Asks through the front door `door` (host:port) for the load balancer called `name`."""

    def __init__(self, door: str, name: str) -> None:
        self._door, self._name = door, name

    def ask(self, method: str, path: str, body: Any = None, timeout: float = TIMEOUT_SECONDS) -> tuple[int, Any]:
        """(status, answer). Raises OSError when nobody answers."""
        return ask(self._door, method, path, self._name, body, timeout)

    def post(self, count: int) -> list[str]:
        """Post goals; returns the ids that were acknowledged.

        Raises:
            RuntimeError: one was not.
        """
        acknowledged = []
        for number in range(count):
            status, goal = self.ask("POST", "/goals", {"text": f"Goal {number + 1}"})
            if status != 201:
                raise RuntimeError(f"POST /goals answered {status}: {goal}")
            acknowledged.append(goal["id"])
        return acknowledged

    def goals(self) -> set[str]:
        """The ids of all goals.

        Raises:
            RuntimeError: the list was refused.
        """
        status, told = self.ask("GET", "/goals")
        if status != 200:
            raise RuntimeError(f"GET /goals answered {status}: {told}")
        return {goal["id"] for goal in told["goals"]}


class Watch:
    """While entered, asks for the goals again and again. `longest` is the longest time without an answer (s)."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.longest = 0.0

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.set()
        self._thread.join(2 * TIMEOUT_SECONDS)

    def _run(self) -> None:
        last, failed = time.monotonic(), False
        while not self._ending.wait(PAUSE_SECONDS):
            asked = time.monotonic()
            try:
                answers = self._client.ask("GET", "/goals", timeout=2.0)[0] == 200
            except OSError:
                answers = False
            if not answers:
                failed = True
                continue
            if failed:  # otherwise it was only the pause between two questions
                self.longest = max(self.longest, time.monotonic() - last)
            last, failed = asked, False
        if failed:
            self.longest = max(self.longest, time.monotonic() - last)
