#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: run_lock
short_description: Keep two runs from building one workload at the same time
version_added: 0.1.0
description:
  - Takes, or with O(state=absent) releases, a lock in the table of the lease. The holder is the ansible process that
    drives the run, so every task of one run sees its own lock as taken.
  - If the holder was a process of this machine that has ended, the lock is taken over, so that a killed run is
    completed by running it again. Another container, and the machine before it was started anew, are other machines,
    whatever their host names are.
  - A run whose lock was taken over stops before its next change, as its modules see when they run in process, which
    is the default.
  - If another run holds it, the task fails and says who holds it, since when, and what to do.
options:
  table:
    description: Table that holds the lock, with the partition key C(id). Default is C(<workload>-lease).
    type: str
  lease_regions:
    description:
      - The regions in which the table has a replica. The region of its witness is none of them. Default is O(region).
      - Either replica's endpoint will do. The first is asked, and the next only if it does not answer.
    type: list
    elements: str
    version_added: 0.2.0
  operator:
    description: Who runs this, shown to another run that finds the lock taken.
    type: str
  take_over:
    description: Whether to take the lock from the run that holds it. Use it only if that run is known to be dead.
    type: bool
    default: false
  only_if_table_exists:
    description:
      - Whether to lock nothing, instead of failing, when the table does not exist. For the removal of a workload.
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
- name: Make sure that nobody else is building
  multiregion.ecs.run_lock:
    workload: sales
    region: us-east-1
    lease_regions: [us-east-1, us-east-2]
    operator: "{{ lookup('ansible.builtin.env', 'USER') }}"

- name: Let others build again
  multiregion.ecs.run_lock:
    workload: sales
    region: us-east-1
    lease_regions: [us-east-1, us-east-2]
    state: absent
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample: []
holder:
  description: The process that holds the lock, as host, machine, process id and start time. Null if nothing was locked.
  returned: when O(state=present)
  type: str
  sample: controller-1:1f0c66a0e93b:4242:1234567
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 2
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.run_lock import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
