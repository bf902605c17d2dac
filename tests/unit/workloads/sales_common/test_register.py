# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task in the register of its region: before it acts, when it lets go, while its region is held, and when it ends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError

from protocol.limits import REGISTER_SECONDS, TOLD_IDS, TOLD_SECONDS
from protocol.region_map import RegionMap, state_write
from protocol.register import readers_of
from sales_common.register import Lately, Register
from sales_common.task import METADATA, find_task_arn
from sales_common.view_watch import StateTable, ViewWatch
from tests.support.waiting import eventually

HERE, TABLE, TASK = "us-east-1", "sales-state", "arn:aws:ecs:us-east-1:123456789012:task/sales/4be1"


def alone(epoch: int, state: str) -> RegionMap:
    return RegionMap(epoch, {HERE: state}, f"run-{epoch}", "lease@x")


class Site:
    """The table of states of one region, and what is watched there."""

    def __init__(self, world: Any, clock: Any, logbook: Any) -> None:
        self.world, self.clock, self.log = world, clock, logbook
        self.aws, self.tap = world.tapped()
        self.state(1, "ACTIVE")

    def state(self, epoch: int, state: str) -> None:
        self.world.dynamodb.put_item(**state_write(TABLE, HERE, alone(epoch, state)))

    def register(self, task: str = TASK) -> Register:
        return Register(self.aws, TABLE, task=task, ttl=10.0, claim_to_effect=20.0, clock=self.clock)

    def watch(self, **others: Any) -> ViewWatch:
        source = StateTable(self.aws, TABLE)
        return ViewWatch(
            self.world.view_settings, source, self.log, self.clock, register=others.get("register", self.register())
        )

    def readers(self) -> list[Any]:
        items = self.world.dynamodb.scan(TableName=TABLE, ConsistentRead=True)["Items"]
        return list(readers_of(items, HERE).values())

    def reader(self) -> Any:
        (found,) = self.readers()
        return found

    def refuse(self, operation: str, code: str = "AccessDeniedException") -> None:
        self.tap.fail[operation] = ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


@pytest.fixture
def site(world, clock, logbook) -> Iterator[Site]:
    key = {"AttributeName": "region"}
    world.dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{**key, "KeyType": "HASH"}],
        AttributeDefinitions=[{**key, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield Site(world, clock, logbook)
    world.dynamodb.delete_table(TableName=TABLE)


def may_claim(watch: ViewWatch) -> bool:
    return watch.look()[1]


def test_a_task_registers_and_then_reads_the_states_again(site):
    watch = site.watch()
    watch.refresh()
    assert may_claim(watch)
    assert site.tap.calls[:3] == ["Scan", "PutItem", "BatchGetItem"]
    reader = site.reader()
    assert (reader.task, reader.acknowledged, reader.fence_seconds) == (TASK, 1, 30.0)
    assert reader.name.startswith("4be1-")
    watch.refresh()
    assert site.tap.calls[-1] == "BatchGetItem" and site.reader().counter == 1, "nothing new, and nothing due"
    site.clock.pass_time(REGISTER_SECONDS)
    watch.refresh()
    assert site.reader().counter == 2


def test_a_task_that_cannot_register_claims_nothing(site):
    site.refuse("PutItem", "InternalServerError")
    watch = site.watch()
    watch.refresh()
    assert not may_claim(watch) and watch.readiness()[1]["reason"].startswith("not registered")
    assert len(site.log.named("not_registered")) == 1
    site.tap.fail.clear()
    watch.refresh()
    assert may_claim(watch)


def test_a_task_whose_role_may_not_register_goes_on_without(site):
    site.refuse("PutItem")
    site.refuse("BatchGetItem")
    watch = site.watch()
    watch.refresh()
    assert may_claim(watch) and site.readers() == []
    watch.refresh()
    assert may_claim(watch) and site.tap.calls.count("PutItem") == 1


def test_a_hold_is_acknowledged_when_what_had_begun_has_ended(site):
    watch = site.watch()
    watch.refresh()
    with watch.acting():
        site.state(2, "HELD")
        watch.refresh()
        assert not may_claim(watch) or watch.look()[0].state_of(HERE) == "HELD"
        assert site.reader().acknowledged == 1
        watch.wrote("claims", ["a", "b"])
    watch.refresh()
    assert site.reader().acknowledged == 2 and site.reader().told == {"claims": ["a", "b"]}


def test_what_ends_is_acknowledged_at_once(site):
    watch = site.watch()
    watch._refresh = 600.0
    with watch.acting():
        watch.start()
        eventually(lambda: site.readers() and site.reader().acknowledged == 0, what=site.readers)
    eventually(lambda: site.reader().acknowledged == 1, what=site.reader)
    watch.stop()


def test_while_its_region_is_held_a_task_tells_what_it_accepts(site):
    watch = site.watch()
    watch.refresh()
    site.state(2, "HELD")
    watch.refresh()
    counter = site.reader().counter
    watch.wrote("sales", ["c"])
    watch.refresh()
    assert site.reader().counter == counter + 1 and site.reader().told == {"sales": ["c"]}


def test_what_was_told_is_not_told_for_ever(site):
    watch = site.watch()
    watch.wrote("sales", ["a"])
    watch.refresh()
    assert site.reader().told == {"sales": ["a"]}
    site.clock.pass_time(REGISTER_SECONDS + 1)
    watch.refresh()
    assert site.reader().told == {}


def test_a_task_that_stops_leaves_the_register_and_claims_nothing(site):
    watch = site.watch()
    watch.start()
    eventually(lambda: may_claim(watch), what=site.readers)
    watch.stop()
    assert site.readers() == [] and not may_claim(watch)


def test_two_processes_of_one_task_are_two_readers(site):
    for _ in range(2):
        site.watch(register=site.register()).refresh()
    assert len({reader.name for reader in site.readers()}) == 2


def test_peers_remove_what_has_vanished_and_nothing_that_writes(site):
    gone, here, peer = site.watch(), site.watch(), site.watch()
    gone.refresh()
    name = site.reader().name
    for second in range(0, 200, 10):
        for each in (here, peer):
            each.refresh()
        assert len(site.readers()) == 3 or second > 90
        site.clock.pass_time(10)
    assert len(site.readers()) == 2 and name not in {reader.name for reader in site.readers()}
    assert site.log.named("vanished_reader_removed") == [{"event": "vanished_reader_removed", "reader": name}]


def test_an_item_that_dynamodb_left_unread_gives_no_right(site, monkeypatch):
    watch = site.watch()
    watch.refresh()
    site.clock.pass_time(9)
    left = {TABLE: {"Keys": [{"region": {"S": HERE}}]}}
    answer = {"Responses": {TABLE: []}, "UnprocessedKeys": left}
    monkeypatch.setattr(watch._source._local, "batch_get_item", lambda **_asked: answer)
    watch.refresh()
    site.clock.pass_time(2)
    assert not may_claim(watch) and site.log.named("view_not_read")


def test_only_the_last_seconds_are_told_and_not_more_than_an_item_holds(clock):
    lately = Lately(clock)
    lately.add("sales", ["old"])
    clock.pass_time(TOLD_SECONDS + 1)
    lately.add("sales", ["new"])
    assert lately.ids() == {"sales": ["new"]}
    lately.add("sales", map(str, range(TOLD_IDS + 5)))
    assert len(lately.ids()["sales"]) == TOLD_IDS and lately.ids()["sales"][-1] == str(TOLD_IDS + 4)


def test_ecs_tells_a_task_who_it_is():
    class Metadata(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/v4/abc/task" else 404)
            self.end_headers()
            self.wfile.write(json.dumps({"TaskARN": TASK}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Metadata)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    assert find_task_arn({METADATA: f"http://127.0.0.1:{server.server_port}/v4/abc"}) == TASK
    server.shutdown()
    server.server_close()
    assert find_task_arn({METADATA: f"http://127.0.0.1:{server.server_port}/v4/abc"}) == ""
    assert find_task_arn({}) == ""
