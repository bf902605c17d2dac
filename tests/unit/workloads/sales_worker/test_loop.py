# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's loop: it survives failures, slows down, and takes nothing that it may not process."""

from __future__ import annotations

import threading
import time

import pytest
from botocore.exceptions import ConnectTimeoutError

from protocol.limits import HIDDEN_MESSAGES
from sales_worker.clerk import Outcome
from sales_worker.inbox import Message
from sales_worker.loop import Loop

MESSAGE = Message("m", "r", "{}", 1)


class Scripted:
    """An inbox that plays a script: lists of messages, or exceptions; then stops the loop."""

    def __init__(self, *script) -> None:
        self.script = list(script)
        self.released: list[Message] = []
        self.hiding = 0
        self.revealed: list[bool] = []
        self.reveal_fails = False
        self.loop: Loop | None = None

    def hidden(self):
        return self.hiding

    def reveal(self):
        self.revealed.append(not self.reveal_fails)
        if self.reveal_fails:
            self.reveal_fails = False
            raise ConnectTimeoutError(endpoint_url="x")

    def receive(self):
        if not self.script:
            self.loop.stop()
            return []
        step = self.script.pop(0)
        if isinstance(step, BaseException):
            raise step
        return step() if callable(step) else step

    def release(self, messages):
        self.released += messages


@pytest.fixture
def make_loop(make_view, logbook, monkeypatch):
    monkeypatch.setattr("sales_worker.loop.FIRST_PAUSE_SECONDS", 0.001)

    def make(inbox, process, **view):
        loop = Loop("us-east-1", make_view(**view), inbox, process, logbook)
        inbox.loop = loop
        return loop

    return make


def test_the_loop_survives_failures_of_aws_and_defects(make_loop, logbook):
    seen = []
    script = Scripted(ConnectTimeoutError(endpoint_url="x"), [MESSAGE], ValueError("a defect"), [MESSAGE])
    make_loop(script, lambda messages: seen.append(messages) or Outcome(processed=1)).run()
    assert seen == [[MESSAGE], [MESSAGE]]
    assert logbook.named("aws_failed") and logbook.named("batch_failed")


def test_when_nothing_succeeds_the_loop_slows_down(make_loop):
    failures = []
    loop = make_loop(Scripted(*[[MESSAGE]] * 3), lambda messages: failures.append(loop._failures) or Outcome(failed=1))
    loop.run()
    assert failures == [0, 1, 2]
    loop = make_loop(Scripted([MESSAGE], [MESSAGE]), lambda messages: Outcome(processed=1, failed=1))
    loop.run()
    assert loop._failures == 0


@pytest.mark.parametrize("view", [{"fresh": False}, {"states": None}, {"states": {"us-east-1": "HELD"}}])
def test_without_the_right_to_claim_and_while_held_nothing_is_received(make_loop, view):
    inbox = Scripted([MESSAGE])
    loop = make_loop(inbox, lambda messages: pytest.fail("processed"), **view)
    thread = threading.Thread(target=loop.run)
    thread.start()
    time.sleep(0.1)
    loop.stop()
    thread.join(5)
    assert inbox.script == [[MESSAGE]]


def test_a_passive_region_receives(make_loop):
    """As a shadow it deletes what the owner has done; otherwise its queue would only grow."""
    seen = []
    make_loop(Scripted([MESSAGE]), lambda m: seen.append(m) or Outcome(), states={"us-east-1": "PASSIVE"}).run()
    assert seen


def test_a_region_that_is_not_active_receives_no_more_while_it_hides_many(make_loop):
    seen = []
    inbox = Scripted([MESSAGE])
    inbox.hiding = HIDDEN_MESSAGES
    loop = make_loop(inbox, lambda m: seen.append(m) or Outcome(), states={"us-east-1": "PASSIVE"})
    thread = threading.Thread(target=loop.run)
    thread.start()
    time.sleep(0.1)
    assert not seen
    inbox.hiding -= 1  # one of them is seen again
    thread.join(5)
    assert seen


def test_an_active_region_receives_however_many_it_hides(make_loop):
    seen = []
    inbox = Scripted([MESSAGE])
    inbox.hiding = HIDDEN_MESSAGES
    make_loop(inbox, lambda m: seen.append(m) or Outcome(), states={"us-east-1": "ACTIVE"}).run()
    assert seen


def test_at_each_grant_what_was_hidden_is_seen_though_a_long_poll_goes_on(make_view, make_loop, monkeypatch):
    monkeypatch.setattr("sales_worker.loop.WAIT_SECONDS", 0.01)
    polling = threading.Event()
    inbox = Scripted(lambda: polling.wait(10) and [])
    inbox.reveal_fails = True
    loop = make_loop(inbox, lambda messages: Outcome(), states={"us-east-1": "PASSIVE"})
    thread = threading.Thread(target=loop.run)
    thread.start()
    time.sleep(0.1)
    assert inbox.revealed == []
    loop._view.states = {"us-east-1": "ACTIVE"}
    time.sleep(0.2)
    assert inbox.revealed == [False, True]  # again after a failure, and then no more
    polling.set()
    loop.stop()
    thread.join(5)


def test_nothing_of_a_loop_goes_on_after_it(make_loop, monkeypatch):
    monkeypatch.setattr("sales_worker.loop.WAIT_SECONDS", 0.01)
    before = threading.active_count()
    loop = make_loop(Scripted(KeyboardInterrupt()), lambda messages: Outcome())
    with pytest.raises(KeyboardInterrupt):
        loop.run()
    assert not loop.is_stopping()
    time.sleep(0.2)
    assert threading.active_count() <= before


def test_messages_that_arrive_after_the_stop_are_released(make_loop):
    inbox = Scripted()
    loop = make_loop(inbox, lambda messages: pytest.fail("processed"))
    inbox.script = [lambda: loop.stop() or [MESSAGE]]
    loop.run()
    assert inbox.released == [MESSAGE]


def test_a_loop_is_alive_until_it_no_longer_turns(make_loop, monkeypatch):
    loop = make_loop(Scripted(), lambda messages: Outcome())
    assert loop.is_alive()
    monkeypatch.setattr("sales_worker.loop.STUCK_SECONDS", 0)
    assert not loop.is_alive()
