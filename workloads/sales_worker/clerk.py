# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One batch of messages, from receipt to deletion: gathers facts, asks `protocol.decide`, obeys.

A sale's writes follow protocol.effects.WRITE_ORDER — claim, lake object, DONE, sale item, deletion of the message — and
each stage works only on what the stage before completed. Whatever fails or dies in between leaves the message in the
queue and the facts in the tables, from which the next worker goes on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from botocore.exceptions import BotoCoreError, ClientError

from protocol.claim import Claim
from protocol.decision import (
    DEAD_LETTER,
    DELETE,
    HIDE,
    PROCESS,
    Decision,
    after_failure,
    decide,
    seconds_hidden,
    shadow_seconds,
)
from protocol.errors import ProtocolError
from protocol.fence import may_send_effect
from protocol.sale import MalformedSale, Sale
from protocol.service_errors import is_ill
from sales_common.batches import Incomplete
from sales_common.log import Log, describe
from sales_common.view_watch import ViewWatch, monotonic

from .inbox import Inbox, Message, NoDeadLetterQueue
from .ledger import Facts, Ledger, Refused

AWS_FAILED = (BotoCoreError, ClientError, Incomplete)
NO_FACTS = Facts(sale=None, cancelled=False, done=False, claim=None)
# Until there is a DLQ, a message that belongs there is looked at again this often.
NOWHERE_TO_BURY_SECONDS = 15 * 60


@dataclass
class Work:
    """One sale of a batch and its messages (a sale published twice may come twice in one batch)."""

    messages: list[Message]
    sale: Sale | None
    problem: str = ""
    facts: Facts = NO_FACTS
    claim: Claim | None = None
    claim_name: str = ""
    checked_at: float = 0.0
    failed: bool = False

    @property
    def id(self) -> str | None:
        return self.sale.id if self.sale else None

    @property
    def attempts(self) -> int:
        """Those of our claim, this one included; 0 before it."""
        return self.claim.attempts if self.claim else 0

    @property
    def receives(self) -> int:
        return max(each.receives for each in self.messages)


@dataclass
class Sorted:
    """What is to become of the messages of a batch."""

    finished: list[Work] = field(default_factory=list)
    hidden: list[tuple[Work, int]] = field(default_factory=list)
    dead: list[tuple[Work, str]] = field(default_factory=list)
    released: list[Work] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """What a batch came to: sales processed here, and those that failed because AWS did."""

    processed: int = 0
    failed: int = 0


class Clerk:
    """Processes batches. `stopping` is asked before every claim: what is not claimed then is released."""

    def __init__(
        self,
        region: str,
        view: ViewWatch,
        inbox: Inbox,
        ledger: Ledger,
        log: Log,
        *,
        claim_to_effect: float,
        longest_call: float,
        threads: int,
        stopping=lambda: False,
        clock=monotonic,
        wall_clock=time.time,
    ) -> None:
        self._region = region
        self._view = view
        self._inbox = inbox
        self._ledger = ledger
        self._log = log
        self._bound = claim_to_effect
        self._longest_call = longest_call
        self._stopping = stopping
        self._clock = clock
        self._wall_clock = wall_clock
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sale")

    def process(self, messages: Sequence[Message]) -> Outcome:
        """Deal with up to 10 messages just received. AWS's errors pass through when nothing could be read at all."""
        with self._view.acting():
            result, outcome = self._work(messages)
        self._finish(result)
        return outcome

    def _work(self, messages: Sequence[Message]) -> tuple[Sorted, Outcome]:
        """Decide, claim, and write what follows: all that the states have a say in."""
        received_at = self._clock()
        works = self._read(messages)
        facts = self._ledger.read_facts(work.id for work in works if work.id)
        result = Sorted()
        to_claim, repairs = [], []
        for work in works:
            if work.id:
                self._take_in(work, facts[work.id])
            decision = self._decide(work)
            if decision.action == PROCESS:
                to_claim.append(work)
            elif decision.repair:
                repairs.append(work)
            else:
                self._sort(result, work, decision)

        # A claim must not outlive our right to the message, or a second worker would meet it half done.
        latest_claim = received_at + self._inbox.visibility - self._bound
        begun = list(self._pool.map(lambda work: self._claim_and_store(work, latest_claim), to_claim))
        stored = []
        for work, decision in zip(to_claim, begun, strict=True):
            if decision is None:
                stored.append(work)
            elif decision.action == PROCESS:
                result.released.append(work)
            else:
                self._sort(result, work, decision)

        done = self._write_done(result, stored)
        written = self._write_processed([*done, *repairs])
        result.finished += written
        for work in written:
            event = "sale_processed" if work.attempts else "sale_item_repaired"
            self._log.info(event, sale=work.id, attempt=work.attempts, receives=work.receives)
        return result, Outcome(processed=len(done), failed=sum(work.failed for work in works))

    def _read(self, messages: Sequence[Message]) -> list[Work]:
        works: dict[str, Work] = {}
        for message in messages:
            try:
                sale = Sale.from_message(message.body)
            except MalformedSale as error:
                works[f"message {message.id}"] = Work([message], None, str(error))
                continue
            works.setdefault(sale.id, Work([], sale)).messages.append(message)
        return list(works.values())

    def _take_in(self, work: Work, facts: Facts) -> None:
        """The stored item outranks the message: it is what GET shows, and a message can be of an older writing."""
        work.facts = facts
        if facts.sale:
            try:
                work.sale = Sale.from_attributes(facts.sale)
            except MalformedSale as error:
                self._log.warning("item_malformed", sale=work.id, error=str(error))

    def _decide(self, work: Work, claim: Claim | None = None) -> Decision:
        """Ask the protocol, with the view of this moment. claim: one that was met later than the facts were read."""
        region_map, may_claim, work.checked_at = self._view.look()
        try:
            found = claim or Claim.from_attributes(work.facts.claim)
        except ProtocolError as error:
            self._log.error("claim_malformed", sale=work.id, error=str(error))
            return Decision(HIDE, str(error), shadow_seconds(work.receives))
        return decide(
            work.sale,
            region=self._region,
            region_map=region_map,
            may_claim=may_claim,
            done=work.facts.done,
            cancelled=work.facts.cancelled,
            unprocessed=work.facts.unprocessed,
            claim=found,
            receive_count=work.receives,
            now=int(self._wall_clock()),
        )

    def _claim_and_store(self, work: Work, latest_claim: float) -> Decision | None:
        """Claim a sale and write its lake object. None when both are done; PROCESS means untouched, to be released."""
        decision = self._decide(work)
        if decision.action != PROCESS:
            return decision
        if self._stopping() or work.checked_at > latest_claim:
            return decision
        try:
            work.claim_name = self._ledger.new_claim_name()
            work.claim = self._ledger.claim(work.sale, work.claim_name, int(self._wall_clock()))
        except Refused as refusal:
            decision = self._decide(work, refusal.claim)
            # The claim that refused ours may be over by now; it is somebody's turn, but not certainly ours.
            return decision if decision.action != PROCESS else Decision(HIDE, "claimed meanwhile", 1)
        except (*AWS_FAILED, ProtocolError) as error:
            if is_ill(error):  # perhaps it was written all the same
                return self._spoil(work, describe(error))
            work.failed = True
            self._log.warning("not_claimed", sale=work.id, error=describe(error))
            return Decision(HIDE, "the claim could not be written", shadow_seconds(work.receives))
        if not self._may_send(work):
            return self._spoil(work, "too late for the lake object")
        try:
            self._ledger.put_in_lake(work.sale)
        except AWS_FAILED as error:
            return self._fail_by(work, error)
        # A defect that one sale brings out must cost that sale's attempts, not its neighbours'.
        except Exception as error:
            self._log.crash("sale_crashed", sale=work.id, error=describe(error))
            return self._fail(work, describe(error))
        return None

    def _may_send(self, work: Work) -> bool:
        return may_send_effect(work.checked_at, self._clock(), self._longest_call, self._bound)

    def _fail_by(self, work: Work, error: Exception) -> Decision:
        """AWS did not do its part of an attempt."""
        return self._spoil(work, describe(error)) if is_ill(error) else self._fail(work, describe(error))

    def _spoil(self, work: Work, why: str) -> Decision:
        """An attempt that AWS spoilt, which it does to every sale alike, is given back."""
        work.failed = True
        self._log.warning("attempt_spoilt", sale=work.id, attempt=work.attempts, error=why)
        if work.claim_name:
            try:
                self._ledger.return_attempt(work.sale, work.claim_name)
            except AWS_FAILED as error:
                self._log.warning("attempt_not_returned", sale=work.id, error=describe(error))
        return Decision(HIDE, "AWS is ill", shadow_seconds(work.receives))

    def _fail(self, work: Work, why: str) -> Decision:
        work.failed = True
        self._log.warning("attempt_failed", sale=work.id, attempt=work.attempts, error=why)
        return after_failure(work.attempts, work.receives)

    def _write_done(self, result: Sorted, stored: list[Work]) -> list[Work]:
        """Write DONE for what is in the lake; what comes too late or is refused has failed this attempt."""
        in_time = [work for work in stored if self._may_send(work)]
        missing, why, refusal = set(), "too late for DONE", None
        if in_time:
            try:
                missing = self._ledger.write_done(
                    [work.sale for work in in_time],
                    int(self._wall_clock()),
                    lambda: all(self._may_send(work) for work in in_time),
                )
                why = "DONE was left unwritten" if missing else why
            except AWS_FAILED as error:
                missing, why, refusal = {work.id for work in in_time}, describe(error), error
        done = [work for work in in_time if work.id not in missing]
        self._view.wrote(self._ledger.idempotency, [work.id for work in done])
        for work in stored:
            if work not in done:
                refused = refusal is not None and work in in_time
                self._sort(result, work, self._fail_by(work, refusal) if refused else self._spoil(work, why))
        return done

    def _write_processed(self, works: list[Work]) -> list[Work]:
        """Write the sale items; those left unwritten keep their message, which finds DONE when it comes back."""
        if not works:
            return []
        try:
            missing = self._ledger.write_processed([work.sale for work in works])
        except AWS_FAILED as error:
            self._log.warning("items_not_written", sales=[work.id for work in works], error=describe(error))
            return []
        return [work for work in works if work.id not in missing]

    def _sort(self, result: Sorted, work: Work, decision: Decision) -> None:
        event, fields = "message_deleted", {}
        if decision.action == DELETE:
            result.finished.append(work)
        elif decision.action == DEAD_LETTER:
            result.dead.append((work, f"{decision.reason}: {work.problem}" if work.problem else decision.reason))
            return
        else:
            seconds = seconds_hidden(decision.seconds, self._inbox.hidden())
            result.hidden.append((work, seconds))
            event, fields = "message_hidden", {"seconds": seconds}
        self._log.info(event, sale=work.id, reason=decision.reason, receives=work.receives, **fields)

    def _finish(self, result: Sorted) -> None:
        """Settle with the queue. What fails here costs nothing: the messages come back and the facts are written."""
        for work, reason in result.dead:
            try:
                for message in work.messages:
                    self._inbox.copy_to_dead_letters(message, reason, self._region)
                if work.id:
                    self._ledger.forget_claim(work.id)
            except (*AWS_FAILED, NoDeadLetterQueue) as error:
                self._log.error("not_dead_lettered", sale=work.id, reason=reason, error=describe(error))
                result.hidden.append((work, NOWHERE_TO_BURY_SECONDS))
                continue
            self._log.warning("dead_lettered", sale=work.id, message=work.messages[0].id, reason=reason)
            result.finished.append(work)
        hidden = [*result.hidden, *((work, 0) for work in result.released)]
        try:
            self._inbox.delete([message for work in result.finished for message in work.messages])
            self._inbox.hide((message, seconds) for work, seconds in hidden for message in work.messages)
        except AWS_FAILED as error:
            self._log.warning("queue_not_settled", error=describe(error))
