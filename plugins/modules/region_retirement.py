#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: region_retirement
short_description: Take a region out of the recorded states of a workload
version_added: 0.1.0
description:
  - Takes regions out of the map that says which regions of a workload are ACTIVE, in the order in which nothing is
    lost. Their services are brought to zero, so that nobody accepts anything there any more; what nobody has processed
    is published again, and it is waited for until the region's own endpoint shows that all is processed, and until each
    object of its buckets is in another region too; then a new epoch has a map without them.
  - Only a region that is C(PASSIVE) leaves, only while all regions answer, and only if a region that stays is
    C(ACTIVE). Otherwise nothing is changed, and the message says what to do.
  - A region that is O(dead) leaves when it is in O(give_up) too. Then what the others know of it is processed and put
    into their lakes, and it has the time after which none of its tasks acts on an older map. What it accepted and had
    not replicated is given up until it answers. A later run without O(give_up) then sees to that, as for a region that
    is well.
  - The run holds the lease from the first change to the last. A run that was killed is completed by the same one. A
    switch can go on from whatever it left.
  - It removes nothing of the region but its parameters, and remembers beside the lease that the region is being
    retired. With O(state=absent), once nothing of the region is left, that ends, and so does what switches kept of it.
  - Run it once for the workload, on the control host, not once in every region.
options:
  regions:
    description: The regions of the workload that stay.
    type: list
    elements: str
    required: true
  retire:
    description: The regions that leave. Those that the map does not name are done with already.
    type: list
    elements: str
    required: true
  cluster:
    description: ECS cluster of O(services).
    type: str
  services:
    description: The services that are brought to zero first. Those that do not exist are at zero.
    type: list
    elements: str
    default: []
  buckets:
    description:
      - Prefixes of replicated buckets, as of M(multiregion.ecs.lake_bucket). It is waited for until each object of the
        region's bucket is in another region's bucket as well, for O(wait_timeout) at most.
    type: list
    elements: str
    default: []
  give_up:
    description:
      - Regions of O(retire) that are in O(dead) too, and leave all the same. What they alone have is given up, and
        nobody can count it; RV(given_up) tells what is known.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - multiregion.ecs.lease
  - multiregion.ecs.states
  - multiregion.ecs.states.copies
  - multiregion.ecs.states.fence
  - multiregion.ecs.dead
  - multiregion.ecs.lake
  - multiregion.ecs.reconcile
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - The rules are those of the collection's C(docs/protocol.md).
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Take eu-west-1 out of the map
  multiregion.ecs.region_retirement:
    workload: sales
    regions: [sa-east-1, us-east-1]
    retire: [eu-west-1]
    lease_regions: [us-east-1, us-east-2]
    cluster: sales
    services: [sales-api, sales-worker]
    reconcile:
      - table: sales
        topic: sales-processing
    buckets: [sales-lake]
    reason: it costs more than it sells

- name: Take it out of the map though it is dead, and give up what it alone has
  multiregion.ecs.region_retirement:
    workload: sales
    regions: [sa-east-1, us-east-1]
    retire: [eu-west-1]
    dead: [eu-west-1]
    give_up: [eu-west-1]
    lease_regions: [us-east-1, us-east-2]
    reason: it is gone for weeks

- name: Forget it, now that nothing of it is left
  multiregion.ecs.region_retirement:
    workload: sales
    regions: [sa-east-1, us-east-1]
    retire: [eu-west-1]
    lease_regions: [us-east-1, us-east-2]
    state: absent
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: region_reconciled
      name: eu-west-1
      region: eu-west-1
      before: null
      after: {tables: [sales]}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 31
epoch:
  description: The epoch of the states without these regions. Null if none were ever recorded.
  returned: when O(state=present)
  type: int
  sample: 4
states:
  description: The states of the regions that stay.
  returned: when O(state=present)
  type: dict
  sample: {sa-east-1: ACTIVE, us-east-1: PASSIVE}
left:
  description: The regions that this run takes out of the map.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [eu-west-1]
retiring:
  description: The regions of which it is remembered that they are being retired.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [eu-west-1]
given_up:
  description:
    - The regions that this run takes out of the map though they are dead, with what the others know of them.
    - C(last_done) is when they did their last, in UTC; C(unprocessed) is how many items nobody has processed, as a
      region that stays knows them, by table. Those are processed before the region leaves.
  returned: when O(state=present)
  type: dict
  sample: {eu-west-1: {last_done: "2026-01-02T03:04:05Z", unprocessed: {sales: 0}}}
lease:
  description:
    - The lease as it was before this run - where it is, the last epoch it handed out, who held it, why and since when,
      the plan that is unfinished, and what regions are still owed.
    - Returned too when the run was refused.
  returned: when O(state=present)
  type: dict
  sample:
    place: sales-lease@us-east-1+us-east-2
    epoch: 3
    holder: ""
    operator: ""
    reason: ""
    since: ""
    unfinished: null
    owed: {}
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.region_retirement import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
