# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches that DynamoDB does in part: the rest is done again, or told."""

from __future__ import annotations

import pytest

from sales_common.batches import Incomplete, read_items, scan_items, write_items


class Throttled:
    """A DynamoDB that does one item per call."""

    def __init__(self) -> None:
        self.calls = 0

    def batch_get_item(self, RequestItems):
        self.calls += 1
        ((table, part),) = RequestItems.items()
        rest = {table: {"Keys": part["Keys"][1:], "ConsistentRead": True}} if part["Keys"][1:] else {}
        return {"Responses": {table: [part["Keys"][0]]}, "UnprocessedKeys": rest}

    def batch_write_item(self, RequestItems):
        self.calls += 1
        ((table, part),) = RequestItems.items()
        return {"UnprocessedItems": {table: part[1:]} if part[1:] else {}}


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr("sales_common.batches.FIRST_PAUSE_SECONDS", 0)


def test_what_was_left_unread_is_read_again_and_never_taken_for_absent():
    assert set(read_items(Throttled(), {"t": ["a", "b", "c"]})["t"]) == {"a", "b", "c"}
    with pytest.raises(Incomplete, match="BatchGetItem"):
        read_items(Throttled(), {"t": ["a", "b", "c", "d"]})


def test_what_was_left_unwritten_is_written_again_or_told():
    items = [{"id": {"S": each}} for each in "abcd"]
    assert write_items(Throttled(), "t", items[:3]) == set()
    assert write_items(Throttled(), "t", items) == {"d"}
    client = Throttled()
    assert write_items(client, "t", items, lambda: client.calls < 1) == {"b", "c", "d"}
    assert write_items(client, "t", items[:1], lambda: False) == {"a"} and client.calls == 1


def test_a_table_of_several_pages_is_read_to_its_end():
    class Paged:
        def scan(self, TableName, ConsistentRead, ExclusiveStartKey=0):
            assert TableName == "t" and ConsistentRead
            more = {"LastEvaluatedKey": ExclusiveStartKey + 1} if ExclusiveStartKey < 2 else {}
            return {"Items": [ExclusiveStartKey], **more}

    assert scan_items(Paged(), "t") == [0, 1, 2]
