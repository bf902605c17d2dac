#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: workload_strays
short_description: Remove what carries a workload's tags and is not wanted
version_added: 0.1.0
description:
  - Finds everything of a region that carries the tags C(workload) and C(region), by the Resource Groups Tagging API and
    by the tags of roles, and removes what O(wanted) does not name. Services are drained and go first, clusters and
    networks last. A queue takes its subscriptions with it.
  - What this collection does not make is left alone; M(multiregion.ecs.workload_strays_info) tells of it.
options:
  state:
    description: What this module is for.
    type: str
    choices: [absent]
    default: absent
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
  whole:
    description:
      - Whether the whole workload is going to be removed. Then services of its clusters that do not carry its tag, and
        that would keep the clusters, are refused before anything is removed.
    type: bool
    default: false
  delete_data:
    description:
      - Whether data may go too. Otherwise nothing is removed if something of it is a table, a file system, a bucket or
        a repository that is not empty, or a queue that still holds messages.
    type: bool
    default: false
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Remove every service of this region but one
  multiregion.ecs.workload_strays:
    workload: sales
    region: sa-east-1
    wanted:
      ecs_service: [sales/sales-api]
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing is left.
  returned: always
  type: list
  elements: dict
  sample:
    - action: delete
      kind: ecs_service
      name: sales/sales-old
      region: sa-east-1
      before: {desired_count: 2}
      after:
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 4
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_strays import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
