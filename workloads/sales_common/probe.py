# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images' health check: `python -m sales_common.probe` ends with 0 when /healthcheck answers 200, else with 1."""

from __future__ import annotations

import http.client
import sys

TIMEOUT_SECONDS = 2.5


def probe(address: str = "127.0.0.1", port: int = 8080) -> bool:
    """Whether the task at this address says that it is alive."""
    connection = http.client.HTTPConnection(address, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthcheck")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if probe() else 1)
