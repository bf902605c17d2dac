# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SQS's requests and answers: moto's, with long polls handed to the server to wait out."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from moto.core.responses import ActionResult
from moto.sqs.responses import SQSResponse as MotoResponse

from localcloud.dispatch import PAUSE, Pause
from localcloud.sqs.models import Queue


class LongPoll(Pause):
    """A receive that found nothing: asks again when a message may be there, until its time is over."""

    def __init__(self, queue: Queue, deadline: float):
        self.queue = queue
        self.deadline = deadline

    async def wait(self) -> bool:
        left = self.deadline - time.time()
        if left <= 0:
            return False
        loop = asyncio.get_running_loop()
        woken = loop.create_future()

        def wake() -> None:  # called from whatever thread added a message
            loop.call_soon_threadsafe(lambda: woken.done() or woken.set_result(None))

        self.queue.waiters.append(wake)
        change = self.queue.next_change()
        if change is not None:
            left = min(left, max(0.0, change - time.time()) + 0.001)
        try:
            await asyncio.wait_for(woken, left)
        except TimeoutError:
            pass
        finally:
            if wake in self.queue.waiters:
                self.queue.waiters.remove(wake)
        return True


class SQSResponse(MotoResponse):
    """Answers AmazonSQS targets."""

    def receive_message(self) -> ActionResult:
        result = super().receive_message()
        environ: dict[str, Any] = self.normalized_request.environ
        if result.result:
            environ.pop(PAUSE, None)
            return result
        queue = self.sqs_backend.get_queue(self._get_queue_name())
        poll = environ.get(PAUSE)
        if poll is None:
            wait = self._get_param("WaitTimeSeconds")
            wait = int(queue.receive_message_wait_time_seconds if wait is None else wait)  # type: ignore[attr-defined]
            if wait and isinstance(queue, Queue):
                environ[PAUSE] = LongPoll(queue, time.time() + wait)
        return result

    def start_message_move_task(self) -> ActionResult:
        rate = self._get_param("MaxNumberOfMessagesPerSecond")
        task = self.sqs_backend.moves.start(
            self._get_param("SourceArn"), self._get_param("DestinationArn"), None if rate is None else int(rate)
        )
        return ActionResult({"TaskHandle": task.handle})

    def list_message_move_tasks(self) -> ActionResult:
        most = self._get_param("MaxResults")
        tasks = self.sqs_backend.moves.latest(self._get_param("SourceArn"), 1 if most is None else int(most))
        return ActionResult({"Results": [task.told() for task in tasks]})

    def cancel_message_move_task(self) -> ActionResult:
        return ActionResult(
            {"ApproximateNumberOfMessagesMoved": self.sqs_backend.moves.cancel(self._get_param("TaskHandle"))}
        )
