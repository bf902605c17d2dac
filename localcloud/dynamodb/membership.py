# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a table and its global table know of each other; neither needs more of the other than stands here.

A global table is made of tables, so it imports them; a table knows only that it has a group, and what to ask of it.
"""

from __future__ import annotations

from typing import Any, Protocol

from moto.dynamodb.models.dynamo_type import DynamoType, Item

Key = tuple[DynamoType, DynamoType | None]
Version = tuple[float, str]
"""When and where a version of an item was written; the greater one wins."""

NEVER: Version = (0.0, "")


class Group(Protocol):
    """The global table of a replica, as the replica sees it."""

    @property
    def strong(self) -> bool:
        """Whether the replicas share one store."""

    def written(self, table: Any, key: Key, old: Item | None, new: Item | None) -> None:
        """`table`, a replica, has stored `new` (None: a delete) in place of `old`."""

    def status(self, region: str) -> str:
        """CREATING, ACTIVE or DELETING."""

    def is_changing(self) -> bool:
        """Whether a member is not ACTIVE."""

    def describe(self, region: str) -> dict[str, Any]:
        """The members of a table description that only global tables have, as seen from `region`."""
