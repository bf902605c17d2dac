# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in's store promises: on the disk before it counts, and all of a command or nothing of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.mongo.commands import Commands
from localcloud.mongo.store import DatabaseInUse, Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path, "/data/db")
    yield opened
    opened.close()


def ask(store: Store, command: dict) -> dict:
    return Commands(store).answer({**command, "$db": "test"}, 1)


def insert(*identifiers: int) -> dict:
    return {"insert": "goals", "documents": [{"_id": identifier} for identifier in identifiers]}


def identifiers(store: Store) -> list[int]:
    return [document["_id"] for document in store.collection("test.goals").documents.values()]


def test_a_change_is_on_the_disk_before_it_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    sync = os.fsync

    def fsync(descriptor: int) -> None:
        seen.append((b"\x10_id\x00" in (store.path / "journal").read_bytes(), identifiers(store)))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    assert ask(store, insert(1, 2))["n"] == 2
    assert seen == [(True, [])]
    assert identifiers(store) == [1, 2]


@pytest.mark.parametrize("broken", ["write", "fsync"])
def test_a_full_disk_refuses_and_leaves_nothing_behind(
    store: Store, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    ask(store, insert(1))
    size = (store.path / "journal").stat().st_size
    write = os.write

    def half(descriptor: int, content: bytes) -> int:
        if len(content) < 10:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, content[: len(content) // 2])

    def fail(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, half if broken == "write" else fail)
        answer = ask(store, insert(2, 3))
    assert (answer["ok"], answer["codeName"]) == (0.0, "OutOfDiskSpace")
    assert (identifiers(store), (store.path / "journal").stat().st_size) == ([1], size)
    assert ask(store, insert(4))["n"] == 1


def test_the_lock_goes_with_its_holder(tmp_path: Path) -> None:
    first = Store(tmp_path, "/data/db")
    with pytest.raises(DatabaseInUse, match=r"/data/db/mongod\.lock \(Resource temporarily unavailable\)"):
        Store(tmp_path, "/data/db")
    first.close()
    Store(tmp_path, "/data/db").close()


operations = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.integers(0, 5)),
        st.tuples(st.just("delete"), st.integers(0, 5)),
        st.tuples(st.just("update"), st.integers(0, 5)),
        st.just(("drop", 0)),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(operations=operations, cut=st.integers(0, 400))
def test_a_start_finds_a_prefix_of_what_happened(
    tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, int]], cut: int
) -> None:
    """Whatever was cut off the journal's end, what is found is what was there after some of the commands."""
    path = tmp_path_factory.mktemp("db")
    store = Store(path, "/data/db")
    states = [{}]
    for number, (what, identifier) in enumerate(operations):
        query = {"_id": identifier}
        ask(
            store,
            {
                "insert": {"insert": "goals", "documents": [{**query, "n": number}]},
                "delete": {"delete": "goals", "deletes": [{"q": query, "limit": 1}]},
                "update": {"update": "goals", "updates": [{"q": query, "u": {"$set": {"n": number}}}]},
                "drop": {"drop": "goals"},
            }[what],
        )
        documents = store.collection("test.goals").documents.values()
        states.append({document["_id"]: document["n"] for document in documents})
    store.close()
    journal = path / "journal"
    whole = journal.read_bytes()
    journal.write_bytes(whole[: max(0, len(whole) - cut)])
    again = Store(path, "/data/db")
    found = {document["_id"]: document["n"] for document in again.collection("test.goals").documents.values()}
    assert found in states
    assert cut or found == states[-1]
    again.close()
