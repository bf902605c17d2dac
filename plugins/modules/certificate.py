#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: certificate
short_description: Manage the certificates of a domain, one in each region, validated by DNS
version_added: 0.1.0
description:
  - Asks AWS Certificate Manager for a certificate in each region, puts the records that validate it into the domain's
    public hosted zone of Route 53, and waits until it is issued.
  - The hosted zone is looked up and never made. It has to be the one that the domain is delegated to.
  - Certificate Manager changes no certificate. With other O(alternative_names) a new one is made, and the old one
    removed with the records that nobody needs, as soon as nothing uses it; until then RV(waiting) tells it.
  - With O(state=absent) the workload's certificates for O(domain) in O(regions) are removed once nothing uses them.
    Their records go too, unless another workload has a certificate for the domain, which they validate as well.
options:
  domain:
    description: The name that the certificate is for, at most 64 characters, such as V(api.example.com).
    type: str
    required: true
  alternative_names:
    description: Further names for it, in the same hosted zone; ten in all, until the account's quota is raised.
    type: list
    elements: str
    default: []
  zone:
    description:
      - Id or name of the hosted zone. Default is the public zone of the account nearest to O(domain).
      - Required as an id where the account has several public zones of one name.
    type: str
  regions:
    description: The regions that get a certificate. Default is O(region).
    type: list
    elements: str
  kept_in:
    description:
      - With O(state=absent), other regions, whose certificates stay. While they have one for O(domain), the records
        that validate it stay as well.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Have a certificate for the API in both regions
  multiregion.ecs.certificate:
    workload: sales
    region: sa-east-1
    regions: [sa-east-1, us-east-1]
    domain: api.example.com

- name: Remove them
  multiregion.ecs.certificate:
    workload: sales
    region: sa-east-1
    regions: [sa-east-1, us-east-1]
    domain: api.example.com
    state: absent
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample: []
waiting:
  description: What is not removed yet because something uses it.
  returned: when something waits
  type: list
  elements: dict
  sample: []
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 6
certificates:
  description: The ARN of the certificate of each region.
  returned: when O(state=present)
  type: dict
  sample:
    sa-east-1: arn:aws:acm:sa-east-1:123456789012:certificate/0f1c7b9e-6f0a-4c5e-9f5b-2f3c0d1e4a5b
zone_id:
  description: Id of the hosted zone.
  returned: when O(state=present)
  type: str
  sample: Z0123456789ABCDEFGHIJ
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.certificate import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
