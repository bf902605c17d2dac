#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: region_switches_info
short_description: Tell the recorded switches of a workload
version_added: 0.1.0
description:
  - Reads the journal that M(multiregion.ecs.region_switch) keeps beside the lease, from the first replica that answers.
  - A switch that is unfinished is not in it; M(multiregion.ecs.region_states_info) tells that one.
options:
  last:
    description: Only so many, the newest ones. All without it.
    type: int
extends_documentation_fragment:
  - multiregion.ecs.lease.reading
  - multiregion.ecs.common.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Read the last two switches
  multiregion.ecs.region_switches_info:
    workload: sales
    region: us-east-1
    lease_regions: [us-east-1, us-east-2]
    last: 2
  register: told

- name: Show them as a table
  ansible.builtin.debug:
    msg: "{{ told.switches | multiregion.ecs.switches_table }}"
"""

RETURN = r"""
switches:
  description:
    - The recorded switches, the oldest first, as they were written - who, why, the epochs, each step with its time,
      what was published again, what was put again into lakes, the synthetic sale, what stayed owed, and how it ended.
  returned: always
  type: list
  elements: dict
  sample:
    - id: journal#0000000003#0000000007
      operator: ana
      reason: drill
      execution: graceful
      began: "2026-11-21T06:51:02Z"
      asked: {to: us-east-1, source: null, target: null, turn: null}
      changes: {sa-east-1: PASSIVE, us-east-1: ACTIVE}
      base_epoch: 1
      epoch: 3
      states: {sa-east-1: PASSIVE, us-east-1: ACTIVE}
      steps: [{step: hold, sentence: epoch 2 holds us-east-1, milliseconds: 32, at: 1795243862400}]
      controller_ms: 2331
      fence_ms: 1271
      fence: {kind: acknowledged, why: "sa-east-1: 4 acknowledged", readers: {}, unseen: 0}
      rto: {declared_ms: 60000, measured_ms: 40764}
      alarms: []
      skipped: []
      published: {sa-east-1: 18}
      lake: {}
      cancelled_and_processed: {}
      owed: {}
      outcome: done
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 1
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.region_switches_info import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
