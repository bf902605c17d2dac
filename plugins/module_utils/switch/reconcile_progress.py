# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a reconciliation has got, for the person who waits."""

from __future__ import annotations

from collections.abc import Callable

TELL_SECONDS = 5.0
"""Between two lines."""


class ReconcileProgress:
    """Of one region and one table. `tell` takes a line; `clock` is the run's own.

    While the first pass goes on it tells how much of what was counted was read and published; then how fast others
    process it.
    """

    def __init__(self, what: str, tell: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._what, self._tell, self._clock = what, tell, clock
        self._began = self._told = clock()
        self._read = 0
        self._expected: list[int] = []
        self._left: tuple[float, int] | None = None

    def expect(self, count: int) -> None:
        """So many are to be read besides: a part was counted, by whatever thread."""
        self._expected.append(count)

    def read(self, count: int, published: int) -> None:
        """A page of the first pass was read, and so many were published up to now."""
        self._read += count
        if self._is_due():
            left = max(0, sum(self._expected) - self._read)
            self._say(f"published {published:,} unprocessed items again", self._read, left)

    def wait(self, left: int) -> None:
        """A whole pass found so many that are published, and not processed yet."""
        at = self._clock()
        if self._left is None or left > self._left[1]:
            self._left, self._began = (at, left), at
        if left and self._is_due():
            self._say(f"{left:,} items are published and not processed yet", self._left[1] - left, left)

    def _is_due(self) -> bool:
        if self._clock() - self._told < TELL_SECONDS:
            return False
        self._told = self._clock()
        return True

    def _say(self, what: str, done: int, left: int) -> None:
        rate = done / max(self._clock() - self._began, 0.001)
        estimate = f"about {left / rate:,.0f} s to go" if rate else "no end in sight"
        self._tell(f"  {self._what}: {what}; {done:,} of about {done + left:,}, {rate:,.0f} a second, {estimate}")
