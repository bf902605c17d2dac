# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be processed: attempts that fail, messages that nobody understands, writes that were left out."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

UNREACHABLE = ConnectTimeoutError(endpoint_url="https://example.invalid")


def refusal(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")


DENIED = refusal("AccessDenied", 403)


def test_after_four_failed_attempts_the_worker_moves_the_message_to_the_dlq(world):
    sale = world.accept()
    aws, tap = world.tapped()
    tap.fail["PutObject"] = DENIED
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


@pytest.mark.parametrize("fault", [UNREACHABLE, refusal("SlowDown", 503), refusal("500", 500)])
@pytest.mark.parametrize("operation", ["PutObject", "BatchWriteItem"])
def test_an_attempt_that_aws_spoils_does_not_count(world, operation, fault):
    sale = world.accept()
    aws, tap = world.tapped()
    tap.fail[operation] = fault
    clerk, inbox = world.make_clerk(aws)
    for _ in range(6):
        world.run(clerk, inbox)
        assert world.claim(sale)["attempts"] == 0
        world.clock.pass_time(300)
        world.reveal()
    assert world.dead() == []

    del tap.fail[operation]
    world.run(clerk, inbox)
    world.assert_processed_once(sale)


def test_an_attempt_is_given_back_only_by_whose_claim_it_is(world):
    sale = world.accept()
    clerk, inbox = world.make_clerk()
    clerk._ledger.claim(sale, "mine", int(world.clock.wall_clock()))
    clerk._ledger.claim(sale, "another", int(world.clock.wall_clock()) + 60)  # after mine has expired
    clerk._ledger.return_attempt(sale, "mine")
    assert world.claim(sale)["attempts"] == 2


def test_a_claim_whose_answer_is_a_fault_counts_no_attempt_though_it_was_written(world):
    sale = world.accept()
    clerk, inbox = world.make_clerk()
    claim = clerk._ledger.claim

    def lose(*given):
        claim(*given)
        raise ClientError({"Error": {"Code": "503"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, "UpdateItem")

    clerk._ledger.claim = lose
    world.run(clerk, inbox)
    assert world.claim(sale)["attempts"] == 0 and world.lake_versions() == []


def test_what_is_too_late_because_aws_is_slow_does_not_count(world):
    sale = world.accept()
    clerk, inbox = world.make_clerk()
    claim = clerk._ledger.claim

    def slow(*given):
        world.clock.pass_time(19)
        return claim(*given)

    clerk._ledger.claim = slow
    world.run(clerk, inbox)
    assert world.claim(sale)["attempts"] == 0 and world.lake_versions() == []


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
