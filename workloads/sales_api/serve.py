# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""waitress, and an end that cuts nobody off: SIGTERM lets the requests under way finish before the process ends."""

from __future__ import annotations

import signal
import threading
import time

from waitress import create_server

from sales_common.log import Log

# ECS sends SIGKILL 30 s after SIGTERM unless the task definition says otherwise.
DRAIN_SECONDS = 15.0
# Between a response's end and its last byte on the wire; also the time for requests already sent to arrive.
FLUSH_SECONDS = 0.3
# Above the application's own limit, so that its JSON refusal is what clients usually see.
RECEIVE_BYTES = 1024 * 1024


class CountRequests:
    """WSGI middleware that knows how many requests are under way."""

    def __init__(self, app) -> None:
        self._app = app
        self._lock = threading.Lock()
        self.under_way = 0

    def __call__(self, environ, start_response):
        with self._lock:
            self.under_way += 1
        try:
            # Responses are small and whole (no streaming), so the request is over when the application returns.
            return self._app(environ, start_response)
        finally:
            with self._lock:
                self.under_way -= 1


def serve(app, address: str, port: int, threads: int, log: Log) -> None:
    """Serve until SIGTERM or SIGINT, then until no request is under way. OSError when the address is taken."""
    counted = CountRequests(app)
    server = create_server(
        counted,
        host=address,
        port=port,
        threads=threads,
        ident=None,
        max_request_body_size=RECEIVE_BYTES,
        # select() knows no file descriptor beyond 1023.
        asyncore_use_poll=True,
    )
    main = threading.main_thread().ident
    draining = threading.Event()

    def drain() -> None:
        log.info("stopping", under_way=counted.under_way)
        deadline = time.monotonic() + DRAIN_SECONDS
        time.sleep(FLUSH_SECONDS)
        while counted.under_way and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(FLUSH_SECONDS)
        # To the main thread itself: only that interrupts its select().
        signal.pthread_kill(main, signal.SIGTERM)

    def on_signal(number: int, frame: object) -> None:
        if draining.is_set():
            raise SystemExit(0)
        draining.set()
        threading.Thread(target=drain, name="drain", daemon=True).start()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    log.info("started", address=address, port=port)
    server.run()
