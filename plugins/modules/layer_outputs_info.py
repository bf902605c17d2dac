#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: layer_outputs_info
short_description: Read the outputs that layers published with layer_outputs
version_added: 0.1.0
description:
  - Reads the outputs that M(multiregion.ecs.layer_outputs) wrote in a region, in one call, and returns them as the
    same facts, C(LAYER_outputs).
options:
  layers:
    description: Names of the layers, such as V(network) and V(cluster).
    type: list
    elements: str
    required: true
  missing:
    description:
      - What to do about a layer that published nothing. V(fail) fails and says what to run first, V(ignore) sets no
        fact for it.
    type: str
    choices: [fail, ignore]
    default: fail
extends_documentation_fragment:
  - multiregion.ecs.common.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Read what the layers below made
  multiregion.ecs.layer_outputs_info:
    workload: sales
    region: sa-east-1
    layers: [network, cluster]
"""

RETURN = r"""
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 1
outputs:
  description: The outputs of each layer, by its name.
  returned: always
  type: dict
  sample:
    network: {vpc_id: vpc-0a1b2c3d}
missing:
  description: The layers that published nothing.
  returned: always
  type: list
  elements: str
  sample: []
ansible_facts:
  description: The outputs of each layer, under C(LAYER_outputs).
  returned: always
  type: dict
  sample:
    network_outputs: {vpc_id: vpc-0a1b2c3d}
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.layer_outputs_info import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
