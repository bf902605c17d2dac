# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which writes without a condition are set right when the lease is lost: those that no renewal has followed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.lease import Lease
from ansible_collections.multiregion.ecs.plugins.module_utils.protocol import RegionMap
from ansible_collections.multiregion.ecs.plugins.module_utils.toggle.late_writes import LateWrites

A, B = "sa-east-1", "us-east-1"


class Table:
    """Tells one lease after the other, and then the last one again and again."""

    def __init__(self, *epochs: int) -> None:
        self.epochs = list(epochs)

    def read(self) -> Lease | None:
        if not self.epochs:
            return None
        epoch = self.epochs.pop(0) if len(self.epochs) > 1 else self.epochs[0]
        return Lease(epoch=epoch, map=RegionMap(epoch, {A: "ACTIVE" if epoch % 2 else "PASSIVE"}, "run", "place"))


def late(*epochs: int) -> tuple[LateWrites, list[Any]]:
    table: Any = Table(*epochs)
    return LateWrites(table), []


def test_what_was_sent_before_a_renewal_is_left_alone():
    writes, made = late(7)
    with writes.sending("copy", made.append):
        pass
    writes.confirm(writes.ended())
    writes.mend()
    assert made == []


def test_what_is_still_under_way_is_not_confirmed_by_another_threads_renewal():
    writes, made = late(7)
    with writes.sending("copy", lambda said: made.append(said.epoch)):
        writes.confirm(writes.ended())
        writes.mend()
    assert made == [7]
    with writes.sending("copy", lambda said: made.append(said.epoch)):
        ended = writes.ended()
    writes.confirm(ended)  # it ended after the renewal was sent
    writes.mend()
    assert made == [7, 7]


def test_a_write_whose_answer_was_lost_is_set_right_too():
    writes, made = late(7)
    with pytest.raises(TimeoutError), writes.sending("copy", lambda said: made.append(said.epoch)):
        raise TimeoutError
    writes.mend()
    assert made == [7]


def test_it_is_set_again_until_the_lease_says_the_same():
    writes, made = late(7, 8, 8)
    with writes.sending("copy", lambda said: made.append(said.state_of(A))):
        pass
    writes.mend()
    assert made == ["ACTIVE", "PASSIVE"]


def test_one_that_fails_keeps_none_of_the_others_and_without_a_lease_nothing_is_set():
    writes, made = late(7)

    def fail(_said: RegionMap) -> None:
        raise TimeoutError

    for what, mend in (("copy", fail), ("traffic", made.append)):
        with writes.sending(what, mend):
            pass
    writes.mend()
    assert len(made) == 1
    nothing, unset = late()
    with nothing.sending("copy", unset.append):
        pass
    nothing.mend()
    assert unset == []
