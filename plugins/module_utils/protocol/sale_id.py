# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sale's id is a UUIDv7 (RFC 9562): its creation time in milliseconds, then randomness.

The time inside the id *is* the sale's timestamp, so that id, timestamp, lake key and lake bytes cannot disagree.
"""

from __future__ import annotations

import os
import time
import uuid


def new_sale_id(now: float | None = None, randomness: bytes | None = None) -> str:
    """Make a UUIDv7. `now`: unix seconds (default: this moment); `randomness`: 10 bytes (default: the system's)."""
    milliseconds = int((time.time() if now is None else now) * 1000)
    if not 0 <= milliseconds < 1 << 48:
        raise ValueError(f"{now} seconds cannot be written in the 48 bits that a UUIDv7 has for its time")
    noise = int.from_bytes(os.urandom(10) if randomness is None else randomness, "big")
    value = milliseconds << 80 | noise & ((1 << 80) - 1)
    value = value & ~(0xF << 76) | 0x7 << 76  # version 7
    value = value & ~(0x3 << 62) | 0x2 << 62  # the variant of RFC 9562
    return str(uuid.UUID(int=value))


def parse_sale_id(text: object) -> str | None:
    """The canonical form (lower case, hyphens) of a UUIDv7; None when `text` is anything else."""
    value = _uuid(text)
    return str(value) if value is not None and value.version == 7 else None


def timestamp_of(sale_id: str) -> int:
    """The unix seconds inside a UUIDv7; ValueError when it is none."""
    if parse_sale_id(sale_id) is None:
        raise ValueError(f"{sale_id!r} is no UUIDv7, so it has no time inside")
    return (uuid.UUID(sale_id).int >> 80) // 1000


def canonical_uuid(text: object) -> str | None:
    """The canonical form of a UUID of any version (the reference API's ids are random ones); None otherwise."""
    value = _uuid(text)
    return None if value is None else str(value)


def _uuid(text: object) -> uuid.UUID | None:
    """Only the 36-character form: uuid.UUID also takes braces, `urn:uuid:` and bare hexadecimal digits."""
    if not isinstance(text, str) or len(text) != 36:
        return None
    try:
        value = uuid.UUID(text)
    except ValueError:
        return None
    return value if str(value) == text.lower() else None
