#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: workload_readiness_info
short_description: Tell whether regions can take over a workload from others
version_added: 0.1.0
description:
  - Reads every region side by side in a few seconds, and tells every check that a target fails, not only the first.
  - Checks that a target runs the same image digests as the sources and enough tasks, that these are steady and their
    targets healthy, that queues, topics with their subscriptions across regions, table replicas and lake buckets are
    there, and that what would run fits the quotas of the account.
  - A source that does not answer is told, and nothing is held against the target because of it. A target that does not
    answer fails the check C(reachable).
  - M(multiregion.ecs.region_switch) makes the same checks before it changes anything.
options:
  sources:
    description: The regions to take over from. While there is none that answers, only the targets are looked at.
    type: list
    elements: str
    default: []
  targets:
    description: The regions that are to take over.
    type: list
    elements: str
    required: true
  readiness:
    required: true
  measure_lag:
    description:
      - Whether to measure the replication lag as O(readiness.lag) says. This writes a marker in each source and deletes
        it again, also in check mode.
    type: bool
    default: false
  skip_checks:
    description:
      - Names of checks that do not count. What they find is told all the same, as skipped.
      - The checks are C(reachable), C(digests), C(capacity), C(tasks), C(targets), C(queues), C(topics), C(tables),
        C(lake), C(lag), C(quota) and C(fallback).
    type: list
    elements: str
    default: []
  states:
    description:
      - State and epoch of each region, as RV(multiregion.ecs.region_states_info#module:regions) tells them. They are
        only repeated in RV(sentences).
    type: dict
    default: {}
  timeout:
    description: Seconds to wait for a connection, and for an answer. Only what is throttled is asked again.
    type: float
    default: 3.0
extends_documentation_fragment:
  - multiregion.ecs.common.info
  - multiregion.ecs.readiness
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: multiregion.ecs.region_switch
  - module: multiregion.ecs.workload_status_info
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: See whether the sales workload could move to us-east-1
  multiregion.ecs.workload_readiness_info:
    workload: sales
    region: us-east-1
    sources: [sa-east-1]
    targets: [us-east-1]
    measure_lag: true
    readiness:
      services:
        - {cluster: sales, name: sales-api}
        - {cluster: sales, name: sales-worker}
      target_groups: [sales-api]
      queues: [sales-queue]
      topics: [sales-processing]
      tables: [sales, sales-idempotency]
      buckets: ["sales-lake-{account}-{region}"]
      lag: {table: sales-idempotency, ttl_attribute: expires_at}
  register: readiness

- name: Say so
  ansible.builtin.debug:
    msg: "{{ readiness.sentences }}"

- name: Refuse to go on without
  ansible.builtin.assert:
    that: readiness.ready
"""

RETURN = r"""
ready:
  description: Whether every target passes every check that is not skipped.
  returned: always
  type: bool
  sample: false
findings:
  description: Every failed check of every target.
  returned: always
  type: list
  elements: dict
  sample:
    - check: capacity
      region: us-east-1
      expected: sales-api at 5 tasks or more (100 % of the 5 that the source runs)
      found: 2 tasks
      advice: The switch raises it before it changes anything else
      skipped: false
sentences:
  description: The evidence, a line for each region, and every finding, for a person.
  returned: always
  type: list
  elements: str
  sample:
    - "sa-east-1 ACTIVE at epoch 4: sales-api:7 runs 5/5; 5/5 targets of sales-api healthy; 0 waiting in sales-queue"
    - "us-east-1 PASSIVE at epoch 4: sales-api:7 runs 2/2; 2/2 targets of sales-api healthy; 0 waiting in sales-queue"
    - "replication lag, measured: 0.82 s to us-east-1"
    - "capacity in us-east-1: expected sales-api at 5 tasks or more (100 % of the 5 that the source runs); found
      2 tasks. The switch raises it before it changes anything else."
lag:
  description: Seconds measured from the slowest source to each target, null where no marker arrived. Empty unless
    O(measure_lag=true).
  returned: always
  type: dict
  sample: {us-east-1: 0.82}
missing_capacity:
  description: The services that run too few tasks in a target.
  returned: always
  type: list
  elements: dict
  sample:
    - {region: us-east-1, cluster: sales, service: sales-api, desired: 2, wanted: 5}
regions:
  description:
    - The evidence of each region, by name.
    - Of each thing that was asked for there is an entry. It has C(exists=false) if there is none, and C(error) if it
      could not be read.
  returned: always
  type: dict
  sample:
    us-east-1:
      region: us-east-1
      reachable: true
      why: ""
      errors: {}
      account: "123456789012"
      services:
        sales-api:
          cluster: sales
          status: ACTIVE
          desired: 2
          running: 2
          pending: 0
          task_definition: arn:aws:ecs:us-east-1:123456789012:task-definition/sales-api:7
          revision: "sales-api:7"
          digests: {"fidelissauro/sales-rest-api:latest": ["sha256:0e5b1d0f4c5b"]}
          deployments:
            - {status: PRIMARY, rollout_state: COMPLETED, revision: "sales-api:7", desired: 2, running: 2, failed: 0}
          last_event: (service sales-api) has reached a steady state.
          launch_type: FARGATE
          capacity_providers: []
          scaling: {min: 2, max: 10}
          vcpu: 0.25
      target_groups:
        sales-api:
          {exists: true, healthy: 2, unhealthy: 0, initial: 0, draining: 0, other: 0, total: 2, reasons: []}
      queues:
        sales-queue:
          exists: true
          visible: 0
          in_flight: 0
          delayed: 0
          dlq: {name: sales-queue-dlq, visible: 0, in_flight: 0, delayed: 0}
      topics:
        sales-processing:
          exists: true
          subscribers:
            - {queue: sales-queue, region: sa-east-1}
            - {queue: sales-queue, region: us-east-1}
      tables:
        sales: {exists: true, status: ACTIVE, replicas: {sa-east-1: ACTIVE}}
      buckets:
        "sales-lake-{account}-{region}":
          {exists: true, name: sales-lake-123456789012-us-east-1, replicates_to: [sa-east-1]}
      quotas:
        fargate_vcpu: {limit: 4000.0, used: 12.5}
        fargate_spot_vcpu: {limit: 4000.0, used: null}
        tasks_per_service: {limit: 5000.0}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 36
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_readiness_info import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
