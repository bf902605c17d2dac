# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service asks of the monolith."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import quote

# Shorter than the ten seconds after which people give up.
TIMEOUT_SECONDS = 8.0


class MonolithFailed(Exception):
    """The monolith did not answer, or not in JSON; it may have kept the like nevertheless."""


class Monolith:
    """The monolith behind its load balancer, by that one's host name."""

    def __init__(self, host: str) -> None:
        self._host = host

    def fulfill_like(self, identifier: str) -> tuple[int, dict[str, Any]]:
        """Let a like be kept; the monolith's status and answer. Never repeated, since a repeated like counts twice.

        Raises:
            MonolithFailed: nobody answered.
        """
        connection = http.client.HTTPConnection(self._host, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("POST", f"/mysfits/{quote(identifier, safe='')}/fulfill-like")
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise MonolithFailed(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
