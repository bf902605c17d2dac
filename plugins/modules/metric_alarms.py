#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: metric_alarms
short_description: Manage the CloudWatch alarms of a workload in one region
version_added: 0.1.0
description:
  - Creates alarms on metrics, or on expressions of metrics, and the SNS topic that they tell when they go off and when
    that is over.
  - The topic's policy lets the alarms of this account publish, and nobody else; IAM says what the account's own
    principals may do with it.
  - An alarm that exists keeps its state when it is changed.
options:
  topic:
    description: Name of the SNS topic that the alarms tell. Without it none is made.
    type: str
  topic_kms_key_id:
    description:
      - KMS key that encrypts messages while SNS holds them. Its policy must let V(cloudwatch.amazonaws.com) use it.
      - AWS's own V(alias/aws/sns) is refused, because with it no message of an alarm arrives.
    type: str
  actions:
    description: ARNs of more topics, or other actions, for the states C(ALARM) and C(OK) alike.
    type: list
    elements: str
    default: []
  gone:
    description: Names of alarms that the workload had, and is to have no more.
    type: list
    elements: str
    default: []
  alarms:
    description: The alarms. With O(state=absent) their names are enough.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the alarm, one of its kind in the region and the account.
        type: str
        required: true
      description:
        description: What it means that it is on. It is in the messages.
        type: str
        default: ''
      namespace:
        description: Namespace of the metric, such as V(AWS/SQS).
        type: str
      metric:
        description: Name of the metric. Either this or O(alarms[].expression) is required.
        type: str
      dimensions:
        description:
          - Dimensions of the metric. The metric is another one with each of them more or less.
          - The ARN of a load balancer or a target group stands for what CloudWatch calls it.
        type: dict
        default: {}
      statistic:
        description: V(Sum), V(Average), V(Minimum), V(Maximum), V(SampleCount), or a percentile such as V(p99).
        type: str
      period:
        description: Seconds of each data point. 10, 20, 30, or a multiple of 60.
        type: int
        default: 60
      expression:
        description: Expression in the keys of O(alarms[].metrics), such as V(desired - running).
        type: str
      metrics:
        description: >-
          For an expression, metrics by key, each with C(namespace), C(metric), C(dimensions), C(statistic) and
          C(period).
        type: dict
      comparison:
        description: How a data point that is to go off compares with the threshold.
        type: str
        choices: ['>', '>=', '<', '<=']
        default: '>'
      threshold:
        description: What data points are compared with.
        type: float
      evaluation_periods:
        description: How many of the latest data points are looked at.
        type: int
        default: 1
      datapoints_to_alarm:
        description: How many of them must compare. Default is all.
        type: int
      missing_data:
        description:
          - What a data point that is missing counts as.
          - Alarms on metrics of V(AWS/DynamoDB) ignore missing data in any case.
        type: str
        choices: [missing, ignore, breaching, notBreaching]
        default: missing
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Tell operators of sales that nobody could process
  multiregion.ecs.metric_alarms:
    workload: sales
    region: sa-east-1
    topic: sales-alarms
    alarms:
      - name: sales-sa-east-1-dead-letters-sales-queue-dlq
        description: There are messages in sales-queue-dlq.
        namespace: AWS/SQS
        metric: ApproximateNumberOfMessagesVisible
        dimensions: {QueueName: sales-queue-dlq}
        statistic: Maximum
        threshold: 0
        missing_data: notBreaching
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
      name: sales-alarms
      region: sa-east-1
      before: null
      after: {tags: {workload: sales, region: sa-east-1}}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 5
alarms:
  description: The ARN of each alarm, by name.
  returned: when O(state=present)
  type: dict
  sample:
    sales-sa-east-1-dead-letters-sales-queue-dlq:
      arn: arn:aws:cloudwatch:sa-east-1:123456789012:alarm:sales-sa-east-1-dead-letters-sales-queue-dlq
topic_arn:
  description: ARN of the topic.
  returned: when O(state=present) and O(topic) is given
  type: str
  sample: arn:aws:sns:sa-east-1:123456789012:sales-alarms
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.metric_alarms import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
