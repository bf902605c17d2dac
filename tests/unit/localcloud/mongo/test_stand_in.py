# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for mongo, asked through pymongo as an application asks it: what it knows, keeps and refuses."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import Decimal128, Int64, ObjectId
from pymongo import ASCENDING, DESCENDING, MongoClient, ReturnDocument, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError, OperationFailure

ROOT = Path(__file__).resolve().parents[4]


class Instance:
    """One process of the stand-in."""

    def __init__(self, path: Path, *more: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        words = ["--stand-in", "--port", str(self.port), "--mounted", f"/data/db={path}", *more]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "localcloud.mongo", *words],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[dict[str, Any]] = []

    def wait(self) -> Instance:
        assert self.process.stdout
        for text in self.process.stdout:
            self.lines.append(json.loads(text))
            if self.lines[-1]["msg"] == "Waiting for connections":
                return self
        raise AssertionError(self.lines)

    def client(self) -> MongoClient[dict[str, Any]]:
        return MongoClient("127.0.0.1", self.port, serverSelectionTimeoutMS=3000, tz_aware=True)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, list[dict[str, Any]]]:
        """Its exit status, and the lines it wrote."""
        self.process.send_signal(number)
        return self.finish()

    def finish(self) -> tuple[int, list[dict[str, Any]]]:
        rest, _none = self.process.communicate(timeout=5)
        return self.process.returncode, self.lines + [json.loads(text) for text in rest.splitlines()]


@contextmanager
def running(path: Path, *more: str) -> Iterator[Instance]:
    instance = Instance(path, *more)
    try:
        yield instance.wait()
    finally:
        if instance.process.poll() is None:
            instance.process.kill()
        instance.process.communicate()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoClient[dict[str, Any]]]:
    with running(tmp_path_factory.mktemp("db")) as instance, instance.client() as client:
        yield client


@pytest.fixture
def goals(client: MongoClient[dict[str, Any]], request: pytest.FixtureRequest) -> Any:
    return client["test"][request.node.name]


def test_it_greets_as_mongod(client: MongoClient[dict[str, Any]]) -> None:
    assert client.admin.command("ping")["ok"] == 1
    assert client.server_info()["version"].startswith("7.")
    assert client.is_primary


def test_what_goes_in_comes_out(goals: Any) -> None:
    document = {
        "text": "olá",
        "when": datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
        "long": Int64(5),
        "money": Decimal128("14.00"),
        "nested": {"list": [1, 2.5, None, True, b"bytes", ObjectId()]},
    }
    identifier = goals.insert_one(document).inserted_id
    found = goals.find_one({"_id": identifier})
    assert found == {**document, "_id": identifier}
    assert list(found) == ["_id", *[key for key in document if key != "_id"]] or list(found) == list(document)
    assert isinstance(found["long"], Int64)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3, 4]),
        ({"_id": 2}, [2]),
        ({"kind": "a"}, [1, 3]),
        ({"n": {"$gt": 1, "$lte": 3}}, [2, 3]),
        ({"n": {"$gt": "1"}}, [4]),
        ({"n": 1.0}, [1]),
        ({"kind": {"$ne": "a"}}, [2, 4]),
        ({"kind": {"$in": ["b", None]}}, [2, 4]),
        ({"kind": {"$nin": ["a"]}}, [2, 4]),
        ({"kind": None}, [4]),
        ({"kind": {"$exists": False}}, [4]),
        ({"$or": [{"n": 1}, {"kind": "b"}]}, [1, 2]),
        ({"$nor": [{"n": 1}, {"kind": "b"}]}, [3, 4]),
        ({"n": {"$not": {"$gt": 1}}}, [1, 4]),
        ({"tags": "x"}, [1, 2]),
        ({"tags": {"$all": ["x", "y"]}}, [1]),
        ({"tags": {"$size": 1}}, [2]),
        ({"in.side": 7}, [3]),
        ({"rows.a": 2}, [4]),
        ({"rows": {"$elemMatch": {"a": 2, "b": 2}}}, []),
        ({"kind": {"$regex": "^A", "$options": "i"}}, [1, 3]),
    ],
)
def test_filters(client: MongoClient[dict[str, Any]], wanted: dict[str, Any], found: list[int]) -> None:
    rows = client["test"]["filters"]
    if not rows.estimated_document_count():
        rows.insert_many(
            [
                {"_id": 1, "kind": "a", "n": 1, "tags": ["x", "y"]},
                {"_id": 2, "kind": "b", "n": 2, "tags": ["x"]},
                {"_id": 3, "kind": "a", "n": 3, "in": {"side": 7}},
                {"_id": 4, "n": "text", "rows": [{"a": 1, "b": 2}, {"a": 2}]},
            ]
        )
    assert [row["_id"] for row in rows.find(wanted).sort("_id")] == found
    assert rows.count_documents(wanted) == len(found)


def test_order_page_and_projection(goals: Any) -> None:
    goals.insert_many([{"_id": n, "group": n % 2, "name": f"n{n}", "more": {"a": n, "b": n}} for n in range(6)])
    ordered = goals.find({}, {"name": 1, "_id": 0}).sort([("group", DESCENDING), ("_id", ASCENDING)])
    assert [row["name"] for row in ordered.clone().skip(1).limit(3)] == ["n3", "n5", "n0"]
    assert goals.find_one({"_id": 1}, {"more.a": 1}) == {"_id": 1, "more": {"a": 1}}
    assert goals.find_one({"_id": 1}, {"more.a": 0, "name": 0}) == {"_id": 1, "group": 1, "more": {"b": 1}}


def test_long_answers_come_in_batches(goals: Any) -> None:
    goals.insert_many([{"_id": n} for n in range(1000)])
    assert [row["_id"] for row in goals.find().batch_size(7)] == list(range(1000))
    assert len(list(goals.find())) == 1000
    with goals.find().batch_size(10) as cursor:
        next(cursor)  # and the rest is killed


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"$set": {"b.c": 1}}, {"a": 1, "b": {"c": 1}, "l": [1, 2]}),
        ({"$unset": {"a": ""}}, {"l": [1, 2]}),
        ({"$inc": {"a": 2, "new": -1}}, {"a": 3, "new": -1, "l": [1, 2]}),
        ({"$push": {"l": 3}}, {"a": 1, "l": [1, 2, 3]}),
        ({"$push": {"l": {"$each": [3, 4]}}}, {"a": 1, "l": [1, 2, 3, 4]}),
        ({"$addToSet": {"l": 2}}, {"a": 1, "l": [1, 2]}),
        ({"$pull": {"l": {"$gt": 1}}}, {"a": 1, "l": [1]}),
        ({"$min": {"a": 0}, "$max": {"z": 9}}, {"a": 0, "z": 9, "l": [1, 2]}),
        ({"$rename": {"a": "b"}}, {"b": 1, "l": [1, 2]}),
        ({"$set": {"l.1": 9}}, {"a": 1, "l": [1, 9]}),
    ],
)
def test_updates(goals: Any, change: dict[str, Any], expected: dict[str, Any]) -> None:
    goals.insert_one({"_id": 1, "a": 1, "l": [1, 2]})
    assert goals.update_one({"_id": 1}, change).matched_count == 1
    assert goals.find_one() == {"_id": 1, **expected}


def test_updates_of_several_upserts_and_replacements(goals: Any) -> None:
    goals.insert_many([{"_id": 1, "a": 1}, {"_id": 2, "a": 1}])
    result = goals.update_many({"a": 1}, {"$set": {"a": 2}})
    assert (result.matched_count, result.modified_count) == (2, 2)
    assert goals.update_many({"a": 2}, {"$set": {"a": 2}}).modified_count == 0
    made = goals.update_one({"name": "x"}, {"$set": {"b": 1}, "$setOnInsert": {"c": 2}}, upsert=True)
    assert goals.find_one({"_id": made.upserted_id}, {"_id": 0}) == {"name": "x", "b": 1, "c": 2}
    goals.replace_one({"_id": 1}, {"whole": "new"})
    assert goals.find_one({"_id": 1}) == {"_id": 1, "whole": "new"}
    taken = goals.find_one_and_update({"_id": 2}, {"$inc": {"a": 1}}, return_document=ReturnDocument.AFTER)
    assert taken == {"_id": 2, "a": 3}
    assert goals.find_one_and_delete({"_id": 2}) == {"_id": 2, "a": 3}
    assert goals.bulk_write([UpdateOne({"_id": 1}, {"$set": {"n": 1}})]).modified_count == 1
    assert goals.distinct("n") == [1]


def test_deletes(goals: Any) -> None:
    goals.insert_many([{"_id": n, "a": n % 2} for n in range(5)])
    assert goals.delete_one({"a": 1}).deleted_count == 1
    assert goals.delete_many({"a": 0}).deleted_count == 3
    assert goals.delete_many({}).deleted_count == 1
    assert goals.count_documents({}) == 0


def test_an_id_and_a_unique_index_refuse_the_second(goals: Any) -> None:
    goals.insert_one({"_id": 1, "name": "a"})
    with pytest.raises(DuplicateKeyError, match="E11000 duplicate key error"):
        goals.insert_one({"_id": 1})
    goals.create_index("name", unique=True)
    with pytest.raises(DuplicateKeyError, match="name_1"):
        goals.insert_one({"name": "a"})
    goals.update_one({"_id": 1}, {"$set": {"other": 1}})  # it may keep its own name
    with pytest.raises(BulkWriteError) as caught:
        goals.insert_many([{"_id": 2, "name": "b"}, {"_id": 2, "name": "c"}, {"_id": 3, "name": "d"}], ordered=False)
    assert caught.value.details["nInserted"] == 2
    assert sorted(index["name"] for index in goals.list_indexes()) == ["_id_", "name_1"]


def test_aggregation(goals: Any) -> None:
    goals.insert_many([{"kind": kind, "n": n} for n, kind in enumerate("aabbb")])
    totals = goals.aggregate([{"$group": {"_id": "$kind", "sum": {"$sum": "$n"}, "top": {"$max": "$n"}}}])
    assert sorted(totals, key=lambda row: row["_id"]) == [
        {"_id": "a", "sum": 1, "top": 1},
        {"_id": "b", "sum": 9, "top": 4},
    ]
    with pytest.raises(OperationFailure, match="Unrecognized pipeline stage"):
        goals.aggregate([{"$lookup": {}}])


def test_collections_are_listed_and_dropped(client: MongoClient[dict[str, Any]]) -> None:
    database = client["listing"]
    database["one"].insert_one({})
    database.create_collection("two")
    assert sorted(database.list_collection_names()) == ["one", "two"]
    assert "listing" in client.list_database_names()
    database.drop_collection("one")
    assert database.list_collection_names() == ["two"]
    client.drop_database("listing")
    assert "listing" not in client.list_database_names()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda db: db.command("replSetInitiate"), "no such command: 'replSetInitiate'"),
        (lambda db: list(db.c.find({"a": {"$near": 1}})), "unknown operator: \\$near"),
        (lambda db: db.c.update_one({}, {"$bit": {"a": 1}}, upsert=True), "Unknown modifier: \\$bit"),
        (lambda db: db.c.insert_one({"a": "x" * 17_000_000}), "too large"),
        (lambda db: db.command("find", "c", filter="text"), "find: AttributeError"),
    ],
)
def test_what_it_does_not_know_it_refuses(
    client: MongoClient[dict[str, Any]], ask: Callable[[Any], Any], message: str
) -> None:
    client["refusals"]["c"].update_one({"_id": 1}, {"$set": {"a": 1}}, upsert=True)
    with pytest.raises(Exception, match=message):
        ask(client["refusals"])


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    with running(tmp_path) as instance, instance.client() as client:
        written = 0
        for number in range(300):
            client["goals"]["goals"].insert_one({"_id": number, "text": "x" * 100})
            written += 1
        client["goals"]["goals"].delete_one({"_id": 7})
        instance.end(signal.SIGKILL)
        with pytest.raises(AutoReconnect):
            client["goals"]["goals"].insert_one({"_id": "never"})
    with running(tmp_path) as again, again.client() as client:
        found = {row["_id"] for row in client["goals"]["goals"].find()}
        assert found == set(range(written)) - {7}
        assert any("unclean shutdown" in line["msg"] for line in again.lines)


def test_a_half_written_record_is_cut_off(tmp_path: Path) -> None:
    with running(tmp_path) as instance, instance.client() as client:
        client["goals"]["goals"].insert_many([{"_id": 1}, {"_id": 2}])
        instance.end()
    journal = tmp_path / "journal"
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-3])
    with running(tmp_path) as again, again.client() as client:
        assert [row["_id"] for row in client["goals"]["goals"].find()] == [1]
        client["goals"]["goals"].insert_one({"_id": 3})
        again.end()
    with running(tmp_path) as third, third.client() as client:
        assert [row["_id"] for row in client["goals"]["goals"].find()] == [1, 3]


def test_a_journal_of_things_gone_is_written_anew(tmp_path: Path) -> None:
    with running(tmp_path) as instance, instance.client() as client:
        goals = client["goals"]["goals"]
        goals.create_index("n", unique=True)
        goals.insert_many([{"_id": n, "n": n, "text": "x" * 10_000} for n in range(200)])
        goals.delete_many({"_id": {"$gte": 3}})
        instance.end()
    before = (tmp_path / "journal").stat().st_size
    with running(tmp_path) as again, again.client() as client:
        assert (tmp_path / "journal").stat().st_size < before / 10
        assert [row["_id"] for row in client["goals"]["goals"].find()] == [0, 1, 2]
        assert "n_1" in client["goals"]["goals"].index_information()


def test_a_second_instance_ends_with_mongodbs_own_message(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        status, lines = Instance(tmp_path).finish()
        assert status == 100
        assert [line["attr"]["error"] for line in lines if line["s"] == "E"] == [
            "DBPathInUse: Unable to lock the lock file: /data/db/mongod.lock (Resource temporarily unavailable). "
            "Another mongod instance is already running on the /data/db directory"
        ]
        assert lines[-1]["attr"] == {"exitCode": 100}
        assert first.process.poll() is None
        first.end(signal.SIGKILL)
        with running(tmp_path) as next_one:  # the lock goes with the process, however it ends
            status, lines = next_one.end()
    assert status == 0
    assert [line["msg"] for line in lines][-2:] == ["Received signal", "Shutting down"]
    assert (tmp_path / "mongod.lock").read_bytes() == b""


def test_lines_look_as_mongod_writes_them(tmp_path: Path) -> None:
    status, lines = Instance(tmp_path / "missing").finish()
    assert status == 100
    assert set(lines[0]) == {"t", "s", "c", "id", "ctx", "msg", "attr"}
    assert lines[0]["msg"] == "MongoDB starting"
    assert lines[0]["attr"]["dbPath"] == "/data/db"
    assert "NonExistentPath: Data directory /data/db not found" in lines[-2]["attr"]["error"]


def test_it_takes_mongods_arguments(tmp_path: Path) -> None:
    with running(tmp_path, "mongod", "--dbpath", "/data/db", "--bind_ip_all", "--wiredTigerCacheSizeGB", "0.25"):
        pass
    process = subprocess.run(
        [sys.executable, "-m", "localcloud.mongo", "--replSet", "rs0"], cwd=ROOT, capture_output=True, text=True
    )
    assert process.returncode == 2
    assert "unrecognised option '--replSet'" in process.stderr


def test_mongod_is_run_where_it_is_installed(tmp_path: Path) -> None:
    mongod = tmp_path / "mongod"
    mongod.write_text('#!/bin/sh\necho "$@"\n')
    mongod.chmod(0o755)
    process = subprocess.run(
        [sys.executable, "-m", "localcloud.mongo", "--mounted", f"/data/db={tmp_path}", "--address", "127.1.2.3"],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert process.stdout.split() == ["--dbpath", str(tmp_path), "--bind_ip", "127.1.2.3", "--port", "27017"]


@pytest.mark.parametrize(
    ("expression", "said"), [("db.adminCommand('ping')", "{ ok: 1 }"), ("db.runCommand({ping: 1}).ok", "1")]
)
def test_mongosh_pings(client: MongoClient[dict[str, Any]], expression: str, said: str) -> None:
    host, port = client.address or ("", 0)
    words = ["--quiet", "--host", host, "--port", str(port), "--eval", expression]
    process = subprocess.run(
        [sys.executable, "-m", "localcloud.mongo.shell", *words], cwd=ROOT, capture_output=True, text=True
    )
    assert (process.returncode, process.stdout.strip()) == (0, said)


def test_mongosh_says_why_it_cannot(tmp_path: Path) -> None:
    started = time.monotonic()
    for words, why in (
        (["--port", "1", "--eval", "db.adminCommand('ping')"], "MongoNetworkError"),
        (["--eval", "db.goals.find()"], "only a ping"),
    ):
        process = subprocess.run(
            [sys.executable, "-m", "localcloud.mongo.shell", *words], cwd=ROOT, capture_output=True, text=True
        )
        assert process.returncode == 1
        assert why in process.stderr
    assert time.monotonic() - started < 5
