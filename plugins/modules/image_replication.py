#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: image_replication
short_description: Manage a rule by which ECR replicates a workload's repositories to other regions
version_added: 0.2.0
description:
  - What is pushed to a repository of the region from then on arrives in the same repository of the other regions, in
    the same account, some time later. What was there before is not replicated.
  - The registry of a region has one replication configuration, for everybody in the account. This module manages the
    rule whose only filter is O(prefix), and writes all others back as they were. Destinations of that rule in other
    accounts stay, too.
  - AWS replaces the configuration as a whole and knows no condition, so whoever changes another rule in the same second
    may be overwritten.
  - Settings of repositories are not replicated. M(multiregion.ecs.image_repository) makes them in every region first.
options:
  prefix:
    description: Which repositories, by how their names begin, such as V(sales/).
    type: str
    required: true
  regions:
    description: Where to. O(region) itself does not count. Required unless O(state=absent).
    type: list
    elements: str
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
notes:
  - The first configuration of a registry makes AWS create a service-linked role, for which the caller needs
    C(iam:CreateServiceLinkedRole).
seealso:
  - module: multiregion.ecs.image_repository
  - module: multiregion.ecs.workload_image
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Replicate what is pushed in São Paulo to Virginia
  multiregion.ecs.image_replication:
    workload: sales
    region: sa-east-1
    prefix: sales/
    regions: [us-east-1]
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample:
    - action: create
      kind: ecr_replication_rule
      name: sales/
      region: sa-east-1
      before: null
      after: {regions: [us-east-1]}
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 2
rule:
  description: The rule.
  returned: when O(state=present)
  type: dict
  sample: {prefix: sales/, regions: [us-east-1]}
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.image_replication import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
