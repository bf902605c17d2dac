# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queues of one region. A standard queue keeps its messages by handle and by when they become visible.

moto walks the whole list of messages several times per call and sleeps through a long poll. Here waiting is the
server's business (see responses.py); a queue only says when to look again. FIFO queues stay moto's.
"""

from __future__ import annotations

import copy
import heapq
import itertools
import secrets
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from moto.core.utils import unix_time_millis
from moto.sqs.constants import MAXIMUM_VISIBILITY_TIMEOUT
from moto.sqs.exceptions import (
    InvalidParameterValue,
    ReceiptHandleIsInvalid,
    SQSException,
)
from moto.sqs.models import Message, _filter_message_attributes, sqs_backends
from moto.sqs.models import Queue as MotoQueue
from moto.sqs.models import SQSBackend as MotoBackend

from localcloud.sqs.moves import MessageMoves
from localcloud.sqs.rules import LIMITS, check_attributes
from localcloud.world import WORLD

RENAME_HOLD, QUICK_RENAME_HOLD = 60.0, 2.0
"""A name may be used again this long after its queue was deleted (seconds; AWS's minute, or less to save time)."""


class Queue(MotoQueue):
    """A standard queue."""

    def __init__(self, *arguments: Any, **attributes: Any):
        # Message id → message, oldest first: what may be received now.
        self.ready: OrderedDict[str, Message] = OrderedDict()
        # (when, number, message) of those delayed or in flight; entries that no longer hold are skipped.
        self.sleeping: list[tuple[float, int, Message]] = []
        self.by_handle: dict[str, Message] = {}
        self.alive: dict[str, Message] = {}
        # Called (and forgotten) when a message may have become receivable.
        self.waiters: list[Callable[[], None]] = []
        self._numbers = itertools.count()
        super().__init__(*arguments, **attributes)

    def add_message(self, message: Message) -> None:
        self.alive[message.id] = message
        if message.delayed_until > time.time() * 1000:
            self._sleep_until(message, message.delayed_until / 1000)
        else:
            self._make_ready(message)

    def is_full(self) -> bool:
        """Whether as many messages are in flight as may be."""
        self._wake(time.time())
        sleeping = len(self.alive) - len(self.ready)  # with those that are delayed, which are counted only if need be
        quota = WORLD.options.in_flight_quota
        return sleeping >= quota and sleeping - self.approximate_number_of_messages_delayed >= quota

    def next_change(self) -> float | None:
        """When (seconds since 1970) a sleeping message becomes visible; None if none sleeps."""
        return self.sleeping[0][0] if self.sleeping else None

    def receive(self, count: int, visibility_timeout: int) -> list[Message]:
        """Up to `count` messages, now invisible; spent ones move to the dead-letter queue instead."""
        now = time.time()
        self._wake(now)
        received: list[Message] = []
        for message in list(itertools.islice(self.ready.values(), 0, None)):
            if len(received) >= count:
                break
            del self.ready[message.id]
            if message.sent_timestamp / 1000 + self.message_retention_period <= now:  # type: ignore[attr-defined]
                self._forget(message)
            elif self._is_spent(message):
                self._forget(message)
                message.dead_letter_source = self.queue_arn  # type: ignore[attr-defined]
                self.dead_letter_queue.add_message(message)  # type: ignore[union-attr]
            else:
                self._take(message, visibility_timeout, now)
                received.append(message)
        return received

    def _take(self, message: Message, visibility_timeout: int, now: float) -> None:
        message.approximate_receive_count += 1
        message.approximate_first_receive_timestamp = message.approximate_first_receive_timestamp or int(now * 1000)
        message.receipt_handle = secrets.token_urlsafe(96)
        message.received_at = now  # type: ignore[attr-defined]
        self.by_handle[message.receipt_handle] = message
        if visibility_timeout:
            self._sleep_until(message, now + visibility_timeout)
        else:
            self._make_ready(message)

    def _is_spent(self, message: Message) -> bool:
        return (
            self.dead_letter_queue is not None
            and bool(self.redrive_policy)
            and message.approximate_receive_count >= self.redrive_policy["maxReceiveCount"]
        )

    def delete_message(self, receipt_handle: str) -> None:
        message = self._message_of(receipt_handle)
        if message is not None:
            self._forget(message)

    def change_visibility(self, receipt_handle: str, timeout: int) -> None:
        message = self._message_of(receipt_handle)
        now = time.time()
        if message is None or message.id in self.ready:
            raise SQSException(
                "AWS.SimpleQueueService.MessageNotInflight", "The specified message does not exist or is not in flight."
            )
        if now + timeout - message.received_at > MAXIMUM_VISIBILITY_TIMEOUT:  # type: ignore[attr-defined]
            raise InvalidParameterValue(
                f"Value {timeout} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the "
                f"message is beyond the limit [{MAXIMUM_VISIBILITY_TIMEOUT} seconds]"
            )
        if timeout:
            self._sleep_until(message, now + timeout)
        else:
            self._make_ready(message)

    def take_out(self, message: Message) -> None:
        """Remove a message that may be received, for another queue."""
        self._forget(message)

    def purge(self) -> None:
        for message in list(self.alive.values()):
            self._forget(message)

    def wake_waiters(self) -> None:
        waiters, self.waiters = self.waiters, []
        for wake in waiters:
            wake()

    def _message_of(self, receipt_handle: str) -> Message | None:
        """The message of a handle, None if it is gone; an older receive's handle is as good as the last one's."""
        if receipt_handle not in self.by_handle:
            if receipt_handle in self.deleted_messages:
                return None
            raise ReceiptHandleIsInvalid()
        return self.by_handle[receipt_handle]

    def _make_ready(self, message: Message) -> None:
        message.visible_at = 0.0
        self.ready[message.id] = message
        self.wake_waiters()

    def _sleep_until(self, message: Message, moment: float) -> None:
        message.visible_at = moment * 1000
        self.ready.pop(message.id, None)
        heapq.heappush(self.sleeping, (moment, next(self._numbers), message))

    def _wake(self, now: float) -> None:
        while self.sleeping and self.sleeping[0][0] <= now:
            moment, _, message = heapq.heappop(self.sleeping)
            if message.id in self.alive and message.visible_at == moment * 1000:
                message.visible_at = 0.0
                self.ready[message.id] = message

    def _forget(self, message: Message) -> None:
        self.ready.pop(message.id, None)
        self.alive.pop(message.id, None)
        for handle in [handle for handle in self._handles_of(message)]:
            del self.by_handle[handle]
            self.deleted_messages.add(handle)

    def _handles_of(self, message: Message) -> list[str]:
        if message.approximate_receive_count <= 1:
            return [message.receipt_handle] if message.receipt_handle in self.by_handle else []  # type: ignore[list-item]
        return [handle for handle, of in self.by_handle.items() if of is message]

    @property
    def messages(self) -> list[Message]:
        self._wake(time.time())
        return list(self.ready.values())

    @property
    def approximate_number_of_messages(self) -> int:
        return len(self.messages)

    @property
    def approximate_number_of_messages_delayed(self) -> int:
        now = unix_time_millis()
        return sum(1 for message in self.alive.values() if now < message.delayed_until)

    @property
    def approximate_number_of_messages_not_visible(self) -> int:
        self._wake(time.time())
        return len(self.alive) - len(self.ready) - self.approximate_number_of_messages_delayed


class SQSBackend(MotoBackend):
    """Queues of one region."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.deleted_at: dict[str, float] = {}
        self.moves = MessageMoves(self)

    def queue_of_arn(self, arn: str) -> Queue | None:
        """The standard queue of an ARN of this account and region."""
        return next((queue for queue in self.queues.values() if queue.queue_arn == arn), None)  # type: ignore[return-value]

    def create_queue(self, name: str, tags: dict[str, str] | None = None, **attributes: Any) -> MotoQueue:
        check_attributes(attributes)
        if name in self.queues or str(attributes.get("FifoQueue", "")).lower() == "true":
            return super().create_queue(name, tags, **attributes)
        hold = QUICK_RENAME_HOLD if WORLD.options.quick else RENAME_HOLD
        if time.monotonic() - self.deleted_at.get(name, -hold) < hold:
            raise SQSException(
                "AWS.SimpleQueueService.QueueDeletedRecently",
                "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
            )
        queue = Queue(name, region=self.region_name, account_id=self.account_id, **attributes)
        queue.tags = tags or {}
        self.queues[name] = queue
        return queue

    def delete_queue(self, queue_name: str) -> None:
        queue = self.get_queue(queue_name)
        super().delete_queue(queue_name)
        self.deleted_at[queue_name] = time.monotonic()
        if isinstance(queue, Queue):
            queue.wake_waiters()

    def set_queue_attributes(self, queue_name: str, attributes: dict[str, Any]) -> MotoQueue:
        queue = self.get_queue(queue_name)
        check_attributes(attributes)
        # moto takes a call without a policy for one that removes it.
        kept = {} if "Policy" in attributes else {"Policy": queue.policy}
        queue._set_attributes({**attributes, **kept})
        return queue

    def send_message(self, queue_name: str, message_body: str, *arguments: Any, **settings: Any) -> Message:
        queue = self.get_queue(queue_name)
        if not isinstance(queue, Queue):
            return super().send_message(queue_name, message_body, *arguments, **settings)
        return self._send(queue, message_body, *arguments, **settings)

    def _send(
        self,
        queue: Queue,
        body: str,
        message_attributes: dict[str, Any] | None = None,
        delay_seconds: int | None = None,
        deduplication_id: str | None = None,
        group_id: str | None = None,
        system_attributes: dict[str, Any] | None = None,
        validate_group_id: bool = True,
    ) -> Message:
        if len(body.encode()) > queue.maximum_message_size:  # type: ignore[attr-defined]
            raise InvalidParameterValue(
                "One or more parameters are invalid. Reason: Message must be shorter than "
                f"{queue.maximum_message_size} bytes."  # type: ignore[attr-defined]
            )
        low, high = LIMITS["DelaySeconds"]
        delay = int(queue.delay_seconds if delay_seconds is None else delay_seconds)  # type: ignore[attr-defined]
        if not low <= delay <= high:
            raise InvalidParameterValue(
                f"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= {low} and "
                f"<= {high}."
            )
        message = Message(str(uuid.uuid4()), body, system_attributes)
        message.message_attributes = message_attributes or {}
        message.group_id = group_id
        message.mark_sent(delay_seconds=delay)
        queue.add_message(message)
        return message

    def receive_message(
        self,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[Message]:
        queue = self.get_queue(queue_name)
        if not isinstance(queue, Queue):
            return super().receive_message(queue_name, count, 0, visibility_timeout, message_attribute_names)
        received = []
        if queue.is_full():
            if not wait_seconds_timeout:
                raise SQSException("OverLimit", "Too many messages in flight")
            return received
        for message in queue.receive(count, visibility_timeout):
            if message.message_attributes:
                message = copy.copy(message)
                _filter_message_attributes(message, message_attribute_names or [])
            received.append(message)
        return received

    def change_message_visibility(self, queue_name: str, receipt_handle: str, visibility_timeout: int) -> None:
        queue = self.get_queue(queue_name)
        if isinstance(queue, Queue):
            queue.change_visibility(receipt_handle, int(visibility_timeout))
        else:
            super().change_message_visibility(queue_name, receipt_handle, visibility_timeout)

    def purge_queue(self, queue_name: str) -> None:
        super().purge_queue(queue_name)
        queue = self.get_queue(queue_name)
        if isinstance(queue, Queue):
            queue.purge()


sqs_backends.backend = SQSBackend
