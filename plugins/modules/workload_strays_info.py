#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: workload_strays_info
short_description: Tell what carries a workload's tags and is not wanted
version_added: 0.1.0
description:
  - Finds everything of a region that carries the tags C(workload) and C(region), by the Resource Groups Tagging API and
    by the tags of roles, and tells what O(wanted) does not name, with the command that removes it.
  - Task definitions, target groups and other parts are told as what they belong to.
options:
  wanted:
    description:
      - The names that are wanted, as patterns by kind, such as V(sales/*) of C(ecs_service). C({account}) in a name
        stands for the account. All of a kind that is not named here is unwanted.
      - The filter P(multiregion.ecs.wanted_names#filter) makes this of an inventory.
    type: dict
    default: {}
  scope:
    description:
      - V(region) is for what is of one region. V(global) is for what is one thing in all, which are tables of DynamoDB
        with a replica in one of O(regions), and accelerators.
    type: str
    choices: [region, global]
    default: region
  regions:
    description:
      - With O(scope=global), the regions in which tables are looked for. With O(scope=region), those in which queues
        that go are subscribed to topics. Default is O(region).
    type: list
    elements: str
extends_documentation_fragment:
  - multiregion.ecs.common.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: See what the inventory no longer names
  multiregion.ecs.workload_strays_info:
    workload: sales
    region: sa-east-1
    wanted: "{{ hostvars['sa-east-1'] | multiregion.ecs.wanted_names }}"
  register: unwanted
"""

RETURN = r"""
strays:
  description:
    - What carries the tags and is not wanted. C(kind) is V(other) for what this collection does not make; then C(name)
      is the ARN, and C(command) is empty. C(holds) says what would be lost, such as V(3 messages), or nothing. C(line)
      says it all in words.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: ecs_service
      name: sales/sales-old
      region: sa-east-1
      arn: arn:aws:ecs:sa-east-1:123456789012:service/sales/sales-old
      holds: ""
      command: >-
        ansible localhost -m multiregion.ecs.ecs_service -a '{"workload": "sales", "region": "sa-east-1",
        "state": "absent", "cluster": "sales", "name": "sales-old"}'
      line: "ecs_service sales/sales-old in sa-east-1; to remove it: ansible localhost -m multiregion.ecs.ecs_service …"
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 2
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_strays_info import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
