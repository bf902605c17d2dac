# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log lines as mongod (4.4 and later) writes them: one JSON object each, on standard output.

https://www.mongodb.com/docs/manual/reference/log-messages/
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any


def write(severity: str, component: str, number: int, context: str, message: str, **attributes: Any) -> None:
    """One line. `severity`: I, W, E or F; `number`: the id that mongod gives this message."""
    sys.stdout.write(line(datetime.now(UTC), severity, component, number, context, message, attributes) + "\n")
    sys.stdout.flush()


def line(
    now: datetime, severity: str, component: str, number: int, context: str, message: str, attributes: dict[str, Any]
) -> str:
    """mongod aligns the columns before the context."""
    start = f'{{"t":{{"$date":"{now.isoformat(timespec="milliseconds")}"}},"s":"{severity}",  "c":"'
    columns = f'{component}",'.ljust(11) + '"id":' + f"{number},".ljust(9)
    rest = {"ctx": context, "msg": message, **({"attr": attributes} if attributes else {})}
    return start + columns + json.dumps(rest, separators=(",", ":"), default=str)[1:]
