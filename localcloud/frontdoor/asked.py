# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the front door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """What of a request decides about its way. Path and query as they were sent; header names in any case."""

    host: str
    port: int = 80
    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    client: str = "127.0.0.1"
    secure: bool = False
    """Whether it came over TLS."""
    body: bytes | None = b""
    """None if it is larger than anybody takes."""

    def header(self, name: str) -> str:
        """The first header of this name, or nothing."""
        return next((value for said, value in self.headers.items() if said.lower() == name.lower()), "")
