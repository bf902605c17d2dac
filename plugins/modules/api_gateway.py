#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: api_gateway
short_description: Manage an API of API Gateway in front of a load balancer inside a VPC
version_added: 0.1.0
description:
  - With O(type=http) makes an HTTP API of Amazon API Gateway, a VPC link (of the second version) into the network, an
    integration that sends requests through it to the listener of a load balancer, the routes that are let through, and
    the stage C($default), which serves every change at once, with an access log and throttling.
  - With O(type=rest) makes a regional REST API, a VPC link (of the first version) to the Network Load Balancer of the
    listener, puts an OpenAPI document into the API that has the routes with C(HTTP_PROXY) integrations, deploys it when
    it is not what was deployed last, and serves that as the stage C(live), with an access log and throttling. The
    account has to have a role for API Gateway's logs in the region.
  - An API of the other type that has this name goes, once the domain leads to the new one.
  - With O(domain) the API is served over HTTPS under a regional custom domain, to which a weighted record of Route 53
    leads whose set identifier is the region; its own name under C(execute-api) is then disabled, unless
    O(domain.health_check) needs it.
  - Routes and domains of this API that are no longer asked for are removed.
  - With O(state=absent) only O(name) is needed. The access log goes too.
options:
  name:
    description: Name of the API and of its VPC link. It is found by this and by O(workload).
    type: str
    required: true
  type:
    description: The kind of API. A REST API reaches Network Load Balancers only.
    type: str
    choices: [http, rest]
    default: http
  listener:
    description:
      - ARN of the listener, of an Application or Network Load Balancer, that gets the requests.
      - Required with O(state=present).
    type: str
  port:
    description: Port of this listener, which a REST API has to be told.
    type: int
    default: 80
  server_name:
    description:
      - The name in the certificate of an HTTPS listener, which is then spoken to over TLS.
      - A REST API sends it as the C(Host); without it that is the domain, and without a domain
        C(<load balancer>.internal).
    type: str
  subnets:
    description:
      - Ids of the subnets of the VPC link. AWS cannot change them later.
      - Required with O(state=present) and O(type=http); the link of a REST API is in none.
    type: list
    elements: str
  security_groups:
    description:
      - Ids of the security groups of the VPC link. AWS cannot change them later.
      - Required with O(state=present) and O(type=http); the link of a REST API has none.
    type: list
    elements: str
  routes:
    description:
      - What is let through, as C(<method> <path>) with C(ANY) for every method, C({name}) for one segment of a path and
        C({name+}) for all that are left; C($default) takes what no other route does.
      - What no route takes is answered with 404, by a REST API with 403.
      - In a REST API a place of a path has one variable.
    type: list
    elements: str
    default: [$default]
  requests:
    description:
      - What a REST API demands of requests before it passes them on. Who lacks a parameter, or sends a body of another
        form, is answered with 400. Only with O(type=rest).
    type: list
    elements: dict
    default: []
    suboptions:
      route:
        description:
          - Which requests, as C(<method> <path>). It is one of O(routes), or a part of what one lets through, such as
            V(POST /sales) where that is V(ANY /{proxy+}).
        type: str
        required: true
      headers:
        description: Names of headers that must be there, and not be blank.
        type: list
        elements: str
        default: []
      query:
        description: Names of parameters in the query that must be there, and not be blank.
        type: list
        elements: str
        default: []
      body:
        description:
          - A JSON schema that a body of C(application/json) must fit, in the words that draft 4 and OpenAPI 3.0 share;
            C($ref) is none of them. A body that does not say its type is taken for this one; one that says another is
            passed on as it is.
          - With it, bodies of types that are not known to be binary are taken for text, in the whole API.
        type: dict
  timeout:
    description:
      - Milliseconds to wait for an answer of the load balancer, 50 to 30000, with O(type=rest) to 29000.
      - Default is the most that is possible.
    type: int
  rate_limit:
    description: Requests in a second that are let through, 1 to 10000.
    type: float
    default: 10000
  burst_limit:
    description: Requests that are let through at once, 1 to 5000.
    type: int
    default: 5000
  log_retention_in_days:
    description: Days for which the access log is kept, one of those that C(PutRetentionPolicy) accepts.
    type: int
    default: 30
  web_acl:
    description:
      - ARN of a regional web ACL of AWS WAF, in the same region, that judges requests to a REST API before they come to
        it. Without it there is none.
    type: str
  domain:
    description: The custom domain of the API. Without one it answers under its own name.
    type: dict
    suboptions:
      name:
        description: The domain, such as V(api.example.com).
        type: str
        required: true
      certificate:
        description: ARN of a certificate for it, in the same region. Required with O(state=present).
        type: str
      tls_policy:
        description: The lowest version of TLS that clients may speak.
        type: str
        choices: [TLS_1_2]
        default: TLS_1_2
      zone:
        description: Id or name of its hosted zone. Default is the public zone of the account nearest to the domain.
        type: str
      weight:
        description:
          - Weight of the record of this region, 0 to 255.
        type: int
        default: 100
      keep_weight:
        description:
          - Whether the weight of a record that exists is left alone, because it belongs to whoever fails over.
        type: bool
        default: true
      latency:
        description:
          - Whether Route 53 leads each customer to the region that answers soonest, among those whose health checks let
            it, instead of by O(domain.weight). Records that are there keep their policy; another one is refused.
        type: bool
        default: false
      health_check:
        description:
          - A health check of Route 53 that the record is bound to. Its checkers ask this region's API by its own name
            under C(execute-api), over HTTPS, and while they are not answered with 2xx or 3xx the domain leads to other
            regions. Without it the record is bound to none.
        type: dict
        suboptions:
          path:
            description: What is asked for. The region must answer it with an error while it is not to be sent traffic.
            type: str
            default: /readiness
          interval:
            description: Seconds between two requests of one checker. AWS cannot change it, so another one is made.
            type: int
            choices: [10, 30]
            default: 10
          failure_threshold:
            description: Requests in a row, 1 to 10, that change what a checker thinks.
            type: int
            default: 3
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Serve the API of the sales workload
  multiregion.ecs.api_gateway:
    workload: sales
    region: sa-east-1
    name: sales
    listener: "{{ balancer.listeners['80'] }}"
    subnets: "{{ network.subnets.private }}"
    security_groups: ["{{ network.security_groups['link'] }}"]
    routes: [POST /sales, "GET /sales/{id}"]
    domain:
      name: api.example.com
      certificate: "{{ certificate.certificates['sa-east-1'] }}"

- name: Serve it by a REST API, through a VPC link to a Network Load Balancer
  multiregion.ecs.api_gateway:
    workload: sales
    region: sa-east-1
    name: sales
    type: rest
    listener: "{{ network_load_balancer.listeners['80'] }}"
    routes: [POST /sales, "GET /sales/{id}"]
    domain:
      name: api.example.com
      certificate: "{{ certificate.certificates['sa-east-1'] }}"

- name: Let only sales through that look like some
  multiregion.ecs.api_gateway:
    workload: sales
    region: sa-east-1
    name: sales
    type: rest
    listener: "{{ network_load_balancer.listeners['80'] }}"
    routes: [POST /sales, "GET /sales/{id}"]
    requests:
      - route: POST /sales
        headers: [Content-Type]
        body:
          type: object
          required: [product, amount]
          properties:
            product: {type: string, minLength: 1, maxLength: 200}
            amount: {type: number, minimum: 0}

- name: Remove it
  multiregion.ecs.api_gateway:
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
  sample: 12
api_id:
  description: Id of the API.
  returned: when O(state=present)
  type: str
  sample: a1b2c3d4e5
endpoint:
  description: URL under which it answers if it has no custom domain; that of a REST API ends in its stage.
  returned: when O(state=present)
  type: str
  sample: https://a1b2c3d4e5.execute-api.sa-east-1.amazonaws.com
domain:
  description: Its custom domain.
  returned: when it has one
  type: str
  sample: api.example.com
health_check_id:
  description: Id of the health check that the record of the domain is bound to.
  returned: when there is one
  type: str
  sample: 1a2b3c4d-1a2b-3c4d-5e6f-1a2b3c4d5e6f
target:
  description: The name of API Gateway's to which the record of the custom domain leads.
  returned: when it has a custom domain
  type: str
  sample: d-0a1b2c3d4e.execute-api.sa-east-1.amazonaws.com
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.api_gateway import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
