# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the worker's inbox finds the dead letter queue, and how many messages it hides."""

from __future__ import annotations

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from sales_worker.inbox import Inbox, Message


def test_a_message_buried_twice_finds_the_dlq_once(world):
    aws, tap = world.tapped()
    inbox = Inbox(aws, world.queue_url, 0, 60, world.log)
    for _ in range(2):
        inbox.copy_to_dead_letters(Message("m", "r", "{}", 1), "no sale", "us-east-1")
    assert tap.calls == ["GetQueueAttributes", "GetQueueUrl", "SendMessage", "SendMessage"]
    assert [each["reason"] for each in world.dead()] == ["no sale"] * 2


def test_what_is_hidden_can_be_revealed_at_once(world):
    inbox = world.make_clerk()[1]
    for _ in range(12):
        world.accept()
    while messages := inbox.receive():
        inbox.hide([(message, 900) for message in messages])
    world.accept()
    assert inbox.hidden() == 12
    (deleted,) = inbox.receive()
    inbox.hide([(deleted, 900)])
    inbox.delete([deleted])
    inbox.reveal()
    assert inbox.hidden() == 0
    assert sum(len(inbox.receive()) for _ in range(3)) == 12


def test_what_could_not_be_revealed_is_still_hidden_and_tried_again(world, monkeypatch):
    inbox = world.make_clerk()[1]
    for _ in range(12):
        world.accept()
    while messages := inbox.receive():
        inbox.hide([(message, 900) for message in messages])
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "_url", "http://127.0.0.1:1/nowhere")
        with pytest.raises((BotoCoreError, ClientError)):
            inbox.reveal()
    assert inbox.hidden() == 12
    inbox.reveal()
    assert inbox.hidden() == 0


def test_messages_are_hidden_until_they_are_seen_again(world):
    inbox = world.make_clerk()[1]
    for _ in range(3):
        world.accept()
    first, second, third = inbox.receive()
    inbox.hide([(first, 20), (second, 40), (third, 0)])
    assert inbox.hidden() == 2
    world.clock.pass_time(20)
    assert inbox.hidden() == 1
    world.clock.pass_time(20)
    assert inbox.hidden() == 0
