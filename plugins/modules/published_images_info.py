#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: published_images_info
short_description: Read which images of a workload's own repositories were published in every region
version_added: 0.1.0
description:
  - Reads the outputs of the layer C(image) of each region, which C(playbooks/build.yml) publishes.
  - Fails if a region lacks an image that a service needs, before a service is deployed with it.
options:
  regions:
    description: The regions of the workload.
    type: list
    elements: str
    required: true
  services:
    description:
      - The services, as in the variable C(service_definitions). Images that are given by name do not count.
      - If no service has an image of the workload's own repositories, no call is made.
    type: list
    elements: dict
    required: true
  missing:
    description: Whether an image that is missing in a region is an error.
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
- name: Check that the images of the services were built and pushed
  multiregion.ecs.published_images_info:
    workload: sales
    region: sa-east-1
    regions: [sa-east-1, us-east-1]
    services: "{{ service_definitions }}"
"""

RETURN = r"""
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 2
images:
  description: For each region the images that services need and that were published, by their repositories.
  returned: always
  type: dict
  sample:
    sa-east-1:
      sales/sales-api:
        repository: sales/sales-api
        uri: 123456789012.dkr.ecr.sa-east-1.amazonaws.com/sales/sales-api
        tag: 3f2a9c1d0b7e
        digest: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
        platform: linux/amd64
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.published_images_info import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
