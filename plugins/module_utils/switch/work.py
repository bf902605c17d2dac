# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done, as data: the result of planning a switch, a resumption, a settlement or a rollback."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..protocol import ACTIVE, PASSIVE

PREPARE, HOLD, GRANT = "prepare", "hold", "grant"
"""Phases of the journal: no epoch was handed out yet, or which of the two was last. Each one's writes can be repeated.

In the first only services may have changed: the target was given more tasks, or workers that drop were stopped.
"""


@dataclass(frozen=True)
class Work:
    """What is to be done.

    phase:   None to begin, else the phase of the journal that is resumed; GRANT too when only something is owed.
    states:  the final states of all regions.  changes: region → state, of those that change.
    before:  the states that a rollback goes back to: the last ones under which regions acted.
    hold:    the states of the first epoch, None when it needs none any more.
    unfenced: regions that change and do not answer.
    base:    the epoch that the work was planned on.  journal: the one found, {} for none.
    aside:   the unfinished plan of a deployment that is put aside, {} for none.
    carried: what a superseded switch had changed in services and not put back.
    rolls_back: whether it goes back to where an unfinished switch began.
    """

    phase: str | None
    states: dict[str, str]
    changes: dict[str, str]
    hold: dict[str, str] | None = None
    hold_order: list[str] = field(default_factory=list)
    grant_order: list[str] = field(default_factory=list)
    unfenced: list[str] = field(default_factory=list)
    base: int = 0
    before: dict[str, str] = field(default_factory=dict)
    journal: dict[str, Any] = field(default_factory=dict)
    carried: dict[str, Any] = field(default_factory=dict)
    aside: dict[str, Any] = field(default_factory=dict)
    rolls_back: bool = False

    @property
    def grant_epoch(self) -> int:
        if self.phase is None:
            return self.base + 2
        if not self.journal or self.only_undoes:
            return self.base
        return self.journal["hold_epoch"] + 1

    @property
    def begins(self) -> bool:
        """Whether no epoch of it was handed out yet."""
        return self.phase in (None, PREPARE)

    @property
    def only_undoes(self) -> bool:
        """Whether it goes back from a switch that had handed out no epoch: then it hands out none either."""
        return self.rolls_back and self.phase == PREPARE and not self.changes

    @property
    def gaining(self) -> list[str]:
        return [region for region, state in self.changes.items() if state == ACTIVE]

    @property
    def losing(self) -> list[str]:
        return [region for region, state in self.changes.items() if state == PASSIVE]

    @property
    def takers(self) -> list[str]:
        """The regions that process afterwards what others did before: the gaining ones, else whoever stays ACTIVE."""
        return self.gaining or [region for region, state in self.states.items() if state == ACTIVE]

    @property
    def givers(self) -> list[str]:
        """The regions that process now, and that the takers are measured by."""
        return self.losing or [region for region, state in self.before.items() if state == ACTIVE]


def answering(states: Mapping[str, str], reachable: Collection[str]) -> list[str]:
    """The regions that answer, in the order of the states."""
    return [region for region in states if region in reachable]
