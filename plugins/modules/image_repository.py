#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: image_repository
short_description: Manage an ECR repository for container images
version_added: 0.1.0
description:
  - Creates a repository with immutable tags, which scans what is pushed and keeps only the newest images.
options:
  name:
    description: Name of the repository, such as V(sales/sales-api).
    type: str
    required: true
  immutable:
    description: Whether a tag, once pushed, stays with its image.
    type: bool
    default: true
  scan_on_push:
    description: Whether images are scanned for known vulnerabilities when they are pushed.
    type: bool
    default: true
  keep_images:
    description:
      - How many images are kept. Older ones expire, also if tasks run them or a rollback needs them, since lifecycle
        policies of ECR know nothing of use. With V(0) all are kept.
    type: int
    default: 0
  kms_key_id:
    description: ARN of the key that encrypts the images. Without it ECR manages the keys. It cannot be changed later.
    type: str
  delete_data:
    description: With O(state=absent), whether a repository that holds images is removed. Otherwise the task fails.
    type: bool
    default: false
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Make the repository of the sales API
  multiregion.ecs.image_repository:
    workload: sales
    region: sa-east-1
    name: sales/sales-api
    keep_images: 20
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: update
      kind: ecr_repository
      name: sales/sales-api
      region: sa-east-1
      before: {immutable: false}
      after: {immutable: true}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 3
repository:
  description: The repository. C(uri) is what images are tagged with.
  returned: when O(state=present)
  type: dict
  sample:
    name: sales/sales-api
    arn: arn:aws:ecr:sa-east-1:123456789012:repository/sales/sales-api
    uri: 123456789012.dkr.ecr.sa-east-1.amazonaws.com/sales/sales-api
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.image_repository import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
