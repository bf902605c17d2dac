#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: service_linked_roles
short_description: Make the roles that AWS's own services assume in an account
version_added: 0.2.0
description:
  - A service such as ECS acts in an account as its service-linked role. AWS makes that at the first call that needs it,
    which in a new account may fail because the role cannot be assumed yet. This module makes it before.
  - An account has one for each service. It belongs to no workload, carries no tags of one, and what is there already
    is left as it is.
  - With O(state=absent) IAM removes them, unless the service has something left that needs them, anywhere in the
    account.
options:
  services:
    description: The services, by the names under which they assume roles, such as V(ecs.amazonaws.com).
    type: list
    elements: str
    required: true
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - The caller needs C(iam:ListRoles), and C(iam:CreateServiceLinkedRole) for the services whose roles are missing.
seealso:
  - module: multiregion.ecs.service_roles
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Make the roles of ECS and of the scaling of its services
  multiregion.ecs.service_linked_roles:
    workload: sales
    region: sa-east-1
    services: [ecs.amazonaws.com, ecs.application-autoscaling.amazonaws.com]
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: iam_service_linked_role
      name: ecs.amazonaws.com
      region: sa-east-1
      before: null
      after: {}
roles:
  description: The ARN of each role, by its service.
  returned: when O(state=present)
  type: dict
  sample:
    ecs.amazonaws.com: arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 2
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.service_linked_roles import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
