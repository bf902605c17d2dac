# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines between regions, with a clock that tests turn."""

from __future__ import annotations

import pytest

from localcloud.links import Links


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def links(clock: Clock) -> Links:
    return Links(lag=0.3, clock=clock)


def test_what_is_sent_arrives_after_the_lag_and_in_order(links: Links, clock: Clock) -> None:
    arrived: list[int] = []
    for number in range(3):
        links.send("a", "b", lambda number=number: arrived.append(number))
        clock.now += 0.125
    assert links.deliver_due() == pytest.approx(0.05)
    assert (arrived, links.pending()) == ([0], 2)
    clock.now += 1
    assert links.deliver_due() is None
    assert arrived == [0, 1, 2]


def test_a_cut_line_keeps_what_is_sent_until_it_is_mended(links: Links, clock: Clock) -> None:
    arrived: list[str] = []
    links.cut("a", "b")
    links.send("a", "b", lambda: arrived.append("to b"))
    links.send("b", "a", lambda: arrived.append("to a"))
    clock.now += 10
    assert links.deliver_due() is None
    assert (arrived, links.pending("b")) == (["to a"], 1)
    links.mend("a", "b")
    assert links.deliver_due() == pytest.approx(0.3)
    assert arrived == ["to a"]
    clock.now += 0.4
    links.deliver_due()
    assert arrived == ["to a", "to b"]


def test_what_is_slow_keeps_only_its_own_lane_waiting(links: Links, clock: Clock) -> None:
    arrived: list[str] = []
    links.send("a", "b", lambda: arrived.append("object"), lane="s3", later=60.0)
    links.send("a", "b", lambda: arrived.append("item"))
    clock.now += 1
    assert links.deliver_due() == pytest.approx(59.3)
    assert (arrived, links.pending("b")) == (["item"], 1)
    links.silence("a")
    clock.now += 60
    assert (links.deliver_due(), links.held_back()) == (None, 1)
    links.revive("a")
    clock.now += 0.4
    links.deliver_due()
    assert arrived == ["item", "object"]


def test_a_failing_delivery_does_not_stop_the_next(links: Links, clock: Clock) -> None:
    arrived: list[int] = []
    links.send("a", "b", lambda: 1 / 0)
    links.send("a", "b", lambda: arrived.append(1))
    clock.now += 1
    links.deliver_due()
    assert arrived == [1]


def test_timers_run_when_they_are_due(links: Links, clock: Clock) -> None:
    done: list[str] = []
    links.after(2, lambda: done.append("late"))
    links.after(1, lambda: done.append("early"))
    assert links.deliver_due() == pytest.approx(1)
    clock.now += 5
    links.deliver_due()
    assert done == ["early", "late"]


def test_a_majority_needs_lines_both_ways(links: Links) -> None:
    members = ["a", "b", "c"]
    assert links.has_quorum("a", members)
    links.cut("a", "b")
    assert links.has_quorum("a", members)
    links.cut("c", "a")
    assert not links.has_quorum("a", members)
    assert links.has_quorum("b", members)


def test_a_silenced_region_hears_and_says_nothing_until_it_is_revived(links: Links, clock: Clock) -> None:
    arrived: list[str] = []
    links.send("a", "b", lambda: arrived.append("from a, said before"))
    links.silence("a")
    links.send("b", "a", lambda: arrived.append("to a, first"))
    links.send("b", "a", lambda: arrived.append("to a, second"))
    links.send("b", "c", lambda: arrived.append("to c"))
    clock.now += 10
    assert links.deliver_due() is None
    assert (arrived, links.held_back()) == (["to c"], 3)
    links.revive("a")
    assert links.deliver_due() == pytest.approx(0.3)
    assert arrived == ["to c"]
    clock.now += 0.4
    links.deliver_due()
    assert sorted(arrived[1:]) == ["from a, said before", "to a, first", "to a, second"]
    assert arrived.index("to a, first") < arrived.index("to a, second")
    assert links.held_back() == 0


def test_a_silenced_region_has_no_majority_and_a_majority_does_without_it(links: Links) -> None:
    links.silence("c")
    assert links.has_quorum("a", ["a", "b", "c"])
    assert not links.has_quorum("c", ["a", "b", "c"])
    links.silence("b")
    assert not links.has_quorum("a", ["a", "b", "c"])


def test_what_is_sent_between_two_looks_is_delivered_in_time(links: Links, monkeypatch: pytest.MonkeyPatch) -> None:
    class Waits(Exception):
        pass

    def wait(seconds: float | None) -> None:
        raise Waits(seconds)

    deliver_due = links.deliver_due

    def and_then_send() -> None:
        deliver_due()
        links.send("a", "b", lambda: None)

    monkeypatch.setattr(links, "deliver_due", and_then_send)
    monkeypatch.setattr(links._changed, "wait", wait)
    with pytest.raises(Waits) as told:
        links._deliver_for_ever()
    assert told.value.args == (pytest.approx(0.3),)
