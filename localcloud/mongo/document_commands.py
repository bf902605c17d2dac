# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands on documents: insert, update, delete, find, aggregate and their like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bson
from bson import ObjectId

from localcloud.mongo import update
from localcloud.mongo.cursors import CursorCommands
from localcloud.mongo.pipeline import run_pipeline
from localcloud.mongo.query import BadQuery, Document, arrange, project, rank, reach
from localcloud.mongo.refusals import Refused, namespace_of, or_refuse, write_error
from localcloud.mongo.store import DuplicateKey
from localcloud.mongo.wire import MAX_DOCUMENT


class DocumentCommands(CursorCommands):
    """What reads and writes documents."""

    def _do_insert(self, command: Document, name: str, _connection: int) -> Document:
        namespace = namespace_of(command, name)
        changes, errors = [], []
        added: dict[Any, Document] = {}
        for number, document in enumerate(command["documents"]):
            given = document if "_id" in document else {"_id": ObjectId(), **document}
            self._check_size(given)
            try:
                changes.append(self._store.insert(namespace, given, added))
                added[rank(given["_id"])] = given
            except DuplicateKey as error:
                errors.append(write_error(number, error))
                if command.get("ordered", True):
                    break
        self._store.commit(changes)
        return {"n": len(changes), **({"writeErrors": errors} if errors else {})}

    def _do_update(self, command: Document, name: str, _connection: int) -> Document:
        namespace = namespace_of(command, name)
        answer: Document = {"n": 0, "nModified": 0}
        upserted, errors = [], []
        for number, each in enumerate(command["updates"]):
            try:
                found, modified, made = self._update(namespace, each)
            except DuplicateKey as error:
                errors.append(write_error(number, error))
            except (BadQuery, update.BadUpdate) as error:
                errors.append({"index": number, "code": 9, "errmsg": str(error)})
            else:
                answer["n"] += found
                answer["nModified"] += modified
                if made is not None:
                    upserted.append({"index": number, "_id": made["_id"]})
            if errors and command.get("ordered", True):
                break
        if upserted:
            answer["upserted"] = upserted
        return {**answer, **({"writeErrors": errors} if errors else {})}

    def _update(self, namespace: str, each: Document) -> tuple[int, int, Document | None]:
        """(documents found or made, documents changed, the document made)"""
        change = each["u"]
        if isinstance(change, list):
            raise update.BadUpdate("updates by an aggregation pipeline are not known here")
        found = self._find(namespace, each["q"])
        if not each.get("multi"):
            found = found[:1]
        elif update.is_replacement(change):
            raise update.BadUpdate("multi update is not supported for replacement-style update")
        if not found and each.get("upsert"):
            made = self._made(each["q"], change)
            self._store.commit([self._store.insert(namespace, made)])
            return 1, 0, made
        changes = []
        for before in found:
            after = update.apply(before, change)
            if rank(after) != rank(before):
                self._check_size(after)
                changes.append(self._store.replace(namespace, before, after))
        self._store.commit(changes)
        return len(found), len(changes), None

    def _made(self, wanted: Document, change: Document) -> Document:
        made = update.apply(update.of_filter(wanted), change, inserting=True)
        made = made if "_id" in made else {"_id": ObjectId(), **made}
        self._check_size(made)
        return made

    def _do_delete(self, command: Document, name: str, _connection: int) -> Document:
        namespace, gone = namespace_of(command, name), 0
        for each in command["deletes"]:
            found = self._find(namespace, each["q"])
            found = found[: each.get("limit") or None]
            self._store.commit([{"do": "remove", "ns": namespace, "id": document["_id"]} for document in found])
            gone += len(found)
        return {"n": gone}

    def _do_findandmodify(self, command: Document, name: str, _connection: int) -> Document:
        namespace = namespace_of(command, name)
        found = arrange(self._find(namespace, command.get("query") or {}), command.get("sort") or {})[:1]
        before = found[0] if found else None
        after: Document | None = None
        told: Document = {"n": len(found), "updatedExisting": bool(found)}
        if command.get("remove"):
            self._store.commit([{"do": "remove", "ns": namespace, "id": each["_id"]} for each in found])
            del told["updatedExisting"]
        elif before is not None:
            after = update.apply(before, command["update"])
            self._store.commit([or_refuse(self._store.replace, namespace, before, after)])
        elif command.get("upsert"):
            after = self._made(command.get("query") or {}, command["update"])
            self._store.commit([or_refuse(self._store.insert, namespace, after)])
            told |= {"n": 1, "upserted": after["_id"]}
        value = after if command.get("new") else before
        fields = command.get("fields") or {}
        return {"lastErrorObject": told, "value": project(value, fields) if value is not None else None}

    def _do_find(self, command: Document, name: str, _connection: int) -> Document:
        namespace = namespace_of(command, name)
        found: Iterable[Document] = self._find(namespace, command.get("filter") or {})
        found = arrange(found, command.get("sort") or {})[command.get("skip") or 0 :]
        limit = abs(command.get("limit") or 0)
        found = found[:limit] if limit else found
        found = [project(document, command.get("projection") or {}) for document in found]
        return self._cursor(namespace, found, command.get("batchSize"), bool(command.get("singleBatch")))

    def _do_aggregate(self, command: Document, name: Any, _connection: int) -> Document:
        if not isinstance(name, str):
            raise Refused(73, "InvalidNamespace", "aggregations over a whole database are not known here")
        namespace = namespace_of(command, name)
        found = run_pipeline(self._store.collection(namespace).documents.values(), command["pipeline"])
        return self._cursor(namespace, found, (command.get("cursor") or {}).get("batchSize"), False)

    def _do_count(self, command: Document, name: str, _connection: int) -> Document:
        found = len(self._find(namespace_of(command, name), command.get("query") or {}))
        found = max(0, found - (command.get("skip") or 0))
        limit = abs(command.get("limit") or 0)
        return {"n": min(found, limit) if limit else found}

    def _do_distinct(self, command: Document, name: str, _connection: int) -> Document:
        values: dict[Any, Any] = {}
        for document in self._find(namespace_of(command, name), command.get("query") or {}):
            for value in reach(document, command["key"].split(".")):
                for item in value if isinstance(value, list) else [value]:
                    values.setdefault(rank(item), item)
        return {"values": list(values.values())}

    def _check_size(self, document: Document) -> None:
        size = len(bson.encode(document))
        if size > MAX_DOCUMENT:
            raise Refused(10334, "BSONObjectTooLarge", f"object to insert too large. size in bytes: {size}")
