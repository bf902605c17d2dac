# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sales that are recorded, and acknowledged, and whose publish failed: published again until that succeeds.

They are in the index of what nobody has processed. So what this process cannot publish before it ends, or has no room
for here, is found there, by the next steady pass of a worker or by a switch.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from sales_common.log import Log, describe

FIRST_PAUSE_SECONDS = 1.0
LAST_PAUSE_SECONDS = 30.0
MOST = 10_000


class Unpublished:
    """`publish` is what sends a message, and raises if it is not known to be sent."""

    def __init__(self, publish: Callable[[str], None], log: Log) -> None:
        self._publish = publish
        self._log = log
        self._waiting: deque[tuple[str, str]] = deque(maxlen=MOST)
        self._some = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="unpublished", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._some.set()

    def add(self, sale_id: str, message: str) -> None:
        self._waiting.append((sale_id, message))
        self._some.set()

    def publish_waiting(self) -> bool:
        """Publish what waits, in its order, until one fails; whether nothing waits any more."""
        while self._waiting:
            sale_id, message = self._waiting[0]
            try:
                self._publish(message)
            # Whatever it was, the sale is recorded and must not be forgotten.
            except Exception as error:
                self._log.warning(
                    "still_not_published", sale=sale_id, waiting=len(self._waiting), error=describe(error)
                )
                return False
            self._waiting.popleft()
            self._log.info("published_late", sale=sale_id)
        return True

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            self._some.wait()
            self._some.clear()
            while not self._stopping.is_set() and not self.publish_waiting():
                self._stopping.wait(min(FIRST_PAUSE_SECONDS * 2**failures, LAST_PAUSE_SECONDS))
                failures = min(failures + 1, 10)
            failures = 0
