#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: region_states_info
short_description: Tell what is recorded of the regions of a workload
version_added: 0.1.0
description:
  - Reads the lease, and through each region's own endpoint its state item and its SSM copy.
  - What cannot be read is told as data. It works while a switch is unfinished and while a region is ill.
options:
  regions:
    description: The regions of the workload.
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - multiregion.ecs.lease.reading
  - multiregion.ecs.states
  - multiregion.ecs.states.copies
  - multiregion.ecs.common.info
  - multiregion.ecs.dead
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Read what is recorded
  multiregion.ecs.region_states_info:
    workload: sales
    region: sa-east-1
    regions: [sa-east-1, us-east-1]
    lease_regions: [us-east-1, us-east-2]
  register: states
"""

RETURN = r"""
epoch:
  description: The highest epoch that any region's item has. Null without any.
  returned: always
  type: int
  sample: 3
states:
  description: The map of that epoch.
  returned: always
  type: dict
  sample: {sa-east-1: PASSIVE, us-east-1: ACTIVE}
regions:
  description: Each region's own item and copy, and whether both agree with the map.
  returned: always
  type: dict
  sample:
    us-east-1: {reachable: true, why: "", state: ACTIVE, epoch: 3, parameter: ACTIVE, agrees: true}
lease:
  description: Who holds the lease, what is unfinished, and what regions are owed.
  returned: always
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
given_up:
  description:
    - The regions that left the map while they were dead, and that nobody has seen to since, with who said so, why,
      since when, and what the others knew of them.
  returned: always
  type: dict
  sample: {}
trouble:
  description: What cannot be read or contradicts itself, in sentences.
  returned: always
  type: list
  elements: str
  sample: []
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 5
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.region_states_info import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
