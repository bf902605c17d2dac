#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: network_peering
short_description: Connect and disconnect the networks of a workload in several regions
version_added: 0.1.0
description:
  - Peers every network with every other one, or each with the one of O(hub). Each connection is requested in one region
    and accepted in the other, and every route table of both networks gets a route to the other side.
  - The networks are those that M(multiregion.ecs.region_network) made, found by their tags C(workload) and C(network).
  - Runs once, on a control host, for all regions. A region added to O(networks) later is connected to the others.
  - With O(state=absent) the routes between the networks are removed, then the connections.
options:
  name:
    description: Name of the network, the same in every region. Default is the name of the workload.
    type: str
  networks:
    description: The networks to connect, one in each region.
    type: list
    elements: dict
    required: true
    suboptions:
      region:
        description: Region of the network.
        type: str
        required: true
      cidr:
        description:
          - IPv4 range of its VPC, the only one that is routed to. The ranges must not overlap.
          - Required with O(state=present).
        type: str
  hub:
    description:
      - The region whose network all others are connected to, and to nothing else; so that there are as many connections
        as other regions. Left out, every two networks are connected.
      - VPC peering is not transitive. What is in two of the other regions does not reach each other through the hub.
        These pairs are told in RV(parted).
    type: str
  dns_resolution:
    description: Whether names of one network resolve to private addresses in the other, set on both sides.
    type: bool
    default: true
  purge_peerings:
    description:
      - Whether connections of this network to regions that O(networks) no longer lists, or that O(hub) does without,
        are removed, with their routes.
    type: bool
    default: true
extends_documentation_fragment:
  - multiregion.ecs.common
  - multiregion.ecs.dead
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Connect the networks of the sales workload
  multiregion.ecs.network_peering:
    workload: sales
    region: sa-east-1
    networks:
      - {region: sa-east-1, cidr: 10.10.0.0/16}
      - {region: us-east-1, cidr: 10.20.0.0/16}

- name: Part them
  multiregion.ecs.network_peering:
    workload: sales
    region: sa-east-1
    networks: [{region: sa-east-1}, {region: us-east-1}]
    state: absent
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample: []
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 9
peerings:
  description: Id of each connection, by the two regions in alphabetical order.
  returned: when O(state=present)
  type: dict
  sample: {"sa-east-1 us-east-1": pcx-0123456789abcdef0}
parted:
  description: The pairs of regions that O(hub) leaves without a connection.
  returned: when O(state=present)
  type: list
  elements: str
  sample: []
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.network_peering import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
