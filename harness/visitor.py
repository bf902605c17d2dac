# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A visitor of a public name, who asks for pages at a steady rate, likes what he likes, and counts what goes wrong."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

TIMEOUT_SECONDS = 10.0


def ask(
    place: str, method: str, path: str, name: str = "", body: Any = None, timeout: float = TIMEOUT_SECONDS
) -> tuple[int, Any]:
    """(status, answer) of `place` (host:port), asked as `name`; `body` is sent as JSON. An answer may be text.

    Raises:
        OSError: nobody answers, or the answer is broken.
    """
    connection = http.client.HTTPConnection(place, timeout=timeout)
    try:
        connection.request(method, path, body and json.dumps(body), {"Host": name or place})
        answer = connection.getresponse()
        text = answer.read().decode()
    except http.client.HTTPException as error:
        raise OSError(f"a broken answer: {error!r}") from error
    finally:
        connection.close()
    try:
        return answer.status, json.loads(text)
    except ValueError:
        return answer.status, text


class Visitor:
    """While entered, asks `rate` times a second for the next of `pages` (method, path), which may change meanwhile.

    answered: how often each page was, with 200. failed: a line for every other answer, and for each that did not come.
    """

    def __init__(self, door: str, name: str, pages: list[tuple[str, str]], rate: float = 20.0) -> None:
        self._door, self._name, self._rate = door, name, rate
        self.pages = pages
        self.answered: Counter[tuple[str, str]] = Counter()
        self.failed: list[str] = []
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Visitor:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Let the requests under way end."""
        self._ending.set()
        self._thread.join(2 * TIMEOUT_SECONDS)

    def _run(self) -> None:
        began, sent = time.monotonic(), 0
        with ThreadPoolExecutor(16) as pool:
            while not self._ending.wait(max(0.0, began + sent / self._rate - time.monotonic())):
                pages = self.pages
                pool.submit(self._visit, *pages[sent % len(pages)])
                sent += 1

    def _visit(self, method: str, path: str) -> None:
        wrong = ""
        try:
            status, said = ask(self._door, method, path, self._name)
            if status != 200:
                wrong = f"{status} {said}"
        except OSError as error:
            wrong = repr(error)
        with self._lock:
            if wrong:
                self.failed.append(f"{time.strftime('%H:%M:%S')} {method} {path}: {wrong}")
            else:
                self.answered[method, path] += 1
