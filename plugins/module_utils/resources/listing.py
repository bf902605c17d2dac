# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one run has read of AWS, each answer asked for once.

A module that removes what is no longer asked for must know everything there is before it can say what it wants, and
finding the wanted resources needs the same answers. Both read the listing. It lives as long as one run.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..kernel import Cloud

READ_THREADS = 8


class Listing:
    """Remembers the answer to each question, and asks different ones side by side."""

    def __init__(self, cloud: Cloud, region: str) -> None:
        self.cloud = cloud
        self.region = region
        self._answers: dict[Any, Any] = {}
        self._locks: defaultdict[Any, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def once(self, question: Any, ask: Callable[[], Any]) -> Any:
        """The answer of `ask`, called only if `question` was not asked before."""
        with self._guard:
            lock = self._locks[question]
        with lock:
            answers = self._answers
            if question not in answers:
                answers[question] = ask()
            return answers[question]

    def forget(self) -> None:
        """Ask every question anew: something has changed since."""
        self._answers = {}

    @staticmethod
    def side_by_side(questions: list[Callable[[], Any]]) -> list[Any]:
        """The answers of independent questions, in their order."""
        if not questions:
            return []
        with ThreadPoolExecutor(max_workers=READ_THREADS) as pool:
            return [asked.result() for asked in [pool.submit(question) for question in questions]]
