#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: account_check
short_description: Check that the account can hold a workload before anything is made
version_added: 0.2.0
description:
  - Asks every region of a workload which Availability Zones the account has there, and whether those that the network
    needs admit subnets, NAT gateways and Fargate.
  - For a region in which the workload has no network yet, compares what a first build needs with the quotas of VPCs,
    elastic IP addresses and Fargate vCPU.
  - Compares the regions of the inventory with what is recorded, if O(recorded) is given. An inventory that forgets a
    region of the recorded map, or one that is being retired, is refused.
  - Tells regions that the account has not enabled, and an account that blocks public access, which websites need.
  - All findings of all regions are reported at once. Nothing is changed. A region that does not answer is a warning.
  - Tells which regions do not answer, also of those that are not to be built, and which are owed a run of the site.
options:
  network:
    description: Name of the network, as of M(multiregion.ecs.region_network). Default is the name of the workload.
    type: str
  regions:
    description: The regions that are to be built.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the AWS region, which is the name of the inventory host.
        type: str
        required: true
      cidr:
        description: IPv4 range of the VPC.
        type: str
      zones:
        description: Letters, names or ids of Availability Zones, as in the variable C(network_zones).
        type: list
        elements: str
      zone_count:
        description: How many zones, if O(regions[].zones) is not given, as in the variable C(network_zone_count).
        type: int
        default: 2
      nat:
        description: How many NAT gateways, as in the variable C(network_nat).
        type: str
        choices: [per_az, single, none]
  services:
    description: The services, as in the variable C(service_definitions), to sum up their vCPU.
    type: list
    elements: dict
    default: []
  websites:
    description: The websites, as in the variable C(website_sites). With any, the account may not block public buckets.
    type: list
    elements: dict
    default: []
  domains:
    description: Domains that get records, of each of which one public hosted zone must be the nearest.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The domain, as in the variable C(edge_api_domain), or C(domain) of a listener.
        type: str
        required: true
      zone:
        description: Id or name of that hosted zone, as in the variable C(edge_api_zone), or C(zone) of a listener.
        type: str
  recorded:
    description: Where the states of the regions are recorded. Not for a workload that records none.
    type: dict
    suboptions:
      lease_regions:
        description: The regions in which the table of the lease has a replica.
        type: list
        elements: str
        required: true
      lease_table:
        description: Table of the lease.
        type: str
        required: true
      inventory:
        description: Every region of the inventory, also those that are not built now.
        type: list
        elements: str
        required: true
      retire:
        description: Those of them that this run retires.
        type: list
        elements: str
        default: []
  rest_api:
    description: Whether there will be a REST API, for whose logs the account has to name a role in every region.
    type: bool
    default: false
  left_out:
    description:
      - Regions that are not built now, but have a part in what is. Each is asked one question, to know whether it
        answers.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - multiregion.ecs.common.info
  - multiregion.ecs.dead
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Check that the account can hold the workload
  multiregion.ecs.account_check:
    workload: sales
    regions:
      - {name: sa-east-1, nat: single}
      - {name: ap-northeast-1, nat: single, zones: [a, c]}
    services: "{{ service_definitions }}"
"""

RETURN = r"""
problems:
  description: What keeps the workload from being built. The task fails unless it is empty.
  returned: on failure
  type: list
  elements: str
  sample:
    - "regions[ap-northeast-1]: zones has 'b', which this account does not have in ap-northeast-1."
zones:
  description: Whole names of the Availability Zones of each region.
  returned: success
  type: dict
  sample: {sa-east-1: [sa-east-1a, sa-east-1b]}
silent:
  description: Those of O(regions) and O(left_out) that do not answer, and why.
  returned: success
  type: dict
  sample: {}
owed:
  description:
    - The regions that are owed a run of the site, since they did not answer when one built the others; see
      M(multiregion.ecs.region_debt). Empty without O(recorded).
  returned: success
  type: list
  elements: str
  sample: []
warnings:
  description: What could not be checked, and which quota is too low for services scaled to their maximum.
  returned: if there are any
  type: list
  elements: str
  sample: []
aws_calls:
  description: How many calls were made to AWS.
  returned: success
  type: int
  sample: 12
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.account_check import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
