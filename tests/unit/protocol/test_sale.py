# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sales: ids, normal forms, lake objects and cancellations."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import (
    MalformedSale,
    Sale,
    cancelled_id,
    cancelled_item,
    canonical_json,
    canonical_uuid,
    from_attributes,
    lake_object,
    new_sale_id,
    normalise_amount,
    parse_sale_id,
    timestamp_of,
    to_attributes,
)
from protocol.limits import UNPROCESSED_SHARDS
from protocol.shards import shard_value, shard_values

ID = "01933b5e-8f00-7abc-8def-0123456789ab"

amounts = st.decimals(min_value=0, max_value=Decimal("999999999999999999"), allow_nan=False, places=4)
products = st.text(min_size=1).filter(str.strip)
sales = st.builds(
    lambda now, noise, product, amount, home: Sale.new(new_sale_id(now, noise), product, amount, home),
    st.floats(0, 4e9),
    st.binary(min_size=10, max_size=10),
    products,
    amounts,
    st.sampled_from([None, "sa-east-1"]),
)


@given(st.floats(0, 1e11), st.binary(min_size=10, max_size=10))
def test_an_id_is_a_uuid7_with_its_time_inside(now, noise):
    made = new_sale_id(now, noise)
    assert uuid.UUID(made).version == 7 and uuid.UUID(made).variant == uuid.RFC_4122
    assert parse_sale_id(made.upper()) == made
    assert timestamp_of(made) == int(now * 1000) // 1000


def test_ids_of_the_same_moment_differ():
    assert new_sale_id(1.0) != new_sale_id(1.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        str(uuid.UUID(int=0)),
        str(uuid.UUID(int=4, version=4)),
        ID.replace("-", ""),
        f"{{{ID}}}",
        ID + " ",
        None,
        7,
    ],
)
def test_what_is_no_uuid7_is_no_idempotency_key(text):
    assert parse_sale_id(text) is None


def test_the_reference_apis_ids_are_ids():
    random_id = str(uuid.uuid4())
    assert canonical_uuid(random_id.upper()) == random_id
    sale = Sale.from_dict({"id": random_id, "product": "x", "amount": 1, "timestamp": 1700000000})
    assert sale.lake_key == f"sales/20231114/{random_id}.json"


def test_the_timestamp_is_the_one_inside_the_id():
    sale = Sale.from_dict({"id": ID, "product": "x", "amount": 1, "timestamp": 5})
    assert sale.timestamp == timestamp_of(ID) == Sale.new(ID, "x", 1, None).timestamp


@pytest.mark.parametrize("spelt", [14, 14.0, "14.00", "1.4E1", Decimal("14.000"), "0014"])
def test_equal_amounts_are_spelt_alike(spelt):
    sale = Sale.new(ID, "O Pequeno Príncipe", spelt, None)
    assert sale.lake_bytes == (
        f'{{"amount":14,"id":"{ID}","product":"O Pequeno Príncipe","timestamp":{timestamp_of(ID)}}}'.encode()
    )


@pytest.mark.parametrize(
    "value", [None, True, "", "x", -1, "-0.01", "NaN", float("inf"), "1e999999999", "1e-19", 10**18, [], {}]
)
def test_what_is_no_amount_is_refused(value):
    with pytest.raises(MalformedSale, match="amount"):
        normalise_amount(value)


@given(sales)
def test_a_sale_is_the_same_however_it_travelled(sale):
    for processed in (True, False):
        assert Sale.from_attributes(sale.to_attributes(processed)) == sale
    assert Sale.from_message(sale.to_message()) == sale
    # Another program read it and wrote it again, with its own idea of spacing and order.
    travelled = Sale.from_message(json.dumps(dict(reversed(json.loads(sale.to_message(), parse_float=str).items()))))
    assert lake_object(travelled) == lake_object(sale)


@given(sales)
def test_the_lake_object_comes_from_the_sale_alone(sale):
    elsewhere = Sale.from_dict({**sale.to_item(True), "home": "us-east-1", "sale_processed": True})
    assert lake_object(elsewhere) == lake_object(sale)
    assert set(json.loads(sale.lake_bytes)) == {"id", "product", "amount", "timestamp"}


@given(sales)
def test_the_shard_comes_from_the_id_alone(sale):
    value = sale.to_item(False)["unprocessed"]
    other = Sale.from_dict({**sale.to_item(True), "id": sale.id.upper(), "product": "another"})
    assert value == other.to_item(False)["unprocessed"] and value in shard_values()


def test_sales_are_spread_over_all_shards():
    """As evenly as chance allows, though ids of one second differ in little."""
    values = Counter(shard_value(new_sale_id(1_700_000_000.0)) for _ in range(16_000))
    assert values.keys() == set(shard_values()) - {"yes"} and len(values) == UNPROCESSED_SHARDS
    assert all(800 < count < 1200 for count in values.values())


@given(sales)
def test_only_an_unprocessed_sale_is_in_the_index_and_items_are_whole(sale):
    todo, done = sale.to_item(False), sale.to_item(True)
    assert todo.pop("unprocessed") and not todo.pop("sale_processed") and done.pop("sale_processed")
    assert todo == done


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", "body"),
        ("[]", "body"),
        ("{", "body"),
        ('{"id": "x"}', "id"),
        (f'{{"id": "{ID}", "product": " ", "amount": 1}}', "product"),
        (f'{{"id": "{ID}", "product": "\\ud800", "amount": 1}}', "product"),
        (f'{{"id": "{ID}", "product": "x", "amount": NaN}}', "body"),
        (f'{{"id": "{ID}", "product": "x"}}', "amount"),
        (f'{{"id": "{ID}", "product": "x", "amount": 1, "home": 7}}', "home"),
        (f'{{"id": "{uuid.UUID(int=4 << 76 | 2 << 62)}", "product": "x", "amount": 1}}', "timestamp"),
        ('{"id": "ffffffff-ffff-7fff-bfff-ffffffffffff", "product": "x", "amount": 1}', "timestamp"),
    ],
)
def test_a_malformed_message_is_told_by_field(body, field):
    with pytest.raises(MalformedSale, match=f"^{field}"):
        Sale.from_message(body)


def test_a_cancellation_is_an_item_of_its_own():
    assert cancelled_item(ID.upper(), 7) == {"id": cancelled_id(ID), "sale": ID, "cancelled_at": 7}
    assert cancelled_item(ID, 7, processed=True)["sale_processed"] is True
    assert cancelled_id(ID) == f"cancelled#{ID}"
    assert canonical_uuid(cancelled_id(ID)) is None  # so no sale is ever written over it


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | amounts | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
items = st.dictionaries(st.text(max_size=5), plain, max_size=4)


@given(items)
def test_attributes_come_back_as_they_were(item):
    assert from_attributes(to_attributes(item)) == item


@given(items)
def test_canonical_json_is_json_and_does_not_depend_on_order(item):
    shuffled = dict(reversed(item.items()))
    assert canonical_json(shuffled) == canonical_json(item)
    assert json.loads(canonical_json(item), parse_float=Decimal) == item


def test_floats_have_no_place_in_stored_facts():
    with pytest.raises(TypeError, match="float"):
        canonical_json({"amount": 0.1})
    with pytest.raises(TypeError, match="float"):
        to_attributes({"amount": 0.1})
