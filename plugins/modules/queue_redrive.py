#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: queue_redrive
short_description: Move the messages of a dead-letter queue back to its queue
version_added: 0.1.0
description:
  - Starts a message move task of SQS from the dead-letter queue of a queue to that queue, and waits for its end.
  - SQS moves what is visible. A moved message is a new one, with an age and a count of receives of its own.
  - A task that is under way already, of a run that was killed, is waited for. SQS has one at a time for each queue.
  - SQS does not move what SNS could not deliver; that is in another queue.
options:
  queue:
    description:
      - Name of the queue. Its dead-letter queue is the one in its redrive policy.
      - It must carry the tag C(workload).
    type: str
    required: true
  max_messages_per_second:
    description:
      - How many messages are moved each second, 1 to 500. SQS chooses if it is left out.
    type: int
  state:
    description:
      - V(absent) cancels a move that is under way. What has been moved stays where it is.
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: multiregion.ecs.messaging
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Have what was given up processed again
  multiregion.ecs.queue_redrive:
    workload: sales
    region: sa-east-1
    queue: sales-queue

- name: Slowly, so that the workers are not overrun
  multiregion.ecs.queue_redrive:
    workload: sales
    region: sa-east-1
    queue: sales-queue
    max_messages_per_second: 20

- name: Stop it
  multiregion.ecs.queue_redrive:
    workload: sales
    region: sa-east-1
    queue: sales-queue
    state: absent
"""

RETURN = r"""
changes:
  description: What was moved, or would be.
  returned: always
  type: list
  elements: dict
  sample:
    - action: update
      kind: sqs_message_move_task
      name: sales-queue
      region: sa-east-1
      before: {messages: 12}
      after: {messages: 0}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 9
moved:
  description: How many messages were moved.
  returned: when O(state=present)
  type: int
  sample: 12
dead_letter_queue:
  description: Name of the queue that they came from.
  returned: when O(state=present)
  type: str
  sample: sales-queue-dlq
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.queue_redrive import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
