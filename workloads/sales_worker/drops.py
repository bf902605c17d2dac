# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the reference image does in a region that is not ACTIVE: dry-runs each message, and deletes it.

It is here for tests alone (PASSIVE_BEHAVIOUR=drops): they show that a switch loses nothing with such workers either,
because it runs them in ACTIVE regions only.
"""

from __future__ import annotations

from collections.abc import Callable

from protocol.states import ACTIVE
from sales_common.log import Log
from sales_common.view_watch import ViewWatch

from .clerk import Outcome
from .inbox import Inbox, Message


class DropsUnlessActive:
    """Passes a batch on to `process` while the region is ACTIVE; otherwise its messages are gone."""

    def __init__(
        self, region: str, view: ViewWatch, inbox: Inbox, process: Callable[[list[Message]], Outcome], log: Log
    ) -> None:
        self._region = region
        self._view = view
        self._inbox = inbox
        self._process = process
        self._log = log

    def process(self, messages: list[Message]) -> Outcome:
        region_map, _may_claim, _at = self._view.look()
        state = region_map.state_of(self._region) if region_map else None
        if state == ACTIVE:
            return self._process(messages)
        self._inbox.delete(messages)
        self._log.info("messages_dropped", count=len(messages), state=state)
        return Outcome()
