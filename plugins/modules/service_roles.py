#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: service_roles
short_description: Manage the IAM roles that tasks run with
version_added: 0.1.0
description:
  - Creates execution roles (which ECS uses to pull images, write logs and read secrets) and task roles (which the
    containers use), each with inline policies.
  - Policies are compared by meaning. Neither the order of statements, actions and resources nor a list of one item in
    place of the item makes a difference.
  - IAM is global. O(region) is for the tag C(region) and for finding the partition; put the region into the names of
    roles that differ by region.
  - A new role cannot be assumed for the first seconds; M(multiregion.ecs.ecs_service) waits for that.
options:
  roles:
    description: The roles. With O(state=absent) only the names matter.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the role, at most 64 characters.
        type: str
        required: true
      kind:
        description:
          - C(execution) adds an inline policy C(execution) that allows pulling from ECR and writing log events, unless
            O(roles[].policies) has one of that name.
          - C(task) adds nothing.
        type: str
        choices: [execution, task]
        default: task
      policies:
        description: Inline policies, by name; each a policy document as a dictionary or as JSON text.
        type: dict
        default: {}
      managed_policies:
        description: ARNs of managed policies to attach. Others are detached.
        type: list
        elements: str
        default: []
      assume:
        description:
          - Service principals that may assume the role.
          - C(ecs-tasks.amazonaws.com) alone may do so for tasks of the caller's account only (C(aws:SourceAccount) and
            C(aws:SourceArn)).
        type: list
        elements: str
        default: [ecs-tasks.amazonaws.com]
      assume_policy:
        description: A whole trust policy, for what O(roles[].assume) cannot say. Replaces it.
        type: dict
      execute_command:
        description: Whether to add an inline policy C(execute-command) that ECS Exec needs in the task role.
        type: bool
        default: false
      description:
        description: What the role is for. Only set when the role is made.
        type: str
      path:
        description: Path of the role in IAM.
        type: str
        default: /
  permissions_boundary:
    description: ARN of a managed policy that bounds every role.
    type: str
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Make the roles of the sales API
  multiregion.ecs.service_roles:
    workload: sales
    region: sa-east-1
    roles:
      - name: sales-sales-api-execution-sa-east-1
        kind: execution
      - name: sales-sales-api-task-sa-east-1
        kind: task
        policies:
          publish-sales:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: sns:Publish
                Resource: arn:aws:sns:sa-east-1:123456789012:sales-processing
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: update
      kind: iam_role
      name: sales-sales-api-task-sa-east-1
      region: sa-east-1
      before: {managed_policies: []}
      after: {managed_policies: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 1
roles:
  description: Each role, by name.
  returned: when O(state=present)
  type: dict
  sample:
    sales-sales-api-task-sa-east-1:
      arn: arn:aws:iam::123456789012:role/sales-sales-api-task-sa-east-1
      kind: task
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.service_roles import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
