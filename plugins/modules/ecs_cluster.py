#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: ecs_cluster
short_description: Manage an ECS cluster and its capacity providers
version_added: 0.1.0
description:
  - Creates the cluster that the services of a workload run in, with its capacity providers and a default strategy.
  - With O(state=absent) the cluster is deleted. AWS refuses that while it has services or running tasks.
options:
  name:
    description: Name of the cluster.
    type: str
    required: true
  capacity_providers:
    description:
      - Capacity providers that services of this cluster may use.
      - C(FARGATE) and C(FARGATE_SPOT), or names of Auto Scaling group capacity providers that exist.
    type: list
    elements: str
    default: [FARGATE, FARGATE_SPOT]
  container_insights:
    description:
      - Whether CloudWatch Container Insights collects metrics. V(enhanced) adds metrics of tasks and containers.
    type: str
    choices: [disabled, enabled, enhanced]
    default: disabled
extends_documentation_fragment:
  - multiregion.ecs.common
  - multiregion.ecs.capacity_provider_strategy.cluster
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Make the cluster of the sales workload
  multiregion.ecs.ecs_cluster:
    workload: sales
    region: sa-east-1
    name: sales
    default_strategy:
      - {capacity_provider: FARGATE, base: 2, weight: 1}
      - {capacity_provider: FARGATE_SPOT, weight: 3}
    container_insights: enabled
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: update
      kind: ecs_cluster
      name: sales
      region: sa-east-1
      before: {container_insights: disabled}
      after: {container_insights: enabled}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 1
cluster_arn:
  description: ARN of the cluster.
  returned: when O(state=present)
  type: str
  sample: arn:aws:ecs:sa-east-1:123456789012:cluster/sales
cluster_name:
  description: Name of the cluster.
  returned: when O(state=present)
  type: str
  sample: sales
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_cluster import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
