#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: load_balancer
short_description: Manage a load balancer with its target groups, listeners and rules
version_added: 0.1.0
description:
  - Creates one Application or Network Load Balancer, its target groups, its listeners and their rules.
  - Listeners, rules and target groups that belong to this load balancer and are no longer asked for are removed.
  - A target group is attached to a listener or rule before this module ends, as ECS requires before a service may refer
    to it. Targets are registered by the services, unless O(target_groups[].targets) is given.
  - With O(state=absent) only O(name) is needed.
options:
  name:
    description:
      - Name of the load balancer. At most 32 letters, digits and hyphens, no hyphen at either end, not beginning with
        C(internal-).
    type: str
    required: true
  type:
    description: V(application) is for HTTP, V(network) for TCP and UDP. AWS cannot change it later.
    type: str
    choices: [application, network]
    default: application
  scheme:
    description: Whether it has public addresses. AWS cannot change it later.
    type: str
    choices: [internet-facing, internal]
    default: internet-facing
  subnets:
    description:
      - Ids of its subnets, at most one in each Availability Zone; an Application Load Balancer needs two.
      - Required with O(state=present).
    type: list
    elements: str
  security_groups:
    description:
      - Ids of its security groups. Required for an Application Load Balancer.
      - A Network Load Balancer made without any cannot get one later.
    type: list
    elements: str
  vpc_id:
    description: Id of the VPC of the target groups. Required with O(state=present) if there are any.
    type: str
  ip_address_type:
    description: V(dualstack) lets clients use IPv6 too.
    type: str
    choices: [ipv4, dualstack]
    default: ipv4
  idle_timeout:
    description:
      - Seconds an idle connection is kept, 1 to 4000, for an Application Load Balancer. By default it is left alone.
    type: int
  attributes:
    description:
      - Further attributes by the names of C(ModifyLoadBalancerAttributes), for instance
        C(routing.http.drop_invalid_header_fields.enabled). Those not named are left alone.
    type: dict
    default: {}
  target_groups:
    description: The target groups of this load balancer.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the target group, under the same rules as O(name). Unique in the region.
        type: str
        required: true
      port:
        description: Port of the targets. AWS cannot change it later.
        type: int
        required: true
      protocol:
        description: Protocol to the targets. Default is V(HTTP) or, for a Network Load Balancer, V(TCP).
        type: str
        choices: [HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP]
      protocol_version:
        description: Version of HTTP, for an Application Load Balancer. Default is V(HTTP1).
        type: str
        choices: [HTTP1, HTTP2, GRPC]
      target_type:
        description: What the targets are. Tasks of ECS in network mode C(awsvpc) are V(ip).
        type: str
        choices: [ip, instance, alb]
        default: ip
      health_check:
        description: How targets are checked. What is left out gets the default of AWS when made, and is left alone.
        type: dict
        suboptions:
          path:
            description: Path, for HTTP and HTTPS.
            type: str
          protocol:
            description: Protocol of the check.
            type: str
            choices: [HTTP, HTTPS, TCP]
          port:
            description: Port of the check, or V(traffic-port).
            type: str
          interval:
            description: Seconds between checks, 5 to 300.
            type: int
          timeout:
            description: Seconds to wait for an answer, 2 to 120, less than the interval.
            type: int
          healthy_threshold:
            description: Consecutive good checks that make a target healthy, 2 to 10.
            type: int
          unhealthy_threshold:
            description: Consecutive bad checks that make a target unhealthy, 2 to 10.
            type: int
          matcher:
            description: HTTP statuses of a good check, such as V(200) or V(200-299).
            type: str
      deregistration_delay:
        description:
          - Seconds a target that leaves keeps its open requests, 0 to 3600. AWS's default of 300 makes deployments
            slow. V(30) by default, and not set for targets of type V(alb).
        type: int
      stickiness_seconds:
        description:
          - Seconds for which a cookie keeps a client at its target, 1 to 604800. V(0) is off. By default it is left
            alone.
        type: int
      attributes:
        description: Further attributes by the names of C(ModifyTargetGroupAttributes). Those not named are left alone.
        type: dict
        default: {}
      targets:
        description:
          - The exact targets, for groups no service registers in, for instance the Application Load Balancer behind a
            Network Load Balancer. By default it is left alone.
        type: list
        elements: dict
        suboptions:
          id:
            description: Address, instance id or ARN. Give either this or O(target_groups[].targets[].load_balancer).
            type: str
          load_balancer:
            description:
              - Name of an Application Load Balancer of the same region and VPC, for a group of type V(alb).
              - It has a listener on the port of the group.
            type: str
          port:
            description: Port. Default is that of the target group.
            type: int
  listeners:
    description: The listeners.
    type: list
    elements: dict
    default: []
    suboptions:
      port:
        description: Port. Each listener has a different one.
        type: int
        required: true
      protocol:
        description: Protocol. Default is V(HTTP) or, for a Network Load Balancer, V(TCP).
        type: str
        choices: [HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP]
      certificate:
        description: ARN of the certificate, in the same region. Required for V(HTTPS) and V(TLS).
        type: str
      ssl_policy:
        description: Security policy for V(HTTPS) and V(TLS).
        type: str
        default: ELBSecurityPolicy-TLS13-1-2-2021-06
      default:
        description: Action for requests that match no rule. Give exactly one of its options.
        type: dict
        required: true
        suboptions:
          target_group:
            description: Name of one of O(target_groups) to forward to.
            type: str
          fixed_response: &fixed_response
            description: A response that the load balancer sends itself.
            type: dict
            suboptions:
              status_code:
                description: HTTP status, 2XX, 4XX or 5XX.
                type: int
                required: true
              content_type:
                description: Type of the body.
                type: str
                choices: [text/plain, text/css, text/html, application/javascript, application/json]
                default: text/plain
              body:
                description: The body, up to 1024 bytes.
                type: str
                default: ''
          redirect: &redirect
            description: A redirection. Parts that are left out stay as in the request.
            type: dict
            suboptions:
              protocol:
                description: HTTP or HTTPS.
                type: str
                choices: [HTTP, HTTPS]
              host:
                description: Host name.
                type: str
              port:
                description: Port.
                type: int
              path:
                description: Path, with a leading slash.
                type: str
              query:
                description: Query string, without the question mark.
                type: str
              status_code:
                description: V(301) is permanent, V(302) is not.
                type: int
                choices: [301, 302]
                default: 301
      rules:
        description:
          - Rules, for an Application Load Balancer. Each needs exactly one action, and a condition. All conditions must
            hold. Together they have at most 5 values, with at most 6 of the wildcards C(*) and C(?).
        type: list
        elements: dict
        default: []
        suboptions:
          priority:
            description: 1 to 50000; the lowest is evaluated first. Each rule has a different one.
            type: int
            required: true
          paths:
            description: Patterns of the path, such as V(/mysfits/*/like). One must match.
            type: list
            elements: str
          hosts:
            description: Patterns of the host name. One must match.
            type: list
            elements: str
          methods:
            description: HTTP methods. One must match.
            type: list
            elements: str
          headers:
            description: Patterns by the name of a header. One of each must match.
            type: dict
          query:
            description:
              - Patterns by the name of a parameter of the query, which is a pattern too. One of each must match.
              - A backslash before C(*) or C(?) makes it an ordinary character.
            type: dict
          source_cidrs:
            description: Ranges of the client's address. One must match.
            type: list
            elements: str
          shifts_to:
            description:
              - Name of another one of O(target_groups). Between it and O(listeners[].rules[].target_group) ECS moves
                the traffic of this rule, in deployments with the strategies C(blue_green), C(canary) and C(linear).
              - The rule begins with all traffic at O(listeners[].rules[].target_group); afterwards the weights are left
                alone.
            type: str
          target_group:
            description: Name of one of O(target_groups) to forward to.
            type: str
          weights:
            description: Shares of the requests, 0 to 999, by the name of the target group; up to five groups.
            type: dict
          fixed_response: *fixed_response
          redirect: *redirect
  keep_serving:
    description:
      - Whether requests that are answered now keep being answered. What would take a listener or a rule away from
        target groups with targets, to one without a healthy target, is not done but told in RV(waiting); with it wait
        all removals. So does the removal of a target group that is still forwarded to.
      - A new target group that a listener waits for is attached by a rule that holds for no request (host name
        C(parked.invalid)), or, with O(type=network), by a listener on the highest free port. So an ECS service can
        join it. Run the module again then; what waited is done, and the rule goes.
      - The target groups between which a rule with O(listeners[].rules[].shifts_to) shifts traffic cannot be exchanged
        while their targets answer.
    type: bool
    default: false
  purge_listeners:
    description: Whether listeners that are not asked for are removed.
    type: bool
    default: true
  purge_rules:
    description: Whether rules that are not asked for are removed, of listeners that are.
    type: bool
    default: true
  purge_target_groups:
    description:
      - Whether target groups that are not asked for are removed. Those of this load balancer are the ones attached to
        it, and those that carry its name in the tag C(load_balancer).
    type: bool
    default: true
  delete_protected:
    description:
      - With O(state=absent), whether a load balancer that is protected from deletion is removed all the same.
      - Otherwise the task fails while planning, and nothing of it is removed.
    type: bool
    default: false
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Make the load balancer of the sales workload
  multiregion.ecs.load_balancer:
    workload: sales
    region: sa-east-1
    name: sales
    subnets: "{{ network.subnets.public }}"
    security_groups: ["{{ network.security_groups['sales-alb'] }}"]
    vpc_id: "{{ network.vpc_id }}"
    target_groups:
      - name: sales-api
        port: 8080
        health_check: {path: /healthcheck, interval: 10, timeout: 5, healthy_threshold: 2}
    listeners:
      - port: 80
        default:
          fixed_response: {status_code: 404, content_type: application/json, body: '{"error": "no such route"}'}
        rules:
          - {priority: 10, paths: [/sales, /sales/*], target_group: sales-api}

- name: Answer over HTTPS inside the network only, and send plain HTTP there
  multiregion.ecs.load_balancer:
    workload: sales
    region: sa-east-1
    name: sales
    scheme: internal
    subnets: "{{ network.subnets.private }}"
    security_groups: ["{{ network.security_groups['sales-alb'] }}"]
    vpc_id: "{{ network.vpc_id }}"
    target_groups:
      - name: sales-api
        port: 8080
    listeners:
      - port: 80
        default:
          redirect: {protocol: HTTPS, port: 443}
      - port: 443
        protocol: HTTPS
        certificate: "{{ certificate.arn }}"
        ssl_policy: ELBSecurityPolicy-TLS13-1-2-2021-06
        default: {target_group: sales-api}

- name: Put a Network Load Balancer in front of it
  multiregion.ecs.load_balancer:
    workload: sales
    region: sa-east-1
    name: sales-front
    type: network
    scheme: internal
    subnets: "{{ network.subnets.private }}"
    vpc_id: "{{ network.vpc_id }}"
    target_groups:
      - name: sales-behind
        port: 443
        target_type: alb
        targets: [{load_balancer: sales}]
        health_check: {protocol: HTTPS, path: /healthcheck}
    listeners:
      - port: 443
        default: {target_group: sales-behind}

- name: Remove it
  multiregion.ecs.load_balancer:
    workload: sales
    region: sa-east-1
    name: sales
    state: absent
"""

RETURN = r"""
waiting:
  description:
    - The changes that are left for a later run because of O(keep_serving). In check mode RV(changes) holds them too.
  returned: when something waits
  type: list
  elements: dict
  sample: []
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
  sample: 9
arn:
  description: ARN of the load balancer.
  returned: when O(state=present)
  type: str
  sample: arn:aws:elasticloadbalancing:sa-east-1:123456789012:loadbalancer/app/sales/50dc6c495c0c9188
dns_name:
  description: DNS name that clients connect to.
  returned: when O(state=present)
  type: str
  sample: sales-1234567890.sa-east-1.elb.amazonaws.com
zone_id:
  description: Id of the hosted zone to use for an alias record.
  returned: when O(state=present)
  type: str
  sample: Z2P70J7HTTTPLU
target_groups:
  description: ARNs of the target groups by name.
  returned: when O(state=present)
  type: dict
  sample:
    sales-api: arn:aws:elasticloadbalancing:sa-east-1:123456789012:targetgroup/sales-api/73e2d6bc24d8a067
rules:
  description: ARNs of the listeners' rules, by V(<load balancer>:<port>/<priority>).
  returned: when O(state=present)
  type: dict
  sample:
    "sales:80/10": arn:aws:elasticloadbalancing:sa-east-1:123456789012:listener-rule/app/sales/50dc/f2f7/9683
listeners:
  description: ARNs of the listeners by port, as text.
  returned: when O(state=present)
  type: dict
  sample:
    "80": arn:aws:elasticloadbalancing:sa-east-1:123456789012:listener/app/sales/50dc6c495c0c9188/f2f7dc8efc522ab2
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.load_balancer import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
