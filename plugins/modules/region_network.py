#!/usr/bin/python
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
---
module: region_network
short_description: Manage the network of a workload in one region
version_added: 0.1.0
description:
  - Creates a VPC with subnets in several Availability Zones, its internet gateway, NAT gateways, route tables, VPC
    endpoints and security groups.
  - Everything it makes carries the tags C(workload), C(region) and C(network), and is found again by them. What
    carries them and is no longer asked for is removed.
  - Of a route table only the default route and the subnets are managed, so that routes of peerings stay.
  - With O(state=absent) only O(name) is needed; whatever carries the tags is removed, the VPC last.
options:
  name:
    description:
      - Name of the network, and first part of the names of everything in it. Default is the name of the workload.
    type: str
  cidr:
    description:
      - IPv4 range of the VPC, C(/16) to C(/28). Networks that will be peered must not overlap.
      - Required with O(state=present). AWS cannot change it later.
    type: str
  zones:
    description:
      - Availability Zones to use, at least two, as letters (V(a)), whole names (V(sa-east-1a)) or ids (V(sae1-az1)).
        Which letter stands for which zone differs by account. Each must exist, and have Fargate.
      - The lists of subnets returned are in this order.
      - Left out, the zones are those in which the network has subnets, then the first by name that are available, are
        Availability Zones (not Local Zones) and have Fargate, O(zone_count) of them, in the order of their names. So
        they stay what they are, whatever happens to a zone later.
    type: list
    elements: str
  zone_count:
    description: How many Availability Zones to use, from 2 to 8, if O(zones) is left out.
    type: int
    default: 2
  subnets:
    description:
      - The tiers of subnets. Each tier has one subnet in each zone.
      - Default is a tier V(public) with a route to the internet and a tier V(private) with a route to the NAT gateway.
    type: list
    elements: dict
    suboptions:
      tier:
        description: Name of the tier, unique in the network.
        type: str
        required: true
      route:
        description:
          - Where the default route of the tier leads. V(internet) is the internet gateway, V(nat) the NAT gateway of
            the zone or of the network (no default route with O(nat=none)), V(none) nowhere.
        type: str
        choices: [internet, nat, none]
        default: nat
      cidrs:
        description:
          - IPv4 ranges of the subnets, in the order of O(zones), which is required then.
          - Left out, they are derived. The VPC's range is cut into 32 equal blocks (C(/21) of a C(/16)); the subnet of
            the n-th tier (n from 0 to 3) in zone V(a) to V(h) is block C(8 n + 0) to C(8 n + 7). So the ranges stay
            what they are when a zone, or a tier at the end, is added or removed.
        type: list
        elements: str
      public_ip_on_launch:
        description: Whether instances get a public address by default. Tasks of ECS ask for theirs themselves.
        type: bool
        default: false
  nat:
    description:
      - How many NAT gateways there are, each of which costs money by the hour. V(per_az) survives the loss of a zone,
        V(single) does not, and stays in the zone where it is. With V(none) private subnets reach only
        O(gateway_endpoints) and O(interface_endpoints).
      - They are in the first tier with the route V(internet).
      - Required with O(state=present), because it decides about cost.
    type: str
    choices: [per_az, single, none]
  ipv6:
    description:
      - Whether the VPC has an IPv6 range (C(/56), which Amazon gives) and each subnet a C(/64) of it. The n-th tier in
        zone V(a) to V(h) has part C(8 n + 0) to C(8 n + 7). A tier with the route V(internet) leads to the internet
        gateway for IPv6 too, one with V(nat) to an egress-only internet gateway, which is free, whatever O(nat) is.
      - Security groups without O(security_groups[].egress) let everything out over IPv6 as well.
      - Once there, it is not taken away; V(false) is refused then.
    type: bool
    default: false
  flow_logs:
    description: The log of the VPC's connections. Left out, there is none; an empty dict has the defaults.
    type: dict
    suboptions:
      traffic:
        description: Which connections are told.
        type: str
        choices: [ALL, ACCEPT, REJECT]
        default: ALL
      interval:
        description: Seconds that are summed up in one line.
        type: int
        choices: [60, 600]
        default: 600
      bucket:
        description:
          - ARN of the bucket that it is written to, maybe with a prefix. Left out, it is written to the log group
            C(/vpc/<name>), by a role C(<name>-flow-logs-<region>), both of which are made.
        type: str
      retention_in_days:
        description: Days for which the log group keeps it. Default is 30.
        type: int
        choices:
          [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
  gateway_endpoints:
    description:
      - Services reached through a gateway endpoint in every route table, free of charge.
    type: list
    elements: str
    choices: [s3, dynamodb]
    default: [s3, dynamodb]
  interface_endpoints:
    description:
      - Services reached through an interface endpoint, which costs money by the hour and zone, by the last part of
        their names, for instance V(ecr.api), V(ecr.dkr), V(logs), V(sns), V(sqs), V(ssm), V(sts).
      - They are in the first tier without the route V(internet), with private DNS, behind a security group
        C(<name>-endpoints) that admits HTTPS from the VPC.
    type: list
    elements: str
    default: []
  security_groups:
    description:
      - Security groups of the VPC, with exactly the rules given. Rules opened by hand are removed.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the group, unique in the VPC; used as it is.
        type: str
        required: true
      description:
        description: What it is for. AWS cannot change it later. Default is the name.
        type: str
      ingress:
        description: Inbound rules. None by default.
        type: list
        elements: dict
        default: []
        suboptions: &rule
          protocol:
            description: V(tcp), V(udp), V(icmp) or V(all).
            type: str
            choices: [tcp, udp, icmp, all]
            default: tcp
          port:
            description: The one port, instead of the first and the last one of a range.
            type: int
          from_port:
            description: First port of a range.
            type: int
          to_port:
            description: Last port of a range.
            type: int
          cidrs:
            description: IPv4 or IPv6 ranges at the other end.
            type: list
            elements: str
          security_group:
            description: Name of a group of this list at the other end.
            type: str
          prefix_list:
            description: Id of a managed prefix list at the other end.
            type: str
          description:
            description: What the rule is for.
            type: str
            default: ''
      egress:
        description: Outbound rules. By default everything is allowed.
        type: list
        elements: dict
        suboptions: *rule
  keep_serving:
    description:
      - Whether everything that is there stays, what is not asked for any more too, rules of security groups included.
        What is to go is told in RV(waiting), and goes in a run without this, when nothing uses it any more.
    type: bool
    default: false
  empty_default_security_group:
    description:
      - Whether the VPC's own default security group is kept without rules, so that nothing uses it by accident.
    type: bool
    default: true
extends_documentation_fragment:
  - multiregion.ecs.common
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
author:
  - multiregion.ecs contributors (@multiregion)
"""

EXAMPLES = r"""
- name: Make the network of the sales workload
  multiregion.ecs.region_network:
    workload: sales
    region: sa-east-1
    cidr: 10.10.0.0/16
    nat: single
    interface_endpoints: []
    security_groups:
      - name: sales-alb
        description: The load balancer of sales
        ingress:
          - {port: 80, cidrs: [0.0.0.0/0], description: Anybody}
      - name: sales-api
        description: The tasks of sales-api
        ingress:
          - {port: 8080, security_group: sales-alb, description: The load balancer}

- name: Remove it
  multiregion.ecs.region_network:
    workload: sales
    region: sa-east-1
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
vpc_id:
  description: Id of the VPC.
  returned: when O(state=present)
  type: str
  sample: vpc-0123456789abcdef0
cidr:
  description: Range of the VPC.
  returned: when O(state=present)
  type: str
  sample: 10.10.0.0/16
ipv6_cidr:
  description: IPv6 range of the VPC, or none.
  returned: when O(state=present)
  type: str
  sample: 2600:1f18:1234:5600::/56
subnets:
  description: Ids of the subnets by tier, in the order of the zones.
  returned: when O(state=present)
  type: dict
  sample: {public: [subnet-1, subnet-2], private: [subnet-3, subnet-4]}
zones:
  description: Whole names of the Availability Zones.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [sa-east-1a, sa-east-1b]
subnets_by_zone:
  description: Ids of the subnets by tier and whole name of the zone.
  returned: when O(state=present)
  type: dict
  sample: {public: {sa-east-1a: subnet-1, sa-east-1b: subnet-2}}
subnet_cidrs:
  description: Ranges of the subnets by tier, in the order of the zones.
  returned: when O(state=present)
  type: dict
  sample: {public: [10.10.0.0/21, 10.10.8.0/21], private: [10.10.64.0/21, 10.10.72.0/21]}
route_table_ids:
  description: Ids of all route tables of the network.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [rtb-1, rtb-2, rtb-3]
security_groups:
  description: Ids of the security groups by name.
  returned: when O(state=present)
  type: dict
  sample: {sales-alb: sg-1, sales-api: sg-2}
nat_public_ips:
  description: Public addresses of the NAT gateways, in the order of the zones.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [203.0.113.7]
vpc_endpoints:
  description: Ids of the VPC endpoints by service.
  returned: when O(state=present)
  type: dict
  sample: {s3: vpce-1, dynamodb: vpce-2}
"""

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run_module
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.region_network import MODULE


def main():
    run_module(MODULE)


if __name__ == "__main__":
    main()
