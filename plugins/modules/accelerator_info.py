#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: accelerator_info
short_description: Read the traffic dials and endpoint health of a Global Accelerator
version_added: 0.1.0
description:
  - Reads the traffic dial of each region and the health of its endpoints, from the first listener.
  - The API of Global Accelerator answers in us-west-2 only; calls go there whatever the region parameter says.
options:
  name:
    description: Name of the accelerator.
    type: str
    required: true
extends_documentation_fragment:
  - multiregion.ecs.common.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: See where the traffic goes
  multiregion.ecs.accelerator_info:
    workload: sales
    region: sa-east-1
    name: sales
"""

RETURN = r"""
exists:
  description: Whether the accelerator exists.
  returned: always
  type: bool
  sample: true
dns_name:
  description: DNS name that clients connect to. Null if there is none.
  returned: always
  type: str
  sample: a1234567890abcdef.awsglobalaccelerator.com
status:
  description: C(DEPLOYED), or C(IN_PROGRESS) while a change is being rolled out. Null if there is none.
  returned: always
  type: str
  sample: DEPLOYED
dials:
  description: The traffic dial of each region, in percent.
  returned: always
  type: dict
  sample: {sa-east-1: 100, us-east-1: 0}
health:
  description: The health of each region's endpoints.
  returned: always
  type: dict
  sample: {sa-east-1: [HEALTHY], us-east-1: [HEALTHY]}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 4
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.accelerator_info import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
