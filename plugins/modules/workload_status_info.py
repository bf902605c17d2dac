#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: workload_status_info
short_description: Read the status of a workload in one region
version_added: 0.1.0
description:
  - Reads services, target health, queue depths and table replicas of one region, side by side, in a few seconds.
  - What cannot be read is returned as data. A region that does not answer gives RV(reachable=false) and the reason,
    after O(timeout) seconds, so that one ill region does not hide the others.
  - The state of the region (active or passive) is read by M(multiregion.ecs.region_states_info).
options:
  target_groups:
    description: Names of target groups to read.
    type: list
    elements: str
    default: []
  queues:
    description: Names of queues to read. The dead-letter queue of each is read too.
    type: list
    elements: str
    default: []
  tables:
    description: Names of DynamoDB tables to read.
    type: list
    elements: str
    default: []
  regions:
    description: Every region of the workload. Of each other one it is told how far the lakes here are behind.
    type: list
    elements: str
    default: []
  timeout:
    description: Seconds to wait for a connection, and for an answer. Nothing is retried.
    type: int
    default: 3
extends_documentation_fragment:
  - multiregion.ecs.common.info
  - multiregion.ecs.service_names
  - multiregion.ecs.lake
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: See how the sales workload is doing
  multiregion.ecs.workload_status_info:
    workload: sales
    region: sa-east-1
    services:
      - {cluster: sales, name: sales-api}
      - {cluster: sales, name: sales-worker}
    target_groups: [sales-api]
    queues: [sales-queue]
    tables: [sales, sales-idempotency]
  register: status
"""

RETURN = r"""
region:
  description: The region.
  returned: always
  type: str
  sample: sa-east-1
reachable:
  description: Whether anything in the region answered. True if nothing was asked.
  returned: always
  type: bool
  sample: true
why:
  description: Why the region is not reachable; empty if it is.
  returned: always
  type: str
  sample: ""
errors:
  description: What could not be read though the region answers, and why, by what was asked for.
  returned: always
  type: dict
  sample: {"queue sales-queue": "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist."}
services:
  description:
    - Each service that was read, by name. C(status) is C(MISSING) if there is none.
  returned: always
  type: dict
  sample:
    sales-api:
      cluster: sales
      status: ACTIVE
      desired: 2
      running: 2
      pending: 0
      task_definition: arn:aws:ecs:sa-east-1:123456789012:task-definition/sales-api:7
      revision: "sales-api:7"
      images: ["fidelissauro/sales-rest-api:latest"]
      digests: ["sha256:0e5b1d0f4c5b"]
      deployments:
        - {status: PRIMARY, rollout_state: COMPLETED, revision: "sales-api:7", desired: 2, running: 2, failed: 0}
      last_event: (service sales-api) has reached a steady state.
target_groups:
  description: How many targets of each group are in each state, by name of the group.
  returned: always
  type: dict
  sample:
    sales-api: {healthy: 2, unhealthy: 0, initial: 0, draining: 0, other: 0, total: 2}
queues:
  description: Approximate numbers of messages of each queue, and of its dead-letter queue, by name.
  returned: always
  type: dict
  sample:
    sales-queue:
      visible: 0
      in_flight: 3
      delayed: 0
      dlq: {name: sales-queue-dlq, visible: 0, in_flight: 0, delayed: 0}
lakes:
  description:
    - By bucket and other region, at most how many seconds the lake here is behind that region, which is what would be
      missing if it died now. Null for more than an hour.
  returned: always
  type: dict
  sample: {"sales-lake-{account}-{region}": {us-east-1: 1}}
tables:
  description: State of each table here, and of its replicas elsewhere, by name.
  returned: always
  type: dict
  sample:
    sales: {status: ACTIVE, replicas: {us-east-1: ACTIVE}}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 9
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_status_info import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
