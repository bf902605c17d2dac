# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""waitress, and an end that cuts nobody off: SIGTERM lets the requests under way finish before the process ends."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from waitress import create_server

from .log import Write

# ECS sends SIGKILL 30 s after SIGTERM unless the task definition says otherwise.
DRAIN_SECONDS = 15.0
# Time for requests already sent to arrive, and for the last byte of an answer to leave.
FLUSH_SECONDS = 0.2


class CountRequests:
    """WSGI middleware that knows how many requests are under way."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._lock = threading.Lock()
        self.under_way = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self._lock:
            self.under_way += 1
        try:
            return self._app(environ, start_response)
        finally:
            with self._lock:
                self.under_way -= 1


def serve(app: Callable[..., Iterable[bytes]], address: str, port: int, threads: int, write: Write) -> None:
    """Serve until SIGTERM or SIGINT, then until no request is under way.

    Raises:
        OSError: the address is taken.
    """
    counted = CountRequests(app)
    server = create_server(counted, host=address, port=port, threads=threads, ident=None, asyncore_use_poll=True)
    stopping = threading.Event()

    def drain() -> None:
        write("info", "stopping", under_way=counted.under_way)
        deadline = time.monotonic() + DRAIN_SECONDS
        time.sleep(FLUSH_SECONDS)
        while counted.under_way and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(FLUSH_SECONDS)
        # To the main thread: only that interrupts its poll().
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)

    def on_signal(_number: int, _frame: object) -> None:
        if stopping.is_set():
            raise SystemExit(0)
        stopping.set()
        threading.Thread(target=drain, name="drain", daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    write("info", "started", address=address, port=port)
    server.run()
