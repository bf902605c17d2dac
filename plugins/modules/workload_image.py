#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: workload_image
short_description: Manage an image of a workload's own source in an ECR repository
version_added: 0.1.0
description:
  - Looks for an image of the source as it is, and gives it the tag of its revision. The tag never moves.
  - An image is found by a digest of its build context. If the source has not changed, nothing is built or pushed.
    If only the commit has changed, the image that is there gets one more tag.
  - If there is none, buildah, podman or docker builds it and pushes it. Against the embedded cloud the module can also
    pack and push an image without them.
options:
  repository:
    description: Name of the repository, such as V(sales/sales-api). It must exist unless it is check mode.
    type: str
    required: true
  context:
    description:
      - The directory that the Dockerfile's C(COPY) lines are relative to, on the machine that runs the module.
      - Files that C(<dockerfile>.dockerignore) or C(.dockerignore) leaves out do not count, and neither does
        C(.git).
    type: path
    required: true
  dockerfile:
    description: The Dockerfile, relative to O(context).
    type: str
    default: Dockerfile
  platform:
    description: What the image runs on.
    type: str
    choices: [linux/amd64, linux/arm64]
    default: linux/amd64
  build_args:
    description: Build arguments, such as C(BASE_IMAGE), by name. They are part of the content.
    type: dict
  builder:
    description:
      - Who builds and pushes what is not there. With V(auto), the first of V(buildah), V(podman) and V(docker) that is
        on C(PATH). An image that the engine has already, because it was built for another region, is only pushed.
      - The engine's own configuration says where it keeps images and how it isolates a build, such as
        C(STORAGE_DRIVER) and C(BUILDAH_ISOLATION). The password of the registry is in no output and on no command line.
      - C(SOURCE_DATE_EPOCH) is a build argument, the time of the last commit that touched the source, or 0.
      - With V(engine), something else builds and pushes; the module says in RV(missing) whether it must.
      - V(embedded) packs what C(COPY) lines copy, without the base image and without C(RUN) lines, and pushes it. It is
        for the embedded cloud, which runs it with its own interpreter and packages, and is refused elsewhere.
    type: str
    choices: [embedded, engine, auto, buildah, podman, docker]
    default: engine
  peer_regions:
    description:
      - Regions whose repository of the same name may have the image. What an engine on this machine has not built yet,
        and one of them has, is copied from there instead of built anew, so that all regions have the same digest.
    type: list
    elements: str
    default: []
  replicated_from:
    description:
      - The region from which ECR replicates the repository (M(multiregion.ecs.image_replication)). What is on its way
        from there is waited for, and not pushed a second time.
    type: str
  tag:
    description:
      - The tag. By default the first 12 characters of the commit that is checked out in O(context).
      - V(latest) is refused.
    type: str
  allow_dirty:
    description:
      - Whether source that differs from the commit, or is in no Git repository, may be built without O(tag).
      - Its tag then says so, and has a part of the content's digest.
    type: bool
    default: false
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - With O(state=absent), the image of this content is removed with all its tags. O(tag) is not needed.
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Build the image of the sales API, and push it, unless it is there
  multiregion.ecs.workload_image:
    workload: sales
    region: sa-east-1
    repository: sales/sales-api
    context: "{{ playbook_dir }}/.."
    dockerfile: workloads/sales_api/Dockerfile
    builder: auto

- name: Find the image of the sales API as it is checked out
  multiregion.ecs.workload_image:
    workload: sales
    region: sa-east-1
    repository: sales/sales-api
    context: "{{ playbook_dir }}/.."
    dockerfile: workloads/sales_api/Dockerfile
  register: found

- name: Say what has to be built
  ansible.builtin.debug:
    msg: "Build {{ found.image.repository }}:{{ found.source.content_tag }}"
  when: found.missing
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
      name: sales/sales-api:content-0f3c9d1b7a52e4c60d1f2a3b4c5d6e7f
      region: sa-east-1
      before: null
      after: {tag: 3f2a9c1d0b7e}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 1
missing:
  description: Whether the repository has no image of this content, so that it has to be built and pushed.
  returned: when O(state=present)
  type: bool
  sample: false
image:
  description:
    - The image. C(uri) is that of the repository; with C(@) and C(digest) it is what a task definition takes.
    - C(uri) and C(digest) are null while the image is missing.
  returned: when O(state=present)
  type: dict
  sample:
    repository: sales/sales-api
    uri: 123456789012.dkr.ecr.sa-east-1.amazonaws.com/sales/sales-api
    tag: 3f2a9c1d0b7e
    digest: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    platform: linux/amd64
source:
  description:
    - What the image is made of. C(content_tag) is the tag under which it has to be pushed when it is missing, and is
      found again.
    - C(revision) is the last commit that touched the source, C(time) the unix time of that commit.
  returned: when O(state=present)
  type: dict
  sample:
    content_tag: content-0f3c9d1b7a52e4c60d1f2a3b4c5d6e7f
    revision: 5d97a543f2a9c1d0b7e6f8a9b0c1d2e3f4a5b6c7
    time: 1764375600
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_image import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
