#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: efs_with_sg
short_description: Manage an EFS file system that only its clients can reach
version_added: 0.1.0
description:
  - Creates an EFS file system; a security group of its own that admits TCP 2049 (NFS) from the given security groups
    and nothing else; a mount target in each Availability Zone of the given subnets; and access points.
  - Manages the settings of the file system, which are encryption, throughput, storage classes, backups, its
    policy, and replication to another region.
  - Waits until the mount targets can be used. Changes only what differs. A rule opened by hand, or a mount target
    with another group, is shown in the diff and corrected.
  - With O(state=absent) it removes access and keeps the data. Only with O(delete_data=true) is the file system deleted.
notes:
  - A file system has one mount target in an Availability Zone, and all of them are in one VPC (C(CreateMountTarget)).
    Two subnets in one zone, or subnets and client groups of different VPCs, are an error before anything is changed.
  - A mount target moved to another subnet of its zone is removed and made again. Tasks of that zone cannot reach the
    file system for a minute or two.
  - The network interface of a mount target disappears some seconds after it, and holds its security group that long.
    The module waits for that, so the network can be removed next.
  - EFS accepts a change of throughput mode, or less provisioned throughput, once in 24 hours (C(TooManyRequests)).
  - A task mounts a file system with O(prevent_anonymous_access=true) if its volume has C(transitEncryption=ENABLED) and
    C(authorizationConfig.iam=ENABLED), and its task role allows C(elasticfilesystem:ClientMount). Fargate needs
    platform version 1.4.0 or later.
  - With O(prevent_anonymous_access=true) the policy of the file system allows nothing to anybody, because on AWS an
    Allow in either policy is enough. The role of a client says what it may; C(elasticfilesystem:ClientWrite) to write,
    C(elasticfilesystem:ClientRootAccess) to be root, with the condition key C(elasticfilesystem:AccessPointArn) to do
    so through one access point alone.
options:
  name:
    description:
      - Name of the file system. It is the creation token, which EFS keeps unique in an account and region, and the tag
        C(Name). Up to 64 characters.
    type: str
    required: true
  subnets:
    description:
      - Ids of the subnets to make mount targets in, one subnet for each Availability Zone, all in one VPC.
      - A mount target in any other zone is removed.
      - Required with O(state=present).
    type: list
    elements: str
  client_security_groups:
    description:
      - Ids of the security groups whose members may open TCP 2049, in the VPC of the subnets.
      - Required with O(state=present).
    type: list
    elements: str
  security_group_name:
    description:
      - Name of the file system's own security group. Default is O(name) and C(-efs).
    type: str
  encrypt:
    description:
      - Whether the data is encrypted at rest. It cannot be changed later.
    type: bool
    default: true
  kms_key_id:
    description:
      - Id, ARN or alias of the KMS key to encrypt with. Default is EFS's own key. It cannot be changed later.
    type: str
  performance_mode:
    description:
      - V(max_io) is a previous-generation mode and is not available with elastic throughput. It cannot be changed
        later.
    type: str
    choices: [general_purpose, max_io]
    default: general_purpose
  throughput_mode:
    description:
      - V(elastic) follows the load, V(bursting) the size of the file system, V(provisioned) is what
        O(provisioned_throughput_in_mibps) says.
    type: str
    choices: [bursting, elastic, provisioned]
    default: elastic
  provisioned_throughput_in_mibps:
    description:
      - Throughput in MiB/s, 1 to 3414, with O(throughput_mode=provisioned).
    type: float
  transition_to_ia:
    description:
      - Days without access after which a file moves to the infrequent access class, V(None) for never.
    type: str
    choices: ['None', '1', '7', '14', '30', '60', '90', '180', '270', '365']
    default: 'None'
  transition_to_archive:
    description:
      - Days without access after which a file moves to the archive class, V(None) for never. More than those of
        O(transition_to_ia), and only with O(throughput_mode=elastic).
    type: str
    choices: ['None', '1', '7', '14', '30', '60', '90', '180', '270', '365']
    default: 'None'
  transition_to_primary_storage_class:
    description:
      - Whether a file that is read in one of these classes moves back.
    type: bool
    default: false
  backup:
    description:
      - Whether AWS Backup makes a copy every day.
    type: bool
    default: true
  enforce_transit_encryption:
    description:
      - Whether the file system's policy refuses clients whose transport is not encrypted (C(aws:SecureTransport)).
    type: bool
    default: true
  prevent_anonymous_access:
    description:
      - Whether the file system's policy leaves out C(elasticfilesystem:ClientMount), so that only clients whose own
        IAM policy allows it can mount the file system.
    type: bool
    default: true
  access_points:
    description:
      - The access points. Others that carry the tag of the workload are removed; the folders behind them stay.
      - An access point cannot be changed. One that differs is replaced, and gets a new id.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the access point, kept in its tag C(Name), by which it is found again.
        type: str
        required: true
      path:
        description: The folder that clients see as the root, at most four deep.
        type: str
        default: /
      uid:
        description: User id that all clients act as. Needs O(access_points[].gid).
        type: int
      gid:
        description: Group id that all clients act as.
        type: int
      secondary_gids:
        description: Further group ids that clients act with, at most 16.
        type: list
        elements: int
        default: []
      owner_uid:
        description:
          - Owner of the folder when EFS makes it, at the first mount. Default is O(access_points[].uid).
        type: int
      owner_gid:
        description:
          - Group of the folder when EFS makes it. Default is O(access_points[].gid).
        type: int
      permissions:
        description:
          - Permissions of the folder when EFS makes it, three or four octal digits. Quote them.
        type: str
        default: '0755'
  replicate_to:
    description:
      - Region to replicate the file system to. EFS makes the destination, encrypted and read-only.
      - V(none) ends the replication; the destination stays, and can be written to. The file system does not remember
        it, so that O(delete_data) does not remove it later.
      - Leave it out to leave the replication as it is.
    type: str
  replica_kms_key_id:
    description:
      - KMS key of that region to encrypt a new destination with. Default is EFS's own key there.
    type: str
  delete_data:
    description:
      - With O(state=absent), whether the file system is deleted too, with all its data, and the destination of its
        replication.
      - Before the replication ends, the tag C(multiregion.ecs.replica) of the file system names the destination, and
        the file system goes last. A run that is killed in between is completed by the next one. Plans do not show the
        tag.
    type: bool
    default: false
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: community.aws.efs
  - name: Amazon EFS API reference
    description: The rules that this module keeps.
    link: https://docs.aws.amazon.com/efs/latest/ug/api-reference.html
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Keep the goals where no deployment loses them
  multiregion.ecs.efs_with_sg:
    workload: goals
    region: us-east-1
    name: goals-db-storage
    subnets: "{{ network.subnets.private }}"
    client_security_groups: ["{{ network.security_groups['goals-tasks'] }}"]
    transition_to_ia: 30
    access_points:
      - name: goals-data
        path: /goals/data
        uid: 999
        gid: 999
        permissions: '0750'

- name: Keep a copy in another region
  multiregion.ecs.efs_with_sg:
    workload: goals
    region: us-east-1
    name: goals-db-storage
    subnets: "{{ network.subnets.private }}"
    client_security_groups: ["{{ network.security_groups['goals-tasks'] }}"]
    replicate_to: us-west-2

- name: Remove access, keep the data
  multiregion.ecs.efs_with_sg:
    workload: goals
    region: us-east-1
    name: goals-db-storage
    state: absent

- name: Remove everything
  multiregion.ecs.efs_with_sg:
    workload: goals
    region: us-east-1
    name: goals-db-storage
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
      kind: ec2_security_group_rules
      name: goals-db-storage-efs
      region: us-east-1
      before:
        ingress:
          - {protocol: tcp, from_port: 2049, to_port: 2049, source: 0.0.0.0/0, description: ''}
          - {protocol: tcp, from_port: 2049, to_port: 2049, source: sg-0c1, description: NFS}
      after:
        ingress:
          - {protocol: tcp, from_port: 2049, to_port: 2049, source: sg-0c1, description: NFS}
aws_calls:
  description: How many calls were made to AWS. At most ten when nothing differs, eleven with O(replicate_to).
  returned: always
  type: int
  sample: 9
file_system_id:
  description: Id of the file system, for the volume of a task definition.
  returned: when O(state=present)
  type: str
  sample: fs-0123456789abcdef0
file_system_arn:
  description: ARN of the file system, for the policy of a task role.
  returned: when O(state=present)
  type: str
  sample: arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/fs-0123456789abcdef0
dns_name:
  description: DNS name, which resolves to the mount target of the client's Availability Zone.
  returned: when O(state=present)
  type: str
  sample: fs-0123456789abcdef0.efs.us-east-1.amazonaws.com
security_group_id:
  description: Id of the file system's own security group.
  returned: when O(state=present)
  type: str
  sample: sg-0123456789abcdef0
mount_targets:
  description: The mount targets, in the order of O(subnets).
  returned: when O(state=present)
  type: list
  elements: dict
  sample:
    - mount_target_id: fsmt-0123456789abcdef0
      subnet_id: subnet-0123456789abcdef0
      availability_zone: us-east-1a
      ip_address: 10.0.1.23
access_points:
  description: The access points, by name.
  returned: when O(state=present)
  type: dict
  sample:
    goals-data:
      access_point_id: fsap-0123456789abcdef0
      access_point_arn: arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0
      path: /goals/data
replica:
  description: The destination of the replication.
  returned: when O(replicate_to) names a region
  type: dict
  sample:
    region: us-west-2
    file_system_id: fs-0fedcba9876543210
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.efs_with_sg import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
