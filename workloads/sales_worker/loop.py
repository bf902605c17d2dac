# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's rhythm: receive, process, again; wait while there is nothing it may do; stop in order."""

from __future__ import annotations

import threading
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from protocol.decision import may_receive
from protocol.states import ACTIVE, HELD
from sales_common.batches import Incomplete
from sales_common.log import Log, describe
from sales_common.view_watch import ViewWatch, monotonic

from .clerk import Outcome
from .inbox import Inbox, Message

# How soon a worker without the right to claim looks again.
WAIT_SECONDS = 0.25
FIRST_PAUSE_SECONDS = 1.0
LAST_PAUSE_SECONDS = 30.0
# A loop that has not turned for this long is stuck: many times the longest poll and batch.
STUCK_SECONDS = 300.0


class Loop:
    """Runs until `stop`. One thread runs it; any may stop it or ask whether it is alive."""

    def __init__(
        self,
        region: str,
        view: ViewWatch,
        inbox: Inbox,
        process: Callable[[list[Message]], Outcome],
        log: Log,
        works_while_held: bool = False,
    ) -> None:
        self._region = region
        self._view = view
        self._inbox = inbox
        self._process = process
        self._log = log
        self._works_while_held = works_while_held
        self._stopping = threading.Event()
        self._turned_at = monotonic()
        self._failures = 0

    def stop(self) -> None:
        """Receive no more. A batch under way ends; what it has not claimed is released."""
        self._stopping.set()

    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def is_alive(self) -> bool:
        """Whether the loop still turns; it also does while AWS fails, since a restart would not help that."""
        return monotonic() - self._turned_at < STUCK_SECONDS

    def run(self) -> None:
        """Turn until stopped. A long poll under way is waited for: cutting it would hide the messages it brings."""
        ended = threading.Event()
        threading.Thread(target=self._reveal_at_each_grant, args=[ended], name="reveal", daemon=True).start()
        try:
            while not self.is_stopping():
                self._turned_at = monotonic()
                if self._may_work():
                    self._turn()
                else:
                    self._stopping.wait(WAIT_SECONDS)
        finally:
            ended.set()

    def _may_work(self) -> bool:
        """Without the right to claim, and while HELD, messages are left where they are: receiving them would only
        hide them from whoever may process them, this worker a moment later included."""
        region_map, may_claim, _ = self._view.look()
        if not may_claim or region_map is None:
            return False
        if self._works_while_held:
            return True
        state = region_map.state_of(self._region)
        return state != HELD and may_receive(state, self._inbox.hidden())

    def _reveal_at_each_grant(self, ended: threading.Event) -> None:
        """What was hidden while others owned it is seen as soon as this region may own it, also in a queue that is full
        of such messages, in which a long poll that is under way would find nothing."""
        seen = None
        while not ended.wait(WAIT_SECONDS):
            region_map, may_claim, _ = self._view.look()
            if not may_claim or region_map is None or region_map.state_of(self._region) != ACTIVE:
                continue
            if region_map.epoch != seen:
                try:
                    self._inbox.reveal()
                # Whatever is wrong, it is tried again: the messages are seen by themselves after a while.
                except Exception as error:
                    self._log.warning("not_revealed", error=describe(error))
                    continue
                seen = region_map.epoch

    def _turn(self) -> None:
        try:
            messages = self._inbox.receive()
            if messages and self.is_stopping():
                self._inbox.release(messages)
                return
            outcome = self._process(messages) if messages else Outcome()
        except (BotoCoreError, ClientError, Incomplete) as error:
            self._log.warning("aws_failed", error=describe(error))
            self._pause()
            return
        # The loop must outlive a defect; the messages it concerns come back, and end in the DLQ if it persists.
        except Exception as error:
            self._log.crash("batch_failed", error=describe(error))
            self._pause()
            return
        # When nothing at all succeeds the fault is not the sales'; hurrying would only spend their attempts.
        if outcome.failed and not outcome.processed:
            self._pause()
        else:
            self._failures = 0

    def _pause(self) -> None:
        self._stopping.wait(min(FIRST_PAUSE_SECONDS * 2**self._failures, LAST_PAUSE_SECONDS))
        self._failures = min(self._failures + 1, 10)
