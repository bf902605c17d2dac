# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims: who gets one, whose it is, and until when effects may follow it."""

from __future__ import annotations

import pytest

from protocol.claim import claim_write


def test_another_worker_s_claim_is_waited_for(world):
    sale = world.accept()
    now = int(world.clock.wall)
    world.dynamodb.update_item(**claim_write("sales-idempotency", sale.id, world.here, "another", now, 20))

    world.run(*world.make_clerk())

    assert world.claim(sale)["worker"] == "another"
    assert world.delays() == [20]
    world.clock.pass_time(21)
    world.reveal()
    world.run(*world.make_clerk())
    world.assert_processed_once(sale)


def test_a_claim_made_between_reading_and_claiming_wins(world):
    sale = world.accept()
    clerk, inbox = world.make_clerk()
    claim = clerk._ledger.claim

    def come_second(each, name, now):
        world.dynamodb.update_item(**claim_write("sales-idempotency", sale.id, world.here, "another", now, 20))
        return claim(each, name, now)

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
    assert world.delays() == [20]


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
    assert world.delays() == [20]
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
