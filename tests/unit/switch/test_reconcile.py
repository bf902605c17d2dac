# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reconciliation on a table and a topic in moto."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import to_attributes
from ansible_collections.multiregion.ecs.plugins.module_utils.switch import reconcile_pass
from tests.support.aws_clients import aws_client
from tests.support.workload_tables import make_indexed_table

REGION = "us-east-1"
WHAT = {
    "table": "orders",
    "index": "unprocessed",
    "hash_attribute": "unprocessed",
    "hash_value": "yes",
    "range_attribute": "timestamp",
    "done_attribute": "handled",
    "scan": False,
    "done_table": None,
    "minimum_age": 10,
    "timeout": 100,
}


class Orders:
    """A table with a sparse index, and a topic that remembers what was published."""

    def __init__(self) -> None:
        self.dynamodb = aws_client("dynamodb", REGION)
        self.published: list[dict[str, Any]] = []
        self.batches: list[int] = []
        self.refuses = False
        make_indexed_table(self.dynamodb, "orders", "unprocessed")

    def publish_batch(self, TopicArn: str, PublishBatchRequestEntries: list[dict[str, str]]) -> dict[str, Any]:
        assert len(PublishBatchRequestEntries) <= 10
        self.batches.append(len(PublishBatchRequestEntries))
        self.published += [json.loads(entry["Message"]) for entry in PublishBatchRequestEntries]
        return {"Failed": [{"Message": "no"}] if self.refuses else []}

    def put(self, identifier: str, timestamp: int, **others: Any) -> None:
        item = {"id": identifier, "timestamp": timestamp, "unprocessed": "yes", **others}
        self.dynamodb.put_item(TableName="orders", Item=to_attributes(item))

    def ids(self) -> list[str]:
        return [message["id"] for message in self.published]

    def run(self, before: int = 100, cursor: Any = None, advance: Any = lambda cursor: None) -> int:
        return reconcile_pass.reconcile_pass(self.dynamodb, self, WHAT, "topic", before, cursor, advance)[1]


@pytest.fixture
def orders() -> Iterator[Orders]:
    with mock_aws():
        yield Orders()


def test_what_is_unprocessed_and_old_enough_is_published_without_the_index_attribute(orders):
    orders.put("a", 1, amount=5)
    orders.put("b", 101)
    assert orders.run() == 1
    assert orders.published == [{"id": "a", "timestamp": 1, "amount": 5}]


def test_what_is_processed_or_cancelled_is_left_alone(orders):
    orders.put("done", 1, handled=True)  # the index is behind the table
    orders.put("cancelled", 2)
    orders.dynamodb.put_item(TableName="orders", Item={"id": {"S": "cancelled#cancelled"}})
    orders.put("open", 3)
    assert orders.run() == 1 and orders.ids() == ["open"]


def test_the_cursor_moves_after_the_publish_and_a_killed_pass_goes_on_there(orders, monkeypatch):
    monkeypatch.setattr(reconcile_pass, "PAGE", 2)
    for number in range(5):
        orders.put(f"o{number}", number)
    kept: list[Any] = []

    def die(cursor: Any) -> None:
        kept.append((cursor, orders.ids()))
        raise SystemError("killed")

    with pytest.raises(SystemError):
        orders.run(advance=die)
    cursor, published = kept[0]
    assert published == ["o0", "o1"]
    orders.run(cursor=cursor)
    assert orders.ids() == ["o0", "o1", "o2", "o3", "o4"]


def test_messages_are_published_in_as_few_calls_as_sns_takes(orders):
    for number in range(23):
        orders.put(f"o{number:02d}", number)
    orders.put("long", 50, note="x" * 200_000)
    orders.put("longer", 51, note="x" * 200_000)
    orders.run()
    assert orders.batches == [10, 10, 4, 1] and len(orders.ids()) == 25


def test_a_message_that_is_refused_is_no_success(orders):
    orders.put("a", 1)
    orders.refuses = True
    with pytest.raises(CollectionError, match="refused 1 of 1 messages"):
        orders.run()


def test_passes_are_repeated_until_a_whole_one_that_saw_everything_finds_nothing(orders):
    orders.put("a", 995)
    now = [1000.0]

    def wait(seconds: float) -> None:
        now[0] += seconds
        if orders.published:  # somebody processed it
            orders.put("a", 995, handled=True)

    answer = reconcile_pass.reconcile_region(
        orders.dynamodb, orders, WHAT, "topic", None, lambda cursor: None, wait, 1000.0, clock=lambda: now[0]
    )
    assert answer == (1, True)
    # It went on until everything accepted before its start had reached the minimum age.
    assert now[0] >= 1010


def test_everyday_s_work_ends_no_pass_and_is_not_published(orders):
    """Workers that are far behind have always something that is older than the minimum age."""
    orders.put("a", 995)
    now = [1000.0]

    def wait(seconds: float) -> None:
        now[0] += seconds
        orders.put(f"later {now[0]:.0f}", int(now[0]) + 20)
        if now[0] > 1060:
            orders.put("a", 995, handled=True)

    answer = reconcile_pass.reconcile_region(
        orders.dynamodb, orders, WHAT, "topic", None, lambda cursor: None, wait, 1000.0, clock=lambda: now[0]
    )
    assert answer[1] and now[0] < 1070 and set(orders.ids()) == {"a"}


def test_what_nobody_processes_stays_owed_after_the_timeout(orders):
    orders.put("a", 1)
    now = [1000.0]

    def wait(seconds: float) -> None:
        now[0] += seconds

    # Again and again, but not before workers had time for what they already have.
    published, ended = reconcile_pass.reconcile_region(
        orders.dynamodb, orders, WHAT, "topic", None, lambda cursor: None, wait, 1000.0, clock=lambda: now[0]
    )
    assert not ended and published == 1 + int(WHAT["timeout"] / reconcile_pass.AGAIN_SECONDS)


def test_what_one_regions_topic_already_brought_to_all_is_not_published_from_the_next(orders):
    orders.put("a", 1)
    sent: dict[str, float] = {}
    now = [1000.0]

    def wait(seconds: float) -> None:
        now[0] += seconds
        if now[0] > 1015:
            orders.put("a", 1, handled=True)

    for _region in range(2):
        reconcile_pass.reconcile_region(
            orders.dynamodb, orders, WHAT, "topic", None, lambda cursor: None, wait, 1000.0, sent, lambda: now[0]
        )
    assert orders.ids() == ["a"]


def test_a_scan_finds_what_an_image_wrote_without_the_index_attribute(orders: Orders) -> None:
    orders.dynamodb.put_item(TableName="orders", Item=to_attributes({"id": "bare", "timestamp": 50, "handled": False}))
    orders.dynamodb.put_item(TableName="orders", Item=to_attributes({"id": "old", "timestamp": 5, "handled": False}))
    orders.dynamodb.put_item(
        TableName="orders", Item=to_attributes({"id": "young", "timestamp": 101, "handled": False})
    )
    orders.dynamodb.put_item(TableName="orders", Item=to_attributes({"id": "done", "timestamp": 50, "handled": True}))
    assert orders.run() == 0, "the index does not hold them"
    what = {**WHAT, "scan": True, "since": 10}
    found, _published = reconcile_pass.reconcile_pass(
        orders.dynamodb, orders, what, "topic", 100, None, lambda cursor: None
    )
    assert (found, orders.ids()) == (1, ["bare"])


def test_an_image_that_never_marks_its_items_is_judged_by_another_table(orders: Orders) -> None:
    orders.dynamodb.create_table(
        TableName="seen",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for identifier in ("one", "two"):
        item = {"id": identifier, "timestamp": 50, "handled": False}
        orders.dynamodb.put_item(TableName="orders", Item=to_attributes(item))
    orders.dynamodb.put_item(TableName="seen", Item=to_attributes({"id": "one"}))
    what = {**WHAT, "scan": True, "done_table": "seen"}
    reconcile_pass.reconcile_pass(orders.dynamodb, orders, what, "topic", 100, None, lambda cursor: None)
    assert orders.ids() == ["two"]
