# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the lease. What they say is in `messages`."""

from __future__ import annotations

from ..protocol.errors import ProtocolError
from .item import Lease


class LeaseHeld(ProtocolError):
    """Another run holds the lease; `lease` is what was found (None when not even reading settled it)."""

    def __init__(self, message: str, lease: Lease | None = None) -> None:
        super().__init__(message)
        self.lease = lease


class LeaseLost(ProtocolError):
    """This run held the lease and no longer does: it must stop changing things at once."""


class StalePlan(ProtocolError):
    """The epoch is no longer the one that the plan was made on."""


class LeaseUnreachable(ProtocolError):
    """No endpoint of the lease table answered, so nothing may be changed."""
