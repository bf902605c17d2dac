# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The goals in MongoDB: one document each, `{_id, text, created_at}`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from pymongo import MongoClient, WriteConcern
from pymongo.errors import PyMongoError

from .settings import Settings

# Shorter than the ten seconds after which load balancers and people give up.
SELECTION_MS, CONNECT_MS, SOCKET_MS = 3000, 2000, 5000

Goal = dict[str, Any]


class GoalStore:
    """Adds, lists and deletes goals. Every method may raise PyMongoError when the database does not answer.

    The client connects by itself when it is first asked, and again whenever a connection breaks.
    """

    def __init__(self, settings: Settings) -> None:
        self._client: MongoClient[Goal] = MongoClient(
            settings.url,
            serverSelectionTimeoutMS=SELECTION_MS,
            connectTimeoutMS=CONNECT_MS,
            socketTimeoutMS=SOCKET_MS,
            tz_aware=True,
            appname="goals-api",
        )
        # Acknowledged means written to the journal on the disk.
        written = WriteConcern(w=1, j=True)
        self._goals = self._client[settings.database].get_collection("goals", write_concern=written)

    def add(self, text: str) -> Goal:
        """Keep a goal; it is on the disk when this returns."""
        # MongoDB keeps milliseconds.
        now = datetime.now(UTC)
        goal = {"_id": ObjectId(), "text": text, "created_at": now.replace(microsecond=now.microsecond // 1000 * 1000)}
        self._goals.insert_one(goal)
        return goal

    def list(self) -> list[Goal]:
        """All goals, the oldest first."""
        return list(self._goals.find().sort([("created_at", 1), ("_id", 1)]))

    def remove(self, identifier: str) -> bool:
        """Delete a goal; whether there was one."""
        try:
            known = ObjectId(identifier)
        except InvalidId:
            return False
        return self._goals.delete_one({"_id": known}).deleted_count == 1

    def is_there(self) -> bool:
        """Whether the database answers."""
        try:
            self._client.admin.command("ping")
        except PyMongoError:
            return False
        return True
