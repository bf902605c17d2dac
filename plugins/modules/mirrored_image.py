#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: mirrored_image
short_description: Manage the copy of a public image in an ECR repository
version_added: 0.2.0
description:
  - Copies an image of another registry into a repository of the region, with the same digest, so that tasks start
    without that registry.
  - Nothing is copied when it is there. What a region of O(peer_regions) has is copied from there, through ECR.
    Otherwise C(skopeo copy) copies it from its own registry. skopeo must be on C(PATH) for that.
  - A list of images is copied whole, with all its platforms. To have one platform only, name the digest of its image.
options:
  repository:
    description: Name of the repository, such as V(shop/mongo). It must exist unless it is check mode.
    type: str
    required: true
  source:
    description:
      - The image, by its digest, such as V(docker.io/library/mongo@sha256:…). A tag in front of the digest says
        nothing, and a tag alone is refused.
      - If its registry wants a login, that is one of whoever runs this, such as by C(skopeo login). The password of
        ECR is in no output, on no command line, and in a file that only this user can read while it is copied.
    type: str
    required: true
  platform:
    description: What it runs on, for those who deploy it.
    type: str
    choices: [linux/amd64, linux/arm64]
    default: linux/amd64
  peer_regions:
    description: Regions whose repository of the same name may have the image.
    type: list
    elements: str
    default: []
  replicated_from:
    description:
      - The region from which ECR replicates the repository (M(multiregion.ecs.image_replication)). What is on its way
        from there is waited for, and not copied a second time.
    type: str
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - The copy has a tag made of its digest, so repositories may be immutable.
  - With O(state=absent), the copy of this digest is removed.
seealso:
  - module: multiregion.ecs.image_repository
  - module: multiregion.ecs.workload_image
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Have MongoDB in the account's own registry
  multiregion.ecs.mirrored_image:
    workload: sales
    region: sa-east-1
    repository: sales/mongo
    source: docker.io/library/mongo@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    peer_regions: [us-east-1]
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: ecr_image
      name: sales/mongo:mirror-9f86d081884c7d659a2feaa0c55ad015
      region: sa-east-1
      before: null
      after: {}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 1
image:
  description: The copy. C(uri) is that of the repository; with C(@) and C(digest) it is what a task definition takes.
  returned: when O(state=present)
  type: dict
  sample:
    repository: sales/mongo
    tag: mirror-9f86d081884c7d659a2feaa0c55ad015
    platform: linux/amd64
    uri: 123456789012.dkr.ecr.sa-east-1.amazonaws.com/sales/mongo
    digest: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.mirrored_image import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
