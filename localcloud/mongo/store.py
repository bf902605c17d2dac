# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collections that survive: everything in memory, and every change in a journal that is on the disk before it counts.

The journal is a sequence of records, each with its length and checksum; what a crash left half-written at its end was
never acknowledged, and is cut off. When most of it is about documents that are gone, a start writes it anew.

The lock is MongoDB's: `mongod.lock` in the dbPath, locked for as long as the process lives, whatever ends it.
"""

from __future__ import annotations

import fcntl
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bson
from bson import ObjectId

from localcloud.mongo.query import Document, rank, reach
from localcloud.mongo.wire import CODEC

JOURNAL, LOCK = "journal", "mongod.lock"
RECORD = struct.Struct("<II")
"""Length of the record's content in bytes, and its CRC-32."""

SMALL = 1024 * 1024
"""A journal smaller than this is never written anew."""


class DatabaseInUse(Exception):
    """Another process holds the lock of the dbPath."""


class DuplicateKey(Exception):
    """A document would be the second with a value that must be unique."""

    def __init__(self, namespace: str, index: str, pattern: Document, value: Document) -> None:
        shown = ", ".join(f"{path}: {_show(item)}" for path, item in value.items())
        super().__init__(f"E11000 duplicate key error collection: {namespace} index: {index} dup key: {{ {shown} }}")
        self.pattern, self.value = pattern, value


@dataclass
class Collection:
    """Documents by the rank of their `_id`, and indexes by name. Only unique indexes do anything: they refuse."""

    documents: dict[Any, Document] = field(default_factory=dict)
    indexes: dict[str, Document] = field(default_factory=lambda: {"_id_": {"v": 2, "key": {"_id": 1}, "name": "_id_"}})


class Store:
    """The databases under one dbPath. Not safe for threads: the caller lets one in at a time.

    `path` is the dbPath on this machine, `shown` what messages call it.

    Raises:
        DatabaseInUse: another process has it open.
    """

    def __init__(self, path: Path, shown: str) -> None:
        self.path, self.shown = path, shown
        self.was_unclean = False
        # Bytes of a half-written record that were cut off at the start.
        self.cut_off = 0
        self.collections: dict[str, Collection] = {}
        self._lock = self._take_lock()
        self._journal = os.open(path / JOURNAL, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        _sync_directory(path)
        self._replay()
        if self._is_mostly_waste():
            self._write_anew()

    def _take_lock(self) -> int:
        descriptor = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise DatabaseInUse(
                f"DBPathInUse: Unable to lock the lock file: {self.shown}/{LOCK} ({error.strerror}). Another mongod "
                f"instance is already running on the {self.shown} directory"
            ) from error
        # mongod leaves its process id in the file, and empties it at an orderly end.
        self.was_unclean = os.fstat(descriptor).st_size > 0
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        return descriptor

    def close(self) -> None:
        """An orderly end."""
        os.close(self._journal)
        os.ftruncate(self._lock, 0)
        os.close(self._lock)

    # Reading

    def collection(self, namespace: str) -> Collection:
        """The collection, or an empty one that is not kept."""
        return self.collections.get(namespace) or Collection()

    # Changing: each is on the disk when it returns

    def insert(self, namespace: str, document: Document, before: dict[Any, Document] | None = None) -> Document:
        """The change that adds a document.

        `before`: by the rank of their `_id`, what the same command adds and what does not count yet.

        Raises:
            DuplicateKey: its `_id`, or what a unique index covers, is there already.
        """
        collection, key = self.collection(namespace), rank(document["_id"])
        if key in collection.documents or key in (before or {}):
            raise DuplicateKey(namespace, "_id_", {"_id": 1}, {"_id": document["_id"]})
        self._check_indexes(namespace, document, [*collection.documents.values(), *(before or {}).values()])
        return {"do": "put", "ns": namespace, "doc": document}

    def replace(self, namespace: str, before: Document, after: Document) -> Document:
        """The change that puts a document in the place of another with the same `_id`.

        Raises:
            DuplicateKey: what a unique index covers is there already.
        """
        others = [each for each in self.collection(namespace).documents.values() if each is not before]
        self._check_indexes(namespace, after, others)
        return {"do": "put", "ns": namespace, "doc": after}

    def commit(self, changes: list[Document]) -> None:
        """Make changes last, and then count.

        Raises:
            OSError: they could not be written; then none of them counts.
        """
        if not changes:
            return
        end = os.lseek(self._journal, 0, os.SEEK_END)
        try:
            _write_all(self._journal, b"".join(map(_record, changes)))
            os.fsync(self._journal)
        except OSError:
            os.ftruncate(self._journal, end)
            raise
        for change in changes:
            self._apply(change)

    def _apply(self, change: Document) -> None:
        namespace = change["ns"]
        match change["do"]:
            case "put":
                made = self.collections.setdefault(namespace, Collection())
                made.documents[rank(change["doc"]["_id"])] = change["doc"]
            case "remove":
                self.collections[namespace].documents.pop(rank(change["id"]), None)
            case "create":
                self.collections.setdefault(namespace, Collection())
            case "drop":
                self.collections.pop(namespace, None)
            case "index":
                made = self.collections.setdefault(namespace, Collection())
                made.indexes[change["index"]["name"]] = change["index"]
            case "unindex":
                self.collections[namespace].indexes.pop(change["name"], None)

    def _check_indexes(self, namespace: str, document: Document, others: list[Document]) -> None:
        for index in self.collection(namespace).indexes.values():
            if index.get("unique"):
                self._check_index(namespace, index, others, document)

    def _check_index(self, namespace: str, index: Document, others: Iterable[Document], document: Document) -> None:
        mine = _entries(index, document)
        for other in others:
            if other is not document and mine & _entries(index, other):
                values = {path: (reach(document, path.split(".")) or [None])[0] for path in index["key"]}
                raise DuplicateKey(namespace, index["name"], index["key"], values)

    def check_index(self, namespace: str, index: Document) -> None:
        """Whether the documents allow a unique index.

        Raises:
            DuplicateKey: they do not.
        """
        documents = self.collection(namespace).documents.values()
        for document in documents:
            self._check_index(namespace, index, documents, document)

    # The journal

    def _replay(self) -> None:
        content = (self.path / JOURNAL).read_bytes()
        good = 0
        for end, change in _records(content):
            self._apply(change)
            good = end
        self.cut_off = len(content) - good
        if self.cut_off:
            os.ftruncate(self._journal, good)
            os.fsync(self._journal)

    def _snapshot(self) -> Iterator[Document]:
        for namespace, collection in self.collections.items():
            yield {"do": "create", "ns": namespace}
            for index in collection.indexes.values():
                yield {"do": "index", "ns": namespace, "index": index}
            for document in collection.documents.values():
                yield {"do": "put", "ns": namespace, "doc": document}

    def _is_mostly_waste(self) -> bool:
        size = os.fstat(self._journal).st_size
        return size > SMALL and size > 2 * sum(len(_record(change)) for change in self._snapshot())

    def _write_anew(self) -> None:
        temporary = self.path / f"{JOURNAL}.new"
        with temporary.open("wb") as output:
            for change in self._snapshot():
                output.write(_record(change))
            output.flush()
            os.fsync(output.fileno())
        temporary.replace(self.path / JOURNAL)
        _sync_directory(self.path)
        os.close(self._journal)
        self._journal = os.open(self.path / JOURNAL, os.O_RDWR | os.O_APPEND)


def _record(change: Document) -> bytes:
    content = bson.encode(change, codec_options=CODEC)
    return RECORD.pack(len(content), zlib.crc32(content)) + content


def _records(content: bytes) -> Iterator[tuple[int, Document]]:
    """(where it ends, the change) for each whole record."""
    position = 0
    while position + RECORD.size <= len(content):
        length, checksum = RECORD.unpack_from(content, position)
        start, position = position + RECORD.size, position + RECORD.size + length
        if position > len(content) or zlib.crc32(content[start:position]) != checksum:
            return
        yield position, bson.decode(content[start:position], CODEC)


def _entries(index: Document, document: Document) -> set[Any]:
    """What a unique index holds of a document; a sparse one nothing if the field is missing."""
    values = [reach(document, path.split(".")) for path in index["key"]]
    if index.get("sparse") and not any(values):
        return set()
    return {tuple(rank(each[0]) if each else rank(None) for each in values)}


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _show(value: Any) -> str:
    if isinstance(value, ObjectId):
        return f"ObjectId('{value}')"
    return f'"{value}"' if isinstance(value, str) else str(value)
