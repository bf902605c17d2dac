# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of what the items say: a reader refuses anything newer than it knows."""

from __future__ import annotations

from .errors import MalformedItem, NewerSchema

SCHEMA = 1  # of state items, of the lease and of its journal


def check_schema(what: str, found: object) -> None:
    """Refuse an item whose schema version this code does not know. `what` names the item in the error.

    Raises:
        MalformedItem: it is no version at all.
        NewerSchema: it is newer than SCHEMA.
    """
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise MalformedItem(f"{what}: expected a schema version (a number from 1 to {SCHEMA}), found {found!r}")
    if found > SCHEMA:
        raise NewerSchema(
            f"{what}: written under schema version {found}, and this reader knows versions up to {SCHEMA}. "
            "Nothing was changed; update this image or collection first."
        )
