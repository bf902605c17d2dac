#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: global_table
short_description: Manage a DynamoDB table and its replicas
version_added: 0.1.0
description:
  - Creates a table in the first of O(regions) and a replica in each of the others, one at a time, as DynamoDB requires
    (global tables version 2019.11.21). With one region it is an ordinary table.
  - With O(consistency=strong) a write is seen everywhere at once, and a condition holds in all regions. Such a table
    has exactly three regions of one region set, two replicas and a O(witness), or three replicas. With a single region
    it is an ordinary table, which is as strong.
  - Run it on one host, not once in each region. It finds the table in whichever of O(regions) has it.
options:
  name:
    description: Name of the table.
    type: str
    required: true
  regions:
    description:
      - The regions that hold the table. It is created in the first one and must be removed from there, since DynamoDB
        keeps a replica that others were made from for 24 hours.
      - The replica of a region that is no longer listed is removed, with its data.
      - The default is the region of the task.
    type: list
    elements: str
  hash_key:
    description: Name of the partition key. Required with O(state=present).
    type: str
  range_key:
    description: Name of the sort key.
    type: str
  attributes:
    description: Type, V(S), V(N) or V(B), of the key attributes of the table and its indexes that are not strings.
    type: dict
    default: {}
  indexes:
    description: The global secondary indexes.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the index.
        type: str
        required: true
      hash_key:
        description: Name of the partition key.
        type: str
        required: true
      range_key:
        description: Name of the sort key.
        type: str
      projection:
        description: Which attributes the index holds.
        type: str
        choices: [ALL, KEYS_ONLY, INCLUDE]
        default: ALL
      include:
        description: With O(indexes[].projection=INCLUDE), the attributes beside the keys.
        type: list
        elements: str
        default: []
  billing_mode:
    description:
      - V(PAY_PER_REQUEST) pays for each read and write. V(PROVISIONED) pays for the capacity in O(capacity), which
        follows the load.
    type: str
    choices: [PAY_PER_REQUEST, PROVISIONED]
    default: PAY_PER_REQUEST
  capacity:
    description:
      - With O(billing_mode=PROVISIONED), the bounds between which the capacity of the table, and of each index,
        follows the load. Write capacity is always auto-scaled, because replicas need that.
    type: dict
    suboptions:
      read_min:
        description: Minimum of read capacity units.
        type: int
        default: 5
      read_max:
        description: Maximum of read capacity units.
        type: int
        default: 100
      write_min:
        description: Minimum of write capacity units.
        type: int
        default: 5
      write_max:
        description: Maximum of write capacity units.
        type: int
        default: 100
      target:
        description: Target utilisation of the capacity in percent, 20 to 90.
        type: int
        default: 70
  consistency:
    description: How replicas agree. It cannot be changed later.
    type: str
    choices: [eventual, strong]
    default: eventual
  witness:
    description: With O(consistency=strong) and two O(regions), the third region, which holds no readable data.
    type: str
  stream:
    description:
      - What the table's stream holds. Replicas with eventual consistency need V(NEW_AND_OLD_IMAGES) and get it.
      - Without it, a new table of one region has no stream, and that of an existing one is left as it is.
    type: str
    choices: [none, KEYS_ONLY, NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES]
  ttl_attribute:
    description: Number attribute with the time, in seconds of the epoch, after which an item expires.
    type: str
  point_in_time_recovery:
    description: Whether the table can be restored to any second of the last 35 days. Set in every region.
    type: bool
    default: true
  deletion_protection:
    description: Whether DynamoDB refuses to delete the table. Set in every region.
    type: bool
    default: true
  encryption:
    description:
      - Which key encrypts the table - one that AWS owns, one that AWS manages in this account, or one of yours.
    type: str
    choices: [aws_owned, aws_managed, customer_managed]
    default: aws_owned
  kms_keys:
    description: With O(encryption=customer_managed), the ARN of the key in each region, by region.
    type: dict
    default: {}
  delete_data:
    description:
      - Whether a table or replica with deletion protection may be removed, by O(state=absent) or because its region
        is no longer in O(regions). The protection is then turned off first. Otherwise the task fails.
    type: bool
    default: false
extends_documentation_fragment:
  - multiregion.ecs.common
  - multiregion.ecs.dead
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - With O(state=absent), O(name) and O(regions) are enough. Replicas in further regions are found and removed too.
  - The key and the name of an index cannot be changed. Ask for an index of another name.
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Make the table of sales in two regions
  multiregion.ecs.global_table:
    workload: sales
    name: sales
    regions: [sa-east-1, us-east-1]
    hash_key: id
    attributes:
      timestamp: N
    indexes:
      - name: unprocessed
        hash_key: unprocessed
        range_key: timestamp

- name: Make the table of the lease, which all regions must agree on at every moment
  multiregion.ecs.global_table:
    workload: sales
    name: sales-lease
    regions: [us-east-1, us-east-2]
    witness: us-west-2
    consistency: strong
    hash_key: id

- name: Remove the table of sales with all its replicas
  multiregion.ecs.global_table:
    workload: sales
    name: sales
    regions: [sa-east-1, us-east-1]
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
    - action: create
      kind: dynamodb_replica
      name: sales
      region: us-east-1
      before: null
      after: {deletion_protection: true, point_in_time_recovery: true}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 8
table:
  description: The table. C(source_region) is the region it is managed from.
  returned: when O(state=present)
  type: dict
  sample:
    name: sales
    arn: arn:aws:dynamodb:sa-east-1:123456789012:table/sales
    source_region: sa-east-1
    consistency: eventual
    witness: null
    regions:
      sa-east-1:
        arn: arn:aws:dynamodb:sa-east-1:123456789012:table/sales
        status: ACTIVE
        stream_arn: arn:aws:dynamodb:sa-east-1:123456789012:table/sales/stream/2026-01-01T00:00:00.000
      us-east-1:
        arn: arn:aws:dynamodb:us-east-1:123456789012:table/sales
        status: ACTIVE
        stream_arn: arn:aws:dynamodb:us-east-1:123456789012:table/sales/stream/2026-01-01T00:00:07.000
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.global_table import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
