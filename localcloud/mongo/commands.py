# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be asked: the commands that drivers and simple applications send, answered as mongod answers them.

Sessions are accepted and mean nothing; transactions, replication and users are refused as unknown commands or options.
https://www.mongodb.com/docs/manual/reference/command/
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import bson
from bson import Int64, ObjectId

from localcloud.mongo import update
from localcloud.mongo.pipeline import run_pipeline
from localcloud.mongo.query import BadQuery, Document, arrange, matches, project, rank, reach
from localcloud.mongo.store import DuplicateKey, Store
from localcloud.mongo.wire import MAX_DOCUMENT, MAX_MESSAGE

VERSION = "7.0.14"
#: The protocol of that release.
WIRE_VERSION = 21
FIRST_BATCH, BATCH_BYTES = 101, 8 * 1024 * 1024


class Refused(Exception):
    """A command that fails as a whole."""

    def __init__(self, code: int, name: str, message: str) -> None:
        super().__init__(message)
        self.code, self.name = code, name


class Commands:
    """The commands of one instance. One caller at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._started = time.monotonic()
        self._cursors: dict[int, tuple[str, list[Document]]] = {}
        self._cursor_ids = itertools.count(int(time.time()) << 20)

    def answer(self, command: Document, connection: int) -> Document:
        """The answer to a command, which may be a refusal; never an exception."""
        name = next(iter(command), "")
        act = getattr(self, f"_do_{name.lower()}", None) if name.isalpha() else None
        try:
            if act is None:
                raise Refused(59, "CommandNotFound", f"no such command: '{name}'")
            if command.get("txnNumber") is not None and "autocommit" in command:
                raise Refused(20, "IllegalOperation", "Transactions are only for replica sets; this is a single mongod")
            return {**act(command, command[name], connection), "ok": 1.0}
        except Refused as refusal:
            return {"ok": 0.0, "errmsg": str(refusal), "code": refusal.code, "codeName": refusal.name}
        except (BadQuery, update.BadUpdate) as error:
            return {"ok": 0.0, "errmsg": str(error), "code": 2, "codeName": "BadValue"}
        except (KeyError, TypeError, ValueError, AttributeError, bson.errors.BSONError) as error:
            message = f"{name}: {type(error).__name__}: {error}"
            return {"ok": 0.0, "errmsg": message, "code": 9, "codeName": "FailedToParse"}
        except OSError as error:
            return {"ok": 0.0, "errmsg": f"cannot write: {error}", "code": 14031, "codeName": "OutOfDiskSpace"}

    # Who is there

    def _do_hello(self, command: Document, _value: Any, connection: int) -> Document:
        return {
            "isWritablePrimary": True,
            "helloOk": True,
            "maxBsonObjectSize": MAX_DOCUMENT,
            "maxMessageSizeBytes": MAX_MESSAGE,
            "maxWriteBatchSize": 100_000,
            "localTime": datetime.now(UTC),
            "logicalSessionTimeoutMinutes": 30,
            "connectionId": connection,
            "minWireVersion": 0,
            "maxWireVersion": WIRE_VERSION,
            "readOnly": False,
        }

    def _do_ismaster(self, command: Document, value: Any, connection: int) -> Document:
        return {**self._do_hello(command, value, connection), "ismaster": True}

    def _do_ping(self, _command: Document, _value: Any, _connection: int) -> Document:
        return {}

    def _do_buildinfo(self, _command: Document, _value: Any, _connection: int) -> Document:
        return {
            "version": VERSION,
            "versionArray": [*map(int, VERSION.split(".")), 0],
            "modules": [],
            "bits": 64,
            "maxBsonObjectSize": MAX_DOCUMENT,
            "storageEngines": ["journal"],
        }

    def _do_serverstatus(self, _command: Document, _value: Any, _connection: int) -> Document:
        uptime = time.monotonic() - self._started
        return {"version": VERSION, "process": "mongod", "pid": Int64(os.getpid()), "uptime": uptime}

    def _do_endsessions(self, _command: Document, _value: Any, _connection: int) -> Document:
        return {}

    # Documents

    def _do_insert(self, command: Document, name: str, _connection: int) -> Document:
        namespace = _namespace(command, name)
        changes, errors = [], []
        added: dict[Any, Document] = {}
        for number, document in enumerate(command["documents"]):
            given = document if "_id" in document else {"_id": ObjectId(), **document}
            self._check_size(given)
            try:
                changes.append(self._store.insert(namespace, given, added))
                added[rank(given["_id"])] = given
            except DuplicateKey as error:
                errors.append(_duplicate(number, error))
                if command.get("ordered", True):
                    break
        self._store.commit(changes)
        return {"n": len(changes), **({"writeErrors": errors} if errors else {})}

    def _do_update(self, command: Document, name: str, _connection: int) -> Document:
        namespace = _namespace(command, name)
        answer: Document = {"n": 0, "nModified": 0}
        upserted, errors = [], []
        for number, each in enumerate(command["updates"]):
            try:
                found, modified, made = self._update(namespace, each)
            except DuplicateKey as error:
                errors.append(_duplicate(number, error))
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
        namespace, gone = _namespace(command, name), 0
        for each in command["deletes"]:
            found = self._find(namespace, each["q"])
            found = found[: each.get("limit") or None]
            self._store.commit([{"do": "remove", "ns": namespace, "id": document["_id"]} for document in found])
            gone += len(found)
        return {"n": gone}

    def _do_findandmodify(self, command: Document, name: str, _connection: int) -> Document:
        namespace = _namespace(command, name)
        found = arrange(self._find(namespace, command.get("query") or {}), command.get("sort") or {})[:1]
        before = found[0] if found else None
        after: Document | None = None
        told: Document = {"n": len(found), "updatedExisting": bool(found)}
        if command.get("remove"):
            self._store.commit([{"do": "remove", "ns": namespace, "id": each["_id"]} for each in found])
            del told["updatedExisting"]
        elif before is not None:
            after = update.apply(before, command["update"])
            self._store.commit([self._or_refuse(self._store.replace, namespace, before, after)])
        elif command.get("upsert"):
            after = self._made(command.get("query") or {}, command["update"])
            self._store.commit([self._or_refuse(self._store.insert, namespace, after)])
            told |= {"n": 1, "upserted": after["_id"]}
        value = after if command.get("new") else before
        fields = command.get("fields") or {}
        return {"lastErrorObject": told, "value": project(value, fields) if value is not None else None}

    def _or_refuse(self, change: Callable[..., Document], *given: Any) -> Document:
        try:
            return change(*given)
        except DuplicateKey as error:
            raise Refused(11000, "DuplicateKey", str(error)) from error

    def _do_find(self, command: Document, name: str, _connection: int) -> Document:
        namespace = _namespace(command, name)
        found: Iterable[Document] = self._find(namespace, command.get("filter") or {})
        found = arrange(found, command.get("sort") or {})[command.get("skip") or 0 :]
        limit = abs(command.get("limit") or 0)
        found = found[:limit] if limit else found
        found = [project(document, command.get("projection") or {}) for document in found]
        return self._cursor(namespace, found, command.get("batchSize"), bool(command.get("singleBatch")))

    def _do_aggregate(self, command: Document, name: Any, _connection: int) -> Document:
        if not isinstance(name, str):
            raise Refused(73, "InvalidNamespace", "aggregations over a whole database are not known here")
        namespace = _namespace(command, name)
        found = run_pipeline(self._store.collection(namespace).documents.values(), command["pipeline"])
        return self._cursor(namespace, found, (command.get("cursor") or {}).get("batchSize"), False)

    def _do_count(self, command: Document, name: str, _connection: int) -> Document:
        found = len(self._find(_namespace(command, name), command.get("query") or {}))
        found = max(0, found - (command.get("skip") or 0))
        limit = abs(command.get("limit") or 0)
        return {"n": min(found, limit) if limit else found}

    def _do_distinct(self, command: Document, name: str, _connection: int) -> Document:
        values: dict[Any, Any] = {}
        for document in self._find(_namespace(command, name), command.get("query") or {}):
            for value in reach(document, command["key"].split(".")):
                for item in value if isinstance(value, list) else [value]:
                    values.setdefault(rank(item), item)
        return {"values": list(values.values())}

    def _find(self, namespace: str, wanted: Document) -> list[Document]:
        documents = self._store.collection(namespace).documents
        if set(wanted) == {"_id"} and not isinstance(wanted["_id"], (dict, bson.Regex)):
            found = documents.get(rank(wanted["_id"]))
            return [found] if found is not None else []
        return [document for document in documents.values() if matches(document, wanted)]

    def _check_size(self, document: Document) -> None:
        size = len(bson.encode(document))
        if size > MAX_DOCUMENT:
            raise Refused(10334, "BSONObjectTooLarge", f"object to insert too large. size in bytes: {size}")

    # Cursors

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

    # Collections and indexes

    def _do_create(self, command: Document, name: str, _connection: int) -> Document:
        namespace = _namespace(command, name)
        if namespace in self._store.collections:
            raise Refused(48, "NamespaceExists", f"Collection {namespace} already exists.")
        self._store.commit([{"do": "create", "ns": namespace}])
        return {}

    def _do_drop(self, command: Document, name: str, _connection: int) -> Document:
        namespace = _namespace(command, name)
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
        namespace = _namespace(command, name)
        known = self._store.collection(namespace).indexes
        wanted = [{"v": 2, **index} for index in command["indexes"]]
        new = [index for index in wanted if known.get(index["name"]) != index]
        for index in new:
            if index["name"] in known:
                raise Refused(86, "IndexKeySpecsConflict", f"An index {index['name']} exists with other options.")
            if index.get("unique"):
                self._or_refuse(self._checked, namespace, index)
        self._store.commit([{"do": "index", "ns": namespace, "index": index} for index in new])
        return {"numIndexesBefore": len(known), "numIndexesAfter": len(known) + len(new)}

    def _checked(self, namespace: str, index: Document) -> Document:
        self._store.check_index(namespace, index)
        return index

    def _do_listindexes(self, command: Document, name: str, _connection: int) -> Document:
        namespace = _namespace(command, name)
        if namespace not in self._store.collections:
            raise Refused(26, "NamespaceNotFound", f"ns does not exist: {namespace}")
        return self._cursor(namespace, list(self._store.collections[namespace].indexes.values()), None, False)

    def _do_dropindexes(self, command: Document, name: str, _connection: int) -> Document:
        namespace, which = _namespace(command, name), command["index"]
        known = self._store.collection(namespace).indexes
        gone = [n for n, i in known.items() if n != "_id_" and (which == "*" or which in (n, i["key"]))]
        if not gone and which != "*":
            raise Refused(27, "IndexNotFound", f"index not found with name [{which}]")
        self._store.commit([{"do": "unindex", "ns": namespace, "name": each} for each in gone])
        return {"nIndexesWas": len(known)}


def _namespace(command: Document, name: str) -> str:
    if not isinstance(name, str) or not name:
        raise Refused(73, "InvalidNamespace", f"Invalid namespace specified '{command.get('$db')}.{name}'")
    return f"{command['$db']}.{name}"


def _split(found: list[Document], count: int) -> tuple[list[Document], list[Document]]:
    """The next batch, at most so many documents and bytes, and what is left."""
    size = 0
    for number, document in enumerate(found[:count]):
        size += len(bson.encode(document))
        if size > BATCH_BYTES and number:
            return found[:number], found[number:]
    return found[:count], found[count:]


def _duplicate(number: int, error: DuplicateKey) -> Document:
    return {
        "index": number,
        "code": 11000,
        "errmsg": str(error),
        "keyPattern": error.pattern,
        "keyValue": error.value,
    }
