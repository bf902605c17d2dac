# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container of a task: what DescribeTasks tells of it, and its process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from localcloud.runner.container_health import ContainerHealth, check_command, check_of
from localcloud.runner.dependencies import Progress
from localcloud.runner.logs import LogPump, Stream
from localcloud.runner.options import RunnerOptions

STOP_TIMEOUT = 30
"""Seconds between SIGTERM and SIGKILL unless the container says otherwise, as on ECS."""

START_TIMEOUT = 180
"""Seconds a dependency has to be fulfilled unless the container says otherwise, as on Fargate."""


@dataclass(frozen=True)
class Command:
    """What a container's process is started with."""

    words: list[str]
    environment: dict[str, str]
    directory: Path
    address: str
    stream: Stream | None


@dataclass
class Container:
    """One container as DescribeTasks tells of it, and its process. `key` names it in its metadata endpoint."""

    key: str
    name: str
    image: str
    essential: bool
    definition: dict[str, Any]
    task_arn: str
    container_arn: str
    last_status: str = "PENDING"
    exit_code: int | None = None
    reason: str | None = None
    runtime_id: str | None = None
    image_digest: str | None = None
    network_interfaces: list[dict[str, Any]] = field(default_factory=list)
    cpu: str = "0"
    memory: str | None = None
    process: subprocess.Popen[bytes] | None = None
    _command: Command | None = None
    _health: ContainerHealth | None = None
    _started: float = 0.0
    _kill_at: float = 0.0

    @property
    def ports(self) -> list[int]:
        """Those that are mapped one by one; of a range not every port need be listened on."""
        mappings = self.definition.get("portMappings") or []
        return [mapping["containerPort"] for mapping in mappings if "containerPort" in mapping]

    @property
    def is_checked(self) -> bool:
        return check_of(self.definition) is not None

    @property
    def health_status(self) -> str:
        return self._health.status if self._health else "UNKNOWN"

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.exit_code is None

    def progress(self, options: RunnerOptions) -> Progress:
        """How far it has come, for the containers that depend on it."""
        asked = float(self.definition.get("startTimeout") or START_TIMEOUT)
        return Progress(
            is_started=self.process is not None,
            exit_code=self.exit_code,
            health=self.health_status,
            age=time.monotonic() - self._started if self._started else 0.0,
            start_timeout=min(asked, options.start_timeout),
        )

    def start(self, command: Command, logs: LogPump, options: RunnerOptions) -> None:
        """Start the process.

        Raises:
            OSError: it could not be started.
        """
        self._command = command
        reading, writing = os.pipe()
        try:
            self.process = self._spawn(command.words, writing)
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        logs.attach(reading, command.stream)
        self.runtime_id = f"{self.key}-{self.process.pid}"
        self._started = time.monotonic()
        self.last_status = "RUNNING"
        check = check_of(self.definition)
        if check:
            self._health = ContainerHealth(check, options, self._started)

    def _spawn(self, words: list[str], output: int) -> subprocess.Popen[bytes]:
        command = self._command
        assert command is not None
        return subprocess.Popen(
            words,
            cwd=command.directory,
            env=command.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def look_health(self) -> None:
        """Go on with its health check, if it has one. Without the lock: this may start a process."""
        if self._health and self.is_running and self._command:
            words = check_command(check_of(self.definition) or {}, self._command.address)
            self._health.look(time.monotonic(), lambda: self._spawn(words, subprocess.DEVNULL))

    def look_exit(self) -> bool:
        """Note the end of its process; whether it has ended since the last look."""
        status = self.process.poll() if self.is_running and self.process else None
        if status is None:
            return False
        self.exit_code = status if status >= 0 else 128 - status
        self.last_status = "STOPPED"
        self.end_check()
        return True

    def advance_stop(self) -> None:
        """SIGTERM first, SIGKILL when `stopTimeout` is over."""
        now = time.monotonic()
        if not self._kill_at:
            self._kill_at = now + (self.definition.get("stopTimeout") or STOP_TIMEOUT)
            self.send(signal.SIGTERM)
        elif now >= self._kill_at:
            self.send(signal.SIGKILL)

    def send(self, number: int) -> None:
        """Signal the container's processes, which are a session of their own."""
        if self.is_running and self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def end_check(self) -> None:
        """A check under way ends with its container."""
        if self._health:
            self._health.end()
