# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The queue, as the worker uses it: receive, delete, hide, release, bury.

Nothing here raises for a part of a batch that SQS refused: the message comes back after its visibility timeout, and the
facts in the tables then say what is left to do.
"""

from __future__ import annotations

import heapq
import json
import math
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sales_common.aws import Aws, Patience
from sales_common.log import Log
from sales_common.view_watch import monotonic

# SQS's limit for one receive and for one batch call.
BATCH_MESSAGES = 10


@dataclass(frozen=True)
class Message:
    """A received message. receives: SQS's ApproximateReceiveCount, this one included."""

    id: str
    receipt: str
    body: str
    receives: int


class NoDeadLetterQueue(Exception):
    """The queue has no redrive policy, so there is nowhere to move a message."""


class Inbox:
    """One queue and its DLQ, which is found through the queue's redrive policy."""

    def __init__(
        self,
        aws: Aws,
        queue_url: str,
        wait: int,
        visibility: float,
        log: Log,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """wait: seconds of the long poll. visibility: seconds a received message is ours alone."""
        self._sqs = aws.client("sqs", Patience(connect=2.0, read=wait + 5.0, attempts=2), connections=2)
        self._url = queue_url
        self._wait = wait
        self.visibility = math.ceil(visibility)
        self._log = log
        self._dead_letter_url: str | None = None
        self._clock = clock
        # When each message that we hide is seen again, and its receipt.
        self._hidden: list[tuple[float, str]] = []
        self._lock = threading.Lock()

    def hidden(self) -> int:
        """How many messages we hide at this moment."""
        now = self._clock()
        with self._lock:
            while self._hidden and self._hidden[0][0] <= now:
                heapq.heappop(self._hidden)
            return len(self._hidden)

    def reveal(self) -> None:
        """Let all that we hide be seen at once. botocore's errors pass through, and what is left can be tried again."""
        while self.hidden():
            with self._lock:
                some = [heapq.heappop(self._hidden) for _ in range(min(BATCH_MESSAGES, len(self._hidden)))]
            entries = [
                {"Id": str(n), "ReceiptHandle": receipt, "VisibilityTimeout": 0}
                for n, (_at, receipt) in enumerate(some)
            ]
            # Refused are those that somebody has deleted, or that are seen already.
            try:
                self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
            except BaseException:
                with self._lock:
                    for each in some:
                        heapq.heappush(self._hidden, each)
                raise

    def receive(self) -> list[Message]:
        """Up to 10 messages; waits for the first one, `wait` seconds at most."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=BATCH_MESSAGES,
            WaitTimeSeconds=self._wait,
            # Ours, not the queue's: it must outlast the longest batch that CLAIM_TO_EFFECT_SECONDS allows.
            VisibilityTimeout=self.visibility,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return [
            Message(
                each["MessageId"],
                each["ReceiptHandle"],
                each["Body"],
                int(each.get("Attributes", {}).get("ApproximateReceiveCount", 1)),
            )
            for each in answer.get("Messages", [])
        ]

    def delete(self, messages: Sequence[Message]) -> None:
        """Remove messages for good."""
        if messages:
            self._tell_refused(
                "messages_not_deleted",
                self._sqs.delete_message_batch(
                    QueueUrl=self._url,
                    Entries=[{"Id": str(n), "ReceiptHandle": each.receipt} for n, each in enumerate(messages)],
                ),
            )

    def hide(self, delays: Iterable[tuple[Message, int]]) -> None:
        """Put messages back, each to be seen again after its own number of seconds."""
        entries = [
            {"Id": str(n), "ReceiptHandle": message.receipt, "VisibilityTimeout": seconds}
            for n, (message, seconds) in enumerate(delays)
        ]
        if entries:
            answer = self._sqs.change_message_visibility_batch(QueueUrl=self._url, Entries=entries)
            self._tell_refused("messages_not_hidden", answer)
            now = self._clock()
            with self._lock:
                for entry in entries:
                    if entry["VisibilityTimeout"]:
                        heapq.heappush(self._hidden, (now + entry["VisibilityTimeout"], entry["ReceiptHandle"]))

    def release(self, messages: Iterable[Message]) -> None:
        """Put messages back for another worker to take at once."""
        self.hide((each, 0) for each in messages)

    def copy_to_dead_letters(self, message: Message, reason: str, region: str) -> None:
        """Send a copy to the DLQ, with attributes that say where it failed and why. The message itself stays.

        Raises:
            NoDeadLetterQueue: the queue has no redrive policy.
        """
        attributes = {"reason": reason[:256], "region": region, "receives": str(message.receives)}
        self._sqs.send_message(
            QueueUrl=self._find_dead_letter_url(),
            MessageBody=message.body,
            MessageAttributes={name: {"DataType": "String", "StringValue": each} for name, each in attributes.items()},
        )

    def _find_dead_letter_url(self) -> str:
        if self._dead_letter_url is None:
            attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["RedrivePolicy"])
            policy = attributes.get("Attributes", {}).get("RedrivePolicy")
            if not policy:
                raise NoDeadLetterQueue(
                    f"{self._url} has no RedrivePolicy; expected one that names the queue for messages that cannot be "
                    "processed. They stay in the queue until it has one."
                )
            account, name = json.loads(policy)["deadLetterTargetArn"].split(":")[-2:]
            found = self._sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)
            self._dead_letter_url = found["QueueUrl"]
        return self._dead_letter_url

    def _tell_refused(self, event: str, answer: dict[str, Any]) -> None:
        if answer.get("Failed"):
            codes = sorted({each.get("Code", "?") for each in answer["Failed"]})
            self._log.warning(event, count=len(answer["Failed"]), codes=codes)
