#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: accelerator
short_description: Manage the Global Accelerator in front of a workload's regions
version_added: 0.1.0
description:
  - Creates an accelerator with its listeners and, for each of them, one endpoint group in each region.
  - Listeners and endpoint groups that are no longer listed are removed.
  - The API of Global Accelerator answers in us-west-2 only; calls go there whatever the region parameter says.
  - With O(state=absent) only O(name) is needed. The accelerator is disabled first, as AWS requires.
options:
  name:
    description: Name of the accelerator. At most 64 letters, digits, dots and hyphens.
    type: str
    required: true
  enabled:
    description: Whether it takes traffic.
    type: bool
    default: true
  ip_address_type:
    description: Whether clients may use IPv6.
    type: str
    choices: [IPV4, DUAL_STACK]
    default: IPV4
  listeners:
    description: The listeners. Required with O(state=present).
    type: list
    elements: dict
    suboptions:
      ports:
        description: Ports (V(80)) and ranges of ports (V(8000-8010)).
        type: list
        elements: str
        required: true
      protocol:
        description: Protocol.
        type: str
        choices: [TCP, UDP]
        default: TCP
      client_affinity:
        description:
          - Whether all connections of a client go to the same endpoint. V(SOURCE_IP) tells clients apart by address.
        type: str
        choices: [NONE, SOURCE_IP]
        default: NONE
  endpoint_groups:
    description:
      - The endpoint groups, one in each region; every listener has all of them. Required with O(state=present).
    type: list
    elements: dict
    suboptions:
      region:
        description: Region of the endpoints.
        type: str
        required: true
      dial:
        description:
          - Traffic dial, as a percentage from 0 to 100. It is set when the group is created, and changed later only
            with O(keep_dials=false).
        type: int
        default: 100
      health_check:
        description:
          - How endpoints are checked. AWS ignores it for load balancers, and uses the health of their targets instead.
        type: dict
        suboptions:
          protocol:
            description: Protocol of the check.
            type: str
            choices: [TCP, HTTP, HTTPS]
          port:
            description: Port of the check.
            type: int
          path:
            description: Path, for HTTP and HTTPS.
            type: str
          interval:
            description: Seconds between checks.
            type: int
            choices: [10, 30]
          threshold:
            description: Consecutive checks after which an endpoint counts as healthy or unhealthy, 1 to 10.
            type: int
      endpoints:
        description: The endpoints.
        type: list
        elements: dict
        default: []
        suboptions:
          id:
            description: ARN of a load balancer, allocation id of an address, or instance id.
            type: str
          load_balancer:
            description:
              - Name of a load balancer in the region, instead of O(endpoint_groups[].endpoints[].id).
              - In check mode it need not exist yet.
            type: str
          weight:
            description: Weight among the endpoints of the region, 0 to 255.
            type: int
            default: 128
          client_ip_preservation:
            description: Whether the endpoint sees the client's address. Left to AWS by default.
            type: bool
  keep_dials:
    description:
      - Whether the traffic dials of endpoint groups that exist are left alone. A failover moves them, and building the
        workload again must not move the traffic back.
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
- name: Put one name in front of both regions
  multiregion.ecs.accelerator:
    workload: sales
    region: us-west-2
    name: sales
    listeners:
      - ports: [80]
    endpoint_groups:
      - region: sa-east-1
        dial: 100
        endpoints: [{id: "{{ load_balancers['sa-east-1'].arn }}"}]
      - region: us-east-1
        dial: 0
        endpoints: [{id: "{{ load_balancers['us-east-1'].arn }}"}]

- name: Remove it
  multiregion.ecs.accelerator:
    workload: sales
    region: us-west-2
    name: sales
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
arn:
  description: ARN of the accelerator.
  returned: when O(state=present)
  type: str
  sample: arn:aws:globalaccelerator::123456789012:accelerator/1234abcd-abcd-1234-abcd-1234abcdefgh
dns_name:
  description: DNS name that clients connect to.
  returned: when O(state=present)
  type: str
  sample: a1234567890abcdef.awsglobalaccelerator.com
hosted_zone_id:
  description: Id of the hosted zone to use for an alias record, the same for every accelerator.
  returned: when O(state=present)
  type: str
  sample: Z2BJ6XQ5FK7U4H
ip_addresses:
  description: Its addresses.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [192.0.2.250, 198.51.100.52]
dials:
  description: The current traffic dial of each region, taken from the first listener.
  returned: when O(state=present)
  type: dict
  sample: {sa-east-1: 100, us-east-1: 0}
endpoint_groups:
  description: ARNs of the first listener's endpoint groups, by region.
  returned: when O(state=present)
  type: dict
  sample: {}
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.accelerator import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
