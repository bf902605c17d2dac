# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task's own item in its region's register, what it tells there, and the items of peers that have vanished."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from protocol.limits import REGISTER_SECONDS, TOLD_IDS, TOLD_SECONDS
from protocol.region_map import RegionMap
from protocol.register import RegisteredReader, VanishedReaders, reader_removal, reader_write, readers_of

from .aws import Aws, Patience
from .batches import scan_items


class Lately:
    """The items that this task wrote in the last seconds. Any thread may add some."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrote: deque[tuple[float, str, str]] = deque(maxlen=TOLD_IDS)

    def add(self, table: str, ids: Iterable[str]) -> None:
        with self._lock:
            now = self._clock()
            self._wrote.extend((now, table, each) for each in ids)

    def ids(self) -> dict[str, list[str]]:
        """Table → ids, of the last TOLD_SECONDS."""
        found: dict[str, list[str]] = {}
        with self._lock:
            oldest = self._clock() - TOLD_SECONDS
            while self._wrote and self._wrote[0][0] < oldest:
                self._wrote.popleft()
            for _at, table, each in self._wrote:
                found.setdefault(table, []).append(each)
        return found


class Register:
    """This task in the register of its region. botocore's errors pass through. One thread uses it."""

    def __init__(
        self, aws: Aws, table: str, *, task: str, ttl: float, claim_to_effect: float, clock=time.monotonic
    ) -> None:
        """task: the ARN of the ECS task, or "". ttl, claim_to_effect: seconds; what this task lives by."""
        self._dynamodb = aws.client("dynamodb", Patience(connect=1.0, read=2.0, attempts=1), connections=1)
        self._table = table
        self._region = aws.region
        self._task = task
        # A container that is started anew in its task is another reader: it knows nothing of what the first had begun.
        self._name = f"{task.rpartition('/')[2] or socket.gethostname()}-{os.urandom(4).hex()}"
        self._lives_by = (ttl, claim_to_effect)
        self._clock = clock
        self._counter = 0
        self._written: RegisteredReader | None = None
        self._vanished = VanishedReaders()
        self._tidied = clock()

    def write(self, seen: RegionMap, acknowledged: int, told: dict[str, list[str]]) -> None:
        """Register, or tell anew: the map that is known, and the epoch that is let go up to."""
        self._counter += 1
        self._written = RegisteredReader(
            self._region, self._name, self._task, self._counter, acknowledged, seen, *self._lives_by, told
        )
        self._dynamodb.put_item(**reader_write(self._table, self._written))

    def remove(self) -> None:
        """Leave the register: the last thing that a task does which stops in order."""
        if self._written is not None:
            self._dynamodb.delete_item(**reader_removal(self._table, self._written))

    def tidy(self) -> list[str]:
        """Now and then: remove the items of this region's tasks that have vanished; their names."""
        if self._clock() < self._tidied + REGISTER_SECONDS:
            return []
        self._tidied = sent = self._clock()
        items = scan_items(self._dynamodb, self._table)
        vanished = self._vanished.look(readers_of(items, self._region), sent, self._clock())
        for reader in vanished:
            self._dynamodb.delete_item(**reader_removal(self._table, reader))
        return [reader.name for reader in vanished]
