# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PASSIVE_BEHAVIOUR=drops: a worker that loses what the reference one loses, and no more."""

from __future__ import annotations

import pytest

from sales_common.settings import SettingsError, read_worker_settings
from sales_worker.clerk import Outcome
from sales_worker.drops import DropsUnlessActive
from sales_worker.loop import Loop

ENVIRONMENT = {
    "AWS_REGION": "us-east-1",
    "SSM_PARAMETER_STORE_STATE": "/sales/region/state",
    "SQS_SALES_QUEUE": "https://sqs.us-east-1.amazonaws.com/123456789012/sales-queue",
    "DYNAMO_SALES_TABLE": "sales",
    "DYNAMO_SALES_IDEMPOTENCY_TABLE": "sales-idempotency",
    "S3_SALES_BUCKET": "lake",
}


def receive_and_process(world) -> None:
    clerk, inbox = world.make_clerk()
    process = DropsUnlessActive(world.here, world.view, inbox, clerk.process, world.log).process
    process(inbox.receive())


@pytest.mark.parametrize("state", ["PASSIVE", "HELD"])
def test_a_message_is_gone_where_the_region_is_not_active(world, state):
    world.view.states = {world.here: state, world.peer: "ACTIVE"}
    sale = world.accept(home=world.peer)

    receive_and_process(world)

    assert world.queued() == 0
    assert world.done(sale) is None and world.claim(sale) is None and world.lake_versions() == []
    assert world.log.named("messages_dropped") == [{"event": "messages_dropped", "count": 1, "state": state}]


def test_an_active_region_processes_as_ever(world):
    sale = world.accept()

    receive_and_process(world)

    world.assert_processed_once(sale)


@pytest.mark.parametrize(("drops", "turns"), [(True, 1), (False, 0)])
def test_while_held_only_a_worker_that_drops_receives(world, drops, turns):
    world.view.states = {world.here: "HELD"}
    world.accept()
    _clerk, inbox = world.make_clerk()
    batches = []

    def process(messages):
        batches.append(messages)
        loop.stop()
        return Outcome()

    loop = Loop(world.here, world.view, inbox, process, world.log, works_while_held=drops)
    if not drops:
        loop._stopping.wait = lambda _seconds: loop.stop()
    loop.run()

    assert len(batches) == turns


def test_the_environment_says_which():
    assert read_worker_settings(ENVIRONMENT).drops is False
    assert read_worker_settings(ENVIRONMENT | {"PASSIVE_BEHAVIOUR": "keeps"}).drops is False
    assert read_worker_settings(ENVIRONMENT | {"PASSIVE_BEHAVIOUR": "drops"}).drops is True
    with pytest.raises(SettingsError, match="PASSIVE_BEHAVIOUR is 'burns'; expected keeps or drops"):
        read_worker_settings(ENVIRONMENT | {"PASSIVE_BEHAVIOUR": "burns"})
