# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One batch: who acts on a message, in which order and at what price; the others hide it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from decimal import Decimal

import pytest

from protocol.effects import done_item
from protocol.encoding import to_attributes
from protocol.owners import owner
from protocol.region_map import RegionMap
from protocol.sale import Sale
from protocol.sale_id import new_sale_id

BOTH_ACTIVE = {"us-east-1": "ACTIVE", "sa-east-1": "ACTIVE"}


# -- the owner acts, the shadow hides --------------------------------------------------------------------------------


def test_the_owner_processes_and_writes_everything(world):
    sale = world.accept(amount="14.10")

    world.run(*world.make_clerk())

    world.assert_processed_once(sale)
    assert "unprocessed" not in world.sale_item(sale)
    assert json.loads(world.lake_versions()[0][1]) == {
        "id": sale.id,
        "product": "O Pequeno Principe",
        "amount": 14.1,
        "timestamp": sale.timestamp,
    }
    assert world.claim(sale)["attempts"] == 1
    (event,) = world.log.named("sale_processed")
    assert event["sale"] == sale.id


def test_what_it_decides_and_does_is_under_way_until_its_last_write_and_told(world, monkeypatch):
    sale = world.accept()
    aws, tap = world.tapped()
    under_way = []

    @contextmanager
    def acting():
        under_way.append(len(tap.calls))
        yield
        under_way.append(len(tap.calls))

    monkeypatch.setattr(world.view, "acting", acting)
    world.run(*world.make_clerk(aws))

    began, ended = under_way
    during = tap.calls[began:ended]
    assert during[0] == "BatchGetItem" and during[1:] == ["UpdateItem", "PutObject", "BatchWriteItem", "BatchWriteItem"]
    assert world.view.told == {"sales-idempotency": [sale.id]}


@pytest.mark.parametrize(
    ("states", "home"),
    [
        ({"us-east-1": "PASSIVE", "sa-east-1": "ACTIVE"}, "us-east-1"),
        ({"us-east-1": "PASSIVE", "sa-east-1": "PASSIVE"}, "us-east-1"),
        ({"us-east-1": "HELD", "sa-east-1": "PASSIVE"}, "us-east-1"),
        ({"us-east-1": "HELD", "sa-east-1": "ACTIVE"}, "us-east-1"),
        (BOTH_ACTIVE, "sa-east-1"),
        ({"us-east-1": "ACTIVE", "sa-east-1": "HELD"}, "sa-east-1"),
        ({"sa-east-1": "ACTIVE"}, None),
    ],
)
def test_whoever_is_not_the_acting_owner_claims_nothing_and_hides(world, states, home):
    world.view.states = states
    sale = world.accept(home=home)

    world.run(*world.make_clerk())

    assert world.claim(sale) is None and world.done(sale) is None and world.lake_versions() == []
    assert world.queued() == 1
    assert world.delays() == [20]


def test_where_many_are_hidden_they_are_not_hidden_for_longer_and_longer(world, monkeypatch):
    monkeypatch.setattr("protocol.decision.HIDDEN_MESSAGES", 1)
    world.view.states = {"us-east-1": "ACTIVE", "sa-east-1": "ACTIVE"}
    world.accept(home="sa-east-1")
    clerk, inbox = world.make_clerk()
    for _ in range(3):
        world.run(clerk, inbox)
        world.reveal()
    assert world.delays() == [20, 20, 20]


@pytest.mark.parametrize("view", [{"fresh": False}, {"states": None}])
def test_without_a_right_to_claim_nothing_is_claimed(world, view):
    for name, value in view.items():
        setattr(world.view, name, value)
    sale = world.accept()

    world.run(*world.make_clerk())

    assert world.claim(sale) is None and world.lake_versions() == []
    assert world.queued() == 1


def test_a_sale_without_home_is_processed_by_exactly_the_owner_that_everybody_computes(world):
    world.view.states = BOTH_ACTIVE
    known = RegionMap(1, BOTH_ACTIVE, "run", "lease@here")
    left = {region: 4 for region in BOTH_ACTIVE}
    sales = []
    while any(left.values()):
        sale_id = new_sale_id()
        region = owner(Sale.new(sale_id, "O Pequeno Principe", "14", None), known)
        if left[region]:
            left[region] -= 1
            sales.append(world.accept(home=None, sale_id=sale_id))

    world.run(*world.make_clerk())

    mine = [sale for sale in sales if owner(sale, known) == world.here]
    assert len(mine) == 4
    assert {sale.id for sale in sales if world.done(sale)} == {sale.id for sale in mine}
    assert world.queued() == len(sales) - len(mine)


def test_hiding_grows_with_the_receives(world):
    world.view.states = {"sa-east-1": "ACTIVE"}
    world.accept()
    for _ in range(7):
        world.run(*world.make_clerk())
        world.reveal()

    assert world.delays() == [20, 40, 80, 160, 320, 640, 900]


def test_the_view_is_asked_again_right_before_the_claim(world):
    """The region is switched off between the reading of the facts and the claim."""
    sale = world.accept()
    aws, tap = world.tapped()
    clerk, inbox = world.make_clerk(aws)
    read = clerk._ledger.read_facts

    def switch_off_meanwhile(ids):
        facts = read(ids)
        world.view.states = {"us-east-1": "HELD"}
        return facts

    clerk._ledger.read_facts = switch_off_meanwhile
    world.run(clerk, inbox)

    assert world.claim(sale) is None
    assert "UpdateItem" not in tap.calls


# -- what was already done or cancelled ------------------------------------------------------------------------------


def test_a_shadow_deletes_what_is_done(world):
    world.view.states = {"sa-east-1": "ACTIVE"}
    sale = world.accept()
    world.dynamodb.put_item(TableName="sales", Item=sale.to_attributes(processed=True))
    world.dynamodb.put_item(TableName="sales-idempotency", Item=to_attributes(done_item(sale, "sa-east-1", 1)))

    world.run(*world.make_clerk())

    assert world.queued() == 0 and world.lake_versions() == []


def test_whoever_finds_done_with_the_item_unprocessed_writes_the_item_whole(world):
    world.view.states = {"sa-east-1": "ACTIVE"}
    sale = world.accept()
    world.dynamodb.put_item(TableName="sales-idempotency", Item=to_attributes(done_item(sale, "sa-east-1", 1)))

    world.run(*world.make_clerk())

    assert world.sale_item(sale) == sale.to_item(processed=True)
    assert world.queued() == 0 and world.lake_versions() == []


def test_a_sale_published_twice_is_processed_once(world):
    sale = world.accept()
    world.send(sale.to_message())
    world.run(*world.make_clerk())
    world.assert_processed_once(sale)

    world.send(sale.to_message())
    world.run(*world.make_clerk())
    world.assert_processed_once(sale)
    assert len(world.lake_versions()) == 1
    assert world.claim(sale)["attempts"] == 1


def test_a_cancelled_sale_is_not_processed_and_stays_cancelled(world):
    sale = world.accept()
    world.cancel(sale)

    world.run(*world.make_clerk())

    assert world.done(sale) is None and world.lake_versions() == [] and world.queued() == 0
    assert world.cancellation(sale)


def test_a_cancellation_during_the_processing_survives_it(world):
    sale = world.accept()
    clerk, inbox = world.make_clerk()
    put = clerk._ledger.put_in_lake

    def cancel_meanwhile(each):
        put(each)
        world.cancel(sale)

    clerk._ledger.put_in_lake = cancel_meanwhile
    world.run(clerk, inbox)

    world.assert_processed_once(sale)
    assert world.cancellation(sale)


def test_a_message_that_precedes_its_item_is_processed_and_the_item_written_whole(world):
    """The queue of this region was faster than the replication of the table."""
    sale = Sale.new(new_sale_id(), "a book", Decimal("3.5"), world.here)
    world.send(sale.to_message())

    world.run(*world.make_clerk())

    world.assert_processed_once(sale)


def test_the_stored_item_outranks_an_older_message(world):
    sale = world.accept(amount="5")
    world.dynamodb.put_item(
        TableName="sales", Item=Sale.new(sale.id, sale.product, 6, sale.home).to_attributes(processed=False)
    )

    world.run(*world.make_clerk())

    assert [json.loads(body)["amount"] for _, body in world.lake_versions()] == [6]
    assert world.sale_item(sale)["amount"] == 6


def test_the_reference_api_s_message_is_understood(world):
    """A random UUID, a float, a timestamp of its own, no home."""
    body = {
        "id": "0C6A4F5E-52F1-4A5C-9B5E-3F1F5C0E7F11",
        "product": "Dom Casmurro",
        "amount": 14.1,
        "sale_processed": False,
        "timestamp": 1700000000,
    }
    world.send(json.dumps(body))

    world.run(*world.make_clerk())

    ((key, content),) = world.lake_versions()
    assert key == "sales/20231114/0c6a4f5e-52f1-4a5c-9b5e-3f1f5c0e7f11.json"
    assert json.loads(content)["amount"] == 14.1
    assert world.queued() == 0


# -- the price -------------------------------------------------------------------------------------------------------


def test_at_full_batches_a_sale_costs_at_most_3_3_calls(world):
    sales = [world.accept() for _ in range(30)]
    aws, tap = world.tapped()
    clerk, inbox = world.make_clerk(aws, threads=4)

    batches = 0
    while world.run(clerk, inbox):
        batches += 1

    world.assert_processed_once(*sales)
    calls = len(tap.calls) - 1  # the last receive found nothing
    assert batches == 3, "the batches were not full, so this says nothing"
    assert calls / len(sales) <= 3.3
    assert calls / len(sales) == 2.5, "told in the README"


def test_a_shadow_s_full_batch_costs_three_calls(world):
    world.view.states = {"sa-east-1": "ACTIVE"}
    for _ in range(10):
        world.accept()
    aws, tap = world.tapped()

    world.run(*world.make_clerk(aws))

    assert tap.calls == ["ReceiveMessage", "BatchGetItem", "ChangeMessageVisibilityBatch"]
