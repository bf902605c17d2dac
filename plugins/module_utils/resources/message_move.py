# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dead-letter queue holds goes back to the queue that it is behind, by a message move task of SQS.

The queue is named as the destination. Left out, SQS knows it only for messages that it moved itself, and the task fails
at the first one that a worker put there. See StartMessageMoveTask in SQS's API reference.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource
from ..kernel.cloud import ClientError
from .queue import GONE, is_code

UNDER_WAY = ("RUNNING", "CANCELLING")
VISIBLE = "ApproximateNumberOfMessages"


class MessageMove(Resource):
    """Named as the queue is. Wanted: `messages` (that wait in its dead-letter queue) 0, and `moving` False.

    With `state` absent a task that moves messages is what should not be there, and is cancelled.
    Gives `moved`, how many the last task of this run moved, and `dead_letter_queue`, a name.
    """

    kind = "sqs_message_move_task"
    owned: ClassVar[bool] = False
    renewed: ClassVar[frozenset[str]] = frozenset({"moved"})

    def __init__(
        self, queue: str, region: str, *, workload: str, most_per_second: int | None = None, state: str = "present"
    ) -> None:
        wanted = {} if state == "absent" else {"messages": 0, "moving": False}
        super().__init__(queue, region, state=state, **wanted)
        self.workload = workload
        self.most_per_second = most_per_second

    def shown(self, attributes: Attributes) -> Attributes:
        return {key: attributes[key] for key in ("messages", "moving") if key in attributes}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[MessageMove], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        actual = {each.name: each._find(cloud) for each in resources}
        return {each.name: actual[each.name] for each in resources if each._is_there(actual[each.name])}

    def _is_there(self, actual: Attributes) -> bool:
        return self.state == "present" or actual["moving"]

    def _find(self, cloud: Cloud) -> Attributes:
        """
        Raises:
            CollectionError: there is no such queue of this workload with a dead-letter queue.
        """
        client = cloud.client("sqs", self.region)
        try:
            url = client.get_queue_url(QueueName=self.name)["QueueUrl"]
            attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "RedrivePolicy"])
            owner = client.list_queue_tags(QueueUrl=url).get("Tags", {}).get("workload")
        except ClientError as error:
            if is_code(error, *GONE):
                raise CollectionError(f"there is no queue {self.name} in {self.region}") from error
            raise
        if owner != self.workload:
            whose = f"belongs to the workload {owner!r}" if owner else "carries no tag `workload`"
            raise CollectionError(f"queue {self.name} in {self.region} {whose}, expected {self.workload!r}")
        policy = attributes["Attributes"].get("RedrivePolicy")
        if not policy:
            raise CollectionError(f"queue {self.name} in {self.region} has no dead-letter queue")
        source = json.loads(policy)["deadLetterTargetArn"]
        name = source.rpartition(":")[2]
        dead_url = client.get_queue_url(QueueName=name)["QueueUrl"]
        waiting = client.get_queue_attributes(QueueUrl=dead_url, AttributeNames=[VISIBLE])["Attributes"][VISIBLE]
        task = self._latest_task(cloud, source)
        return {
            "messages": int(waiting),
            "moving": task.get("Status") in UNDER_WAY,
            "moved": 0,
            "dead_letter_queue": name,
            "source": source,
            "destination": attributes["Attributes"]["QueueArn"],
        }

    def _latest_task(self, cloud: Cloud, source: str) -> dict[str, Any]:
        """The last task of a queue, by its ARN, as ListMessageMoveTasks tells it; empty if there was none."""
        tasks = cloud.client("sqs", self.region).list_message_move_tasks(SourceArn=source, MaxResults=1)["Results"]
        return tasks[0] if tasks else {}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        """Start a task, or wait for the one that an earlier run has started."""
        source = actual["source"]
        if not actual["moving"]:
            rate = {"MaxNumberOfMessagesPerSecond": self.most_per_second} if self.most_per_second else {}
            self._start(cloud, SourceArn=source, DestinationArn=actual["destination"], **rate)
        task = cloud.wait_until(
            f"the messages of {actual['dead_letter_queue']} in {self.region} to go back to {self.name}",
            lambda: self._ended(cloud, source),
        )
        moved = int(task.get("ApproximateNumberOfMessagesMoved", 0))
        if task["Status"] != "COMPLETED":
            raise CollectionError(
                f"moving the messages of {actual['dead_letter_queue']} in {self.region} back to {self.name} ended as "
                f"{task['Status']}, after {moved} of them: {task.get('FailureReason') or 'SQS gives no reason'}",
                advice="what is left is where it was; mend the cause, then run this again",
            )
        return {**actual, **wanted, "moved": moved}

    def _start(self, cloud: Cloud, **request: Any) -> None:
        try:
            cloud.client("sqs", self.region).start_message_move_task(**request)
        except ClientError:
            # SQS has one at a time: an answer was lost, or somebody else was quicker.
            if self._latest_task(cloud, request["SourceArn"]).get("Status") not in UNDER_WAY:
                raise

    def _ended(self, cloud: Cloud, source: str) -> dict[str, Any] | None:
        task = self._latest_task(cloud, source)
        return task if task.get("Status") not in (None, *UNDER_WAY) else None

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        """Stop moving; what has been moved stays where it is now."""
        handle = self._latest_task(cloud, actual["source"]).get("TaskHandle")
        if handle:
            try:
                cloud.client("sqs", self.region).cancel_message_move_task(TaskHandle=handle)
            except ClientError as error:
                if not is_code(error, "UnsupportedOperation", "ResourceNotFoundException"):
                    raise
        cloud.wait_until(
            f"the move of the messages of {actual['dead_letter_queue']} in {self.region} to end",
            lambda: self._ended(cloud, actual["source"]),
        )
