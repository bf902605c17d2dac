#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: dashboard
short_description: Manage a CloudWatch dashboard
version_added: 0.1.0
description:
  - Creates a dashboard from widgets, which may show metrics and alarms of several regions.
  - AWS has one dashboard of a name in the whole account, whichever region is asked.
options:
  name:
    description: Name of the dashboard.
    type: str
    required: true
  widgets:
    description: The widgets, as CloudWatch's "Dashboard body structure and syntax" has them.
    type: list
    elements: dict
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Show the queues of both regions in one chart
  multiregion.ecs.dashboard:
    workload: sales
    region: us-east-1
    name: sales
    widgets:
      - type: metric
        width: 24
        height: 6
        properties:
          region: us-east-1
          title: Oldest message
          stat: Maximum
          period: 60
          metrics:
            - [AWS/SQS, ApproximateAgeOfOldestMessage, QueueName, sales-queue, {region: sa-east-1}]
            - [AWS/SQS, ApproximateAgeOfOldestMessage, QueueName, sales-queue, {region: us-east-1}]
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: cloudwatch_dashboard
      name: sales
      region: us-east-1
      before: null
      after: {body: {widgets: []}, tags: {workload: sales, region: us-east-1}}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 3
arn:
  description: ARN of the dashboard.
  returned: when O(state=present)
  type: str
  sample: arn:aws:cloudwatch::123456789012:dashboard/sales
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.dashboard import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
