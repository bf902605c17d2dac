# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One JSON object per line on standard output, where ECS's log driver finds it. Credentials are in none of them."""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def write(level: str, event: str, **fields: Any) -> None:
    """Tell an event: a short fixed name, and fields that a machine can filter on."""
    now = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
    line = {"time": stamp, "level": level, "service": "goals-api", "event": event, **fields}
    # One call, so that lines of two threads do not mix.
    sys.stdout.write(json.dumps(line, default=str) + "\n")
    sys.stdout.flush()
