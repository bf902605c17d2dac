#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: region_switch
short_description: Move a workload to another region, or turn one region on or off, losing nothing
version_added: 0.1.0
description:
  - Changes the states of a workload's regions in two epochs with a fence between them. The first holds the regions that
    change, so that none acts; when nobody can still act on the old epoch, the second gives the final states.
  - Before that it checks what O(readiness) names in the regions that take over, and gives them the tasks they lack.
  - After it, it moves the traffic (accelerator dials, DNS weights), publishes again what nobody has processed, proves
    with a synthetic sale through the public name that the workload processes, and records who did it, why, and how
    long each step took.
  - The planned changes are the steps that are left. In check mode nothing else happens.
  - All of it happens under the lease of M(multiregion.ecs.region_toggle), whose item keeps the journal. A run that died
    is resumed by asking for the same again - its lease is taken over once it was seen not to beat for its duration.
  - When the regions are already so, nothing is unfinished and no region that answers is owed anything, nothing changes.
  - Run it once for the workload, on the control host, not once in every region.
options:
  regions:
    description: Every region of the workload. They must be those of the recorded map.
    type: list
    elements: str
    required: true
  to:
    description: The region that becomes C(ACTIVE), instead of O(from).
    type: str
  from:
    description: The region that becomes C(PASSIVE). Default is the only other one that is C(ACTIVE).
    type: str
  target:
    description: The one region to turn on or off, instead of O(to).
    type: str
  turn:
    description: Whether O(target) becomes C(ACTIVE) or C(PASSIVE).
    type: str
    choices: ['on', 'off']
  execution:
    description:
      - With V(graceful), every region that changes must answer.
      - With V(ungraceful), one that does not answer is asked once for 3 seconds and then skipped. It is recorded as
        unfenced and owed what it missed. A later run, of this module or of M(multiregion.ecs.region_toggle), writes it.
    type: str
    choices: [graceful, ungraceful]
    default: graceful
  dead:
    description:
      - Regions that are declared dead. Nothing is asked of them, so none of them is waited for, however they answer.
        Each is left behind as one that does not answer, also if O(execution) is V(graceful).
      - The control planes of Global Accelerator and Route 53 belong to no region and are asked all the same.
    type: list
    elements: str
    default: []
  allow_no_active:
    description: Whether the last C(ACTIVE) region may be turned off, for a maintenance stop.
    type: bool
    default: false
  may_turn_ungraceful:
    description:
      - Whether a V(graceful) switch goes on as an V(ungraceful) one when a region that it does not give to stops
        answering on the way, or did not answer from the start.
    type: bool
    default: false
  on_failure:
    description:
      - What to do when a step fails. With V(stop) everything stays where it is safe, and the message names the commands
        that go on or back. With V(rollback) the same run goes back to the states before, and fails saying so.
    type: str
    choices: [stop, rollback]
    default: stop
  rollback:
    description: Go back from the switch that is unfinished, whatever it asked for. Instead of O(to) and O(target).
    type: bool
    default: false
  skip_checks:
    description:
      - Checks of O(readiness) whose findings do not stop the switch, such as V(digests) or V(lag). They are recorded.
    type: list
    elements: str
    default: []
  drops:
    description:
      - Services that lose what they receive while their region is not C(ACTIVE), such as workers that delete it.
      - They are stopped in the regions that change, and seen C(STOPPED), before those are held. They start where the
        region is C(ACTIVE), after it was granted.
    type: list
    elements: dict
    default: []
    suboptions:
      cluster:
        description: Cluster of the service, the same for all.
        type: str
        required: true
      name:
        description: Name of the service.
        type: str
        required: true
      min:
        description: How many tasks to start, where it is not known what ran before.
        type: int
        default: 1
      max:
        description: The most for automatic scaling then.
        type: int
        default: 10
  schedule_group:
    description:
      - Name of a group of schedules of EventBridge Scheduler, as M(multiregion.ecs.ecs_schedules) makes it in every
        region. Its schedules are disabled before the hold where the region will not be ACTIVE, and enabled after the
        grant where it is.
      - A region in which they cannot be enabled is owed it.
    type: str
  notify_topic:
    description:
      - Name of an SNS topic that is told when a switch begins, fails and ends, in the first region that takes it. A
        topic that cannot be told stops nothing.
    type: str
  rto:
    description: The declared recovery time in seconds. What was measured is compared with it, and recorded.
    type: float
  supersede:
    description: Whether a switch that asks for something else than an unfinished one goes on from where that one is.
    type: bool
    default: false
  planned_epoch:
    description:
      - The epoch of the lease that a plan was made on, which somebody has approved. If another one is recorded by now,
        nothing is done.
    type: int
  reason_required:
    description: Whether to refuse a switch without O(reason).
    type: bool
    default: false
  proof:
    description:
      - A synthetic request through O(public_name), or else the accelerator's name, that proves that the workload
        processes.
    type: dict
    suboptions:
      path:
        description: Path to post to; 201 is expected.
        type: str
        required: true
      body:
        description: What is posted, as JSON.
        type: raw
        required: true
      table:
        description: Table in which the item appears.
        type: str
        required: true
      id:
        description: The key of the answer that holds the item's id.
        type: str
        default: id
      done_attribute:
        description: Boolean attribute that is true once the item has been processed.
        type: str
        default: sale_processed
      claims:
        description: Table of the claims, from which it is told which region processed the item.
        type: str
      timeout:
        description: Seconds to wait for it.
        type: float
        default: 60.0
extends_documentation_fragment:
  - multiregion.ecs.lease
  - multiregion.ecs.states
  - multiregion.ecs.states.copies
  - multiregion.ecs.states.fence
  - multiregion.ecs.reconcile
  - multiregion.ecs.lake
  - multiregion.ecs.states.readers
  - multiregion.ecs.readiness
  - multiregion.ecs.traffic
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - O(state=absent) is refused; there is nothing to remove.
  - The rules are those of the collection's C(docs/protocol.md).
seealso:
  - module: multiregion.ecs.region_toggle
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Move everything to us-east-1
  multiregion.ecs.region_switch:
    workload: sales
    regions: [sa-east-1, us-east-1]
    to: us-east-1
    reason: maintenance in sa-east-1
    lease_regions: [us-east-1, us-east-2]
    accelerator: sales
    reconcile:
      - table: sales
        topic: sales-processing

- name: The same while sa-east-1 does not answer
  multiregion.ecs.region_switch:
    workload: sales
    regions: [sa-east-1, us-east-1]
    to: us-east-1
    execution: ungraceful
    reason: sa-east-1 is down
    lease_regions: [us-east-1, us-east-2]
    accelerator: sales

- name: Check the target first, tell a topic, and go back by itself should a step fail
  multiregion.ecs.region_switch:
    workload: sales
    regions: [sa-east-1, us-east-1]
    to: us-east-1
    reason: maintenance in sa-east-1
    lease_regions: [us-east-1, us-east-2]
    readiness:
      services:
        - {cluster: sales, name: sales-api}
      queues: [sales-queue]
      capacity_percentage: 100
    notify_topic: sales-notices
    rto: 60
    on_failure: rollback

- name: Go back from a switch that is unfinished
  multiregion.ecs.region_switch:
    workload: sales
    regions: [sa-east-1, us-east-1]
    rollback: true
    lease_regions: [us-east-1, us-east-2]

- name: Turn one region on beside the other
  multiregion.ecs.region_switch:
    workload: sales
    regions: [sa-east-1, us-east-1]
    target: sa-east-1
    turn: 'on'
    lease_regions: [us-east-1, us-east-2]
"""

RETURN = r"""
changes:
  description: The steps that are left, which are the steps taken unless it is check mode. Empty when it is already so.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: region_switch_step
      name: fence
      region: us-east-1
      before: null
      after:
        fence_seconds: 30.0
        will: wait until every reader has let go of the old epoch, at most 30 s from the last write
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 92
epoch:
  description: The epoch of the final states.
  returned: always
  type: int
  sample: 3
states:
  description: The final states of all regions.
  returned: always
  type: dict
  sample: {sa-east-1: PASSIVE, us-east-1: ACTIVE}
steps:
  description: What each step did, as a sentence, and how many seconds it took.
  returned: always
  type: list
  elements: dict
  sample:
    - step: lease
      sentence: took the lease sales-lease@us-east-1+us-east-2, generation 4, at epoch 1
      seconds: 0.02
    - step: fence
      sentence: "every reader has let go of the old epoch 1.2 s after the last write (sa-east-1: 4 acknowledged)"
      seconds: 1.11
resumed:
  description: Whether an earlier run of the same request was resumed.
  returned: always
  type: bool
  sample: false
evidence:
  description: What O(readiness) names, as it was found in each region. See M(multiregion.ecs.workload_readiness_info).
  returned: always
  type: dict
  sample: {}
evidence_sentences:
  description: The same in words, a line for each region.
  returned: always
  type: list
  elements: str
  sample: []
findings:
  description: The checks that fail in the regions that take over.
  returned: always
  type: list
  elements: dict
  sample: []
rto:
  description: The declared and the measured recovery time in milliseconds. Null while nothing was proved.
  returned: always
  type: dict
  sample: {declared_ms: 60000, measured_ms: 41200}
taken_at:
  description: When the lease was taken, in unix milliseconds. Null if nothing was done.
  returned: always
  type: int
  sample: 1767322984000
traffic:
  description:
    - Every way by which the traffic moved - what it is, what was seen when it had arrived (C(DEPLOYED), C(INSYNC), or
      that the health checks had seen it), and how long that took.
  returned: always
  type: list
  elements: dict
  sample: [{way: the dials of sales, arrived: DEPLOYED, milliseconds: 4200}]
traffic_at:
  description: When the traffic was moved, in unix milliseconds. Null if it was not.
  returned: always
  type: int
  sample: 1767323016000
controller_seconds:
  description: From the lease taken to the last write of traffic, less the fence.
  returned: always
  type: float
  sample: 1.2
fence:
  description:
    - Which fence it was, V(acknowledged) or V(time), and why; of each reader, by region, how it let go, or why it was
      waited for; and how many of the items that they wrote last were not seen where it goes on. Null if there was none.
  returned: always
  type: dict
  sample:
    kind: acknowledged
    why: "sa-east-1: 1 acknowledged; us-east-1: 1 STOPPED"
    readers: {sa-east-1: {4be1-7a: acknowledged}, us-east-1: {91f0-02: STOPPED}}
    unseen: 0
unfenced:
  description: The regions that change and did not answer.
  returned: always
  type: list
  elements: str
  sample: []
lake:
  description:
    - By region and table, how many of the last objects of regions that were left behind were looked for in its lake,
      how many were missing and were put again, of how many the sale itself is unknown there, and how far it was behind.
  returned: always
  type: dict
  sample: {us-east-1: {sales: {looked_at: 812, put: 37, unknown: 0, behind_seconds: 92}}}
silent:
  description: The regions that did not answer, and why.
  returned: always
  type: dict
  sample: {}
owed:
  description:
    - What regions are still owed - a V(write) of the last epoch, a V(reconcile) of what they hold, their
      V(traffic) if it could not be moved, objects in their V(lake) of a region that was left behind.
  returned: always
  type: dict
  sample: {}
lease:
  description:
    - The lease as it was before this run. Returned too when the run was refused because another one holds it.
  returned: always
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
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.region_switch import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
