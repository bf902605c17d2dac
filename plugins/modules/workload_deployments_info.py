#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: workload_deployments_info
short_description: Tell the recorded deployments of a workload, and the release in force
version_added: 0.2.0
description:
  - Reads what M(multiregion.ecs.workload_deployment) keeps beside the lease, from the first replica that answers.
options:
  last:
    description: Only so many deployments, the newest ones, or none with V(0). All without it.
    type: int
extends_documentation_fragment:
  - multiregion.ecs.lease.reading
  - multiregion.ecs.common.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: multiregion.ecs.workload_deployment
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Read the last two deployments
  multiregion.ecs.workload_deployments_info:
    workload: sales
    region: us-east-1
    lease_regions: [us-east-1, us-east-2]
    last: 2
  register: told

- name: Show them as a table
  ansible.builtin.debug:
    msg: "{{ told.deployments | multiregion.ecs.deployments_table(told.unfinished) }}"
"""

RETURN = r"""
deployments:
  description:
    - The deployments that have ended, the oldest first, as they were written - who, why, the waves, each step with its
      time, revisions, images and digests of each region, and how it ended.
  returned: always
  type: list
  elements: dict
  sample:
    - id: deployment#0000000012
      operator: ana
      reason: release 12
      began: "2026-11-29T00:46:12Z"
      asked: {images: {sales-api: {sales-api: ':v2'}}, waves: null, rollback: false, whole: false}
      waves: [[us-east-1], [sa-east-1]]
      regions: {us-east-1: {phase: done}, sa-east-1: {phase: done}}
      steps: [{step: bake, region: us-east-1, sentence: us-east-1 did well for 60 s, milliseconds: 60412}]
      outcome: done
release:
  description:
    - Region to the number of the deployment that brought what runs there, null if that was all rolled back, and the
      images and digests of its services. Empty if nothing was ever deployed.
  returned: always
  type: dict
  sample:
    us-east-1:
      deployment: '0000000012'
      services:
        sales-api:
          images: {sales-api: 'shop/sales-api:v2'}
          digests: {sales-api: 'sha256:55c8c398fefe90a376444d21d8cb1db5bad504c082d598a72d77cef3a0c40317'}
images:
  description:
    - Service to container to image, of the release in force in O(region). In a region that is new to the release, those
      of the newest deployment elsewhere.
  returned: always
  type: dict
  sample: {sales-api: {sales-api: 'shop/sales-api:v2'}}
unfinished:
  description: Which deployment is unfinished, of whom, and the commands that lead out of it. Empty without one.
  returned: always
  type: str
  sample: ''
lease:
  description: The lease as it is now.
  returned: always
  type: dict
  sample:
    place: sales-lease@us-east-1+us-east-2
    epoch: 1
    holder: ""
    operator: ""
    reason: ""
    since: ""
    unfinished: null
    owed: {}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 1
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_deployments_info import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
