# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The region's state as the reference images see it: an SSM parameter, believed for 30 s."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

ACTIVE = "ACTIVE"
CACHE_SECONDS = 30.0


class Toggle:
    """The value of the parameter, read again when it is older than 30 s. Errors of the reading pass through."""

    def __init__(self, ssm: Any, parameter: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._ssm, self._parameter, self._clock = ssm, parameter, clock
        self._lock = threading.Lock()
        self._state, self._until = "", float("-inf")

    def state(self) -> str:
        with self._lock:
            if self._clock() >= self._until:
                self._state = self._ssm.get_parameter(Name=self._parameter)["Parameter"]["Value"]
                self._until = self._clock() + CACHE_SECONDS
            return self._state
