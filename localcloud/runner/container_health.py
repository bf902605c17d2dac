# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container health checks: the command of a definition's `healthCheck`, run as the Docker daemon runs it.

A container is UNKNOWN until its first good answer, or until it failed `retries` times in a row after its `startPeriod`.
The command runs beside the container's process, with its environment. The scheduler asks each check once per round;
nothing here waits.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Callable
from typing import Any

from localcloud.runner.options import RunnerOptions

LOCALHOST = re.compile(r"(?<![\w.-])(localhost|127\.0\.0\.1|\[::1\])(?![\w-]|\.\w)")
"""localhost as a word: not a part of a longer name."""


class ContainerHealth:
    """The health check of one container that runs."""

    def __init__(self, check: dict[str, Any], options: RunnerOptions, started: float) -> None:
        self.status = "UNKNOWN"
        self._timeout = float(check.get("timeout") or 5)
        self._retries = int(check.get("retries") or 3)
        self._interval = min(float(check.get("interval") or 30), options.container_check_interval)
        self._first_interval = min(self._interval, options.first_container_check)
        self._grace_until = started + min(float(check.get("startPeriod") or 0), options.grace_period)
        self._due = started + self._first_interval
        self._deadline = 0.0
        self._failures = 0
        self._process: subprocess.Popen[bytes] | None = None

    def look(self, now: float, run: Callable[[], subprocess.Popen[bytes]]) -> None:
        """One look: see what the command under way came to, or start it (`run`) when it is time."""
        process = self._process
        if process is None:
            if now >= self._due:
                self._deadline = now + self._timeout
                try:
                    self._process = run()
                except OSError:
                    # Docker counts a command that cannot be run as a failure of the check.
                    self._note(False, now)
            return
        status = process.poll()
        if status is None and now >= self._deadline:
            self.end()
            self._note(False, now)
        elif status is not None:
            self._process = None
            self._note(status == 0, now)

    def _note(self, good: bool, now: float) -> None:
        if good:
            self._failures = 0
            self.status = "HEALTHY"
        elif self.status == "HEALTHY" or now >= self._grace_until:
            self._failures += 1
            if self._failures >= self._retries:
                self.status = "UNHEALTHY"
        self._due = now + (self._interval if self.status == "HEALTHY" else self._first_interval)

    def end(self) -> None:
        """Kill the command under way, with what it started."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def check_of(definition: dict[str, Any]) -> dict[str, Any] | None:
    """The health check of a container definition; None without one, or if it says NONE."""
    check = definition.get("healthCheck") or {}
    return check if check.get("command") and check["command"][0] != "NONE" else None


def check_command(check: dict[str, Any], address: str) -> list[str]:
    """The words to run. `localhost` in them is the task, which here is the task's own address."""
    first, *rest = [LOCALHOST.sub(address, word) for word in check["command"]]
    if first == "CMD-SHELL":
        return ["/bin/sh", "-c", *rest]
    return rest if first == "CMD" else [first, *rest]
