#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: layer_outputs
short_description: Publish the outputs of a layer, for the layers above and for other tools
version_added: 0.1.0
description:
  - Writes the outputs of a layer as JSON to the SSM parameter C(/WORKLOAD/outputs/LAYER) of the region, and returns
    them as the fact C(LAYER_outputs).
  - A later run that starts at a layer above reads them with M(multiregion.ecs.layer_outputs_info).
options:
  layer:
    description: Name of the layer, such as V(network).
    type: str
    required: true
  outputs:
    description:
      - Outputs of the layer. Plain data, at most 4096 bytes of JSON, which is what a standard parameter holds.
      - Required with O(state=present).
    type: dict
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - In check mode, outputs may contain C((known after apply)). They reach the fact as they are.
  - Hyphens in O(layer) become underscores in the name of the fact.
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Publish the outputs of the network layer
  multiregion.ecs.layer_outputs:
    workload: sales
    region: sa-east-1
    layer: network
    outputs:
      vpc_id: "{{ network.vpc.id }}"
      private_subnet_ids: "{{ network.private_subnet_ids }}"

- name: Use them
  ansible.builtin.debug:
    var: network_outputs.vpc_id
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: ssm_parameter
      name: /sales/outputs/network
      region: sa-east-1
      before: null
      after: {value: {vpc_id: vpc-0a1b2c3d}}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 2
parameter:
  description: Name of the SSM parameter that holds the outputs.
  returned: when O(state=present)
  type: str
  sample: /sales/outputs/network
ansible_facts:
  description: The outputs, under C(LAYER_outputs).
  returned: when O(state=present)
  type: dict
  sample:
    network_outputs:
      vpc_id: vpc-0a1b2c3d
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.layer_outputs import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
