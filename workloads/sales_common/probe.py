# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images' health check: `python -m sales_common.probe` ends with 0 when /healthcheck answers 200, else with 1.

ECS starts it anew every few seconds in every task, so it imports next to nothing: an HTTP library costs four times as
much as the whole of it.
"""

from __future__ import annotations

import socket
import sys
import time

TIMEOUT_SECONDS = 2.5


def probe(address: str = "127.0.0.1", port: int = 8080) -> bool:
    """Whether the task at this address says that it is alive."""
    until = time.monotonic() + TIMEOUT_SECONDS
    answer = b""
    try:
        with socket.create_connection((address, port), TIMEOUT_SECONDS) as connection:
            connection.sendall(b"GET /healthcheck HTTP/1.0\r\nHost: localhost\r\n\r\n")
            while b"\n" not in answer and (left := until - time.monotonic()) > 0:
                connection.settimeout(left)
                if not (received := connection.recv(1024)):
                    break
                answer += received
    except OSError:
        return False
    return answer.startswith((b"HTTP/1.0 200 ", b"HTTP/1.1 200 "))


if __name__ == "__main__":
    sys.exit(0 if probe() else 1)
