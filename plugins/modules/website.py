#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: website
short_description: Manage a static website in an S3 bucket, and its files
version_added: 0.1.0
description:
  - Creates a bucket that S3 serves as a website, with the files of a folder. Everybody may read them, by the bucket's
    policy alone. Nobody may list the bucket, ACLs are off, and whoever writes needs TLS.
  - Files are uploaded when they, their type or their caching differ from what is in the bucket. Pages (C(.html)) go
    last, so that none asks for what is not there yet.
  - B(Whatever else is in the bucket is removed), so that it holds what the folder holds.
options:
  prefix:
    description: The bucket is called C(PREFIX-ACCOUNT-REGION).
    type: str
    required: true
  folder:
    description:
      - The folder of the files, on the machine that runs the module. Required with O(state=present).
      - Files and folders whose names begin with a dot are left out, except C(.well-known). A link that leads out of the
        folder is refused.
    type: path
  index_document:
    description: The file that is shown for a folder, also for the topmost. It has to be there.
    type: str
    default: index.html
  error_document:
    description: The file that is shown where nothing is found, with the status 404. It has to be there.
    type: str
    default: error.html
  config:
    description:
      - What the pages are to know of the region, such as where their API is. It becomes a file of JSON, which everybody
        can read. Without it there is no such file.
    type: dict
    default: {}
  config_file:
    description: The name of that file, which O(folder) must not have.
    type: str
    default: config.json
  cache_control:
    description: The header C(Cache-Control) of all files. By default browsers ask each time whether a file has changed.
    type: str
    default: no-cache
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - S3 serves websites over HTTP only. For HTTPS, put a CDN with a certificate before it.
  - If the whole account blocks public access to S3, the policy is refused; the task then says so.
  - With O(state=absent), the bucket goes with all that is in it.
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Make the website of the mysfits in a region
  multiregion.ecs.website:
    workload: mysfits
    region: us-east-1
    prefix: mysfits-site
    folder: "{{ playbook_dir }}/../workloads/mysfits_site/public"
    config:
      api: mysfits-1234567890.us-east-1.elb.amazonaws.com
  register: made

- name: Show where it is
  ansible.builtin.debug:
    var: made.website.url

- name: Remove it
  multiregion.ecs.website:
    workload: mysfits
    region: us-east-1
    prefix: mysfits-site
    state: absent
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: update
      kind: s3_object
      name: mysfits-site-123456789012-us-east-1/index.html
      region: us-east-1
      before: {etag: 9e107d9d372bb6826bd81d3542a419d6}
      after: {etag: e4d909c290d0fb1ca068ffaddf22cbd0}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 18
website:
  description: The website. C(url) is where people find it.
  returned: when O(state=present)
  type: dict
  sample:
    bucket: mysfits-site-123456789012-us-east-1
    region: us-east-1
    host: mysfits-site-123456789012-us-east-1.s3-website-us-east-1.amazonaws.com
    url: http://mysfits-site-123456789012-us-east-1.s3-website-us-east-1.amazonaws.com
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.website import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
