#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: record_weights_info
short_description: Read how Route 53 shares a domain out among regions
version_added: 0.2.0
description:
  - Reads the weight of each record of a domain whose set identifier is a region, and the health check that it is bound
    to.
options:
  domain:
    description: The domain, such as V(api.example.com).
    type: str
    required: true
  zone:
    description: Id or name of its hosted zone. Default is the public zone of the account nearest to the domain.
    type: str
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
  multiregion.ecs.record_weights_info:
    workload: sales
    region: sa-east-1
    domain: api.example.com
"""

RETURN = r"""
zone_id:
  description: Id of the hosted zone.
  returned: always
  type: str
  sample: Z0123456789ABCDEFGHIJ
weights:
  description: The weight of each region's record.
  returned: always
  type: dict
  sample: {sa-east-1: 100, us-east-1: 0}
health_checks:
  description: The id of the health check that each region's record is bound to, or null.
  returned: always
  type: dict
  sample: {sa-east-1: null, us-east-1: null}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 2
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.record_weights_info import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
