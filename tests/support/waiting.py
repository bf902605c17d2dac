# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for what other threads, processes and clouds do in their own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def eventually(
    check: Callable[[], Any], within: float = 20.0, *, what: str | Callable[[], object] = "", pause: float = 0.02
) -> Any:
    """The first true answer of `check`, asked again every `pause` seconds, or as seldom as it takes long to answer.

    Raises:
        AssertionError: There is none within so many seconds; `what` says what was waited for, or what there is instead.
    """
    asked = time.monotonic()
    deadline = asked + within
    while not (answer := check()):
        now = time.monotonic()
        if now > deadline:
            raise AssertionError(f"not so after {within:g} s: {(what() if callable(what) else what) or answer!r}")
        # What is waited for needs the machine more than the question does.
        time.sleep(max(pause, now - asked))
        asked = time.monotonic()
    return answer
