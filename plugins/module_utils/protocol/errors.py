# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of the region protocol. Those of AWS are in `service_errors`."""

from __future__ import annotations


class ProtocolError(Exception):
    """Something that the protocol forbids was found or asked for."""


class NewerSchema(ProtocolError):
    """An item was written by a newer version of this software than the one reading it."""


class MalformedItem(ProtocolError):
    """An item lacks what its schema promises."""


class MapConflict(ProtocolError):
    """Two items show the same epoch with different content: somebody wrote without the lease."""
