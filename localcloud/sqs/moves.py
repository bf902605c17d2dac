# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Message move tasks: a dead-letter queue's messages go to another queue by and by, while its readers go on reading.

A moved message is a new one: it has another id, and neither its age nor how often it was received counts any more.
"""

from __future__ import annotations

import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from moto.sqs.exceptions import InvalidParameterValue, SQSException
from moto.sqs.models import Message

from localcloud.lock import LOCK

if TYPE_CHECKING:
    from localcloud.sqs.models import Queue, SQSBackend

MOST_PER_SECOND = 500
BEAT_SECONDS = 0.1
MOST_LISTED = 10


class MessageMove:
    """A task that moves what is visible in `source`; without a destination, each message to where it came from."""

    def __init__(self, backend: SQSBackend, source: Queue, destination: Queue | None, per_second: int | None):
        self.backend = backend
        self.source = source
        self.destination = destination
        self.per_second = per_second
        self.handle = str(uuid.uuid4())
        self.status = "RUNNING"
        self.failure = ""
        self.moved = 0
        self.to_move = source.approximate_number_of_messages
        self.started = int(time.time() * 1000)

    def start(self) -> None:
        threading.Thread(target=self._run, name="message move", daemon=True).start()

    def _run(self) -> None:
        each_beat = max(1, int((self.per_second or MOST_PER_SECOND) * BEAT_SECONDS))
        pause = each_beat / (self.per_second or MOST_PER_SECOND)
        while self.status in ("RUNNING", "CANCELLING"):
            time.sleep(pause)
            with LOCK:
                if self.status == "CANCELLING":
                    self.status = "CANCELLED"
                else:
                    self._move(each_beat)

    def _move(self, most: int) -> None:
        for message in self.source.messages[:most]:
            target = self.destination or self.backend.queue_of_arn(getattr(message, "dead_letter_source", ""))
            if target is None:
                # As of a message that was sent to the dead-letter queue, and not moved there by SQS.
                self.status, self.failure = "FAILED", "CouldNotDetermineMessageSource"
                return
            self.source.take_out(message)
            target.add_message(_anew(message))
            self.moved += 1
        if not self.source.messages:
            self.status = "COMPLETED"

    def told(self) -> dict[str, Any]:
        """The entry of ListMessageMoveTasks."""
        entry: dict[str, Any] = {
            "Status": self.status,
            "SourceArn": self.source.queue_arn,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "StartedTimestamp": self.started,
        }
        if self.status == "RUNNING":
            entry["TaskHandle"] = self.handle
        if self.destination:
            entry["DestinationArn"] = self.destination.queue_arn
        if self.per_second:
            entry["MaxNumberOfMessagesPerSecond"] = self.per_second
        if self.failure:
            entry["FailureReason"] = self.failure
        return entry


def _anew(message: Message) -> Message:
    again = Message(str(uuid.uuid4()), message.body, message.system_attributes)
    again.message_attributes = message.message_attributes
    again.group_id = message.group_id
    again.mark_sent()
    return again


class MessageMoves:
    """The tasks of one region, the latest last."""

    def __init__(self, backend: SQSBackend):
        self.backend = backend
        self.tasks: list[MessageMove] = []

    def start(self, source_arn: str, destination_arn: str | None, per_second: int | None) -> MessageMove:
        source = self._source(source_arn)
        if not any(queue.dead_letter_queue is source for queue in self.backend.queues.values()):
            raise InvalidParameterValue("Source queue must be configured as a Dead Letter Queue.")
        destination = self.backend.queue_of_arn(destination_arn) if destination_arn else None
        if destination_arn and destination is None:
            raise _not_found("The resource that you specified for the DestinationArn parameter doesn't exist.")
        if destination is source:
            raise InvalidParameterValue("Source queue arn and destination queue arn cannot be the same.")
        if per_second is not None and not 1 <= per_second <= MOST_PER_SECOND:
            raise InvalidParameterValue(
                f"Value {per_second} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be from 1 to "
                f"{MOST_PER_SECOND}."
            )
        if any(task.source is source and task.status in ("RUNNING", "CANCELLING") for task in self.tasks):
            raise InvalidParameterValue(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given "
                "time."
            )
        task = MessageMove(self.backend, source, destination, per_second)
        self.tasks.append(task)
        task.start()
        return task

    def latest(self, source_arn: str, most: int) -> list[MessageMove]:
        source = self._source(source_arn)
        if not 1 <= most <= MOST_LISTED:
            raise InvalidParameterValue(
                f"Value {most} for parameter MaxResults is invalid. Reason: Must be from 1 to {MOST_LISTED}."
            )
        return [task for task in reversed(self.tasks) if task.source is source][:most]

    def cancel(self, handle: str) -> int:
        task = next((each for each in self.tasks if each.handle == handle), None)
        if task is None:
            raise _not_found("Task does not exist.")
        if task.status != "RUNNING":
            raise SQSException("AWS.SimpleQueueService.UnsupportedOperation", "Only active tasks can be cancelled.")
        task.status = "CANCELLING"
        return task.moved

    def _source(self, arn: str) -> Queue:
        queue = self.backend.queue_of_arn(arn)
        if queue is None:
            raise _not_found("The resource that you specified for the SourceArn parameter doesn't exist.")
        return queue


def _not_found(said: str) -> SQSException:
    return SQSException("ResourceNotFoundException", said)
