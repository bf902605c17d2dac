#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: region_toggle
short_description: Record which regions of a workload are ACTIVE, and keep every copy of it true
version_added: 0.1.0
description:
  - Records the states of a workload's regions under a lease, once, when the workload is deployed for the first time.
    Every region gets a state item that holds the states of all regions at one epoch, written through the region's own
    endpoint, and after it an SSM parameter with C(ACTIVE) or C(PASSIVE) for images that know nothing else.
  - Later runs read the recorded states and mend what is missing or behind - a state item, a parameter - without
    changing any state. Where the inventory says otherwise than the record, the record rules and RV(differs) tells.
  - A region that the record does not know yet joins as C(PASSIVE), with a new epoch.
  - While it changes something the run holds the lease. A second run stops and names who holds it, why and since when.
    The lease of a run that died is taken over after it was seen not to beat for its duration.
  - With O(state=absent) the parameters, the state items and the lease item are removed, but not the tables.
  - Run it once for the workload, on the control host, not once in every region.
options:
  regions:
    description:
      - Every region of the workload and its state at the first deployment, V(ACTIVE) or V(PASSIVE).
      - With O(state=absent) only the names count.
    type: dict
    required: true
  epoch:
    description:
      - The epoch of the states that the caller looked at before it wished for this - RV(epoch) of an earlier run, or
        C(epoch) of RV(lease) if that was in check mode. V(0) is the first deployment, when nothing is recorded yet.
      - If another epoch is recorded by now, the run is refused before anything is changed. With O(state=absent) a
        workload whose lease is gone already is not refused.
      - By default the run takes what is recorded as it finds it.
    type: int
  lease_token:
    description:
      - C(token) of RV(lease), as an earlier run returned it. It is no secret.
      - If anybody has held the lease since then, the run is refused before anything is changed, also if the epoch is
        still the same. With O(state=absent) a workload whose lease is gone already is not refused.
    type: str
  wait_effective:
    description:
      - Whether to wait until what this run wrote is effective in every region, the latest RV(regions.effective_at).
      - The lease is released before. Where nothing was written, and in check mode, there is nothing to wait for.
    type: bool
    default: false
extends_documentation_fragment:
  - multiregion.ecs.lease
  - multiregion.ecs.states
  - multiregion.ecs.states.copies
  - multiregion.ecs.states.fence
  - multiregion.ecs.common
  - multiregion.ecs.dead
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - The rules are those of the collection's C(docs/protocol.md).
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Record the states of the first deployment, or mend the copies of what is recorded
  multiregion.ecs.region_toggle:
    workload: sales
    regions:
      sa-east-1: ACTIVE
      us-east-1: PASSIVE
    lease_regions: [us-east-1, us-east-2]
    reason: deployment of build 417

- name: Read the recorded states and where copies disagree, changing nothing
  multiregion.ecs.region_toggle:
    workload: sales
    regions: {sa-east-1: ACTIVE, us-east-1: PASSIVE}
    lease_regions: [us-east-1, us-east-2]
  check_mode: true
  register: seen

- name: Add a region, only if nobody has changed anything since, and wait until every task knows
  multiregion.ecs.region_toggle:
    workload: sales
    regions: {sa-east-1: ACTIVE, us-east-1: PASSIVE, us-east-2: PASSIVE}
    lease_regions: [us-east-1, us-east-2]
    epoch: "{{ seen.lease.epoch }}"
    lease_token: "{{ seen.lease.token }}"
    wait_effective: true

- name: Forget the states of a workload that is being destroyed
  multiregion.ecs.region_toggle:
    workload: sales
    regions: {sa-east-1: ACTIVE, us-east-1: PASSIVE}
    lease_regions: [us-east-1, us-east-2]
    state: absent
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when every copy agrees.
  returned: always
  type: list
  elements: dict
  sample:
    - action: update
      kind: ssm_parameter
      name: /sales/region/state
      region: us-east-1
      before: {value: ACTIVE}
      after: {value: PASSIVE}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 7
epoch:
  description: The epoch of the recorded states.
  returned: when O(state=present)
  type: int
  sample: 1
map:
  description: The recorded states of all regions, the run that recorded them, and the place of the lease.
  returned: when O(state=present)
  type: dict
  sample:
    epoch: 1
    states: {sa-east-1: ACTIVE, us-east-1: PASSIVE}
    run_id: 4be1c1f0a5d84f3a8b1d0a6c7b0e9f55
    lease: sales-lease@us-east-1+us-east-2
regions:
  description: Each region of the record and of the inventory.
  returned: when O(state=present)
  type: dict
  contains:
    state:
      description: The recorded state - C(ACTIVE), C(PASSIVE) or, in the middle of a switch, C(HELD).
      type: str
    inventory:
      description: The state that O(regions) names; null for a region that it does not name.
      type: str
    epoch:
      description: The epoch of the region's own state item, after this run. Null if the region does not answer.
      type: int
    parameter:
      description: The value of the region's SSM parameter, after this run. Null if the region does not answer.
      type: str
    reachable:
      description: Whether the region answered.
      type: bool
    error:
      description: Why the region counts as unreachable.
      type: str
    before:
      description:
        - State and epoch of the region's own state item before this run. Null if there was none, or the region does not
          answer.
      type: dict
    after:
      description: State and epoch of the region's own state item after this run. Null if the region does not answer.
      type: dict
    effective_at:
      description:
        - From when, in UTC, no task of the region can act any more on what it read before this run wrote.
        - It is the last write of the region's state item or parameter, plus O(view_ttl), after which no task may begin
          anything on what it read before, plus O(claim_to_effect), after which all that had begun has ended.
        - Null if this run wrote neither, or the region does not answer.
      type: str
  sample:
    us-east-1:
      state: PASSIVE
      inventory: PASSIVE
      epoch: 1
      parameter: PASSIVE
      reachable: true
      error: null
      before: null
      after: {state: PASSIVE, epoch: 1}
      effective_at: "2026-01-02T03:04:35.120Z"
lease:
  description:
    - The lease as it was before this run - where it is, the last epoch it handed out, who held it, why and since when,
      the plan that is unfinished, and what regions are still owed.
    - Its C(token) names the lease as it is after this run, for O(lease_token) of a later one.
    - Returned too when the run was refused because another one holds the lease, or for O(epoch) or O(lease_token).
  returned: when O(state=present)
  type: dict
  sample:
    place: sales-lease@us-east-1+us-east-2
    epoch: 1
    holder: ""
    operator: ""
    reason: ""
    since: ""
    unfinished: null
    owed: {}
    token: sales-lease@us-east-1+us-east-2#1.7
joined:
  description: The regions that this run adds to the record.
  returned: when O(state=present)
  type: list
  elements: str
  sample: []
differs:
  description: Where the inventory says otherwise than the record. The record rules.
  returned: when O(state=present)
  type: dict
  sample:
    us-east-1: {inventory: PASSIVE, recorded: ACTIVE}
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.region_toggle import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
