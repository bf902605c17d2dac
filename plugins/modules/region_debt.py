#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: region_debt
short_description: Remember that regions are owed a run of the site
version_added: 0.2.0
description:
  - Notes in the lease that regions did not answer while a run of the site built the others. With O(state=absent) a run
    that has built them all notes that they are owed it no more.
  - Nothing is asked of the regions themselves. What a switch owes them, and what is unfinished, stays as it is.
  - Before the first states are recorded there is nothing to note.
options:
  regions:
    description: The regions.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - multiregion.ecs.lease
  - multiregion.ecs.dead
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Remember what a region that is dead misses
  multiregion.ecs.region_debt:
    workload: sales
    region: sa-east-1
    regions: [us-east-1]
    lease_regions: [us-east-1, us-east-2]
    dead: [us-east-1]

- name: Forget it, when everything is built
  multiregion.ecs.region_debt:
    workload: sales
    region: sa-east-1
    regions: [us-east-1]
    lease_regions: [us-east-1, us-east-2]
    state: absent
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: region_debt
      name: us-east-1
      region: us-east-1
      before: null
      after: {owed: site}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 5
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.region_debt import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
