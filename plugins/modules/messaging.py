#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: messaging
short_description: Manage the topics, queues and subscriptions of a workload in one region
version_added: 0.1.0
description:
  - Creates SNS topics, and SQS queues with a dead-letter queue each, in one region.
  - A queue's policy admits exactly the topics it subscribes to, in every region of O(from_regions), and nothing else.
  - Subscriptions are made in the topic's region, towards the queues of the regions in O(fanout_to). The queues must
    exist first. With several regions this takes two runs - one in each region without O(fanout_to), then one in each
    region with it.
  - ARNs are computed from names, the account and the region. No region needs another one to answer.
options:
  topics:
    description: The topics of this region.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the topic.
        type: str
        required: true
      kms_key_id:
        description: KMS key that encrypts messages while SNS holds them. Without it, SNS does not use a key of yours.
        type: str
  queues:
    description: The queues of this region.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the queue.
        type: str
        required: true
      subscribes_to:
        description: Names of the topics, out of O(topics), that deliver to this queue.
        type: list
        elements: str
        default: []
      visibility_timeout:
        description: Seconds for which a received message stays hidden.
        type: int
        default: 60
      receive_wait:
        description: Seconds that a receive waits for a message (long polling), at most 20.
        type: int
        default: 20
      retention:
        description: Seconds for which a message is kept, counted from its first enqueue. 60 to 1209600 (14 days).
        type: int
        default: 864000
      kms_key_id:
        description:
          - Customer-managed KMS key that encrypts the queue. Its policy must admit the SNS principal.
          - Without it the queue is encrypted by SQS itself (SSE-SQS), which needs no key.
        type: str
      raw_delivery:
        description: Whether a message arrives as it was published, without the envelope of SNS.
        type: bool
        default: true
      filter_policy:
        description: Only messages whose attributes match this policy are delivered. Without it, all are.
        type: dict
      undelivered:
        description:
          - A queue, in the region of each topic, for what SNS could not deliver to this queue in any region, such as
            after its deletion, or while a policy refused it (C(RedrivePolicy) of the subscription). Without it SNS
            drops such messages.
          - Left out, a queue of the default name is removed again.
          - SNS takes a queue of the topic's own account and region only. It is not the queue's dead-letter queue, and
            no one reads it but people.
        type: dict
        suboptions:
          name:
            description: Name of the queue. The default is the queue's name with C(-undelivered) at its end.
            type: str
          retention:
            description: Seconds for which a message is kept.
            type: int
            default: 1209600
      dlq:
        description: The dead-letter queue, which takes messages that were received too often.
        type: dict
        suboptions:
          name:
            description: Name of the dead-letter queue. The default is the queue's name with C(-dlq) at its end.
            type: str
          max_receive_count:
            description:
              - Receives after which SQS moves a message to the dead-letter queue, 1 to 1000.
              - A worker that receives and puts back counts too. Keep it high where the worker counts its own attempts.
            type: int
            default: 1000
          retention:
            description: Seconds for which a message is kept. Must exceed that of the queue, as its age is not reset.
            type: int
            default: 1209600
  from_regions:
    description:
      - Regions whose topics may send to the queues of this region. The default is this region only.
      - With O(state=absent), the regions in which the queues' subscriptions go too. Without it those stay, unless their
        topics go.
    type: list
    elements: str
  fanout_to:
    description:
      - Regions whose queues get what the topics of this region publish.
      - SQS subscriptions of these topics, in this account, that are not asked for are removed.
      - Leave it out to leave all subscriptions as they are. With an empty list all are removed.
    type: list
    elements: str
  scope:
    description:
      - What to make and compare. V(subscriptions) leaves topics and queues as they are and manages the subscriptions
        only, which is what the second run needs.
    type: str
    choices: [all, subscriptions]
    default: all
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - Between two regions of which one is an opt-in region, SNS sends as C(sns.REGION.amazonaws.com), REGION being the
    opt-in region. Fan-out between two different opt-in regions is refused.
  - With O(state=absent), the names in O(topics) and O(queues) are enough. Dead-letter queues go with their queues.
  - SQS refuses to make a queue within 60 seconds of the deletion of its namesake. The module waits for that.
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Make the topic and the queue of the sales workload in a region
  multiregion.ecs.messaging:
    workload: sales
    region: sa-east-1
    topics:
      - name: sales-processing
    queues: &queues
      - name: sales-queue
        subscribes_to: [sales-processing]
    from_regions: [sa-east-1, us-east-1]

- name: Let the topic send to the queues of both regions, when these exist
  multiregion.ecs.messaging:
    workload: sales
    region: sa-east-1
    topics:
      - name: sales-processing
    queues: *queues
    fanout_to: [sa-east-1, us-east-1]
    scope: subscriptions

- name: Remove them
  multiregion.ecs.messaging:
    workload: sales
    region: sa-east-1
    topics:
      - name: sales-processing
    queues:
      - name: sales-queue
    state: absent
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: sns_topic
      name: sales-processing
      region: sa-east-1
      before: null
      after: {kms_key_id: null, tags: {workload: sales, region: sa-east-1}}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 7
topics:
  description: The ARN of each topic, by name.
  returned: when O(state=present) and O(scope=all)
  type: dict
  sample:
    sales-processing:
      arn: arn:aws:sns:sa-east-1:123456789012:sales-processing
queues:
  description: Where each queue and its dead-letter queue are, by the queue's name.
  returned: when O(state=present) and O(scope=all)
  type: dict
  sample:
    sales-queue:
      url: https://sqs.sa-east-1.amazonaws.com/123456789012/sales-queue
      arn: arn:aws:sqs:sa-east-1:123456789012:sales-queue
      dlq_url: https://sqs.sa-east-1.amazonaws.com/123456789012/sales-queue-dlq
      dlq_arn: arn:aws:sqs:sa-east-1:123456789012:sales-queue-dlq
subscriptions:
  description: The subscriptions of this region's topics that were asked for.
  returned: when O(state=present) and O(fanout_to) is given
  type: list
  elements: dict
  sample:
    - topic: sales-processing
      queue: sales-queue
      region: us-east-1
      arn: arn:aws:sns:sa-east-1:123456789012:sales-processing:6b0e71bd-7e97-4d97-80ce-4a0994e55286
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.messaging import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
