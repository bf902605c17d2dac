#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: switch_signal
short_description: Ask a switch or a deployment that is under way to pause, or to go back
version_added: 0.1.0
description:
  - Leaves a signal beside the lease for the run of M(multiregion.ecs.region_switch) or
    M(multiregion.ecs.workload_deployment) that holds it now. That run heeds it before its next step, and while it waits
    for the fence.
  - A signal is meant for one run. When no run holds the lease there is nobody to signal, and nothing changes.
options:
  signal:
    description:
      - V(pause) stops the switch between two steps, where it keeps its lease. O(state=absent) lets it go on.
      - V(cancel) makes it go back to the states before. With O(wait=true), its end is waited for.
    type: str
    choices: [pause, cancel]
  holder:
    description:
      - The run that is meant, by the holder that RV(lease) tells.
      - Another one that holds the lease by now is not signalled.
    type: str
extends_documentation_fragment:
  - multiregion.ecs.lease.reading
  - multiregion.ecs.states
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: multiregion.ecs.region_switch
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Pause the switch before its next step
  multiregion.ecs.switch_signal:
    workload: sales
    signal: pause
    lease_regions: [us-east-1, us-east-2]

- name: Let it go on
  multiregion.ecs.switch_signal:
    workload: sales
    state: absent
    lease_regions: [us-east-1, us-east-2]
"""

RETURN = r"""
changes:
  description: The signal that is left, or taken away.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: switch_signal
      name: sales
      region: us-east-1
      before: null
      after: {generation: 7, signal: pause}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 4
running:
  description: Whether a run holds the lease.
  returned: when O(state=present)
  type: bool
  sample: true
kind:
  description: What is under way, V(switch) or V(deployment). Empty when nothing is.
  returned: when O(state=present)
  type: str
  sample: switch
question:
  description: What is under way, and what comes of cancelling it, in sentences. Empty when nothing is.
  returned: when O(state=present)
  type: str
  sample: >-
    A switch is under way, run by ana since 2026-01-02T03:04:05Z: maintenance. It will be rolled back to the previous
    states.
lease:
  description: The lease, and who holds it.
  returned: when O(state=present)
  type: dict
  sample:
    place: sales-lease@us-east-1+us-east-2
    epoch: 2
    holder: 4be1f0
    operator: ana
    reason: maintenance
    since: "2026-01-02T03:04:05Z"
    unfinished: null
    owed: {}
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.switch_signal import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
