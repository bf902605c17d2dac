# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What containers print arrives in CloudWatch Logs, under the stream names of the awslogs driver.

One thread reads the pipes of all containers and hands whole lines over a few times a second.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import threading
import time
from dataclasses import dataclass
from typing import Any

from moto.logs.models import logs_backends

from localcloud.lock import LOCK
from localcloud.runner.execution_role import LOGGING, ExecutionRole

FLUSH_SECONDS = 0.5
LONGEST_LINE = 256 * 1024 - 26
"""What CloudWatch Logs keeps of one event, in bytes."""


class NoLogGroup(Exception):
    """A container's log group does not exist; the message is worded as ECS words it."""


@dataclass
class Stream:
    """Where the lines of one container go."""

    account: str
    region: str
    group: str
    name: str


def open_stream(role: ExecutionRole, container: dict[str, Any]) -> Stream | None:
    """Make the log stream of a container that uses awslogs, as its task's execution role. The lock is held.

    Raises:
        NoLogGroup: its group does not exist and may not be made.
        NotAuthorized: the role may not.
    """
    configuration = container.get("logConfiguration") or {}
    if configuration.get("logDriver") != "awslogs":
        return None
    options = configuration.get("options") or {}
    group, region = options["awslogs-group"], options["awslogs-region"]
    account, task_id, prefix = role.account, role.task_id, options.get("awslogs-stream-prefix")
    name = f"{prefix}/{container['name']}/{task_id}" if prefix else task_id
    makes_group = options.get("awslogs-create-group") == "true"
    role.demand_stream(region, group, name, make_group=makes_group)
    backend: Any = logs_backends[account][region]
    if group not in backend.groups:
        if not makes_group:
            raise NoLogGroup(
                f"{LOGGING}ResourceNotFoundException: The specified log group does not exist ({group} in {region}). : "
                "exit status 1"
            )
        backend.create_log_group(group, {})
    backend.ensure_log_stream(group, name)
    return Stream(account, region, group, name)


class LogPump:
    """Reads pipes and writes log events. `attach` takes over a file descriptor and closes it at its end."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._partial: dict[int, bytes] = {}
        self._waiting: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="logs", daemon=True)
        self._thread.start()

    def attach(self, descriptor: int, stream: Stream | None) -> None:
        os.set_blocking(descriptor, False)
        self._partial[descriptor] = b""
        self._selector.register(descriptor, selectors.EVENT_READ, stream)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(2)

    def _run(self) -> None:
        flushed = time.monotonic()
        while not self._stopping.is_set():
            for key, _events in self._selector.select(FLUSH_SECONDS):
                self._read(key.fd, key.data)
            if self._waiting and time.monotonic() - flushed >= FLUSH_SECONDS:
                self._flush()
                flushed = time.monotonic()
        self._flush()

    def _read(self, descriptor: int, stream: Stream | None) -> None:
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        *lines, rest = (self._partial[descriptor] + data).split(b"\n")
        if not data:
            lines, rest = [*lines, rest], b""
            self._selector.unregister(descriptor)
            self._partial.pop(descriptor)
            os.close(descriptor)
        else:
            self._partial[descriptor] = rest
        if stream:
            now = int(time.time() * 1000)
            key = (stream.account, stream.region, stream.group, stream.name)
            texts = [line[:LONGEST_LINE].decode("utf-8", "replace") for line in lines if line.strip()]
            self._waiting.setdefault(key, []).extend({"timestamp": now, "message": text} for text in texts)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        with LOCK:
            for (account, region, group, name), events in waiting.items():
                # The group may have been deleted while the task ran.
                with contextlib.suppress(Exception):
                    if events:
                        logs_backends[account][region].put_log_events(group, name, events)
