#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: log_groups
short_description: Manage the CloudWatch log groups of a workload in one region
version_added: 0.1.0
description:
  - Creates the log groups that the containers of a workload write to, with one retention for all of them.
  - Changes only what differs. With O(state=absent) the groups and their contents are deleted.
options:
  names:
    description: Names of the log groups, for instance V(/ecs/sales/sales-api).
    type: list
    elements: str
    required: true
  retention_in_days:
    description:
      - Days after which events expire. Left out, they are kept for ever.
      - One of the values that C(PutRetentionPolicy) accepts, such as 1, 7, 30 or 365.
    type: int
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Make the log groups of the sales workload
  multiregion.ecs.log_groups:
    workload: sales
    region: sa-east-1
    names:
      - /ecs/sales/sales-api
      - /ecs/sales/sales-worker
    retention_in_days: 7
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: log_group
      name: /ecs/sales/sales-api
      region: sa-east-1
      before: null
      after: {retention_in_days: 7, tags: {workload: sales, region: sa-east-1}}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 4
log_groups:
  description: The ARN of each log group, by name.
  returned: when O(state=present)
  type: dict
  sample:
    /ecs/sales/sales-api:
      arn: arn:aws:logs:sa-east-1:123456789012:log-group:/ecs/sales/sales-api
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.log_groups import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
