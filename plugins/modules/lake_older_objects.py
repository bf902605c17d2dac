#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: lake_older_objects
short_description: Copy to lakes what the others hold that is older than their replication
version_added: 0.2.0
description:
  - S3 replicates what is written after the replication was set. What a lake of O(prefix) shows that is older is
    copied here to each of the lakes that lack it, by S3 itself, with its type, its metadata, its tags and its storage
    class. Of several versions the current one is copied.
  - Which lake owes what to which is in the names of the replication rules that M(multiregion.ecs.lake_bucket) makes,
    and is taken out of them when it is done. Where nothing is owed, the lakes are not listed.
  - Nothing is overwritten. An object is copied on condition that there is none.
  - While a lake is filled that is only joining, its own replication is off, since S3 would send each copy on to the
    others, where it is.
  - Runs once, on a control host, for all regions. A run that was killed, or whose O(wait_timeout) was over, is
    continued by the next one.
options:
  prefix:
    description: The lakes are called C(PREFIX-ACCOUNT-REGION).
    type: str
    required: true
  regions:
    description: The regions whose lakes replicate to each other, two or more.
    type: list
    elements: str
    required: true
  wait_timeout:
    description: Seconds after which the rest is left to the next run.
    type: int
    default: 600
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - O(state=absent) has nothing to do. What was copied is as good as what was written.
  - The caller needs C(s3:GetObject), C(s3:GetObjectTagging), C(s3:PutObject), C(s3:PutObjectTagging) and
    C(s3:ListBucket).
  - An object is a request, a thousand of them another one to list them; and what leaves a region is billed by its
    bytes.
seealso:
  - module: multiregion.ecs.lake_bucket
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Copy what the lakes of the sales workload had before another region joined
  multiregion.ecs.lake_older_objects:
    workload: sales
    region: sa-east-1
    prefix: sales-lake
    regions: [sa-east-1, us-east-1, eu-west-1]
"""

RETURN = r"""
changes:
  description:
    - The planned changes, which are the changes made unless it is check mode. Empty when nothing is owed.
    - C(before) tells for each region what its lake lacks, and where that is copied from.
  returned: always
  type: list
  elements: dict
  sample:
    - action: update
      kind: s3_older_objects
      name: sales-lake
      region: sa-east-1
      before:
        owed:
          eu-west-1: {objects: 1200, bytes: 96000, from: {sa-east-1: 1200}, requests: 1205}
      after: {owed: {}}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 3
left:
  description: What is left to the next run, by region, as it was before this run. Empty when all is copied.
  returned: when O(state=present)
  type: dict
  sample: {}
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.lake_older_objects import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
