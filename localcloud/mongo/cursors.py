# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cursors: answers that come in batches."""

from __future__ import annotations

import itertools
import time

import bson
from bson import Int64

from localcloud.mongo.query import Document, matches, rank
from localcloud.mongo.refusals import Refused
from localcloud.mongo.store import Store

FIRST_BATCH, BATCH_BYTES = 101, 8 * 1024 * 1024


class CursorCommands:
    """The commands on cursors, and what all other commands need: the store, and a cursor for what they found."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cursors: dict[int, tuple[str, list[Document]]] = {}
        self._cursor_ids = itertools.count(int(time.time()) << 20)

    def _cursor(self, namespace: str, found: list[Document], size: int | None, only_one: bool) -> Document:
        batch, rest = _split(found, FIRST_BATCH if size is None else size)
        identifier = 0
        if rest and not only_one:
            identifier = next(self._cursor_ids)
            self._cursors[identifier] = (namespace, rest)
        return {"cursor": {"firstBatch": batch, "id": Int64(identifier), "ns": namespace}}

    def _do_getmore(self, command: Document, identifier: int, _connection: int) -> Document:
        if identifier not in self._cursors:
            raise Refused(43, "CursorNotFound", f"cursor id {identifier} not found")
        namespace, waiting = self._cursors.pop(identifier)
        batch, rest = _split(waiting, command.get("batchSize") or len(waiting))
        if rest:
            self._cursors[int(identifier)] = (namespace, rest)
        return {"cursor": {"nextBatch": batch, "id": Int64(identifier if rest else 0), "ns": namespace}}

    def _do_killcursors(self, command: Document, _name: str, _connection: int) -> Document:
        killed = [i for i in command["cursors"] if self._cursors.pop(i, None) is not None]
        unknown = [i for i in command["cursors"] if i not in killed]
        return {"cursorsKilled": killed, "cursorsNotFound": unknown, "cursorsAlive": [], "cursorsUnknown": []}

    def _find(self, namespace: str, wanted: Document) -> list[Document]:
        documents = self._store.collection(namespace).documents
        if set(wanted) == {"_id"} and not isinstance(wanted["_id"], (dict, bson.Regex)):
            found = documents.get(rank(wanted["_id"]))
            return [found] if found is not None else []
        return [document for document in documents.values() if matches(document, wanted)]


def _split(found: list[Document], count: int) -> tuple[list[Document], list[Document]]:
    """The next batch, at most so many documents and bytes, and what is left."""
    size = 0
    for number, document in enumerate(found[:count]):
        size += len(bson.encode(document))
        if size > BATCH_BYTES and number:
            return found[:number], found[number:]
    return found[:count], found[count:]
