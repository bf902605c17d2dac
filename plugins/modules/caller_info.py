#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: caller_info
short_description: Read which AWS account the credentials belong to
version_added: 0.1.0
description:
  - Asks STS, through the endpoint of the given region, who is calling.
  - The names and ARNs of a workload are computed from the account.
extends_documentation_fragment:
  - multiregion.ecs.common.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Find the account
  multiregion.ecs.caller_info:
    workload: sales
    region: sa-east-1
  register: caller
"""

RETURN = r"""
account_id:
  description: The 12 digits of the account.
  returned: always
  type: str
  sample: "123456789012"
caller_arn:
  description: The ARN of the user or role that is calling.
  returned: always
  type: str
  sample: arn:aws:iam::123456789012:user/operator
partition:
  description: The AWS partition of the region.
  returned: always
  type: str
  sample: aws
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 1
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.caller_info import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
