# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands on databases, collections and indexes."""

from __future__ import annotations

from typing import Any

from bson import Int64

from localcloud.mongo.cursors import CursorCommands
from localcloud.mongo.query import Document, matches
from localcloud.mongo.refusals import Refused, namespace_of, or_refuse


class CatalogCommands(CursorCommands):
    """What makes, lists and drops collections and indexes."""

    def _do_create(self, command: Document, name: str, _connection: int) -> Document:
        namespace = namespace_of(command, name)
        if namespace in self._store.collections:
            raise Refused(48, "NamespaceExists", f"Collection {namespace} already exists.")
        self._store.commit([{"do": "create", "ns": namespace}])
        return {}

    def _do_drop(self, command: Document, name: str, _connection: int) -> Document:
        namespace = namespace_of(command, name)
        if namespace not in self._store.collections:
            raise Refused(26, "NamespaceNotFound", "ns not found")
        self._store.commit([{"do": "drop", "ns": namespace}])
        return {"ns": namespace}

    def _do_dropdatabase(self, command: Document, _value: Any, _connection: int) -> Document:
        mine = [ns for ns in self._store.collections if ns.startswith(command["$db"] + ".")]
        self._store.commit([{"do": "drop", "ns": namespace} for namespace in mine])
        return {"dropped": command["$db"]} if mine else {}

    def _do_listcollections(self, command: Document, _value: Any, _connection: int) -> Document:
        database = command["$db"]
        names = sorted(ns.partition(".")[2] for ns in self._store.collections if ns.startswith(database + "."))
        found = [
            {"name": name, "type": "collection", "options": {}, "info": {"readOnly": False}, "idIndex": {}}
            for name in names
        ]
        found = [each for each in found if matches(each, command.get("filter") or {})]
        return self._cursor(f"{database}.$cmd.listCollections", found, None, False)

    def _do_listdatabases(self, command: Document, _value: Any, _connection: int) -> Document:
        names = sorted({namespace.partition(".")[0] for namespace in self._store.collections})
        told = [{"name": name, "sizeOnDisk": Int64(0), "empty": False} for name in names]
        return {
            "databases": [each for each in told if matches(each, command.get("filter") or {})],
            "totalSize": Int64(0),
        }

    def _do_createindexes(self, command: Document, name: str, _connection: int) -> Document:
        namespace = namespace_of(command, name)
        known = self._store.collection(namespace).indexes
        wanted = [{"v": 2, **index} for index in command["indexes"]]
        new = [index for index in wanted if known.get(index["name"]) != index]
        for index in new:
            if index["name"] in known:
                raise Refused(86, "IndexKeySpecsConflict", f"An index {index['name']} exists with other options.")
            if index.get("unique"):
                or_refuse(self._checked, namespace, index)
        self._store.commit([{"do": "index", "ns": namespace, "index": index} for index in new])
        return {"numIndexesBefore": len(known), "numIndexesAfter": len(known) + len(new)}

    def _checked(self, namespace: str, index: Document) -> Document:
        self._store.check_index(namespace, index)
        return index

    def _do_listindexes(self, command: Document, name: str, _connection: int) -> Document:
        namespace = namespace_of(command, name)
        if namespace not in self._store.collections:
            raise Refused(26, "NamespaceNotFound", f"ns does not exist: {namespace}")
        return self._cursor(namespace, list(self._store.collections[namespace].indexes.values()), None, False)

    def _do_dropindexes(self, command: Document, name: str, _connection: int) -> Document:
        namespace, which = namespace_of(command, name), command["index"]
        known = self._store.collection(namespace).indexes
        gone = [n for n, i in known.items() if n != "_id_" and (which == "*" or which in (n, i["key"]))]
        if not gone and which != "*":
            raise Refused(27, "IndexNotFound", f"index not found with name [{which}]")
        self._store.commit([{"do": "unindex", "ns": namespace, "name": each} for each in gone])
        return {"nIndexesWas": len(known)}
