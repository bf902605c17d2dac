# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One JSON object per line on standard output, where ECS's log driver finds it. Credentials are in none of them."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

Write = Callable[..., None]
"""`write(level, event, **fields)`: tell an event by a short fixed name, with fields that a machine can filter on."""


def logger(service: str) -> Write:
    """The function that tells the events of this service."""

    def write(level: str, event: str, **fields: Any) -> None:
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
        line = {"time": stamp, "level": level, "service": service, "event": event, **fields}
        # One call, so that lines of two threads do not mix.
        sys.stdout.write(json.dumps(line, default=str) + "\n")
        sys.stdout.flush()

    return write
