#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: http_check
short_description: Request a URL until it answers as expected
version_added: 0.1.0
description:
  - Repeats a request until the answer has one of the expected statuses, or until O(wait_timeout) is over.
  - O(connect_to) connects to another address than the name's own, as C(curl --connect-to) does.
options:
  url:
    description: URL to request, such as V(http://a1234567890abcdef.awsglobalaccelerator.com/healthcheck).
    type: str
    required: true
  connect_to:
    description:
      - C(host:port) to connect to instead of what the name resolves to. The name is still sent as C(Host).
      - The embedded cloud has its front door there.
    type: str
  ca_file:
    description: Certificates of authorities to trust, instead of the system's, with an C(https) URL.
    type: path
  method:
    description: HTTP method.
    type: str
    choices: [GET, POST, DELETE]
    default: GET
  body:
    description: Body of the request, sent as JSON.
    type: raw
  status:
    description: Expected statuses.
    type: list
    elements: int
    default: [200]
  timeout:
    description: Seconds to wait for each answer.
    type: int
    default: 5
  wait_timeout:
    description: Seconds after which the module gives up.
    type: int
    default: 60
extends_documentation_fragment:
  - multiregion.ecs.common.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: See that the workload answers at its public name
  multiregion.ecs.http_check:
    workload: sales
    region: sa-east-1
    url: "http://{{ ansible_facts.routing_outputs.dns_name }}/healthcheck"
    connect_to: "{{ lookup('ansible.builtin.env', 'MULTIREGION_CONNECT_TO') }}"
"""

RETURN = r"""
status:
  description: HTTP status of the answer.
  returned: success
  type: int
  sample: 200
body:
  description: Body of the answer, at most 64 KiB.
  returned: success
  type: str
  sample: '{"status": "ok"}'
served_by:
  description: The header C(X-Served-By), which the embedded cloud's front door sends.
  returned: success
  type: str
  sample: region=sa-east-1; service=sales-api; revision=1; task=0123456789abcdef
attempts:
  description: How many requests it took.
  returned: success
  type: int
  sample: 1
seconds:
  description: How many seconds it took.
  returned: success
  type: float
  sample: 0.021
aws_calls:
  description: How many calls were made to AWS.
  returned: always
  type: int
  sample: 0
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.http_check import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
