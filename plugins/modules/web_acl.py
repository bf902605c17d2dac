#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: web_acl
short_description: Manage a web ACL of AWS WAF in one region
version_added: 0.1.0
description:
  - Makes a regional web ACL of AWS WAF, and a set of addresses for each version of IP that O(allowed) and O(blocked)
    name; associates it with the load balancers in O(guards), and takes it away from others.
  - What stands before the stage of a REST API is said there, with O(multiregion.ecs.api_gateway#module:web_acl).
  - Its rules are asked in this order. Who is O(allowed) is let through at once; who is O(blocked), sends a body larger
    than O(largest_body), or asks too often (O(rate_limit)), is answered with 403; then come the groups in O(managed),
    and at last O(default).
  - CloudWatch counts the requests that each rule matches, in the namespace C(AWS/WAFV2), under the name of the web ACL
    and of the rule. The rules are C(allowed-ipv4), C(allowed-ipv6), C(blocked-ipv4), C(blocked-ipv6), C(largest-body),
    C(rate-limit), and the names of the groups.
  - The web ACL becomes what this says whole; rules that somebody added to it go. AWS counts its capacity, and refuses
    more than 5000 units.
  - With O(state=absent) only O(name) is needed. It is taken away from whatever it guards first.
options:
  name:
    description: Name of the web ACL, which no other one in the region may have. Its metric has this name too.
    type: str
    required: true
  default:
    description: What is done with a request that no rule decides about.
    type: str
    choices: [allow, block]
    default: allow
  allowed:
    description: Addresses and ranges of IPv4 and IPv6 that are let through without asking any other rule.
    type: list
    elements: str
    default: []
  blocked:
    description: Addresses and ranges of IPv4 and IPv6 that are never let through.
    type: list
    elements: str
    default: []
  largest_body:
    description:
      - Bytes that the body of a request may have, 0 to 65536. Without it, what API Gateway or the load balancer take.
      - AWS WAF looks at 8 KiB of a body for a load balancer, and at 16 KiB for an API; a larger value makes it look at
        more of it, which costs more for each request.
    type: int
  rate_limit:
    description: How often one address may ask. AWS looks about every 10 seconds, so that more may come through.
    type: dict
    suboptions:
      requests:
        description: Requests of one address in the window, 10 at least.
        type: int
        required: true
      window:
        description: Seconds over which they are counted.
        type: int
        choices: [60, 120, 300, 600]
        default: 300
      count:
        description: Whether who asks too often is only counted.
        type: bool
        default: false
  managed:
    description: Groups of rules that others keep, in the order in which they are asked.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the group, such as V(AWSManagedRulesCommonRuleSet). Those that need settings of their own, such as
            V(AWSManagedRulesBotControlRuleSet), are refused.
        type: str
        required: true
      vendor:
        description: Whose it is. A group of another vendor has to be subscribed to.
        type: str
        default: AWS
      version:
        description: Its version, such as V(Version_1.0). Default is the one that its vendor recommends.
        type: str
      count:
        description: Whether all its rules only count.
        type: bool
        default: false
      rules:
        description:
          - What single rules of it do instead of what the group says, by name. V(allow), V(block), V(count), V(captcha)
            and V(challenge) are valid.
        type: dict
        default: {}
  guards:
    description:
      - ARNs of the Application Load Balancers that it stands in front of, by any name. Another web ACL that one of them
        has is replaced.
    type: dict
    default: {}
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Guard the API of the sales workload
  multiregion.ecs.web_acl:
    workload: sales
    region: sa-east-1
    name: sales
    blocked: [198.51.100.0/24, "2001:db8::/32"]
    largest_body: 16384
    rate_limit: {requests: 2000, window: 300}
    managed:
      - name: AWSManagedRulesCommonRuleSet
        rules: {SizeRestrictions_QUERYSTRING: count}
      - name: AWSManagedRulesKnownBadInputsRuleSet
        count: true
  register: guard

- name: Guard a load balancer that only the office may reach
  multiregion.ecs.web_acl:
    workload: sales
    region: sa-east-1
    name: sales-office
    default: block
    allowed: [203.0.113.0/24]
    guards:
      sales: "{{ balancer.arn }}"

- name: Remove it
  multiregion.ecs.web_acl:
    workload: sales
    region: sa-east-1
    name: sales
    state: absent
"""

RETURN = r"""
changes:
  description: The planned changes, which are the changes made unless it is check mode. Empty when nothing differs.
  returned: always
  type: list
  elements: dict
  sample: []
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 6
arn:
  description: ARN of the web ACL.
  returned: when O(state=present)
  type: str
  sample: arn:aws:wafv2:sa-east-1:123456789012:regional/webacl/sales/1a2b3c4d-1a2b-3c4d-5e6f-1a2b3c4d5e6f
guards:
  description: The names in O(guards), sorted.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [sales]
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.web_acl import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
