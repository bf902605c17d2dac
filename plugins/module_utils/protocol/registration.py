# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a task stands in its region's register: from when, until when, and what it has begun and not ended.

A task has the right to claim only while it is registered, and only by a read of the states that was sent after it had
registered. So whoever may act under an epoch is in the register that a strongly consistent read returns after the next
epoch was written in the region: had the task read the states after that writing, it would know the next epoch; and if
it read them before, its item was there before. It is there still, because nobody removes it before the right has ended.
"""

from __future__ import annotations

import itertools

from .limits import REGISTER_SECONDS, REGISTRATION_SECONDS


class Registration:
    """One task's place in the register. Times are monotonic seconds.

    required: whether it must be registered to act. A task without a register, or that may not write it, need not: the
    switch sees that it runs and has not registered, and waits the whole time for it.
    """

    def __init__(self, required: bool) -> None:
        self.required = required
        self._since: float | None = None
        self._sent = self._until = float("-inf")

    def is_due(self, now: float) -> bool:
        """Whether it is time to write the item, for the first time or again."""
        return self.required and (self._since is None or now >= self._sent + REGISTER_SECONDS)

    def written(self, sent: float, answered: float) -> None:
        """The item was written. If the writing before had ceased to count, reads of that time give no right."""
        if self._since is None or answered >= self._until:
            self._since = answered
        self._sent, self._until = sent, sent + REGISTRATION_SECONDS

    def waive(self) -> None:
        """Do without: the task may not write it."""
        self.required = False

    def covers(self, read_sent: float, now: float) -> bool:
        """Whether a read of the states that was sent at `read_sent` gives a right at `now`."""
        if not self.required:
            return True
        return self._since is not None and read_sent >= self._since and now < self._until


class UnderWay:
    """What a task has begun and not ended, each with the epoch that it knew when it began."""

    def __init__(self) -> None:
        self._begun: dict[int, int] = {}
        self._tokens = itertools.count()

    def begin(self, epoch: int) -> int:
        """Begin something; the token that ends it. `epoch`: the one known now, 0 for none."""
        token = next(self._tokens)
        self._begun[token] = epoch
        return token

    def end(self, token: int) -> None:
        self._begun.pop(token, None)

    def let_go_up_to(self, epoch: int) -> int:
        """The epoch that a task that knows `epoch` may acknowledge: nothing is under way that began before it."""
        return min((epoch, *self._begun.values()))
