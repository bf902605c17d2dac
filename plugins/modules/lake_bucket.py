#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: lake_bucket
short_description: Manage an S3 bucket for a data lake, and its replication to other regions
version_added: 0.1.0
description:
  - Creates a bucket that is versioned, encrypted, closed to the public, owned by its account alone (no ACLs), and
    reachable over TLS only. Old versions and unfinished uploads expire.
  - With O(replicate_to), new objects are copied to buckets in other regions by a role of the bucket's own, which allows
    nothing else. The other buckets must exist first. With several regions this takes two runs - one in each region
    without O(replicate_to), then one in each region with it. Each bucket has its own rules, so two or more regions can
    replicate to each other.
options:
  name:
    description: Name of the bucket. Bucket names are global, so prefer O(prefix).
    type: str
  prefix:
    description: The bucket is called C(PREFIX-ACCOUNT-REGION), and its namesakes in other regions are found by that.
    type: str
  encryption:
    description: V(s3) has S3 manage the keys (SSE-S3), V(kms) uses O(kms_key_id).
    type: str
    choices: [s3, kms]
    default: s3
  kms_key_id:
    description: ARN of the key with which objects are encrypted. Required with O(encryption=kms).
    type: str
  noncurrent_days:
    description: Days for which a version that was overwritten or deleted is kept.
    type: int
    default: 30
  abort_uploads_days:
    description: Days after which an unfinished multipart upload is removed.
    type: int
    default: 7
  replicate_to:
    description:
      - Where new objects are copied to. A region means the bucket of the same O(prefix) there, anything else is the
        name of a bucket. This bucket's own region is skipped, so that one list serves all regions.
      - Leave it out to leave the replication as it is. With an empty list the replication and its role are removed.
      - To a region that O(dead) names, nothing new is copied. What is copied there already, still is.
    type: list
    elements: str
  replicate_delete_markers:
    description: Whether deleting an object without naming a version hides it in the other buckets too.
    type: bool
    default: false
  replicate_modifications:
    description: Whether tags and other metadata set on a replica are copied back.
    type: bool
    default: false
  replication_metrics:
    description:
      - Whether CloudWatch is told how far each replication is behind, at the price of its metrics, as
        C(ReplicationLatency), C(BytesPendingReplication) and C(OperationsPendingReplication) of C(AWS/S3).
    type: bool
    default: false
  replication_time_control:
    description:
      - Whether S3 replicates nearly everything within 15 minutes, by its service level agreement, at a price for each
        byte. It has metrics of its own, whatever O(replication_metrics) says.
    type: bool
    default: false
  replica_kms_keys:
    description:
      - With O(encryption=kms), the ARN of the key with which replicas are encrypted, by the entry of O(replicate_to).
    type: dict
  delete_data:
    description:
      - With O(state=absent), whether a bucket that is not empty is emptied first, all versions included.
      - Otherwise such a bucket is left alone and the task fails. Versions under an object lock stay, always.
    type: bool
    default: false
  scope:
    description:
      - What to make and compare. V(replication) leaves the bucket as it is and manages its replication only, which is
        what the second run needs.
    type: str
    choices: [all, replication]
    default: all
extends_documentation_fragment:
  - multiregion.ecs.common
  - multiregion.ecs.dead
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - S3 copies only what is written after the replication was set. The rest is for M(multiregion.ecs.lake_older_objects),
    which sees in the names of the rules what is owed. S3 does not copy a replica on to a third bucket,
    so every bucket of a mesh replicates to all the others.
  - With O(state=absent), the replication role goes with the bucket.
seealso:
  - module: multiregion.ecs.lake_older_objects
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Make the lake of the sales workload in a region
  multiregion.ecs.lake_bucket:
    workload: sales
    region: sa-east-1
    prefix: sales-lake

- name: Copy what is written to it to the other regions, when their lakes exist
  multiregion.ecs.lake_bucket:
    workload: sales
    region: sa-east-1
    prefix: sales-lake
    replicate_to: [sa-east-1, us-east-1]
    scope: replication

- name: Remove it and everything in it
  multiregion.ecs.lake_bucket:
    workload: sales
    region: sa-east-1
    prefix: sales-lake
    state: absent
    delete_data: true
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: update
      kind: s3_bucket
      name: sales-lake-123456789012-sa-east-1
      region: sa-east-1
      before: {versioning: false}
      after: {versioning: true}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 10
bucket:
  description:
    - The bucket. C(owes_older_objects_to) are those of the others that may lack what is older than the rule to them.
  returned: when O(state=present)
  type: dict
  sample:
    name: sales-lake-123456789012-sa-east-1
    arn: arn:aws:s3:::sales-lake-123456789012-sa-east-1
    region: sa-east-1
    replicates_to: [sales-lake-123456789012-us-east-1]
    owes_older_objects_to: []
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.lake_bucket import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
