# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One batch: who acts on a message, in which order, at what price, and what becomes of the others."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from botocore.exceptions import ConnectTimeoutError

from protocol.claim import claim_write
from protocol.effects import done_item
from protocol.encoding import to_attributes
from protocol.owners import owner
from protocol.region_map import RegionMap
from protocol.sale import Sale
from protocol.sale_id import new_sale_id

BOTH_ACTIVE = {"us-east-1": "ACTIVE", "sa-east-1": "ACTIVE"}
UNREACHABLE = ConnectTimeoutError(endpoint_url="https://example.invalid")


def delays(world) -> list[int]:
    """For how long each message was hidden."""
    return sorted(each["seconds"] for each in world.log.named("message_hidden"))


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
    assert delays(world) == [20]


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
    sales = [world.accept(home=None) for _ in range(8)]
    known = RegionMap(1, BOTH_ACTIVE, "run", "lease@here")

    world.run(*world.make_clerk())

    mine = [sale for sale in sales if owner(sale, known) == world.here]
    assert 0 < len(mine) < len(sales), "eight sales fell on one side; weights are broken"
    assert {sale.id for sale in sales if world.done(sale)} == {sale.id for sale in mine}
    assert world.queued() == len(sales) - len(mine)


def test_hiding_grows_with_the_receives(world):
    world.view.states = {"sa-east-1": "ACTIVE"}
    world.accept()
    for _ in range(7):
        world.run(*world.make_clerk())
        world.reveal()

    assert delays(world) == [20, 40, 80, 160, 320, 640, 900]


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


# -- claims ----------------------------------------------------------------------------------------------------------


def test_another_worker_s_claim_is_waited_for(world):
    sale = world.accept()
    now = int(world.clock.wall)
    world.dynamodb.update_item(**claim_write("sales-idempotency", sale.id, world.here, "another", now, 20))

    world.run(*world.make_clerk())

    assert world.claim(sale)["worker"] == "another"
    assert delays(world) == [20]
    world.clock.pass_time(21)
    world.reveal()
    world.run(*world.make_clerk())
    world.assert_processed_once(sale)


def test_a_claim_made_between_reading_and_claiming_wins(world):
    sale = world.accept()
    clerk, inbox = world.make_clerk()
    claim = clerk._ledger.claim

    def come_second(each, now):
        world.dynamodb.update_item(**claim_write("sales-idempotency", sale.id, world.here, "another", now, 20))
        return claim(each, now)

    clerk._ledger.claim = come_second
    world.run(clerk, inbox)

    assert world.claim(sale) | {"expires_at": 0} == {
        "id": f"claim#us-east-1#{sale.id}",
        "worker": "another",
        "attempts": 1,
        "claimed_until": int(world.clock.wall) + 20,
        "expires_at": 0,
    }
    assert world.done(sale) is None and world.lake_versions() == []
    assert delays(world) == [20]


def test_a_claim_whose_answer_was_lost_is_recognised_as_one_s_own(world, monkeypatch):
    """botocore sends the claim again; the condition refuses it, with the very claim that it made."""
    world.accept()
    clerk, inbox = world.make_clerk()
    dynamodb = clerk._ledger._dynamodb
    update = dynamodb.update_item

    def send_twice(**request):
        update(**request)
        return update(**request)

    monkeypatch.setattr(dynamodb, "update_item", send_twice)
    world.run(clerk, inbox)

    assert len(world.log.named("sale_processed")) == 1


@pytest.mark.parametrize("slow", ["claim", "put_in_lake"])
def test_effects_are_not_sent_when_they_could_land_after_the_bound(world, slow):
    """bound 20 s, longest call 2 s: at 18.5 s nothing more is sent, and the attempt has failed."""
    sale = world.accept()
    aws, tap = world.tapped()
    clerk, inbox = world.make_clerk(aws)
    step = getattr(clerk._ledger, slow)

    def dawdle(*arguments):
        result = step(*arguments)
        world.clock.pass_time(18.5)
        return result

    setattr(clerk._ledger, slow, dawdle)
    world.run(clerk, inbox)

    assert world.done(sale) is None
    assert ("PutObject" in tap.calls) == (slow == "put_in_lake")
    assert "BatchWriteItem" not in tap.calls
    assert delays(world) == [20]
    setattr(clerk._ledger, slow, step)
    world.clock.pass_time(20)
    world.reveal()
    world.run(clerk, inbox)
    world.assert_processed_once(sale)


def test_no_claim_is_made_that_would_outlive_the_right_to_the_message(world):
    """60 s of visibility less 20 s of claim: 41 s after the receipt the message is put back instead."""
    sale = world.accept()
    clerk, inbox = world.make_clerk()
    read = clerk._ledger.read_facts

    def dawdle(ids):
        facts = read(ids)
        world.clock.pass_time(41)
        return facts

    clerk._ledger.read_facts = dawdle
    world.run(clerk, inbox)

    assert world.claim(sale) is None
    assert len(inbox.receive()) == 1


def test_a_worker_that_is_told_to_stop_releases_what_it_has_not_claimed(world):
    sale = world.accept()
    clerk, inbox = world.make_clerk(stopping=lambda: True)

    world.run(clerk, inbox)

    assert world.claim(sale) is None
    assert [message.body for message in inbox.receive()] == [sale.to_message()], "visible again at once"


# -- failure and the DLQ ---------------------------------------------------------------------------------------------


def test_after_four_failed_attempts_the_worker_moves_the_message_to_the_dlq(world):
    sale = world.accept()
    aws, tap = world.tapped()
    tap.fail["PutObject"] = UNREACHABLE
    clerk, inbox = world.make_clerk(aws)
    for attempt in range(1, 5):
        assert world.dead() == []
        world.run(clerk, inbox)
        if attempt < 4:
            assert world.claim(sale)["attempts"] == attempt
        world.clock.pass_time(300)
        world.reveal()

    (dead,) = world.dead()
    assert dead["body"] == sale.to_message()
    assert "failed 4 times" in dead["reason"]
    assert dead["region"] == "us-east-1"
    assert world.queued() == 0
    assert world.sale_item(sale)["unprocessed"], "it must stay in the index, for reconciliation"

    del tap.fail["PutObject"]
    world.send(dead["body"])
    world.run(clerk, inbox)
    assert world.done(sale), "a message brought back from the DLQ gets its attempts again"


def test_four_attempts_that_ended_in_crashes_also_lead_to_the_dlq(world):
    sale = world.accept()
    for _ in range(4):
        aws, tap = world.tapped()
        tap.crash_at = (3, "before")
        with pytest.raises(world.Crash):
            world.run(*world.make_clerk(aws))
        world.clock.pass_time(60)
        world.reveal()

    world.run(*world.make_clerk())

    assert [each["body"] for each in world.dead()] == [sale.to_message()]
    assert world.queued() == 0


@pytest.mark.parametrize("body", ["no json", "[]", "{}", '{"id": "x"}', '{"product": "a", "amount": 1}', '"texto"'])
def test_poison_goes_to_the_dlq_at_once_with_the_reason(world, body):
    world.send(body)
    sale = world.accept()

    world.run(*world.make_clerk())

    (dead,) = world.dead()
    assert dead["body"] == body
    assert dead["reason"].startswith("the message is no sale: ")
    assert world.done(sale), "its neighbour is processed"
    assert world.queued() == 0


def test_without_a_dlq_the_message_stays(world):
    world.sqs.set_queue_attributes(QueueUrl=world.queue_url, Attributes={"RedrivePolicy": ""})
    world.send("no json")

    world.run(*world.make_clerk())

    assert world.queued() == 1
    (event,) = world.log.named("not_dead_lettered")
    assert "has no RedrivePolicy" in event["error"]


@pytest.mark.parametrize("fault", [UNREACHABLE, KeyError("a defect")])
def test_one_sale_that_fails_does_not_hold_up_the_others(world, fault):
    sales = [world.accept() for _ in range(3)]
    clerk, inbox = world.make_clerk()
    put = clerk._ledger.put_in_lake

    def fail_for_one(sale):
        if sale.id == sales[1].id:
            raise fault
        put(sale)

    clerk._ledger.put_in_lake = fail_for_one
    outcome = clerk.process(inbox.receive())

    assert (outcome.processed, outcome.failed) == (2, 1)
    assert [bool(world.done(sale)) for sale in sales] == [True, False, True]
    assert world.queued() == 1


def test_a_done_that_dynamodb_left_unwritten_is_no_done(world, monkeypatch):
    monkeypatch.setattr("sales_common.batches.FIRST_PAUSE_SECONDS", 0)
    sales = [world.accept() for _ in range(2)]
    clerk, inbox = world.make_clerk()
    dynamodb = clerk._ledger._dynamodb
    write = dynamodb.batch_write_item

    def leave_the_second(RequestItems):
        ((table, requests),) = RequestItems.items()
        mine = [each for each in requests if each["PutRequest"]["Item"]["id"]["S"] != sales[1].id]
        if table != "sales-idempotency" or len(mine) == len(requests):
            return write(RequestItems=RequestItems)
        if mine:
            write(RequestItems={table: mine})
        return {"UnprocessedItems": {table: [each for each in requests if each not in mine]}}

    monkeypatch.setattr(dynamodb, "batch_write_item", leave_the_second)
    world.run(clerk, inbox)

    assert world.done(sales[0]) and world.sale_item(sales[0])["sale_processed"]
    assert not world.done(sales[1]) and not world.sale_item(sales[1])["sale_processed"]
    assert world.queued() == 1
    monkeypatch.setattr(dynamodb, "batch_write_item", write)
    world.clock.pass_time(30)
    world.reveal()
    world.run(clerk, inbox)
    world.assert_processed_once(*sales)


def test_a_sale_item_left_unwritten_keeps_its_message(world):
    sale = world.accept()
    aws, tap = world.tapped()
    clerk, inbox = world.make_clerk(aws)
    clerk._ledger.write_processed = lambda sales: {each.id for each in sales}
    world.run(clerk, inbox)
    assert world.done(sale) and world.queued() == 1

    world.reveal()
    world.run(*world.make_clerk())
    world.assert_processed_once(sale)


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
